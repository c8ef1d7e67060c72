"""What other gates have recorded becomes part of this gate's journal and presence: each page once, in order, or not at all."""

import os
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import replace
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory
from uuid import UUID

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import example, given
from hypothesis import strategies as st

from access.entries import FactsChanged, PassageEnded, Stamp, stamped
from access.presence import Change
from edge.gate.neighbours import Neighbours, commit_page
from edge.identity import Identity
from edge.logs import Log
from edge.messages import FactsHeard
from edge.places import Places
from edge.store import questions
from edge.store.held import Unwritten
from edge.store.journal import Journal
from edge.store.scribe import Scribe
from tests.edge.courier.conftest import EDGE, OTHER
from tests.waiting import wait_until

KEY = Ed25519PrivateKey.generate()
IDENTITY = Identity(EDGE, OTHER, OTHER, {"in-1": OTHER}, KEY, KEY.public_key())
LATER_US = 1_800_000_000_000_000
WEST, NORTH = str(UUID(int=1)), str(UUID(int=2))
EPOCHS = {WEST: UUID(int=11).hex, NORTH: UUID(int=12).hex}
CAR_IN = (WEST, EPOCHS[WEST], 3, "at:car", "set", ["site", 7], LATER_US, "粤B8D2Z5")
CAR_OUT = (NORTH, EPOCHS[NORTH], 3, "at:car", "set", ["", 9], LATER_US + 1, "")


def counted(total: int, edge: str = WEST, seq: int | None = None) -> tuple[object, ...]:
    return edge, EPOCHS[edge], seq or total, "zone:site", "sum", total, LATER_US, ""


class Box:
    """The store of a gate, opened and closed as programs come and go."""

    def __init__(self, folder: Path) -> None:
        self._places = Places(folder)
        self._places.make()
        self._seconds = count(1_770_000_000)
        self.open()

    def open(self, identity: Identity = IDENTITY) -> None:
        self.scribe = Scribe(self._places, identity, Log("gate"), self._stamp, lambda: False)
        self.neighbours = Neighbours(self.scribe)

    def close(self) -> None:
        self.scribe.close()

    def reopen(self, identity: Identity = IDENTITY) -> None:
        self.close()
        self.open(identity)

    def writes(self, *changes: Change) -> None:
        self.scribe.commit([self.scribe.draft(PassageEnded("passed", "in", facts=changes))])

    def hear(self, *facts: tuple[object, ...], after: int = 0, through: int = 10) -> list[FactsChanged]:
        """Offer a page, wait until nothing is being written any more, and return what came of it."""
        before = self.scribe.journal.seq
        self.neighbours.take(FactsHeard(facts, self.epoch, after, through))
        wait_until(lambda: self.scribe.is_idle)
        entries = self.scribe.journal.look(questions.entries_of, "")
        return [body for entry in entries if entry.seq > before and isinstance(body := entry.body(), FactsChanged)]

    @property
    def epoch(self) -> str:
        return self.scribe.journal.epoch.hex

    @property
    def through(self) -> int:
        """How far the stream is taken in the present epoch, as the courier is told."""
        taken = self.neighbours.taken
        assert taken.epoch == self.epoch
        return taken.through

    def fact(self, name: str) -> object:
        return self.scribe.journal.presence.facts.get(name)

    @property
    def journal_file(self) -> Path:
        return self._places.journal

    def _stamp(self) -> Stamp:
        second = float(next(self._seconds))
        return stamped(second, second)


@pytest.fixture
def box(tmp_path: Path) -> Iterator[Box]:
    box = Box(tmp_path / "box")
    yield box
    box.close()


def test_a_page_is_written_as_entries_and_known_from_then_on(box: Box) -> None:
    [entry] = box.hear(counted(2), CAR_IN)
    assert (entry.source, entry.plates) == (f"gate:{WEST}", {"car": "粤B8D2Z5"})
    assert [*entry.facts] == [["add", "zone:site", 2, EPOCHS[WEST], 2], ["set", "at:car", ["site", 7], LATER_US]]
    assert box.through == 10
    assert (box.fact("zone:site"), box.fact("at:car")) == (2, ["site", 7])
    assert dict(box.scribe.journal.presence.plates.of) == {"car": "粤B8D2Z5"}


