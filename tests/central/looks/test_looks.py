"""Reveals and other looks on both databases: written down before they are told, at a bounded pace, and listed for auditors."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import httpx
import pytest
from sqlalchemy import select

from central.looks.reveals import PACE
from central.looks.tables import Look
from central.registry import Registry
from central.users.rights import Role
from tests.central.gate import Gate

PHONE, PLATE = "13812345678", "粤B12345"
SignIn = Callable[[Role], httpx.Client]


@pytest.fixture
def person(admin: httpx.Client, site: str) -> str:
    who = {"site": site, "name": "张小明", "unit": "3-1201", "phone": PHONE, "remark": "轮椅"}
    return str(admin.post("/persons", json=who).raise_for_status().json()["id"])


def asked(kind: str, identity: str, *fields: str) -> dict[str, Any]:
    return {"kind": kind, "id": identity, "fields": list(fields), "purpose": "业主投诉 2026-118"}


def looks(auditor: httpx.Client, **wanted: str) -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = auditor.get("/looks", params=wanted).raise_for_status().json()["items"]
    return items


def kinds(registry: Registry) -> list[str]:
    with registry.read() as work:
        return list(work.session.scalars(select(Look.kind).order_by(Look.id)))


def test_a_masked_value_is_revealed_for_a_purpose_which_an_auditor_reads(person: str, sign_in: SignIn) -> None:
    officer, auditor = sign_in("security_officer"), sign_in("auditor")
    shown = officer.get(f"/persons/{person}").json()
    assert (shown["name"], shown["phone"], shown["unit"], shown["remark"]) == ("张*明", "138****5678", "3-***", "***")
    reply = officer.post("/reveals", json=asked("persons", person, "name", "phone"))
    assert reply.status_code == 201
    assert reply.json()["values"] == {"name": "张小明", "phone": PHONE}
    assert reply.headers["Cache-Control"] == "no-store"
    [look] = looks(auditor, person=person)
    assert look["id"] == reply.json()["id"]
    assert (look["kind"], look["by_name"], look["by_role"]) == ("reveal", "security_officer", "security_officer")
    assert (look["fields"], look["purpose"], look["person_id"]) == (["name", "phone"], "业主投诉 2026-118", person)


@pytest.mark.parametrize(
    ("wanted", "status"),
    [
        ({"purpose": ""}, 422),
        ({"fields": []}, 422),
        ({"fields": ["version"]}, 422),
        ({"kind": "users"}, 422),
        ({"kind": "office_key"}, 403),
        ({"id": "01890000-0000-7000-8000-000000000000"}, 404),
    ],
)
def test_what_is_refused_is_told_nothing_and_noted_nowhere(
    person: str, sign_in: SignIn, registry: Registry, wanted: dict[str, Any], status: int
) -> None:
    reply = sign_in("security_officer").post("/reveals", json=asked("persons", person, "phone") | wanted)
    assert reply.status_code == status
    assert PHONE not in reply.text
    assert kinds(registry) == []


def test_a_level_of_masked_is_not_revealed(admin: httpx.Client, sign_in: SignIn, site: str) -> None:
    slip = {"applicant": "李雷", "lines": [{"item": "椅子", "quantity": "1"}]}
    slip_id = admin.post("/slips", json={"site": site, **slip, "details": {"phone": PHONE}}).raise_for_status().json()["id"]
    assert sign_in("guard").post("/reveals", json=asked("release_slip", slip_id, "details.phone")).status_code == 403
    leader = sign_in("shift_leader").post("/reveals", json=asked("release_slip", slip_id, "details.phone"))
    assert leader.json()["values"] == {"details.phone": "****5678"}  # no more is kept of it


def test_reveals_have_a_pace(person: str, sign_in: SignIn, registry: Registry) -> None:
    officer = sign_in("security_officer")
    span, most = PACE[0]
    statuses = [officer.post("/reveals", json=asked("persons", person, "phone")).status_code for _ in range(most + 1)]
    assert statuses == [201] * most + [429]
    refused = officer.post("/reveals", json=asked("persons", person, "phone"))
    assert 0 < int(refused.headers["Retry-After"]) <= span / timedelta(seconds=1)
    assert kinds(registry) == ["reveal"] * most


def test_other_looks_are_written_down(person: str, admin: httpx.Client, sign_in: SignIn, site: str, gate: Gate) -> None:
    auditor = sign_in("auditor")
    vehicle = admin.post("/vehicles", json={"site": site, "plate": PLATE, "person": person}).json()["id"]
    entry = gate.decide(PLATE, person=person)
    gate.send()
    admin.get(f"/persons/{person}")
    admin.get(f"/vehicles/{vehicle}")
    admin.get("/log", params={"plate": "粤b·12345"})
    admin.get("/log", params={"person": person})
    admin.get("/log", params={"person": "张小"})
    admin.get("/log")
    admin.get(f"/entries/{entry}")
    admin.get("/exports/persons.csv", params={"site": site})
    found = looks(auditor)
    assert [look["kind"] for look in reversed(found)] == ["record", "record", "search", "search", "search", "entry", "export"]
    assert [look["kind"] for look in looks(auditor, person=person)] == ["entry", "search", "record", "record"]
    assert [look["kind"] for look in looks(auditor, vehicle=vehicle)] == ["entry", "search", "record"]
    assert looks(auditor, kind="export")[0]["rows"] == 1
    assert looks(auditor, by="nobody") == []
    assert not any(typed in str(found) for typed in ("张小", "12345"))


def test_an_entry_is_revealed_as_it_was_written(person: str, sign_in: SignIn, gate: Gate) -> None:
    officer = sign_in("security_officer")
    entry = str(gate.decide(PLATE, person=person))
    gate.send()
    shown = officer.get(f"/entries/{entry}").json()
    assert PLATE not in str(shown)
    values = officer.post("/reveals", json=asked("entries", entry, "row.credential", "fields")).json()["values"]
    assert values["row.credential"] == "粤B·12345"
    assert values["fields"]["text"] == PLATE


def test_the_review_is_read_by_auditors_as_json_and_as_a_sheet(person: str, admin: httpx.Client, sign_in: SignIn) -> None:
    auditor = sign_in("auditor")
    for _ in range(80):
        admin.get(f"/persons/{person}")
    review = auditor.get("/looks/review").raise_for_status().json()
    [user] = review["users"]
    assert (user["by_name"], user["looks"], user["by_kind"]) == ("site_manager", 80, {"record": 80})
    assert "own_pace" in [flag["kind"] for flag in review["flags"]]
    sheet = auditor.get("/looks/review.csv").raise_for_status()
    assert "own_pace" in sheet.text
    later, earlier = "2026-03-02T00:00:00Z", "2026-03-01T00:00:00Z"
    assert auditor.get("/looks/review", params={"since": later, "until": earlier}).status_code == 422
    assert admin.get("/looks").status_code == 403
