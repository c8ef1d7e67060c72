"""What gates tell each other: whatever is lost, doubled or reordered on the way, all come to know the same."""

import copy
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from access.entries import Body, FactsChanged, LaneChanged, PassageEnded
from access.passing import Passing, on_passage
from access.presence import Change, Presence
from access.projection import projected
from access.sharing import (
    NAME_LENGTH_MAX,
    VALUE_LENGTH_MAX,
    Contribution,
    Told,
    contributions,
    how_shared,
    later_than_known,
    learned,
    times_in,
)

IN, OUT = ["site", 7], ["", 9]


def passed(*changes: Change, plate: str = "") -> PassageEnded:
    return PassageEnded("passed", "in", facts=changes, plate=plate)


@pytest.mark.parametrize(
    ("name", "how"),
    [
        *((f"{kind}:x", "set") for kind in ("at", "car", "left", "held", "party", "loading", "cleared")),
        *((f"{kind}:x", "sum") for kind in ("uses", "zone", "quota", "drove", "permit")),
        *((name, "") for name in ("mode:in-1", "first:in-1", "evacuation", "rules", "", "atlas:x")),
    ],
)
def test_which_facts_are_shared(name: str, how: str) -> None:
    assert how_shared(name) == how


def test_entries_of_a_gate_make_its_contributions() -> None:
    told = [
        (5, passed(("set", "at:car", IN), ("add", "zone:site", 1), plate="粤B8D2Z5")),
        (6, passed(("set", "at:van", IN), ("add", "zone:site", 1))),
        (8, LaneChanged("held_open", "guard", facts=(("set", "mode:in-1", ["held_open", 0, ""]),))),
        (9, FactsChanged("gate:other", "heard", (("add", "zone:site", 40),))),
        (9, FactsChanged("guard", "left", (("drop", "held:p", None),))),
    ]
    assert contributions(told) == {
        "at:car": Contribution("at:car", "set", IN, 5, "粤B8D2Z5"),
        "at:van": Contribution("at:van", "set", IN, 6),
        "zone:site": Contribution("zone:site", "sum", 2, 6),
        "held:p": Contribution("held:p", "set", None, 9),
    }


def test_the_plate_of_who_has_left_is_told_to_nobody() -> None:
    assert contributions([(5, passed(("set", "at:car", OUT), plate="粤B8D2Z5"))])["at:car"].plate == ""


@pytest.mark.parametrize(
    "change",
    [
        ("add", "zone:site", "1"),
        ("add", "at:car", 1),
        ("set", "zone:site", 3),
        ("set", "at:car", ["x" * VALUE_LENGTH_MAX, 1]),
        ("set", "at:" + "x" * NAME_LENGTH_MAX, IN),
        ("set", "at:\0", IN),
        ("set", "at:car", ["site", b"7"]),
        ("set", "at:car", 7.5),
        ("drive", "at:car", 1),
    ],
)
def test_a_change_of_a_form_that_none_of_ours_has_is_not_told(change: tuple[object, ...]) -> None:
    assert contributions([(1, FactsChanged("guard", "", (change,)))]) == {}


def test_who_knew_of_the_other_has_the_last_word_though_its_clock_is_behind() -> None:
    body = passed(("set", "at:car", OUT), ("add", "zone:site", -1))
    assert later_than_known(body, {"at:car": 80}, 100) is body
    dated = later_than_known(body, {"at:car": 800}, 100)
    assert times_in(dated, 100) == {"at:car": 801}
    assert contributions([(100, dated)])["at:car"].at_us == 801
    assert projected(Presence(), dated) == projected(Presence(), body)


def test_what_is_learned_of_one_gate_is_one_entry_with_the_plates_of_who_is_inside() -> None:
    told = [
        Told("a", Contribution("at:car", "set", IN, 5, "粤B8D2Z5")),
        Told("a", Contribution("zone:site", "sum", 3, 5)),
        Told("b", Contribution("zone:site", "sum", 1, 5)),
        Told("a", Contribution("held:p", "set", None, 5)),
    ]
    first, second, third = learned(told, Presence(), {}, {("a", "zone:site"): 1})
    assert first.source == "gate:a"
    assert first.facts == (("set", "at:car", IN, 5), ("add", "zone:site", 2))
    assert first.plates == {"car": "粤B8D2Z5"}
    assert (second.source, second.facts) == ("gate:b", (("add", "zone:site", 1),))
    assert third.facts == (("drop", "held:p", None, 5),)
    assert dict(projected(Presence(), first).plates.of) == {"car": "粤B8D2Z5"}


def test_nobody_sets_a_gates_own_affairs_from_afar() -> None:
    names = {"mode:in-1": "set", "evacuation": "set", "rules": "set", "at:car": "sum", "zone:site": "set"}
    told = [Told("a", Contribution(name, how, 1, 5)) for name, how in names.items()]
    assert learned(told, Presence(), {}, {}) == []


