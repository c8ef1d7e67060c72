"""Every kind of record comes out of a snapshot as it went in, also one that an older registry sent."""

import random
from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID, uuid4

import pytest

from access.contract.record_fields import Record
from access.contract.records import (
    CardRecord,
    LaneRecord,
    LevelRecord,
    ListAge,
    PassRecord,
    PermitRecord,
    PersonRecord,
    QuotaRecord,
    ScheduleRecord,
    SiteRecord,
    SlipRecord,
    Space,
    Span,
    SpecialDayRecord,
    VehicleRecord,
    VisitRecord,
    ZoneRecord,
)
from access.on_record import ListAge as Limit
from access.on_record import Quota, Slip, Validity, Visit, Zone
from access.snapshot import Snapshot
from simulators.standalone import Rule, resident, small_rules, vehicle
from tests.access.rules_world import snapshot

KEY = bytes(range(32))
SITE = SiteRecord(
    id=UUID(int=1), slug="lakeside", name="湖畔", card_key=KEY.hex(), list_age=(ListAge(category="staff", hours=5),)
)
HOURS = ScheduleRecord(id=UUID(int=2), name="白天", spans=(Span(days=(0, 1), start="08:00", end="18:00"),))
LI = UUID(int=10)
SINCE, UNTIL = datetime(2026, 3, 2, tzinfo=UTC), datetime(2026, 3, 3, tzinfo=UTC)
WINDOW = {"valid_from": int(SINCE.timestamp()), "valid_until": int(UNTIL.timestamp())}


def rule(record: Record) -> Rule:
    data = record.model_dump(mode="json")
    return data["kind"], record.id, data


def with_records(*records: Record) -> Snapshot:
    rules = [rule(SITE), *map(rule, records)]
    random.Random(4).shuffle(rules)
    return snapshot(1, rules)


def test_the_limits_of_list_age() -> None:
    assert with_records().list_age == {"staff": Limit(5, "refer")}


def test_zones_and_the_lanes_between_them() -> None:
    inner, outer = UUID(int=3), UUID(int=4)
    zone = ZoneRecord(id=inner, name="地下", capacity=200, full="deny", anti_passback="timed", minutes=5)
    lane = LaneRecord(
        id=UUID(int=5),
        slug="in-1",
        name="东进",
        lane_kind="vehicle",
        direction="in",
        inner_zone=inner,
        outer_zone=outer,
        classes=("car", "large"),
        officers="grant",
        inexact=("staff",),
    )
    found = with_records(zone, lane)
    assert found.zones == {inner: Zone(inner, "地下", 200, "deny", "timed", 5)}
    rules = found.lanes["in-1"]
    assert (rules.inner_zone, rules.outer_zone, rules.classes) == (inner, outer, ("car", "large"))
    assert (rules.officers, rules.inexact, rules.kind) == ("grant", ("staff",), "vehicle")


def test_special_days() -> None:
    day = SpecialDayRecord.model_validate({"id": UUID(int=6), "date": "2026-10-01", "counts_as": 7, "name": "国庆节"})
    found = with_records(day)
    assert found.special_days == {date(2026, 10, 1): 7}


def test_a_level_whose_schedule_is_gone_opens_never_and_an_unknown_level_not_at_all() -> None:
    level, gone = UUID(int=7), UUID(int=8)
    grants = [{"lanes": [], "direction": "both", "schedule": str(schedule)} for schedule in (HOURS.id, gone)]
    record = LevelRecord.model_validate({"id": level, "name": "员工", "grants": grants})
    holder = PersonRecord(id=LI, name="李*", levels=(level, uuid4()))
    plate = VehicleRecord(id=UUID(int=11), plate="粤B8D2Z5", person=LI)
    (found,) = with_records(HOURS, record, holder, plate).plate("粤B8D2Z5")
    assert found.person is not None
    assert [one.name for one in found.person.levels] == ["员工"]
    schedules = [grant.schedule for grant in found.person.levels[0].grants]
    assert [one.spans != () if one else None for one in schedules] == [True, False]


@pytest.mark.parametrize("escorted", [False, True])
@pytest.mark.parametrize("first", [False, True])
@pytest.mark.parametrize("quota", [None, UUID(int=20)])
def test_a_person(*, escorted: bool, first: bool, quota: UUID | None) -> None:
    holder = PersonRecord(
        id=LI,
        name="李*",
        unit="3-1201",
        category="company",
        status="frozen",
        quota=quota,
        escorted=escorted,
        first_person=first,
        **WINDOW,
    )
    (found,) = with_records(holder, VehicleRecord(id=UUID(int=11), plate="粤B8D2Z5", person=LI)).plate("粤B8D2Z5")
    person = found.person
    assert person is not None
    assert (person.id, person.name, person.unit, person.category, person.status) == (LI, "李*", "3-1201", "company", "frozen")
    assert (person.escorted, person.first_person, person.quota) == (escorted, first, quota)
    assert (person.valid_from, person.valid_until) == (SINCE, UNTIL)


@pytest.mark.parametrize(("colour", "kept"), [("yellow-green", "yellow-green"), ("", ""), ("mauve", "")])
def test_a_vehicle_and_its_colour(colour: str, kept: str) -> None:
    (found,) = with_records(VehicleRecord(id=UUID(int=11), plate="粤BD12345", colour=colour, vehicle_class="large")).plate(
        "粤BD12345"
    )
    assert (found.medium, found.colour, found.vehicle_class, found.person) == ("plate", kept, "large", None)


