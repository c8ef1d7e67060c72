"""Keys over HTTP: taken into keeping, lent, overdue, back, lost and found, given to the owner."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx

from central.office_keys.services import KeysAsked, office_keys
from central.registry import Registry

TOMORROW = datetime.now(UTC) + timedelta(days=1)


def test_from_the_owner_to_the_owner(registry: Registry, admin: httpx.Client, site: str) -> None:
    staff = admin.post("/persons", json={"site": site, "name": "王师傅", "category": "staff"}).json()["id"]
    key = admin.post("/keys", json={"site": site, "unit": "3-1201", "label": "大门", "place": "A12", "owner": "李明"}).json()
    place = f"/keys/{key['id']}"
    assert (key["number"], key["state"], key["may"]) == ("K000001", "kept", ["lend", "lost", "give-to-owner", "move"])

    def do(act: str, status: int = 200, **facts: Any) -> Any:
        done = admin.post(f"{place}/{act}", json=facts)
        assert done.status_code == status, done.text
        return done.json()["state"] if status == 200 else (done.json().get("code"), done.json().get("field", ""))

    def found(**asked: Any) -> list[str]:
        return [each["number"] for each in admin.get("/keys", params=asked).json()["items"]]

    assert do("lend", 409, due_back=TOMORROW.isoformat()) == ("holder_missing", "to")
    assert do("lend", 409, to="王", due_back="2026-01-01T00:00:00Z") == ("due_back_missing", "due_back")
    assert do("lend", 422, person=key["id"], due_back=TOMORROW.isoformat())[1] == "person"
    assert do("lend", 422, person=staff, to="张三", due_back=TOMORROW.isoformat())[1] == "to"
    assert do("return", 409) == ("not_now", "state")
    assert do("move", place="B3") == "kept"
    assert do("lend", person=staff, purpose="水管维修", due_back=TOMORROW.isoformat()) == "lent"
    assert do("lend", 409, to="张三", due_back=TOMORROW.isoformat())[0] == "not_now"
    assert (found(person=staff), found(place="B3"), found(unit="9"), found(overdue=True)) == (["K000001"], ["K000001"], [], [])
    with replace(registry, calendar=lambda: TOMORROW + timedelta(seconds=1)).read() as work:
        [overdue] = office_keys.page(work, KeysAsked(overdue=True)).items
        assert (overdue.number, overdue.is_overdue) == ("K000001", True)
    assert do("lost", 409, reason="") == ("reason_missing", "reason")
    assert (do("lost", reason="王师傅报失"), found(overdue=True)) == ("lost", [])
    assert (do("return", remark="找到"), found(person=staff)) == ("kept", [])
    assert do("give-to-owner", 409, to=" ") == ("holder_missing", "to")
    assert do("give-to-owner", to="李明") == "given"
    assert admin.get(place).json()["may"] == []