# --- convergence ----------------------------------------------------------------------------------


Page = tuple[int, int, list[Told]]  # it follows on that place in the stream, and goes through that one


@dataclass
class Hub:
    """The registry in small: rows by gate and name, each with its place in the stream, which counts on over a restore."""

    taken: dict[str, int] = field(default_factory=dict)
    rows: dict[tuple[str, str], tuple[int, Contribution]] = field(default_factory=dict)
    cursor: int = 0

    def take(self, box: "Box", number: int, clock: int) -> None:
        done = self.taken.get(box.edge, 0)
        fresh = box.journal[done : done + number]
        self.taken[box.edge] = done + len(fresh)
        for name, one in contributions(fresh).items():
            _, earlier = self.rows.get((box.edge, name), (0, None))
            self.cursor = max(self.cursor, clock) + 1
            self.rows[box.edge, name] = (self.cursor, one.following(earlier))

    def page(self, edge: str, after: int, limit: int) -> Page:
        newer = sorted((at, of, one) for (of, _), (at, one) in self.rows.items() if of != edge and at > after)
        chosen = newer[:limit]
        return after, chosen[-1][0] if chosen else after, [Told(of, one) for _, of, one in chosen]


@dataclass
class Box:
    """A gate in small, with a clock of its own."""

    edge: str
    ahead: int
    journal: list[tuple[int, Body]] = field(default_factory=list)
    presence: Presence = field(default_factory=Presence)
    times: dict[str, int] = field(default_factory=dict)
    heard: dict[tuple[str, str], int] = field(default_factory=dict)
    through: int = 0

    def write(self, body: Body, clock: int) -> None:
        at_us = clock + self.ahead
        dated = later_than_known(body, self.times, at_us)
        self.journal.append((at_us, dated))
        self.times |= times_in(dated, at_us)
        self.presence = projected(self.presence, dated)

    def hear(self, page: Page, clock: int) -> None:
        after, through, told = page
        if after != self.through:
            return
        for body in learned(told, self.presence, self.times, self.heard):
            self.write(body, clock)
        sums = [(t.edge, t.contribution) for t in told if t.contribution.how == "sum"]
        self.heard |= {(edge, one.name): one.value for edge, one in sums if isinstance(one.value, int)}
        self.through = through


def added_up(boxes: Sequence[Box]) -> dict[str, object]:
    """Return what the entries of all gates come to, read without the code under test."""
    sums: Counter[str] = Counter()
    latest: dict[str, tuple[int, str, object]] = {}
    for box in boxes:
        for at_us, body in box.journal:
            if not isinstance(body, FactsChanged) or body.source.startswith("gate:"):
                continue
            for how, name, value, *own in body.facts:
                if how == "add":
                    sums[name] += value
                else:
                    order = (own[0] if own else at_us, "" if value is None else str(value))
                    latest[name] = max(latest.get(name, (0, "", None)), (*order, value))
    placed = {name: value for name, (_, _, value) in latest.items() if value is not None}
    for value in placed.values():
        sums.update(value[2:] if isinstance(value, list) else ())
    return {name: value for name, value in sums.items() if value} | placed


class World:
    """Three gates whose clocks differ, the registry, a backup of it, and pages on their way."""

    def __init__(self, ahead: Sequence[int]) -> None:
        self.boxes = [Box(f"edge-{at}", skew) for at, skew in enumerate(ahead)]
        self.hub, self.backup, self.clock = Hub(), Hub(), 1_000
        self.pages: dict[str, list[Page]] = {box.edge: [] for box in self.boxes}

    def write(self, box: Box, which: int) -> None:
        box.write(FactsChanged("guard", "", (CHANGES[which % len(CHANGES)],)), self.clock)

    def drive(self, box: Box, which: int) -> None:
        """Let somebody pass at a gate, which may have heard of them or not."""
        at = datetime.fromtimestamp(self.clock, UTC)
        box.write(FactsChanged("guard", "", on_passage(PASSAGES[which % len(PASSAGES)], box.presence, at)), self.clock)

    def send(self, box: Box, number: int) -> None:
        self.hub.take(box, number, self.clock)

    def fetch(self, box: Box, limit: int) -> None:
        self.pages[box.edge].append(self.hub.page(box.edge, box.through, limit))

    def hear(self, box: Box, which: int) -> None:
        """Let a page arrive: the first or an old one, once or again."""
        if pages := self.pages[box.edge]:
            box.hear(pages[which % len(pages)], self.clock)

    def follow(self, box: Box, _: int) -> None:
        """Let all that the others have sent arrive."""
        for other in self.boxes:
            self.hub.take(other, len(other.journal), self.clock)
        box.hear(self.hub.page(box.edge, box.through, 99), self.clock)

    def back_up(self, _box: Box, _: int) -> None:
        self.backup = copy.deepcopy(self.hub)

    def restore(self, _box: Box, _: int) -> None:
        self.hub = copy.deepcopy(self.backup)

    def heal(self) -> None:
        """Let all come through, until nobody has anything new."""
        for box in self.boxes:
            self.clock += 1_000
            self.hub.take(box, len(box.journal), self.clock)
        for box in self.boxes:
            while (page := self.hub.page(box.edge, box.through, 2))[2]:
                box.hear(page, self.clock)