def test_quotas() -> None:
    spaces = (Space(), Space(valid_from=WINDOW["valid_from"]), Space(**WINDOW))
    found = with_records(QuotaRecord(id=UUID(int=20), name="3-1201", spaces=spaces, over="wait"))
    validities = (Validity(None, None), Validity(SINCE, None), Validity(SINCE, UNTIL))
    assert found.quota(UUID(int=20)) == Quota(UUID(int=20), "3-1201", validities, "wait")
    assert found.quota(UUID(int=21)) is None


def test_visits_in_the_order_of_their_windows() -> None:
    lane = UUID(int=5)
    second = VisitRecord(
        id=UUID(int=31), person=LI, lanes=(lane,), uses=2, party=3, obligations=("escort",), host="王*", **WINDOW
    )
    first = VisitRecord(id=UUID(int=32), person=LI, valid_from=0, valid_until=1)
    other = VisitRecord(id=UUID(int=33), person=UUID(int=99), **WINDOW)
    found = with_records(second, first, other).visits(LI)
    assert [one.id.int for one in found] == [32, 31]
    window = Validity(SINCE, UNTIL)
    assert found[1] == Visit(UUID(int=31), "ordinary", "approved", "王*", window, frozenset({lane}), 2, 3, ("escort",))


def test_passes_and_their_permit() -> None:
    permit = PermitRecord(id=UUID(int=40), number="W-1", units=("3-1201",), schedule=HOURS.id, workers_max=4, **WINDOW)
    bare = PermitRecord(id=UUID(int=41), number="W-2", units=(), violation="垃圾未清", **WINDOW)
    one = PassRecord(id=UUID(int=42), number="7", person=LI, permit=permit.id, units=("3-1201",), **WINDOW)
    found = with_records(HOURS, permit, bare, one)
    (kept,) = found.passes(LI)
    assert (kept.number, kept.permit, kept.units, kept.window) == ("7", permit.id, ("3-1201",), Validity(SINCE, UNTIL))
    works, other = found.permit(permit.id), found.permit(bare.id)
    assert works is not None
    assert other is not None
    assert (works.workers_max, works.violation, works.schedule and works.schedule.name) == (4, "", "白天")
    assert (other.workers_max, other.violation, other.schedule, other.units) == (None, "垃圾未清", None, ())
    assert found.permit(LI) is None


def test_slips_by_the_plate_that_they_name() -> None:
    slip = SlipRecord(id=UUID(int=50), number="F-1", plate="粤B8D2Z5", unit="3-1201", **WINDOW)
    found = with_records(slip, SlipRecord(id=UUID(int=51), number="F-2", plate="粤BBD2Z5", **WINDOW))
    assert found.slips("粤B8D2Z5") == (Slip(UUID(int=50), "F-1", "3-1201", "approved", Validity(SINCE, UNTIL)),)
    assert found.slips("粤A00001") == ()


def test_a_document_may_be_longer_than_64_kib() -> None:
    units = tuple(f"{number:03d}-{'单元' * 98}" for number in range(100))
    lanes = tuple(UUID(int=number) for number in range(500))
    found = with_records(PassRecord(id=UUID(int=42), number="7", person=LI, permit=LI, units=units, lanes=lanes, **WINDOW))
    assert (found.passes(LI)[0].units, found.passes(LI)[0].lanes) == (units, frozenset(lanes))


def test_a_credential_is_found_by_its_id() -> None:
    cards = [CardRecord(id=UUID(int=1 << 64 | number), hashes=(f"{number:032x}",)) for number in range(3000)]
    found = with_records(*cards)
    for one in (cards[0], cards[1234], cards[-1]):
        credential = found.credential_of(one.id)
        assert credential is not None
        assert credential.id == one.id
    assert found.credential_of(uuid4()) is None


def test_an_id_across_two_rows_is_none() -> None:
    inside = UUID(bytes=UUID(int=0x77).bytes[8:] + bytes(8))
    found = with_records(CardRecord(id=UUID(int=0x77), hashes=("ab" * 16,)))
    assert found.credential_of(inside) is None


OLDER: Mapping[str, tuple[str, ...]] = {
    "person": ("quota", "escorted", "first_person"),
    "lane": ("inner_zone", "outer_zone", "classes", "emergency", "factors", "two_person", "inexact", "goods_checks"),
    "site": ("list_age",),
    "vehicle": ("colour", "vehicle_class"),
}


def older(kind: str, data: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in data.items() if name not in OLDER.get(kind, ())}


def test_records_of_an_older_registry_are_understood() -> None:
    rules = [*small_rules(KEY, ["in-1"]), rule(SITE), resident(LI, "李*", "3-1201"), vehicle(UUID(int=11), LI, "粤B8D2Z5")]
    found = snapshot(1, [(kind, of, older(kind, data)) for kind, of, data in rules])
    (one,) = found.plate("粤B8D2Z5")
    assert one.person is not None
    assert (one.vehicle_class, one.colour, one.person.quota, one.person.escorted) == ("car", "", None, False)
    lane = found.lanes["in-1"]
    assert (lane.inner_zone, lane.factors, lane.two_person, lane.inexact, found.list_age) == (None, "any", False, (), {})
