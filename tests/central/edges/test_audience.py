"""Each gate is told of those whom a level lets through its lanes, and stays right whatever changes."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext
from random import Random
from threading import local
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import event, text

from access.contract.records import AnyRecord, LevelGrant
from access.contract.sync import RulesPage
from central.access_rules.schemas import LevelWanted
from central.access_rules.services import levels
from central.access_rules.stream import rules_page
from central.cards.schemas import CardWanted
from central.cards.services import cards
from central.people.schemas import PersonWanted
from central.people.services import persons
from central.registry import Registry, Work
from central.sites.schemas import GateWanted, LaneWanted, SiteWanted
from central.sites.services import create_site, gates, lanes
from central.vehicles.schemas import VehicleWanted
from central.vehicles.services import vehicles
from tests.central.databases import ON_ONE
from tests.sizes import sized
from tests.waiting import wait_until

Key = tuple[str, UUID]
GATES = ("east", "west")
PAGE = 7


class Follower:
    """What a gate knows by following the stream."""

    def __init__(self, registry: Registry, site: UUID, gate: UUID) -> None:
        self._registry, self._site, self._gate = registry, site, gate
        self.revision = 0
        self.known: dict[Key, AnyRecord] = {}
        self.heard: set[Key] = set()

    def follow(self) -> None:
        after, until = "", None
        while True:
            page = self._page(self.revision, after, until)
            for upsert in page.upserts:
                self.known[upsert.record.kind, upsert.record.id] = upsert.record
            for gone in page.tombstones:
                assert self.known.pop((gone.kind, gone.id), None), "nobody is told of the end of what they never knew"
            self.heard |= self.known.keys()
            after, until = page.more or "", page.revision
            if page.more is None:
                self.revision = page.revision
                return

    def anew(self) -> dict[Key, AnyRecord]:
        with self._registry.read() as work:
            page = rules_page(work.session, self._site, self._gate, 0)
        return {(upsert.record.kind, upsert.record.id): upsert.record for upsert in page.upserts}

    def _page(self, since: int, after: str, until: int | None) -> RulesPage:
        with self._registry.read() as work:
            return rules_page(work.session, self._site, self._gate, since, after, until, limit=PAGE)


class Estate:
    """A site with two gates of one lane each, and whoever lives there."""

    def __init__(self, registry: Registry) -> None:
        self._registry, self._open = registry, local()
        with registry.write() as work:
            self.site = create_site(work, SiteWanted(slug="lakeside", name="Lakeside")).id
            self.gates = {slug: gates.create(work, GateWanted(site=self.site, slug=slug, name=slug)).id for slug in GATES}
            self.lanes = {slug: lanes.create(work, self.lane(slug)).id for slug in GATES}
        self.followers = {slug: Follower(registry, self.site, gate) for slug, gate in self.gates.items()}

    def lane(self, slug: str) -> LaneWanted:
        return LaneWanted(site=self.site, gate=self.gates[slug], slug="in-1", name=slug, lane_kind="vehicle", direction="in")

    def level(self, *opened: str, of: UUID | None = None, name: str = "level") -> UUID:
        """Make or change a level that opens the lanes of these gates; `all`: every lane."""
        grants = () if not opened else (LevelGrant(lanes=() if "all" in opened else tuple(self.lanes[gate] for gate in opened)),)
        return self._put(levels, LevelWanted(site=self.site, name=name, grants=grants), of)

    def person(self, *held: UUID, of: UUID | None = None, **facts: Any) -> UUID:
        return self._put(persons, PersonWanted(site=self.site, name="李小明", levels=frozenset(held), **facts), of)

    def vehicle(self, holder: UUID | None, plate: str = "粤B12D45", of: UUID | None = None, **facts: Any) -> UUID:
        return self._put(vehicles, VehicleWanted(site=self.site, plate=plate, person=holder, **facts), of)

    def card(self, holder: UUID | None, raw: str = "0A0063E9AE", of: UUID | None = None, **facts: Any) -> UUID:
        return self._put(cards, CardWanted(site=self.site, raw=raw, person=holder, **facts), of)

    def at_once(self, first: Callable[[], Any], second: Callable[[], UUID]) -> UUID:
        """Do both, the second when the first is done and not yet committed; returns what the second does."""
        with ThreadPoolExecutor(1) as pool:
            with self._registry.write() as work:
                self._open.work = work
                first()
                del self._open.work
                waiting = pool.submit(second)
                wait_until(self._is_anybody_waiting, what="the second to wait for the first")
            return waiting.result(30)

    def _is_anybody_waiting(self) -> bool:
        asked = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
        with self._registry.read() as work:
            return bool(work.session.execute(text(asked)).scalar_one())

    def knowing(self, kind: str, identity: UUID) -> set[str]:
        """Return the gates that know a record, after they have followed; each must know what it would know if it began anew."""
        for follower in self.followers.values():
            follower.follow()
            assert follower.known == follower.anew()
        return {slug for slug, follower in self.followers.items() if (kind, identity) in follower.known}

    def _put(self, records: Any, wanted: Any, of: UUID | None) -> UUID:
        open_now: Work | None = getattr(self._open, "work", None)
        with self._registry.write() if open_now is None else nullcontext(open_now) as work:
            shown = records.create(work, wanted) if of is None else records.change(work, of, wanted)
        identity: UUID = shown.id
        return identity


@pytest.fixture
def estate(registry: Registry) -> Estate:
    return Estate(registry)


BOTH = set(GATES)
ON_POSTGRESQL = pytest.mark.parametrize("database_url", [pytest.param("postgresql", marks=pytest.mark.postgres)], indirect=True)


def test_a_lane_is_its_own_gates_business(estate: Estate) -> None:
    assert estate.knowing("lane", estate.lanes["east"]) == {"east"}
    assert estate.knowing("lane", estate.lanes["west"]) == {"west"}


def test_a_person_and_what_they_hold_are_told_where_a_level_opens(estate: Estate) -> None:
    person = estate.person(estate.level("east"))
    held = {"person": person, "vehicle": estate.vehicle(person), "card": estate.card(person)}
    for kind, identity in held.items():
        assert estate.knowing(kind, identity) == {"east"}
    estate.person(estate.level("west", name="other"), of=person)
    for kind, identity in held.items():
        assert estate.knowing(kind, identity) == {"west"}


def test_a_level_that_opens_elsewhere_takes_its_holders_along(estate: Estate) -> None:
    level = estate.level("east")
    card = estate.card(estate.person(level))
    assert estate.knowing("card", card) == {"east"}
    for opened, gates_then in ((("east", "west"), BOTH), (("west",), {"west"}), ((), set()), (("all",), BOTH)):
        estate.level(*opened, of=level)
        assert estate.knowing("card", card) == gates_then


def test_many_holders_are_told_anew_with_few_questions(estate: Estate, registry: Registry) -> None:
    level, other = estate.level("east"), estate.level("west", name="other")
    held = enumerate([(), (), (), (), (other,)])
    cards = [estate.card(estate.person(level, *more, unit=str(n)), raw=f"{n:08X}") for n, more in held]
    asked: list[str] = []

    def note(*facts: Any) -> None:
        asked.append(facts[2])

    event.listen(registry.database.writer, "before_cursor_execute", note)
    estate.level("west", of=level)
    event.remove(registry.database.writer, "before_cursor_execute", note)
    assert [estate.knowing("card", card) for card in cards] == [{"west"}] * len(cards)
    for table in ("persons", "vehicles", "cards"):
        assert sum(f"FROM {table}" in statement for statement in asked) <= 1, asked


@ON_POSTGRESQL
def test_two_at_once_tell_what_holds_after_both(estate: Estate) -> None:
    level = estate.level("east")
    person = estate.person(level)
    vehicle, card = estate.vehicle(person), estate.card(person)
    both, west = estate.level("east", "west", name="both"), estate.level("west", name="west")

    def told(kind: str, identity: UUID) -> Any:
        estate.knowing(kind, identity)
        return estate.followers["west"].known[kind, identity]

    # Renamed while the level gets another gate: that gate is to know.
    estate.at_once(lambda: estate.level("east", "west", of=level), lambda: estate.person(level, of=person, unit="1-2"))
    assert [estate.knowing(*each) for each in (("person", person), ("vehicle", vehicle), ("card", card))] == [BOTH] * 3
    assert told("person", person).unit == "1-2"
    # A vehicle is registered while its holder gets another level.
    second = estate.at_once(lambda: estate.person(west, of=person), lambda: estate.vehicle(person, "粤B54321"))
    assert estate.knowing("vehicle", second) == {"west"}
    # Frozen and revoked while the level gets another gate: both stay so.
    estate.person(both, of=person)
    estate.at_once(
        lambda: (estate.person(both, of=person, status="frozen"), estate.vehicle(person, of=vehicle, status="revoked")),
        lambda: estate.level("west", of=both, name="both"),
    )
    assert (told("person", person).status, told("vehicle", vehicle).status) == ("frozen", "revoked")
    assert estate.knowing("card", card) == BOTH


@pytest.mark.parametrize("status", ["lost", "frozen"])
def test_what_was_withdrawn_is_known_everywhere(estate: Estate, status: str) -> None:
    person = estate.person(estate.level("east"))
    card = estate.card(person)
    estate.card(person, of=card, status=status)
    assert (estate.knowing("card", card), estate.knowing("person", person)) == (BOTH, {"east"})
    estate.person(estate.level("west", name="other"), of=person, status="frozen")
    assert estate.knowing("person", person) == BOTH


def test_without_levels_or_holder_everywhere(estate: Estate) -> None:
    assert estate.knowing("person", estate.person()) == BOTH
    assert estate.knowing("vehicle", estate.vehicle(None)) == BOTH


def test_another_holder(estate: Estate) -> None:
    east, west = estate.person(estate.level("east")), estate.person(estate.level("west", name="other"), unit="2")
    vehicle = estate.vehicle(east)
    assert estate.knowing("vehicle", vehicle) == {"east"}
    estate.vehicle(west, of=vehicle)
    assert estate.knowing("vehicle", vehicle) == {"west"}


@ON_ONE
def test_whatever_changes_each_gate_knows_what_it_would_know_anew(estate: Estate) -> None:
    chance = Random(7)
    level_ids = [estate.level(name=f"level {n}") for n in range(3)]
    person_ids = [estate.person(unit=str(n)) for n in range(4)]
    card_ids = [estate.card(None, f"0A0063E9{n:02}") for n in range(6)]

    def change_level() -> None:
        at = chance.randrange(len(level_ids))
        estate.level(*chance.choice(((), ("east",), ("west",), GATES, ("all",))), of=level_ids[at], name=f"level {at}")

    def change_person() -> None:
        at = chance.randrange(len(person_ids))
        held = chance.sample(level_ids, chance.randrange(3))
        estate.person(*held, of=person_ids[at], unit=str(at), status=chance.choice(("active", "active", "frozen")))

    def change_card() -> None:
        at = chance.randrange(len(card_ids))
        estate.card(None, f"0A0063E9{at:02}", of=card_ids[at])  # it changes hands only by way of the office
        if holder := chance.choice((None, *person_ids)):
            estate.card(holder, f"0A0063E9{at:02}", of=card_ids[at], status=chance.choice(("active", "active", "lost")))

    acts: list[Callable[[], None]] = [change_level, change_person, change_person, change_card, change_card]
    for _ in range(sized(quick=60, soak=2_000)):
        chance.choice(acts)()
        if chance.random() < 0.3:
            follower = chance.choice(list(estate.followers.values()))
            follower.follow()
            assert follower.known == follower.anew()
    estate.knowing("card", card_ids[0])
