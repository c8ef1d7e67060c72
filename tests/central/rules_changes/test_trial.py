"""Drafts tried on a log that a gate has written: whom each would newly turn away, let in or have asked about, and nobody else."""

import random
from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4, uuid5

import pytest

from access.case import Presented
from access.contract.records import (
    AnyRecord,
    LaneRecord,
    LevelGrant,
    LevelRecord,
    PersonRecord,
    ScheduleRecord,
    Span,
    VehicleRecord,
)
from access.decision import decide
from access.entries import Decided, PassageEnded
from access.passing import on_passage
from access.presence import Presence
from access.projection import projected
from access.snapshot import Snapshot
from central.access_rules import stream
from central.access_rules.audience import EVERYONE, told_to
from central.errors import RegistryError
from central.registry import Registry
from central.rules_changes.draft import Draft, digest
from central.rules_changes.trial import Outcome, Trial, try_draft
from central.tables import Site
from tests.access.rules_world import snapshot
from tests.central.gate import BEGAN, Gate

DAYS, ARRIVALS = 5, 60
UNTIL = BEGAN + timedelta(days=DAYS)
RESIDENTS, STAFF, ENGINE = ("粤B12D45", "粤B8D2Z5", "粤AA7K31"), "粤BC4T56", "粤B119X2"


def named(name: str) -> UUID:
    return uuid5(UUID(int=0x6A7E), name)


@dataclass
class Estate:
    """A site with one gate: what its rules are, and what its gate decided and wrote down under them."""

    registry: Registry
    gate: Gate
    rules: dict[tuple[str, UUID], AnyRecord] = field(default_factory=dict)
    presence: Presence = field(default_factory=Presence)
    decided: list[tuple[str, str, str, datetime]] = field(default_factory=list)  # plate, lane, outcome, at

    def publish(self, *records: AnyRecord) -> None:
        """Tell every gate of these records; hear what this one knows then."""
        with self.registry.write() as work:
            site = work.session.get_one(Site, self.gate.enrolled.site)
            stream.publish(work.session, site, before=(), after=told_to(EVERYONE, records))
        upserts = self.gate.rules("since=0").upserts
        self.rules = {(one.record.kind, one.record.id): one.record for one in upserts}

    def packed(self) -> Snapshot:
        return snapshot(1, [(*key, record.model_dump(mode="json")) for key, record in self.rules.items()], BEGAN)

    def comes(self, rules: Snapshot, plate: str, lane: str, at: datetime) -> None:
        """Decide on a vehicle as a gate does, and write that down; who is let in passes."""
        direction = "in" if lane == "in-1" else "out"
        made = decide(Presented("plate", plate, plate, direction), rules.lanes[lane], rules, self.presence, at)
        holder = made.match.credential and made.match.credential.person
        body = Decided(
            outcome=made.outcome,
            reason=made.reason,
            medium="plate",
            device="camera",
            revision=1,
            direction=direction,
            category=holder.category if holder else "",
            at_us=round(at.timestamp() * 1e6),
            presence=dict(made.explanation.reads),
            text=plate,
            holder="李*",
        )
        self.gate.write(body, at, lane)
        self.decided.append((plate, lane, made.outcome, at))
        if made.outcome == "grant":
            facts = tuple(map(list, on_passage(made.passing, self.presence, at)))
            passed = PassageEnded("passed", direction, 1, facts=facts, plate=plate)
            self.gate.write(passed, at + timedelta(seconds=9), lane)
            self.presence = projected(self.presence, passed)

    def count(self, plates: tuple[str, ...], lane: str, outcome: str = "grant") -> int:
        return sum((plate in plates, at, made) == (True, lane, outcome) for plate, at, made, _ in self.decided)

    def tried(self, *records: AnyRecord, gone: frozenset[tuple[str, UUID]] = frozenset(), **asked: Any) -> Trial:
        with self.registry.read() as work:
            site = work.session.get_one(Site, self.gate.enrolled.site)
            return try_draft(work.session, site, Draft(records, gone), **{"until": UNTIL, **asked})

    def lane(self, slug: str) -> UUID:
        return self.gate.enrolled.lanes[slug]