def test_who_left_by_another_gate_is_counted_here_no_more(box: Box) -> None:
    box.writes(("set", "at:car", ["site", 7, "zone:site", "quota:q"]))
    assert (box.fact("zone:site"), box.fact("quota:q")) == (1, 1)
    box.hear(CAR_OUT)
    box.reopen()
    assert (box.fact("zone:site"), box.fact("quota:q")) == (None, None)


def test_a_restart_knows_all_of_it(box: Box) -> None:
    box.hear(counted(2), CAR_IN)
    box.hear(CAR_OUT, (NORTH, EPOCHS[NORTH], 4, "held:p", "set", None, LATER_US, ""), after=10, through=20)
    before = box.scribe.journal.presence, box.scribe.journal.times
    box.reopen()
    assert box.through == 20
    assert (box.scribe.journal.presence, box.scribe.journal.times) == before
    [entry] = box.hear(counted(5), after=20, through=30)
    assert [*entry.facts] == [["add", "zone:site", 3, EPOCHS[WEST], 5]]
    assert box.fact("zone:site") == 5


@pytest.mark.parametrize("after", [0, 15])
def test_a_page_that_does_not_follow_on_is_not_taken(box: Box, after: int) -> None:
    box.hear(counted(2))
    seq = box.scribe.journal.seq
    assert box.hear(counted(9), after=after, through=30) == []
    assert (box.through, box.fact("zone:site"), box.scribe.journal.seq) == (10, 2, seq)


def test_a_journal_that_was_put_back_hears_what_it_had_itself_contributed_since(box: Box) -> None:
    box.writes(("add", "uses:visit", 1))
    box.hear(counted(2))
    former, own = box.epoch, (str(EDGE), box.epoch)
    box.scribe.fall_behind(box.scribe.journal.epoch, box.scribe.journal.seq + 50)
    assert box.hear(counted(3), after=10, through=20) == [], "where the stream began anew nothing is taken that goes on"
    assert not box.neighbours.take(FactsHeard((counted(3),), former, 0, 20)), "nor what was asked for in the epoch before"
    lost = (*own, 30, "uses:visit", "sum", 3, LATER_US, ""), (*own, 31, "held:p", "set", ["east", 4], LATER_US, "")
    [entry] = box.hear(counted(2), *lost, through=40)
    assert [*entry.facts] == [["add", "uses:visit", 2, former, 30], ["set", "held:p", ["east", 4], LATER_US]]
    assert (box.fact("uses:visit"), box.fact("held:p"), box.fact("zone:site")) == (3, ["east", 4], 2)
    box.reopen()
    assert (box.through, box.hear(*lost, after=40, through=50)) == (40, [])


def test_what_is_here_and_not_yet_at_the_registry_is_not_taken_away(box: Box) -> None:
    box.writes(("add", "uses:visit", 1))
    box.writes(("add", "uses:visit", 1))
    told = str(EDGE), box.epoch, box.scribe.journal.seq - 1, "uses:visit", "sum", 1, LATER_US, ""
    box.scribe.fall_behind(box.scribe.journal.epoch, box.scribe.journal.seq + 50)
    assert box.hear(told) == []
    assert box.fact("uses:visit") == 2


def test_what_is_no_news_is_passed_over_without_an_entry(box: Box) -> None:
    box.hear(counted(2), CAR_OUT)
    seq = box.scribe.journal.seq
    assert box.hear(counted(2), CAR_IN, after=10, through=20) == []
    assert (box.through, box.scribe.journal.seq) == (20, seq)


