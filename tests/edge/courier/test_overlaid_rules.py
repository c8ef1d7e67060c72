"""Changes laid over a base answer every question as a whole snapshot of the same rules does, whatever was changed."""

from collections.abc import Mapping, Sequence
from itertools import product
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter

from access.card import CardNumber, card_hash
from access.contract.records import AnyRecord
from access.contract.sync import RulesPage, Tombstone, Upsert
from access.decision import Decision, decide
from access.snapshot import Snapshot
from edge.courier.snapshots import build
from edge.replay import pack
from edge.store.received import Received, reading_rules
from edge.store.rules import map_snapshot
from simulators.standalone import Rule
from tests.access.rules import world

PERSONS = ("李", "王", "陈")
PLATES = ("粤B8D2Z5", "粤BBD2Z5", "京B8D2Z5", "粤A00001")
READ = (*PLATES, "粤B8D2ZS", "粤B8D2Z", "粤C00000")
NUMBERS = (1, 2, 3)
MOMENTS = (world.NOON, "2026-03-02 20:00", "2026-03-08 12:00")
PRESENCE = world.world(world.inside(), world.counted("quota", "home", 1), world.counted("zone", "yard", 1)).presence(
    world.moment(world.NOON)
)


def number(at: int) -> CardNumber:
    return CardNumber(at.to_bytes(5, "big"), 40)


# What may stand under each id: one at a time, or nothing.
SLOTS: Sequence[Sequence[Rule]] = [
    [world.lane("in"), world.lane("in", mode="held_closed"), world.lane("in", inner_zone="yard", unknown="deny")],
    [world.lane("out"), world.lane("out", goods_checks=("slip",))],
    [world.zone("yard"), world.zone("yard", capacity=1, anti_passback="hard")],
    [world.schedule("day", ("01234", "08:00", "18:00")), world.schedule("day", ("56", "08:00", "18:00"))],
    [world.special_day("2026-03-02", 7)],
    [world.level("everywhere"), world.level("everywhere", schedule="day"), world.level("everywhere", direction="out")],
    [world.level("night", schedule="day", direction="in")],
    [world.block(PLATES[0]), world.block(PLATES[0], reason="欠费")],
    [world.block(card_number=1)],
    [world.quota("home", 1), world.quota("home", 0), world.quota("home", 0, over="deny")],
    [world.permit(), world.permit(violation="垃圾未清"), world.permit(schedule="day")],
    [world.slip(), world.slip(status="cancelled"), world.slip(plate=PLATES[1])],
    *(
        [
            world.person(name),
            world.person(name, status="frozen"),
            world.person(name, levels=("night",)),
            world.person(name, levels=("everywhere", "night"), quota="home"),
            world.person(name, levels=(), category="visitor"),
            world.person(name, levels=(), category="contractor"),
        ]
        for name in PERSONS
    ),
    [world.person("card 1"), world.person("card 1", status="frozen")],  # a person with the id of a card
    *([*(world.card(at, holder) for holder in (*PERSONS, None)), world.card(at, status="lost")] for at in NUMBERS),
    [world.card(4), world.card(4, hashes=(card_hash(world.KEY, number(1)).hex(),))],  # a form shared with card 1
    [world.code("GH-1", name) for name in PERSONS],
    *([*(world.vehicle(plate, name) for name in (*PERSONS, None)), world.vehicle(plate, status="frozen")] for plate in PLATES),
    [world.vehicle(plate, "王", id=world.named("second")) for plate in PLATES],  # beside the one there is
    *(
        [world.visit(name, f"of {name}"), world.visit(name, f"of {name}", status="cancelled"), world.visit("李", f"of {name}")]
        for name in PERSONS
    ),
    *([world.contractor_pass(name, name), world.contractor_pass(name, name, status="revoked")] for name in PERSONS),
]
NOTHING = -1
_record: TypeAdapter[AnyRecord] = TypeAdapter(AnyRecord)
RECORDS = [[_record.validate_python(data) for _, _, data in slot] for slot in SLOTS]
SITE = _record.validate_python(world.site()[2])