Act = Callable[[World, Box, int], None]
CHANGES: list[Change] = [
    ("add", "zone:site", 1),
    ("add", "zone:site", -1),
    ("add", "uses:v", 1),
    ("set", "at:car", ["site", 1, "zone:site", "quota:q"]),
    ("set", "at:car", ["yard", 2, "zone:yard", "quota:q"]),
    ("set", "at:car", ["", 3]),
    ("set", "held:p", ["east", 4]),
    ("drop", "held:p", None),
]
ONTO, OFF, BELOW = ("in", "", "yard"), ("out", "yard", ""), ("in", "yard", "garage")
LIS, WANGS = {"quota": "q", "vehicle_id": "car", "holder": "li"}, {"quota": "q", "vehicle_id": "van", "holder": "wang"}
BY_CARD: dict[str, Any] = {"quota": "q", "by_card": True}
WORKER: dict[str, Any] = {"vehicle": False, "contractor_pass": "p", "permit": "m", "visit": "v"}


def goes(subject: str, way: tuple[str, str, str], **more: Any) -> Passing:
    direction, origin, destination = way
    return Passing(subject, direction, "lane", "east", origin, destination, **{"vehicle": True, **more})


PASSAGES = (
    *(goes("car", way, **LIS) for way in (ONTO, BELOW, OFF)),
    *(goes("van", way, **WANGS) for way in (ONTO, OFF)),
    *(goes("chen", way, **BY_CARD) for way in (ONTO, OFF)),
    *(goes("zhao", way, **WORKER) for way in (ONTO, OFF)),
)
ON_THEIR_WAY = (World.follow, World.send, World.fetch, World.hear, World.hear, World.back_up, World.restore)


def acts(*doing: Act) -> st.SearchStrategy[list[tuple[Act, int, int]]]:
    return st.lists(st.tuples(st.sampled_from((*doing, *ON_THEIR_WAY)), st.integers(0, 2), st.integers(1, 9)), max_size=60)


CLOCKS = st.lists(st.integers(-500, 500), min_size=3, max_size=3)


def lived_through(done: Sequence[tuple[Act, int, int]], ahead: list[int]) -> World:
    """Return the world after all that, when all that was held up has come through."""
    world = World(ahead)
    for act, who, number in done:
        world.clock += 100
        act(world, world.boxes[who], number)
    world.heal()
    return world


@example([(World.write, 0, 3), (World.follow, 1, 1), (World.write, 1, 5)], [0, -500, 0])  # it knew better, by a slow clock
@given(acts(*(World.write,) * 3), CLOCKS)
def test_all_gates_come_to_know_what_all_journals_add_up_to(done: list[tuple[Act, int, int]], ahead: list[int]) -> None:
    world = lived_through(done, ahead)
    assert [dict(box.presence.facts.items()) for box in world.boxes] == [added_up(world.boxes)] * 3


COUNTED = ("zone:", "quota:", "drove:", "permit:")
# in here, out there, and again
CUT_OFF = [(World.drive, 0, 9), (World.drive, 1, 2), (World.drive, 0, 5), (World.drive, 1, 6)] * 2


@example(CUT_OFF, [0, 0, 0])
@given(acts(*(World.drive,) * 4), CLOCKS)
def test_whoever_leaves_by_a_gate_that_had_not_heard_of_them_is_counted_no_more(
    done: list[tuple[Act, int, int]], ahead: list[int]
) -> None:
    world = lived_through(done, ahead)
    last_words = {name: value for name, value in added_up(world.boxes).items() if isinstance(value, list)}
    counting = Counter(counted for value in last_words.values() for counted in value[2:])
    for box in world.boxes:
        assert {name: value for name, value in box.presence.facts.items() if isinstance(value, list)} == last_words
        assert {name: value for name, value in box.presence.facts.items() if name.startswith(COUNTED)} == counting


def test_nothing_is_counted_any_more_of_who_came_in_here_and_left_there() -> None:
    [facts] = {tuple(sorted(box.presence.facts)) for box in lived_through(CUT_OFF, [0, 0, 0]).boxes}
    assert facts == ("at:car", "at:chen")


def test_the_longest_word_of_where_somebody_is_can_be_told() -> None:
    zone, quota, car, holder = (str(UUID(int=number)) for number in range(4))
    way = goes(car, ("in", "", zone), quota=quota, vehicle_id=car, holder=holder)
    changes = on_passage(way, Presence(), datetime(2099, 12, 31, tzinfo=UTC))
    assert f"at:{car}" in contributions([(1, passed(*changes))])
