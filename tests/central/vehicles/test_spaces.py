"""Parking spaces, the quotas that they make, and what a gate does with one car too many."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import httpx

from access.case import Presented
from access.contract.records import QuotaRecord
from access.decision import Decision, decide
from access.entries import PassageEnded
from access.passing import on_passage
from access.presence import Presence
from access.projection import projected
from access.snapshot import Snapshot
from central.records.services import Put
from central.registry import Registry
from central.spaces.schemas import SpaceWanted
from central.spaces.services import spaces
from central.tables import Site
from central.users.rights import Role
from tests.access.rules_world import snapshot
from tests.central.gate import Gate

NOBODY = "01890000-0000-7000-8000-000000000000"
AT = datetime(2026, 3, 2, 4, 0, tzinfo=UTC)


def make(office: httpx.Client, site: str, kind: str, **facts: Any) -> str:
    made: str = office.post(f"/{kind}", json={"site": site} | facts).raise_for_status().json()["id"]
    return made


def ids(reply: httpx.Response) -> list[str]:
    return [item["id"] for item in reply.raise_for_status().json()["items"]]


def told(gate: Gate) -> dict[str, QuotaRecord]:
    """Return what gates are told of quotas, by name."""
    records = (upsert.record for upsert in gate.rules("since=0").upserts)
    return {record.name: record for record in records if isinstance(record, QuotaRecord)}


def packed(gate: Gate) -> Snapshot:
    """Return the rules as the gate packs them."""
    records = [upsert.record for upsert in gate.rules("since=0").upserts]
    return snapshot(1, [(one.kind, one.id, one.model_dump(mode="json")) for one in records], AT)


def test_a_third_car_of_a_household_with_two_spaces_is_referred(admin: httpx.Client, site: str, gate: Gate) -> None:
    level = make(admin, site, "levels", name="住户", grants=[{}])
    quota = make(admin, site, "quotas", name="3-1201 李家", unit="3-1201")
    rented = {"space_kind": "rented", "valid_until": "2026-12-31T16:00:00Z"}
    make(admin, site, "parking-spaces", number="B1-001", unit="3-1201", quota=quota)
    make(admin, site, "parking-spaces", number="B1-002", unit="3-1201", quota=quota, **rented)
    person = make(admin, site, "persons", name="李小明", unit="3-1201", levels=[level], quota=quota)
    cars = ("粤B11111", "粤B22222", "粤B33333")
    for plate in cars:
        make(admin, site, "vehicles", plate=plate, person=person)

    def comes(plate: str, presence: Presence) -> Decision:
        rules = packed(gate)
        return decide(Presented("plate", plate, plate, "in"), rules.lanes["in-1"], rules, presence, AT)

    presence = Presence()
    for plate in cars[:2]:
        made = comes(plate, presence)
        assert made.outcome == "grant", made.reason
        facts = tuple(map(list, on_passage(made.passing, presence, AT)))
        presence = projected(presence, PassageEnded("passed", "in", 1, facts=facts, plate=plate))
    third = comes(cars[2], presence)
    assert (third.outcome, third.reason) == ("refer", "quota_full_refer")
    make(admin, site, "parking-spaces", number="B1-003", unit="3-1201", quota=quota)
    assert comes(cars[2], presence).outcome == "grant"


def test_gates_are_told_a_quota_with_its_spaces(admin: httpx.Client, site: str, gate: Gate) -> None:
    firm = make(admin, site, "companies", name="顺风", company_kind="tenant")
    first = make(admin, site, "quotas", name="顺风", company=firm, over="wait")
    second = make(admin, site, "quotas", name="5-502", unit="5-502")
    facts = {"site": site, "number": "A-1", "space_kind": "reserved", "quota": first}
    until = {"valid_from": "2026-01-01T00:00:00Z", "valid_until": "2026-02-01T00:00:00Z"}
    space = admin.post("/parking-spaces", json=facts | until).raise_for_status().json()["id"]
    record = told(gate)["顺风"]
    assert (record.over, [(one.valid_from, one.valid_until) for one in record.spaces]) == ("wait", [(1767225600, 1769904000)])
    assert told(gate)["5-502"].spaces == ()

    revision = gate.rules("since=0").revision
    admin.put(f"/parking-spaces/{space}", json={**facts, **until, "remark": "门口"}).raise_for_status()
    assert gate.rules("since=0").revision == revision, "a remark is no news to a gate"
    admin.put(f"/parking-spaces/{space}", json={**facts, "quota": second}).raise_for_status()
    assert [len(told(gate)[name].spaces) for name in ("顺风", "5-502")] == [0, 1]
    assert gate.rules("since=0").revision == revision + 1, "both are told at once"
    for status, count in (("frozen", 0), ("active", 1), ("returned", 0), ("active", 1)):
        admin.put(f"/parking-spaces/{space}", json={**facts, "quota": second, "status": status}).raise_for_status()
        assert len(told(gate)["5-502"].spaces) == count
    admin.put(f"/quotas/{second}", json={"site": site, "name": "5-502", "over": "deny"}).raise_for_status()
    assert (told(gate)["5-502"].over, len(told(gate)["5-502"].spaces)) == ("deny", 1)

    person = make(admin, site, "persons", name="王小红", quota=first)
    for quota in (first, second):
        assert admin.delete(f"/quotas/{quota}").json()["zh"] == "仍有人员或车位属于此名额"
    admin.delete(f"/parking-spaces/{space}").raise_for_status()
    assert told(gate)["5-502"].spaces == ()
    admin.delete(f"/quotas/{second}").raise_for_status()
    assert told(gate).keys() == {"顺风"}
    assert ids(admin.get("/persons", params={"quota_id": first})) == [person]
    assert admin.post("/persons", json={"site": site, "name": "x", "quota": second}).json()["field"] == "quota"


def test_many_at_once_miss_none_of_a_quota(admin: httpx.Client, site: str, gate: Gate, registry: Registry) -> None:
    quota = make(admin, site, "quotas", name="顺风")
    wanted = [SpaceWanted(site=UUID(site), number=f"B1-{n:03}", space_kind="reserved", quota=UUID(quota)) for n in range(12)]
    with registry.write() as work:
        done = spaces.put_many(work, work.session.get_one(Site, UUID(site)), wanted[:4])
    assert [each.act for each in done if isinstance(each, Put)] == ["created"] * 4
    with ThreadPoolExecutor(4) as pool:
        for made in pool.map(lambda each: admin.post("/parking-spaces", json=each.model_dump(mode="json")), wanted[4:]):
            made.raise_for_status()
    assert len(told(gate)["顺风"].spaces) == 12


def test_the_office_keeps_parking_spaces(admin: httpx.Client, site: str, sign_in: Callable[[Role], httpx.Client]) -> None:
    zone = make(admin, site, "zones", name="地库 B1")
    person = make(admin, site, "persons", name="李小明", unit="3-1201")
    owned = make(admin, site, "parking-spaces", number="B1-001", unit="3-1201", person=person, zone=zone)
    rented = make(
        admin, site, "parking-spaces", number="B1-002", space_kind="rented", unit="5-502", valid_until="2026-05-01T00:00:00Z"
    )
    visitor = make(admin, site, "parking-spaces", number="V-1", space_kind="visitor")
    for asked, found in (
        ({"expires_before": "2026-06-01T00:00:00Z"}, [rented]),
        ({"expires_before": "2026-05-01T00:00:00Z"}, []),
        ({"zone_id": zone}, [owned]),
        ({"person_id": person, "unit": "3-1201"}, [owned]),
        ({"space_kind": "visitor"}, [visitor]),
        ({"number": "B1-002", "status": "active"}, [rented]),
    ):
        assert ids(admin.get("/parking-spaces", params=asked)) == found, asked
    backwards = {"valid_from": "2026-02-01T00:00:00Z", "valid_until": "2026-01-01T00:00:00Z"}
    for wrong, status, field in (
        ({"number": "B1-001", "unit": "x"}, 409, "number"),
        ({"number": "B1-009"}, 422, "body"),
        ({"number": ""}, 422, "number"),
        ({"number": "x", "unit": "x", "zone": NOBODY}, 422, "zone"),
        ({"number": "x", "unit": "x", "quota": NOBODY}, 422, "quota"),
        ({"number": "x", "person": NOBODY}, 422, "person"),
        ({"number": "x", "company": NOBODY}, 422, "company"),
        ({"number": "x", "unit": "x", "status": "lost"}, 422, "status"),
        ({"number": "x", "unit": "x", **backwards}, 422, "valid_until"),
    ):
        refused = admin.post("/parking-spaces", json={"site": site, **wrong})
        assert (refused.status_code, refused.json().get("field", "")) == (status, field), refused.text
    assert admin.delete(f"/zones/{zone}").json()["zh"] == "仍有车道通往此区域，或有车位在此区域"
    assert admin.delete(f"/persons/{person}").json()["zh"] == "此人名下仍有车辆、卡或车位"
    stale = admin.put(
        f"/parking-spaces/{owned}", json={"site": site, "number": "B1-001", "unit": "x"}, headers={"If-Match": '"9"'}
    )
    assert (stale.status_code, [each["field"] for each in stale.json()["difference"]]) == (409, ["zone", "unit", "person"])
    looks = sign_in("front_desk")
    assert looks.get("/parking-spaces").status_code == looks.get("/quotas").status_code == 200
    assert looks.post("/quotas", json={"site": site, "name": "x"}).status_code == 403