@pytest.fixture
def estate(registry: Registry, gate: Gate) -> Estate:
    """Three residents' cars at all hours, one of the staff in theirs, a fire engine and strangers, for some days."""
    made = Estate(registry, gate)
    both = tuple(made.lane(slug) for slug in ("in-1", "out-1"))
    hours = ScheduleRecord(id=named("hours"), name="hours", spans=(Span(days=(0, 1, 2, 3, 4), start="08:00", end="18:00"),))
    made.publish(
        hours,
        LevelRecord(id=named("home"), name="home", grants=(LevelGrant(lanes=both),)),
        LevelRecord(id=named("work"), name="work", grants=(LevelGrant(schedule=hours.id),)),
        *(person(plate, "resident", "home") for plate in RESIDENTS),
        person(STAFF, "staff", "work"),
        person(ENGINE, "emergency", "home"),
        *(vehicle(plate) for plate in (*RESIDENTS, STAFF, ENGINE)),
    )
    rules, chance = made.packed(), random.Random(6)
    for n in range(ARRIVALS):
        plate = chance.choice((*RESIDENTS, STAFF, STAFF, ENGINE, f"京C{20000 + n}"))
        at = BEGAN + timedelta(days=DAYS * n / ARRIVALS, seconds=chance.randrange(3600))
        made.comes(rules, plate, chance.choice(("in-1", "out-1")), at)
    gate.write(Decided("grant", "guard_opened", "guard", "booth", 1, "in"), UNTIL - timedelta(minutes=9))
    gate.send()
    return made


def person(plate: str, category: Any, level: str) -> PersonRecord:
    return PersonRecord(id=named(f"holder {plate}"), name="李*", category=category, levels=(named(level),))


def vehicle(plate: str, **changes: Any) -> VehicleRecord:
    told = {"id": named(plate), "plate": plate, "person": named(f"holder {plate}"), **changes}
    return VehicleRecord.model_validate(told)


def figures(trial: Trial) -> tuple[int, int, int, int]:
    return trial.newly_denied, trial.newly_granted, trial.newly_referred, trial.protected_denied


def test_a_draft_shows_what_it_would_change_and_nothing_else(estate: Estate) -> None:
    told: list[tuple[int, int]] = []
    same = estate.rules["level", named("home")], estate.rules["vehicle", named(STAFF)]
    nothing = estate.tried(*same, progress=lambda done, of: told.append((done, of)))
    assert (figures(nothing), nothing.drifted) == ((0, 0, 0, 0), 0)
    assert (nothing.decisions, nothing.judged, nothing.unjudged) == (ARRIVALS + 1, ARRIVALS, Counter(gates_own=1))
    assert (told[0], told[-1]) == ((0, ARRIVALS + 1), (ARRIVALS + 1, ARRIVALS + 1))

    only_in = LevelRecord(id=named("home"), name="home", grants=(LevelGrant(lanes=(estate.lane("out-1"),)),))
    lost = estate.tried(only_in, examples_max=2)
    residents = estate.count(RESIDENTS, "in-1")
    assert figures(lost) == (residents, 0, 0, residents)
    denied = lost.newly["deny"]
    assert (denied.by_category, denied.by_lane) == (Counter(resident=residents), Counter({"east/in-1": residents}))
    assert denied.by_reason == Counter(no_access_here=residents)
    assert len(denied.examples) == 2
    one = denied.examples[0]
    assert (one.gate, one.lane, one.then, one.now) == ("east", "in-1", Outcome("grant", "access_ok"), one.then)
    assert (one.draft, one.at) == (Outcome("deny", "no_access_here"), min(at for *who, at in estate.decided if at == one.at))

    always = ScheduleRecord(id=named("hours"), name="hours", spans=(Span(days=(*range(8),), start="00:00", end="24:00"),))
    widened = estate.tried(always)
    late = sum(estate.count((STAFF,), lane, "deny") for lane in ("in-1", "out-1"))
    assert late
    assert (figures(widened), widened.newly["grant"].by_category) == ((0, late, 0, 0), Counter(staff=late))
    assert {example.then.reason for example in widened.newly["grant"].examples} == {"outside_schedule"}


def test_a_closed_lane_keeps_out_who_must_never_be(estate: Estate, address: str) -> None:
    lane = estate.rules["lane", estate.lane("in-1")]
    assert isinstance(lane, LaneRecord)
    closed = estate.tried(lane.model_copy(update={"mode": "held_closed"}))
    engines, residents = estate.count((ENGINE,), "in-1"), estate.count(RESIDENTS, "in-1")
    assert engines
    assert closed.protected.by_category == Counter(emergency=engines, resident=residents)
    assert closed.newly_denied > closed.protected_denied  # strangers, who were asked about

    without = estate.tried(gone=frozenset({("lane", lane.id)}))
    assert figures(without) == (0, 0, 0, 0)
    assert without.unjudged["no_lane"] == sum(at == "in-1" for _, at, *_ in estate.decided)

    with Gate(address, seed=2, slug="west") as west:  # its lane of the same name is another
        west.join(estate.registry)
        estate.gate, estate.presence = west, Presence()
        estate.publish()
        estate.comes(estate.packed(), ENGINE, "in-1", BEGAN)
        west.send()
    elsewhere = estate.tried(lane.model_copy(update={"mode": "held_closed"}))
    assert (elsewhere.decisions, figures(elsewhere)) == (closed.decisions + 1, figures(closed))
    other = estate.rules["lane", estate.lane("in-1")].model_copy(update={"mode": "out_of_service"})
    assert estate.tried(other).protected.by_lane == Counter({"west/in-1": 1})