States = st.tuples(*(st.integers(NOTHING, len(slot) - 1) for slot in SLOTS))
Edits = st.lists(
    st.integers(0, len(SLOTS) - 1).flatmap(lambda at: st.tuples(st.just(at), st.integers(NOTHING, len(SLOTS[at]) - 1))),
    max_size=8,
)


def change(revision: int, slot: int, variant: int) -> Upsert | Tombstone:
    if variant == NOTHING:
        kind, identity, _ = SLOTS[slot][0]
        return Tombstone(revision=revision, kind=kind, id=identity)
    return Upsert(revision=revision, record=RECORDS[slot][variant])


def install(received: Received, revision: int, changes: Sequence[Upsert | Tombstone]) -> None:
    upserts = tuple(one for one in changes if isinstance(one, Upsert))
    tombstones = tuple(one for one in changes if isinstance(one, Tombstone))
    received.begin_arrival()
    received.arrive(RulesPage(since=revision - 1, revision=revision, upserts=upserts, tombstones=tombstones))
    received.install(revision, 1000, complete=False)


def whole(database: Path, folder: Path) -> Snapshot:
    with reading_rules(database) as (revision, rows):
        return pack(rows, revision, 7, folder)


def answers(rules: Snapshot) -> Mapping[str, Any]:
    every = {identity for slot in SLOTS for _, identity, _ in slot}
    return {
        "header": (rules.revision, rules.built_utc, rules.site, rules.site_slug, rules.zone, rules.list_age),
        "small": (rules.lanes, rules.zones, rules.special_days, rules.levels),
        "guards": rules.guards,
        "credentials": rules.credentials,
        "cards": [rules.card(number(at)) for at in (*NUMBERS, 4, 5)],
        "codes": [rules.code(text) for text in ("GH-1", "GH-2")],
        "plates": [(rules.plate(text), rules.pseudonym(text)) for text in READ],
        "neighbours": [sorted(map(rules.with_holder, rules.neighbours(text)), key=lambda one: one.id) for text in READ],
        "by id": {one: rules.credential_of(one) for one in every},
        "blocks": [(rules.blocked_plate(text), rules.nearly_blocked(text)) for text in READ],
        "blocked cards": [rules.blocked_hash(rules.card_hash(number(at))) for at in NUMBERS],
        "visits": [rules.visits(world.named(name)) for name in PERSONS],
        "passes": [rules.passes(world.named(name)) for name in PERSONS],
        "permit": rules.permit(world.named("P-7")),
        "quota": rules.quota(world.named("home")),
        "slips": [rules.slips(text) for text in READ],
    }


def decisions(rules: Snapshot) -> list[Decision]:
    shown = [
        one
        for direction, at in product([slug for slug in ("in", "out") if slug in rules.lanes], MOMENTS)
        for one in (
            *(world.shows_plate(text, direction, at) for text in READ),
            *(world.shows_card(which, direction, at) for which in NUMBERS),
            world.shows_code("GH-1", direction, at),
        )
    ]
    return [decide(one.presented, rules.lanes[one.presented.direction], rules, PRESENCE, one.moment) for one in shown]


@given(first=States, edits=st.lists(Edits, min_size=1, max_size=4))
def test_they_answer_and_decide_as_all_rules_packed_anew_do(
    first: Sequence[int], edits: Sequence[Sequence[tuple[int, int]]], tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("rules")
    (snapshots := folder / "snapshots").mkdir()
    (beside := folder / "whole").mkdir()
    received = Received(database := folder / "courier.db")
    there = [change(1, slot, variant) for slot, variant in enumerate(first) if variant != NOTHING]
    install(received, 1, [Upsert(revision=1, record=SITE), *there])
    build(database, snapshots, 7)
    for revision, edit in enumerate(edits, 2):
        install(received, revision, [change(revision, *one) for one in dict(edit).items()])
        found = map_snapshot(build(database, snapshots, 7, many=1))
        anew = whole(database, beside)
        assert (found.base, anew.base) == (1, None)
        assert answers(found) == answers(anew)
        assert decisions(found) == decisions(anew)
    received.close()
