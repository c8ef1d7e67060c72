"""What holds for every plain record: its version, two who change it, the same request twice, and the audit of it all."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import quote

import httpx

from central.users.rights import Role


class Vehicle:
    """A vehicle as it is written over the API."""

    def __init__(self, office: httpx.Client, site: str, plate: str) -> None:
        self.office, self.body = office, {"site": site, "plate": plate}
        self.made = office.post("/vehicles", json=self.body)
        self.place = f"/vehicles/{self.made.json()['id']}"

    def put(self, seen: str, **facts: Any) -> httpx.Response:
        return self.office.put(self.place, json={**self.body, **facts}, headers={"If-Match": seen})


def test_two_offices_change_one_record(admin: httpx.Client, site: str) -> None:
    vehicle = Vehicle(admin, site, "粤B12345")
    assert vehicle.made.headers["ETag"] == admin.get(vehicle.place).headers["ETag"] == '"1"'
    assert vehicle.put('"1"', colour="blue").headers["ETag"] == '"2"'
    late = vehicle.put('"1"', colour="green")
    assert (late.status_code, late.json()["field"]) == (409, "If-Match")
    assert late.json()["difference"] == [{"field": "colour", "yours": "green", "current": "blue"}]
    assert late.json()["current"]["colour"] == "blue"
    assert [(change["by"], change["fields"]) for change in late.json()["changes"]] == [("site_manager", ["colour"])]
    assert admin.delete(vehicle.place, headers={"If-Match": '"1"'}).status_code == 409
    assert vehicle.put("*", colour="green").headers["ETag"] == '"3"'
    assert vehicle.put('"3"', colour="green").headers["ETag"] == '"3"', "nothing was changed"
    with ThreadPoolExecutor(4) as pool:
        statuses = sorted(reply.status_code for reply in pool.map(lambda colour: vehicle.put('"3"', colour=colour), COLOURS))
    assert statuses == [200, 409, 409, 409]
    nothing_seen = httpx.Client(base_url=admin.base_url, headers={"Authorization": admin.headers["Authorization"]})
    with nothing_seen:
        unseen = nothing_seen.put(vehicle.place, json=vehicle.body)
    assert (unseen.status_code, unseen.json()["field"]) == (428, "If-Match")


MICROSECOND = timedelta(microseconds=1)
COLOURS = ("blue", "yellow", "white", "black")


def test_every_change_is_in_the_audit(admin: httpx.Client, site: str, sign_in: Any) -> None:
    vehicle = Vehicle(admin, site, "粤B12345")
    reason = {"Gatehouse-Reason": quote("换车"), "If-Match": "*"}
    admin.put(vehicle.place, json={**vehicle.body, "plate": "粤b·67890"}, headers=reason).raise_for_status()
    admin.delete(vehicle.place).raise_for_status()
    assert admin.get(vehicle.place).status_code == 404
    deleted, changed, created = admin.get(f"{vehicle.place}/history").json()["items"]
    assert [each["act"] for each in (created, changed, deleted)] == ["created", "changed", "deleted"]
    assert (changed["before"]["plate"], changed["after"]["plate"]) == ("粤B12345", "粤B67890")
    assert (changed["reason"], changed["by_name"], changed["origin"], changed["version"]) == (
        "换车",
        "site_manager",
        "127.0.0.1",
        2,
    )
    assert created["before"] is None
    assert deleted["after"] is None
    auditor = sign_in("auditor")
    found = auditor.get("/audit", params={"kind": "vehicles", "act": "changed", "site": site}).json()["items"]
    assert [each["record_id"] for each in found] == [changed["record_id"]]
    first = auditor.get("/audit", params={"limit": 2}).json()
    rest = auditor.get("/audit", params={"after": first["more"]}).json()
    ids = [each["id"] for each in [*first["items"], *rest["items"]]]
    assert ids == sorted(ids, reverse=True)
    assert auditor.get("/audit", params={"since": "2100-01-01T00:00:00Z"}).json()["items"] == []
    at = datetime.fromtimestamp(changed["at_us"] / 1_000_000, UTC)
    for asked, acts in (
        ({"since": at}, ["deleted", "changed"]),
        ({"since": at, "until": at + MICROSECOND}, ["changed"]),
        ({"until": at}, ["created"]),
        ({"until": at + MICROSECOND}, ["changed", "created"]),
    ):
        told = auditor.get("/audit", params={"kind": "vehicles"} | {name: each.isoformat() for name, each in asked.items()})
        assert [each["act"] for each in told.json()["items"]] == acts, asked
    page = admin.get(f"{vehicle.place}/history", params={"limit": 1, "after": deleted["id"]}).json()
    assert page == {"items": [changed], "more": changed["id"]}
    assert admin.get(f"{vehicle.place}/history", params={"act": "ended"}).json() == {"items": [], "more": None}
    assert admin.get(f"/vehicles/{site}/history").status_code == 404
    clerk: Role = "goods_clerk"
    assert sign_in(clerk).get("/audit").status_code == 403


def test_a_request_sent_twice_is_done_once(admin: httpx.Client, site: str) -> None:
    body = {"site": site, "name": "李小明", "unit": "3-1201"}
    key = {"Idempotency-Key": "person-1"}
    with ThreadPoolExecutor(4) as pool:
        replies = list(pool.map(lambda _: admin.post("/persons", json=body, headers=key), range(4)))
    assert {(reply.status_code, reply.text, reply.headers["ETag"]) for reply in replies} == {(201, replies[0].text, '"1"')}
    assert sorted(reply.headers.get("Idempotency-Replayed", "") for reply in replies) == ["", "true", "true", "true"]
    assert len(admin.get("/persons").json()["items"]) == 1
    place = f"/persons/{replies[0].json()['id']}"
    gone = {"Idempotency-Key": "person-2"}
    assert [admin.delete(place, headers=gone).status_code for _ in range(2)] == [204, 204]
    assert admin.post("/persons", json={**body, "unit": "3-1202"}, headers=key).json()["field"] == "Idempotency-Key"
    assert admin.post("/persons", json={**body, "site": place[-36:]}, headers={"Idempotency-Key": "bad"}).status_code == 422
    assert admin.post("/persons", json=body, headers={"Idempotency-Key": "bad"}).status_code == 201, "what failed can be mended"