def test_a_car_that_is_frozen_is_turned_away_but_asked_about_where_it_is_inside(estate: Estate) -> None:
    first_in, then_out = BEGAN + timedelta(days=DAYS - 3), BEGAN + timedelta(days=DAYS - 1)
    plate = "粤BF9N31"
    estate.publish(vehicle(plate), person(plate, "tenant", "home"))
    rules, sent = estate.packed(), len(estate.gate.entries)
    estate.comes(rules, plate, "in-1", first_in)
    estate.comes(rules, plate, "out-1", then_out)
    estate.gate.send(sent + 1)
    frozen = vehicle(plate, status="frozen")
    for since, denied in ((None, 1), (then_out - timedelta(hours=1), 0)):
        trial = estate.tried(frozen, since=since)
        assert figures(trial) == (denied, 0, 1, denied)
        assert trial.newly["refer"].by_reason == Counter(inactive_leaving=1)
        assert trial.newly["refer"].by_category == Counter(tenant=1)
    nobodys = estate.tried(vehicle(plate, colour="red"), gone=frozenset({("person", named(f"holder {plate}"))}))
    assert (figures(nobodys), nobodys.newly["refer"].by_reason) == ((0, 0, 2, 0), Counter(no_holder=2))
    whole, newest = estate.tried(frozen), estate.tried(frozen, entries_max=10)
    assert (whole.shortened, newest.shortened, newest.decisions) == (False, True, 10)
    assert newest.since > whole.since == UNTIL - timedelta(days=30)

    estate.publish(frozen)  # now the rules themselves have changed since
    drifted = estate.tried()
    assert (figures(drifted), drifted.drifted) == ((0, 0, 0, 0), 2)
    assert figures(estate.tried(gone=frozenset({("vehicle", named(plate))}))) == (0, 0, 1, 0)


def test_a_guest_inside_is_known_from_the_entries_before(estate: Estate) -> None:
    """Whoever is taken for a guest inside stays a question, where strangers are turned away: the entry lies before the time."""
    guest, read_as, lane = "粤B7Q8K1", "粤B7QBK1", estate.rules["lane", estate.lane("out-1")]
    rules, sent, came_in = estate.packed(), len(estate.gate.entries), UNTIL - timedelta(days=2)
    where = ["set", f"at:{rules.pseudonym(guest)}", ["site", round(came_in.timestamp())]]
    entered = PassageEnded("passed", "in", 1, facts=(where,), plate=guest)
    estate.gate.write(entered, came_in)
    estate.presence = projected(estate.presence, entered)
    for plate in (read_as, "京C55555"):
        estate.comes(rules, plate, "out-1", UNTIL - timedelta(minutes=5))
    estate.gate.send(sent + 1)
    turning_away = lane.model_copy(update={"unknown": "deny"})
    trial = estate.tried(turning_away, since=UNTIL - timedelta(minutes=8))
    assert (trial.judged, figures(trial), trial.newly["deny"].by_category) == (2, (1, 0, 0, 0), Counter(unknown=1))


def test_a_draft_that_makes_no_rules_is_refused(estate: Estate) -> None:
    level, site = estate.rules["level", named("home")], estate.rules["site", estate.gate.enrolled.site]
    for records, gone, named_field in (
        ((level, level), (), "records"),
        ((level,), (("level", level.id),), "records"),
        ((site.model_copy(update={"card_key": "00" * 32}),), (), "records"),
        ((site.model_copy(update={"zone": "Mars/Base"}),), (), "records"),
        ((), (("site", site.id),), "gone"),
        ((), (("level", uuid4()),), "gone"),
    ):
        with pytest.raises(RegistryError) as refused:
            estate.tried(*records, gone=frozenset(gone))
        assert (refused.value.status_code, refused.value.field) == (422, named_field)


def test_a_digest_stands_for_what_is_wanted_not_for_how_it_was_said() -> None:
    car, other = vehicle(STAFF), vehicle(ENGINE)
    wanted = digest(Draft((car, other), frozenset({("level", named("home")), ("person", named("a"))})))
    assert digest(Draft((other, car), frozenset({("person", named("a")), ("level", named("home"))}))) == wanted
    assert digest(Draft((car,))) == digest(Draft((vehicle(STAFF, status="active", colour=""),)))
    different = [(), (car,), (car, other), (vehicle(STAFF, status="frozen"),), (vehicle(STAFF, person=None),)]
    digests = {digest(Draft(records)) for records in different} | {digest(Draft(gone=frozenset({("vehicle", car.id)})))}
    assert len(digests) == len(different) + 1
    assert all(len(each) == 64 for each in digests)
