"""What other gates have recorded becomes part of this gate's journal and presence: each page once, in order, or not at all."""

import sqlite3
from collections.abc import Iterator
from dataclasses import replace
from itertools import count
from pathlib import Path
from uuid import UUID

import pytest
import structlog
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from access.entries import FactsChanged, PassageEnded, Stamp, stamped
from access.presence import Change
from edge.gate.neighbours import Neighbours
from edge.identity import Identity
from edge.messages import FactsHeard, FactsTaken
from edge.places import Places
from edge.store import questions
from edge.store.scribe import Scribe
from tests.edge.courier.conftest import EDGE, OTHER

KEY = Ed25519PrivateKey.generate()
IDENTITY = Identity(EDGE, OTHER, OTHER, {"in-1": OTHER}, KEY, KEY.public_key())
LATER_US = 1_800_000_000_000_000
WEST, NORTH = str(UUID(int=1)), str(UUID(int=2))
CAR_IN = (WEST, "at:car", "set", ["site", 7], LATER_US, "粤B8D2Z5")
CAR_OUT = (NORTH, "at:car", "set", ["", 9], LATER_US + 1, "")


def counted(total: int, edge: str = WEST) -> tuple[object, ...]:
    return edge, "zone:site", "sum", total, LATER_US, ""


class Box:
    """The store of a gate, opened and closed as programs come and go."""

    def __init__(self, folder: Path) -> None:
        self._places = Places(folder)
        self._places.make()
        self._seconds = count(1_770_000_000)
        self.open()

    def open(self, identity: Identity = IDENTITY) -> None:
        self.scribe = Scribe(self._places, identity, structlog.get_logger(), self._stamp, lambda: False)
        self.neighbours = Neighbours(self.scribe, structlog.get_logger())

    def close(self) -> None:
        self.scribe.close()

    def reopen(self, identity: Identity = IDENTITY) -> None:
        self.close()
        self.open(identity)

    def writes(self, *changes: Change) -> None:
        self.scribe.commit([self.scribe.draft(PassageEnded("passed", "in", facts=changes))])

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


def heard(*facts: tuple[object, ...], after: int = 0, through: int = 10) -> FactsHeard:
    return FactsHeard(facts, after, through)


def test_a_page_is_written_as_entries_and_known_from_then_on(box: Box) -> None:
    [entry] = box.neighbours.take(heard(counted(2), CAR_IN))
    assert entry == FactsChanged(
        f"gate:{WEST}", "heard", (("add", "zone:site", 2), ("set", "at:car", ["site", 7], LATER_US)), plates={"car": "粤B8D2Z5"}
    )
    assert box.neighbours.taken == FactsTaken(10)
    assert (box.fact("zone:site"), box.fact("at:car")) == (2, ["site", 7])
    assert dict(box.scribe.journal.presence.plates.of) == {"car": "粤B8D2Z5"}


def test_who_left_by_another_gate_is_counted_here_no_more(box: Box) -> None:
    box.writes(("set", "at:car", ["site", 7, "zone:site", "quota:q"]))
    assert (box.fact("zone:site"), box.fact("quota:q")) == (1, 1)
    box.neighbours.take(heard(CAR_OUT))
    box.reopen()
    assert (box.fact("zone:site"), box.fact("quota:q")) == (None, None)


def test_a_restart_knows_all_of_it(box: Box) -> None:
    box.neighbours.take(heard(counted(2), CAR_IN))
    box.neighbours.take(heard(CAR_OUT, ("west", "held:p", "set", None, LATER_US, ""), after=10, through=20))
    before = box.scribe.journal.presence, box.scribe.journal.times
    box.reopen()
    assert box.neighbours.taken == FactsTaken(20)
    assert (box.scribe.journal.presence, box.scribe.journal.times) == before
    [entry] = box.neighbours.take(heard(counted(5), after=20, through=30))
    assert entry.facts == (("add", "zone:site", 3),)
    assert box.fact("zone:site") == 5


@pytest.mark.parametrize("page", [heard(counted(9)), heard(counted(9), after=15, through=30)])
def test_a_page_that_does_not_follow_on_is_not_taken(box: Box, page: FactsHeard) -> None:
    box.neighbours.take(heard(counted(2)))
    seq = box.scribe.journal.seq
    assert box.neighbours.take(page) == []
    assert (box.neighbours.taken, box.fact("zone:site"), box.scribe.journal.seq) == (FactsTaken(10), 2, seq)


def test_what_is_no_news_is_passed_over_without_an_entry(box: Box) -> None:
    box.neighbours.take(heard(counted(2), CAR_OUT))
    seq = box.scribe.journal.seq
    assert box.neighbours.take(heard(counted(2), CAR_IN, after=10, through=20)) == []
    assert (box.neighbours.taken, box.scribe.journal.seq) == (FactsTaken(20), seq)


def test_who_leaves_here_is_out_though_this_clock_is_behind_the_others(box: Box) -> None:
    box.neighbours.take(heard(CAR_IN))
    box.writes(("set", "at:car", ["", 8]))
    [told] = [entry.body() for entry in box.scribe.journal.look(questions.entries_of, "") if entry.kind == "passage"]
    assert isinstance(told, PassageEnded)
    assert list(told.facts) == [["set", "at:car", ["", 8], LATER_US + 1]]
    assert box.neighbours.take(heard(CAR_IN, after=10, through=20)) == []
    assert box.fact("at:car") == ["", 8]


def test_a_box_that_was_enrolled_anew_does_not_hear_its_former_self(box: Box) -> None:
    box.writes(("add", "zone:site", 2))
    box.reopen(replace(IDENTITY, edge=UUID(int=9)))
    assert box.neighbours.take(heard(counted(2, str(EDGE)), counted(1))) != []
    assert box.fact("zone:site") == 3


def test_while_nothing_can_be_written_nothing_is_taken(box: Box) -> None:
    other = sqlite3.connect(box.journal_file, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    assert box.neighbours.take(heard(CAR_IN)) == []
    assert (box.neighbours.taken, box.fact("at:car")) == (FactsTaken(0), None)
    other.execute("ROLLBACK")
    other.close()
    assert len(box.neighbours.take(heard(CAR_IN))) == 1


def test_what_is_held_back_comes_first(box: Box) -> None:
    box.scribe.hold_back([box.scribe.draft(PassageEnded("passed", "in"))], 0.0)
    assert box.neighbours.take(heard(CAR_IN)) == []
    box.scribe.commit([])
    assert len(box.neighbours.take(heard(CAR_IN))) == 1
