"""Moves in and out over the API: the residency, the person, and what the person holds, as one."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from access.contract.records import CardRecord, PersonRecord, VehicleRecord
from tests.central.gate import Gate

Move = Callable[..., httpx.Response]


@pytest.fixture
def move(admin: httpx.Client) -> Move:
    def moved(person: str, how: str, **facts: Any) -> httpx.Response:
        return admin.post(f"/persons/{person}/move-{how}", json=facts)

    return moved


def make(office: httpx.Client, site: str, kind: str, **facts: Any) -> str:
    made: str = office.post(f"/{kind}", json={"site": site} | facts).raise_for_status().json()["id"]
    return made


def told(gate: Gate) -> dict[str, str]:
    """Return what gates are told of the status of persons, vehicles and cards."""
    records = (upsert.record for upsert in gate.rules("since=0").upserts)
    return {str(record.id): record.status for record in records if isinstance(record, PersonRecord | VehicleRecord | CardRecord)}


def test_in_and_out_again(admin: httpx.Client, site: str, gate: Gate, move: Move) -> None:
    level = make(admin, site, "levels", name="residents", grants=[{}])
    person = make(admin, site, "persons", name="陈静", category="tenant", levels=[level])
    car, lost = (make(admin, site, "vehicles", plate=plate, person=person, status=status) for plate, status in CARS)
    card = make(admin, site, "cards", raw="0A0063E9AE", person=person)

    early = move(person, "in", unit="3-1201", relation="owner", moved_in="2199-01-01T00:00:00Z")
    assert (early.status_code, early.json()["field"], early.json()["zh"]) == (422, "moved_in", "迁入时间不能晚于现在")
    moved = move(person, "in", unit="3-1201", relation="owner", moved_in="2026-01-05T02:00:00Z", reason="交楼")
    facts = moved.json()
    assert (moved.status_code, moved.headers["ETag"], facts["unit"], facts["relation"]) == (200, '"2"', "3-1201", "owner")
    assert (facts["category"], facts["residency"]["moved_in"]) == ("resident", "2026-01-05T02:00:00Z")
    again = move(person, "in", unit="3-1201", relation="owner")
    assert (again.status_code, again.json()["zh"]) == (409, "此人已住在此房屋")
    assert again.json()["field"] == "unit"
    assert admin.delete(f"/persons/{person}").json()["zh"] == "此人有迁入迁出记录，不能删除，请办理迁出"

    for wrong, status, field in (
        ({"reason": ""}, 422, "reason"),
        ({"reason": "x", "unit": "9-901"}, 409, "unit"),
        ({"reason": "x", "moved_out": "2199-01-01T00:00:00Z"}, 422, "moved_out"),
        ({"reason": "x", "moved_out": "2026-01-04T00:00:00Z"}, 422, "moved_out"),
        ({"reason": "x", "status": "lost"}, 422, "status"),
    ):
        refused = move(person, "out", **wrong)
        assert (refused.status_code, refused.json()["field"]) == (status, field), wrong
    assert told(gate) == {person: "active", car: "active", lost: "lost", card: "active"}

    space = make(admin, site, "parking-spaces", number="B1-1", space_kind="rented", person=person)
    key = make(admin, site, "keys", unit="3-1201", label="大门", place="A12", owner="李明")
    lent = {"person": person, "purpose": "装修", "due_back": "2199-01-01T00:00:00Z"}
    admin.post(f"/keys/{key}/lend", json=lent).raise_for_status()
    paper = make(admin, site, "documents", subject_kind="person", subject=person, document_kind="owner_consent")
    coming = {
        "category": "appointment",
        "valid_until": (datetime.now(UTC) + timedelta(hours=1)).isoformat(),
        "details": {"name": "王芳"},
    }
    visit = make(admin, site, "visits", host_person=person, **coming)
    permit = make(admin, site, "parking-permits", person=person, bound_to="粤B12D45")
    guest = make(admin, site, "persons", name="李明")
    let = make(admin, site, "parking-permits", person=guest, bound_to="粤B12D46")
    refused = admin.delete(f"/persons/{guest}")
    assert (refused.status_code, refused.json()["zh"]) == (409, "此人名下仍有未了结的钥匙、停车证或访客，请先办结")
    admin.post(f"/parking-permits/{let}/revoke", json={"reason": "退租"}).raise_for_status()
    admin.delete(f"/persons/{guest}").raise_for_status()
    left = move(person, "out", reason="售房", slip="M000017").json()
    assert (left["status"], left["vehicles"], left["cards"]) == ("returned", [car], [card])
    still = {"spaces": [space], "keys": [key], "documents": [paper], "visits": [visit], "parking_permits": [permit]}
    assert left["left"] == still
    assert (left["residency"]["slip"], left["residency"]["reason"]) == ("M000017", "售房")
    assert told(gate) == {person: "returned", car: "revoked", lost: "lost", card: "revoked"}
    assert move(person, "out", reason="售房").status_code == 409
    for kind, identity in (("persons", person), ("vehicles", car), ("cards", card), ("residencies", left["residency"]["id"])):
        newest, *_ = admin.get(f"/{kind}/{identity}/history").json()["items"]
        act = "CardRevoked" if kind == "cards" else "changed"
        assert (newest["act"], newest["reason"], newest["by_name"]) == (act, "售房", "site_manager")
    assert move(person, "in", unit="3-1201", relation="owner").json()["status"] == "active"
    assert len(admin.get("/residencies", params={"person_id": person}).json()["items"]) == 2


CARS = (("粤B12D45", "active"), ("粤B77777", "lost"))


def test_what_is_kept_or_frozen(admin: httpx.Client, site: str, move: Move) -> None:
    person = make(admin, site, "persons", name="陈静")
    car = make(admin, site, "vehicles", plate="粤B12D45", person=person)
    move(person, "in", unit="3-1201", relation="tenant").raise_for_status()
    assert move(person, "in", unit="5-502", relation="owner").json()["unit"] == "5-502"
    several = move(person, "out", reason="退租")
    assert (several.status_code, several.json()["field"]) == (422, "unit")
    twin = make(admin, site, "persons", name="陈静", unit="3-1201")
    alike = move(person, "out", reason="退租", unit="5-502")
    assert (alike.status_code, alike.json()["field"]) == (409, "unit"), "nobody could tell the two apart"
    admin.put(f"/persons/{twin}", json={"site": site, "name": "陈静", "unit": "3-1201", "namesake": "小"}).raise_for_status()
    stays = move(person, "out", reason="退租", unit="5-502").json()
    assert (stays["unit"], stays["relation"], stays["status"], stays["vehicles"]) == ("3-1201", "tenant", "active", [])
    kept = move(person, "out", reason="出租", credentials="keep", status="active").json()
    assert (kept["status"], kept["vehicles"], admin.get(f"/vehicles/{car}").json()["status"]) == ("active", [], "active")
    move(person, "in", unit="3-1201", relation="tenant").raise_for_status()
    frozen = move(person, "out", reason="欠费", credentials="freeze", status="frozen").json()
    assert (frozen["status"], frozen["vehicles"], admin.get(f"/vehicles/{car}").json()["status"]) == ("frozen", [car], "frozen")
    assert move(person, "in", unit="3-1201", relation="tenant").json()["status"] == "frozen"


def test_who_lived_there_before_moves_were_written_down(admin: httpx.Client, site: str, move: Move) -> None:
    person, other = (make(admin, site, "persons", name=name, unit="3-1201", category="family") for name in ("陈静", "陈宁"))
    left = move(person, "out", reason="搬走").json()["residency"]
    assert (left["unit"], left["relation"], left["moved_in"], left["moved_out"] is not None) == ("3-1201", "family", None, True)
    assert move(person, "out", reason="搬走").status_code == 409
    move(other, "in", unit="5-502", relation="owner").raise_for_status()
    asked = {"person_id": other, "living": "true"}
    assert [home["unit"] for home in admin.get("/residencies", params=asked).json()["items"]] == ["3-1201", "5-502"]


def test_lists_corrections_and_two_at_once(admin: httpx.Client, site: str, move: Move) -> None:
    person = make(admin, site, "persons", name="陈静")
    with ThreadPoolExecutor(4) as pool:
        asked = {"unit": "3-1201", "relation": "tenant", "moved_in": "2026-02-01T00:00:00Z"}
        replies = [each.result() for each in [pool.submit(move, person, "in", **asked) for _ in range(4)]]
    assert sorted(reply.status_code for reply in replies) == [200, 409, 409, 409]
    late = admin.post(f"/persons/{person}/move-out", json={"reason": "x"}, headers={"If-Match": '"1"'})
    assert (late.status_code, late.json()["current"]["version"]) == (409, 2)
    [home] = admin.get("/residencies", params={"unit": "3-1201"}).json()["items"]
    for since, found in (("2026-02-01T00:00:00Z", [home]), ("2026-02-02T00:00:00Z", [])):
        assert admin.get("/residencies", params={"since": since}).json()["items"] == found
    facts = {"site": site, "person": person, "unit": "3-1201", "relation": "tenant", "moved_in": "2026-03-01T00:00:00Z"}
    assert admin.put(f"/residencies/{home['id']}", json=facts).json()["moved_in"] == "2026-03-01T00:00:00Z"
    wrong = admin.put(f"/residencies/{home['id']}", json=facts | {"moved_out": "2026-02-01T00:00:00Z"})
    assert (wrong.status_code, wrong.json()["field"]) == (422, "moved_out")
