"""What gates tell each other: whatever is lost, doubled or reordered on the way, all come to know the same."""

import copy
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from operator import itemgetter
from typing import Any
from uuid import UUID

import cbor2
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from access.acts import SlipActed
from access.entries import Body, FactsChanged, LaneChanged, PassageEnded
from access.passing import Passing, on_passage
from access.presence import Change, Known, Presence
from access.projection import projected
from access.sealing import ENTRY_BYTES_MAX
from access.sharing import (
    NAME_BYTES_MAX,
    PLATE_BYTES_MAX,
    SUM_MAX,
    VALUE_BYTES_MAX,
    Contribution,
    Told,
    contributions,
    how_shared,
    later_than_known,
    learned,
    sums_in,
    times_in,
)

IN, OUT = ["site", 7], ["", 9]


def passed(*changes: Change, plate: str = "") -> PassageEnded:
    return PassageEnded("passed", "in", facts=changes, plate=plate)


@pytest.mark.parametrize(
    ("name", "how"),
    [
        *((f"{kind}:x", "set") for kind in ("at", "car", "left", "held", "party", "loading", "cleared")),
        *((f"{kind}:x", "sum") for kind in ("uses", "zone", "quota", "drove", "permit", "released")),
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
        ("set", "at:car", ["x" * VALUE_BYTES_MAX, 1]),
        ("set", "at:" + "x" * NAME_BYTES_MAX, IN),
        ("set", "at:\0", IN),
        ("set", "at:car", ["site", b"7"]),
        ("set", "at:car", 7.5),
        ("set", "at:" + "车" * (NAME_BYTES_MAX // 3), IN),
        ("set", "at:car", ["site", 2**59]),
        ("set", "left:site", -(2**59)),
        ("drive", "at:car", 1),
        ("add", "zone:site", SUM_MAX + 1),
        ("add", "zone:site", -SUM_MAX - 1),
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
        Told("a", "a1", 8, Contribution("at:car", "set", IN, 5, "粤B8D2Z5")),
        Told("a", "a1", 9, Contribution("zone:site", "sum", 3, 5)),
        Told("b", "b1", 2, Contribution("zone:site", "sum", 1, 5)),
        Told("a", "a1", 4, Contribution("held:p", "set", None, 5)),
    ]
    first, second, third = learned(told, Presence(), {}, {("a1", "zone:site"): (1, 7)})
    assert first.source == "gate:a"
    assert first.facts == (("set", "at:car", IN, 5), ("add", "zone:site", 2, "a1", 9))
    assert first.plates == {"car": "粤B8D2Z5"}
    assert (second.source, second.facts) == ("gate:b", (("add", "zone:site", 1, "b1", 2),))
    assert third.facts == (("drop", "held:p", None, 5),)
    assert dict(projected(Presence(), first).plates.of) == {"car": "粤B8D2Z5"}


def test_what_went_out_on_a_slip_at_one_gate_counts_at_the_other() -> None:
    def trip(*released: tuple[int, int]) -> SlipActed:
        facts = tuple(("add", f"released:slip:{line}", thousandths) for line, thousandths in released)
        return SlipActed("slip", "TripReleased", "guard", "request", facts=facts)

    here, there = trip((1, 2_500)), [(5, trip((1, 1_000), (2, 500))), (6, trip((2, 250)))]
    told = [Told("west", "w1", 2, one) for one in contributions(there).values()]
    presence = projected(Presence(), here)
    for heard in learned(told, presence, {}, {}):
        presence = projected(presence, heard)
    known = Known(presence)
    assert [known.count(f"released:slip:{line}") for line in (1, 2, 3)] == [3_500, 750, 0]


@pytest.mark.parametrize("plate", ["粤" * (PLATE_BYTES_MAX // 3), "粤" * PLATE_BYTES_MAX])
def test_a_plate_is_as_long_as_its_bytes(plate: str) -> None:
    told = contributions([(5, passed(("set", "at:car", IN), plate=plate))])
    assert [one.plate for one in told.values()] == [plate] * (len(plate.encode()) <= PLATE_BYTES_MAX)


def test_what_is_learned_is_split_so_that_no_entry_is_too_large() -> None:
    def one(number: int) -> Contribution:
        return Contribution(f"at:{number:03}".ljust(NAME_BYTES_MAX, "x"), "set", ["y" * 180, 7], 5, "粤" * 13)

    told = [Told("a", "a1", 8, one(number)) for number in range(500)]
    entries = learned(told, Presence(), {}, {})
    assert [change[1] for entry in entries for change in entry.facts] == [each.contribution.name for each in told]
    assert [len(entry.plates or {}) for entry in entries] == [len(entry.facts) for entry in entries]
    sizes = [max(len(cbor2.dumps(entry.facts)), len(cbor2.dumps(entry.plates))) for entry in entries]
    assert ENTRY_BYTES_MAX // 4 < sizes[0] <= max(sizes) <= ENTRY_BYTES_MAX // 2


def test_nothing_is_learned_that_a_gate_of_ours_would_not_contribute() -> None:
    told = [
        Told("a", "a1", 8, Contribution("at:" + "车" * 190, "set", IN, 5)),
        Told("a", "a1", 8, Contribution("at:x", "set", ["site", 7.5], 5)),
    ]
    assert learned(told, Presence(), {}, {}) == []


@pytest.mark.parametrize("told", [2**40 + 1, -(2**40) - 1, 2**62])
def test_nothing_is_learned_of_a_sum_that_no_gate_of_ours_comes_to(told: int) -> None:
    known = {("a1", "uses:v"): (-(2**40), 7)}
    assert learned([Told("a", "a1", 8, Contribution("uses:v", "sum", told, 5))], Presence(), {}, known) == []
    [heard] = learned([Told("a", "a1", 8, Contribution("uses:v", "sum", 2**40, 5))], Presence(), {}, known)
    assert heard.facts == (("add", "uses:v", 2**41, "a1", 8),)


def test_nobody_sets_a_gates_own_affairs_from_afar() -> None:
    names = {"mode:in-1": "set", "evacuation": "set", "rules": "set", "at:car": "sum", "zone:site": "set"}
    told = [Told("a", "a1", 1, Contribution(name, how, 1, 5)) for name, how in names.items()]
    assert learned(told, Presence(), {}, {}) == []


@pytest.mark.parametrize(("seq", "news"), [(6, []), (7, [("add", "uses:v", 2, "a1", 7)]), (8, [("add", "uses:v", 2, "a1", 8)])])
def test_a_sum_counts_that_goes_as_far_as_the_one_that_is_known(seq: int, news: list[tuple[object, ...]]) -> None:
    told = [Told("a", "a1", seq, Contribution("uses:v", "sum", 3, 5))]
    assert [change for body in learned(told, Presence(), {}, {("a1", "uses:v"): (1, 7)}) for change in body.facts] == news


def test_sums_are_those_of_the_gate_that_told_them_or_else_of_the_entrys_own_epoch() -> None:
    heard = FactsChanged("gate:b", "heard", (("add", "uses:v", 2, "b1", 7), ("set", "at:car", IN, 5)))
    assert list(sums_in(heard, "a1", 3)) == [("b1", "uses:v", 2, 7)]
    assert list(sums_in(passed(("add", "zone:site", 1), ("set", "at:car", IN)), "a1", 3)) == [("a1", "zone:site", 1, 3)]
    assert list(sums_in(FactsChanged("guard", "", (("add", "first:in-1", 1),)), "a1", 3)) == []


@pytest.mark.parametrize(("earlier", "later"), [(4, 5), (5, 4)])
def test_of_what_one_gate_has_set_the_later_holds_whichever_is_taken_first(earlier: int, later: int) -> None:
    first, second = Contribution("at:car", "set", IN, earlier), Contribution("at:car", "set", OUT, later)
    assert second.following(first) == (second if later > earlier else first)


# --- convergence ----------------------------------------------------------------------------------


Page = tuple[str, int, int, list[Told]]  # for an epoch; it follows on that place in the stream, and goes through that one
Sent = tuple[str, str, int, int, Body]  # by whom, and its place: epoch and seq; its time


@dataclass
class Hub:
    """The registry in small: a row for each epoch and name, with its place in the stream, which counts on over a restore."""

    taken: dict[str, int] = field(default_factory=dict)
    entries: list[Sent] = field(default_factory=list)
    parked: list[Sent] = field(default_factory=list)
    rows: dict[tuple[str, str], tuple[int, Told]] = field(default_factory=dict)
    cursor: int = 0

    def take(self, edge: str, epoch: str, journal: Sequence[tuple[int, Body]], through: int, clock: int) -> None:
        """Take in an epoch through that entry, the next after those that are here first."""
        done = self.taken.get(epoch, 0)
        for seq, (at_us, body) in enumerate(journal[done:through], done + 1):
            self.note((edge, epoch, seq, at_us, body), clock)
        self.taken[epoch] = max(done, min(through, len(journal)))

    def note(self, sent: Sent, clock: int) -> None:
        edge, epoch, seq, at_us, body = sent
        self.entries.append(sent)
        for name, one in contributions([(at_us, body)]).items():
            _, earlier = self.rows.get((epoch, name), (0, None))
            self.cursor = max(self.cursor, clock) + 1
            through = max(seq, earlier.seq if earlier else 0)
            told = Told(edge, epoch, through, one.following(earlier.contribution if earlier else None))
            self.rows[epoch, name] = (self.cursor, told)

    def page(self, epoch: str, after: int, limit: int) -> Page:
        newer = sorted(((at, told) for at, told in self.rows.values() if told.epoch != epoch and at > after), key=itemgetter(0))
        chosen = newer[:limit]
        return epoch, after, chosen[-1][0] if chosen else after, [told for _, told in chosen]


@dataclass
class Box:
    """A gate in small, with a clock of its own."""

    edge: str
    ahead: int
    epoch: str
    journal: dict[str, list[tuple[int, Body]]] = field(default_factory=dict)
    presence: Presence = field(default_factory=Presence)
    times: dict[str, int] = field(default_factory=dict)
    totals: dict[tuple[str, str], tuple[int, int]] = field(default_factory=dict)
    through: int = 0

    def begin(self, epoch: str) -> None:
        self.epoch, self.through = epoch, 0

    def write(self, body: Body, clock: int) -> None:
        at_us = clock + self.ahead
        dated = later_than_known(body, self.times, at_us)
        entries = self.journal.setdefault(self.epoch, [])
        entries.append((at_us, dated))
        self.times |= times_in(dated, at_us)
        self.presence = projected(self.presence, dated)
        for epoch, name, by, through in sums_in(dated, self.epoch, len(entries)):
            total, before = self.totals.get((epoch, name), (0, 0))
            self.totals[epoch, name] = (total + by, max(before, through))

    def hear(self, page: Page, clock: int) -> None:
        epoch, after, through, told = page
        if (epoch, after) != (self.epoch, self.through):
            return
        for body in learned(told, self.presence, self.times, self.totals):
            self.write(body, clock)
        self.through = through


def added_up(entries: Sequence[Sent]) -> dict[str, object]:
    """Return what the entries of all gates come to, read without the code under test."""
    sums: Counter[str] = Counter()
    latest: dict[str, tuple[int, str, object]] = {}
    for _, _, _, at_us, body in entries:
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
    """Three gates whose clocks differ, the registry, backups of all, and pages on their way."""

    def __init__(self, ahead: Sequence[int]) -> None:
        self.boxes = {at: Box(f"edge-{at}", skew, f"epoch-{at}") for at, skew in enumerate(ahead)}
        self.images = copy.deepcopy(self.boxes)
        self.hub, self.backup, self.clock = Hub(), Hub(), 1_000
        self.pages: dict[str, list[Page]] = {box.edge: [] for box in self.boxes.values()}
        self.known: dict[str, int] = {}  # through where each epoch has ever been with the registry

    def write(self, who: int, which: int) -> None:
        self.boxes[who].write(FactsChanged("guard", "", (CHANGES[which % len(CHANGES)],)), self.clock)

    def drive(self, who: int, which: int) -> None:
        """Let somebody pass at a gate, which may have heard of them or not."""
        at, box = datetime.fromtimestamp(self.clock, UTC), self.boxes[who]
        box.write(FactsChanged("guard", "", on_passage(PASSAGES[which % len(PASSAGES)], box.presence, at)), self.clock)

    def send(self, who: int, number: int) -> None:
        """Send some of an epoch; the others are held up meanwhile."""
        epochs = [*self.boxes[who].journal]
        if epochs:
            epoch = epochs[number % len(epochs)]
            self.take(self.boxes[who], epoch, self.hub.taken.get(epoch, 0) + number)

    def take(self, box: Box, epoch: str, through: int) -> None:
        self.hub.take(box.edge, epoch, box.journal[epoch], through, self.clock)
        self.known[epoch] = max(self.hub.taken[epoch], self.known.get(epoch, 0))

    def take_all(self) -> None:
        for box in self.boxes.values():
            for epoch, entries in box.journal.items():
                self.take(box, epoch, len(entries))

    def park(self, who: int, _: int) -> None:
        """Let the registry stumble over the next entry."""
        box = self.boxes[who]
        entries, done = box.journal.get(box.epoch, []), self.hub.taken.get(box.epoch, 0)
        if done < len(entries):
            self.hub.parked.append((box.edge, box.epoch, done + 1, *entries[done]))
            self.hub.taken[box.epoch] = self.known[box.epoch] = done + 1

    def try_again(self, _: int, number: int) -> None:
        if self.hub.parked:
            self.hub.note(self.hub.parked.pop(number % len(self.hub.parked)), self.clock)

    def fetch(self, who: int, limit: int) -> None:
        box = self.boxes[who]
        self.pages[box.edge].append(self.hub.page(box.epoch, box.through, limit))

    def hear(self, who: int, which: int) -> None:
        """Let a page arrive: the first or an old one, once or again."""
        box = self.boxes[who]
        if pages := self.pages[box.edge]:
            box.hear(pages[which % len(pages)], self.clock)

    def follow(self, who: int, _: int) -> None:
        """Let all that the others have sent arrive."""
        self.take_all()
        box = self.boxes[who]
        box.hear(self.hub.page(box.epoch, box.through, 99), self.clock)

    def back_up(self, _who: int, _: int) -> None:
        self.backup = copy.deepcopy(self.hub)

    def restore(self, _who: int, _: int) -> None:
        self.hub = copy.deepcopy(self.backup)

    def image(self, who: int, _: int) -> None:
        self.images[who] = copy.deepcopy(self.boxes[who])

    def put_back(self, who: int, _: int) -> None:
        """Put an image of a box back. The registry has what it was ever told: what both have lost nobody knows any more."""
        box = self.boxes[who]
        for epoch in box.journal:
            self.take(box, epoch, self.known.get(epoch, 0))
        self.backup = copy.deepcopy(self.hub)
        self.boxes[who] = copy.deepcopy(self.images[who])
        self.boxes[who].begin(f"epoch-{who}-{self.clock}")

    def heal(self) -> None:
        """Let all come through, until nobody has anything new."""
        self.clock += 1_000
        self.take_all()
        while self.hub.parked:
            self.try_again(0, 0)
        for box in self.boxes.values():
            while (page := self.hub.page(box.epoch, box.through, 2))[3]:
                box.hear(page, self.clock)

    @property
    def presences(self) -> list[Presence]:
        return [box.presence for box in self.boxes.values()]


Act = Callable[[World, int, int], None]
CHANGES: list[Change] = [
    ("add", "zone:site", 1),
    ("add", "zone:site", -1),
    ("add", "uses:v", 1),
    ("set", "at:car", ["site", 1, "zone:site", "quota:q"]),
    ("set", "at:car", ["yard", 2, "zone:yard", "quota:q"]),
    ("set", "at:car", ["", 3]),
    ("set", "held:p", ["east", 4]),
    ("drop", "held:p", None),
    ("add", "released:slip:1", 2_500),
]
ONTO, OFF, BELOW = ("in", "", "yard"), ("out", "yard", ""), ("in", "yard", "garage")
LIS, WANGS = {"quota": "q", "vehicle_id": "car", "holder": "li"}, {"quota": "q", "vehicle_id": "van", "holder": "wang"}
BY_CARD: dict[str, Any] = {"quota": "q", "by_card": True}
WORKER: dict[str, Any] = {"vehicle": False, "contractor_pass": "p", "permit": "m", "visit": "v"}


def goes(subject: str, way: tuple[str, str, str], **more: Any) -> Passing:
    direction, origin, destination = way
    return Passing(subject, direction, "lane", origin, destination, **{"vehicle": True, **more})


PASSAGES = (
    *(goes("car", way, **LIS) for way in (ONTO, BELOW, OFF)),
    *(goes("van", way, **WANGS) for way in (ONTO, OFF)),
    *(goes("chen", way, **BY_CARD) for way in (ONTO, OFF)),
    *(goes("zhao", way, **WORKER) for way in (ONTO, OFF)),
)
ON_THEIR_WAY = (World.follow, World.send, World.fetch, World.hear, World.hear, World.park, World.try_again)
PUT_BACK = (World.back_up, World.restore, World.image, World.put_back)


def acts(*doing: Act) -> st.SearchStrategy[list[tuple[Act, int, int]]]:
    return st.lists(
        st.tuples(st.sampled_from((*doing, *ON_THEIR_WAY, *PUT_BACK)), st.integers(0, 2), st.integers(1, 9)), max_size=60
    )


CLOCKS = st.lists(st.integers(-500, 500), min_size=3, max_size=3)


def lived_through(done: Sequence[tuple[Act, int, int]], ahead: list[int]) -> World:
    """Return the world after all that, when all that was held up has come through."""
    world = World(ahead)
    for act, who, number in done:
        world.clock += 100
        act(world, who, number)
    world.heal()
    return world


# it knew better, by a slow clock
@example([(World.write, 0, 3), (World.follow, 1, 1), (World.write, 1, 5)], [0, -500, 0])
# what a box used before it was put back
@example([(World.image, 0, 1), (World.write, 0, 2), (World.send, 0, 1), (World.put_back, 0, 1), (World.write, 0, 2)], [0, 0, 0])
# in by an entry that is tried again when the car has long left
@example([(World.write, 0, 3), (World.park, 0, 1), (World.write, 0, 5), (World.follow, 1, 1), (World.try_again, 0, 0)], [0, 0, 0])
@given(acts(*(World.write,) * 3), CLOCKS)
def test_all_gates_come_to_know_what_all_journals_add_up_to(done: list[tuple[Act, int, int]], ahead: list[int]) -> None:
    world = lived_through(done, ahead)
    assert [dict(presence.facts.items()) for presence in world.presences] == [added_up(world.hub.entries)] * 3


COUNTED = ("zone:", "quota:", "drove:", "permit:")
# in here, out there, and again
CUT_OFF = [(World.drive, 0, 9), (World.drive, 1, 2), (World.drive, 0, 5), (World.drive, 1, 6)] * 2


@example(CUT_OFF, [0, 0, 0])
@given(acts(*(World.drive,) * 4), CLOCKS)
def test_whoever_leaves_by_a_gate_that_had_not_heard_of_them_is_counted_no_more(
    done: list[tuple[Act, int, int]], ahead: list[int]
) -> None:
    world = lived_through(done, ahead)
    last_words = {name: value for name, value in added_up(world.hub.entries).items() if isinstance(value, list)}
    counting = Counter(counted for value in last_words.values() for counted in value[2:])
    for presence in world.presences:
        assert {name: value for name, value in presence.facts.items() if isinstance(value, list)} == last_words
        assert {name: value for name, value in presence.facts.items() if name.startswith(COUNTED)} == counting


def test_nothing_is_counted_any_more_of_who_came_in_here_and_left_there() -> None:
    [facts] = {tuple(sorted(presence.facts)) for presence in lived_through(CUT_OFF, [0, 0, 0]).presences}
    assert facts == ("at:car", "at:chen")


def test_the_longest_word_of_where_somebody_is_can_be_told() -> None:
    zone, quota, car, holder = (str(UUID(int=number)) for number in range(4))
    way = goes(car, ("in", "", zone), quota=quota, vehicle_id=car, holder=holder)
    changes = on_passage(way, Presence(), datetime(2099, 12, 31, tzinfo=UTC))
    assert f"at:{car}" in contributions([(1, passed(*changes))])