def test_who_leaves_here_is_out_though_this_clock_is_behind_the_others(box: Box) -> None:
    box.hear(CAR_IN)
    box.writes(("set", "at:car", ["", 8]))
    [told] = [entry.body() for entry in box.scribe.journal.look(questions.entries_of, "") if entry.kind == "passage"]
    assert isinstance(told, PassageEnded)
    assert list(told.facts) == [["set", "at:car", ["", 8], LATER_US + 1]]
    assert box.hear(CAR_IN, after=10, through=20) == []
    assert box.fact("at:car") == ["", 8]


def test_a_box_that_was_enrolled_anew_knows_what_its_former_self_had_contributed(box: Box) -> None:
    box.writes(("add", "zone:site", 2))
    former = str(EDGE), box.epoch, box.scribe.journal.seq, "zone:site", "sum", 2, LATER_US, ""
    box.reopen(replace(IDENTITY, edge=UUID(int=9)))
    assert [entry.source for entry in box.hear(former, counted(1))] == [f"gate:{WEST}"]
    assert box.fact("zone:site") == 3


def test_while_nothing_can_be_written_nothing_is_taken(box: Box) -> None:
    other = sqlite3.connect(box.journal_file, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    assert box.hear(CAR_IN) == []
    assert (box.through, box.fact("at:car")) == (0, None)
    other.execute("ROLLBACK")
    other.close()
    assert len(box.hear(CAR_IN)) == 1


def test_what_is_held_back_comes_first(box: Box) -> None:
    box.scribe.hold_back([Unwritten.unchanged(box.scribe.draft(PassageEnded("passed", "in")))], 0.0)
    assert box.hear(CAR_IN) == []
    box.scribe.commit([])
    assert len(box.hear(CAR_IN)) == 1


EDGES_OF_64_BITS = [sign * (base + more) for sign in (1, -1) for base in (2**40, 2**60, 2**62, 2**63) for more in (-1, 0, 1)]
NUMBERS = st.integers(-9, 9) | st.sampled_from(EDGES_OF_64_BITS)
PARTS = NUMBERS | st.booleans() | st.sampled_from(["site", "zone:site", "uses:v", "\0"])


def told(how: str, names: list[str], values: st.SearchStrategy[object]) -> st.SearchStrategy[tuple[object, ...]]:
    epochs, plates = st.sampled_from([*EPOCHS.values()]), st.sampled_from(["", "粤B8D2Z5"])
    return st.tuples(st.just(WEST), epochs, NUMBERS, st.sampled_from(names), st.just(how), values, NUMBERS, plates)


TOLD = told("sum", ["zone:site", "uses:v"], PARTS) | told(
    "set", ["at:car", "held:p", "left:site"], st.none() | PARTS | st.lists(PARTS, max_size=4)
)


def sum_of(total: int, seq: int, epoch: str = EPOCHS[WEST]) -> tuple[object, ...]:
    return WEST, epoch, seq, "zone:site", "sum", total, LATER_US, ""


@example([[sum_of(-(2**62), 1)], [sum_of(2**62, 2)]])
@example([[sum_of(-(2**40), 1)], [sum_of(2**40, 2)]])
@example([[sum_of(1, 2**63)]])
@example([[sum_of(2**40, 1, UUID(int=epoch).hex) for epoch in range(100)]])
@given(st.lists(st.lists(TOLD, max_size=6), max_size=4))
def test_whatever_is_learned_can_be_stored(pages: Sequence[Sequence[tuple[object, ...]]]) -> None:
    stamp = stamped(1.0, 1_770_000_000.0)
    with TemporaryDirectory() as folder:
        path = Path(folder) / "journal.db"
        with closing(Journal(path, EDGE, stamp, os.urandom)) as journal:
            for at, facts in enumerate(pages):
                commit_page(journal, FactsHeard(tuple(facts), journal.epoch.hex, at, at + 1), stamp)
            known = dict(journal.presence.facts)
        with closing(Journal(path, EDGE, stamp, os.urandom)) as again:
            assert dict(again.presence.facts) == known
