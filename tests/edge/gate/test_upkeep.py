"""What a gate does for itself, over a real journal: levels told once, deletions proved first, age only by a good clock."""

import sqlite3
import time
from collections.abc import Iterator, Sequence
from contextlib import closing
from pathlib import Path
from uuid import UUID

import pytest

from access.entries import Body, FactsChanged, Observed
from access.sealing import Opened
from edge.config import SpaceSection
from edge.gate.clocks import Clocks, GateClock
from edge.gate.upkeep import Upkeep
from edge.logs import Log
from edge.messages import ClockCompared
from edge.places import Places
from edge.space.keeper import Keeper, Measured, Outlived
from edge.space.pictures import Choice, Picture
from edge.store import questions
from edge.store.disused import Disused
from edge.store.held import Unwritten
from edge.store.journal import FORGET_MAX, NEWEST_KEPT
from edge.store.reader import JournalReader
from edge.store.retention import Forgettable
from edge.store.scribe import Scribe
from tests.edge.gate.test_neighbours import IDENTITY
from tests.waiting import wait_until

LOG = Log("gate")
SHA256 = "ab" * 32


class Box:
    """Clock, disk and journal of a gate; no lanes."""

    def __init__(self, places: Places) -> None:
        self.places = places
        self.refuses = False
        """Whether nothing can be written, and all is held back."""
        self.clock = GateClock(Clocks(synchronised=lambda: False))
        self.keeper = Keeper(places, SpaceSection(ballast_mib=0), lambda _found: None, time.time, LOG)
        self.scribe = Scribe(places, IDENTITY, LOG, self.clock.stamp, self.keeper.release)
        self.clock.begin(self.scribe.journal.look(questions.newest_utc_us))
        self.upkeep = Upkeep(self.clock, self.scribe, self.keeper, self.write, LOG)

    def write(self, bodies: Sequence[Body]) -> None:
        drafts = [self.scribe.draft(body) for body in bodies]
        if self.refuses:
            self.scribe.hold_back(map(Unwritten.unchanged, drafts), 0.0)
        else:
            self.scribe.commit(drafts)

    def tick_quietly(self) -> None:
        """Let it do what is due while nobody waits, and what it has begun end."""
        self.upkeep.tick(quiet=True)
        wait_until(lambda: self.scribe.is_idle, what="the journal to be written")

    def entries(self, kind: str) -> list[Opened]:
        reader = JournalReader(self.places.journal)
        try:
            return [entry for entry in reader.every() if entry.kind == kind]
        finally:
            reader.close()


@pytest.fixture
def box(tmp_path: Path) -> Iterator[Box]:
    places = Places(tmp_path)
    places.make()
    box = Box(places)
    yield box
    box.scribe.close()


def measured(level: int, *, is_full: bool = False) -> Measured:
    return Measured(level, ("disk",) if level else (), (("disk", level),), is_full)


def test_a_level_is_written_down_when_it_is_another_and_its_alarm_stands_until_it_is_over(box: Box) -> None:
    for found in (measured(0), measured(90), measured(90), measured(95, is_full=True), measured(0)):
        box.upkeep.hear(found)
        box.upkeep.tick(quiet=False)
        assert box.upkeep.alarms == {f"space_{found.level}"} - {"space_0"} | ({"disk_full"} if found.is_full else set())
    assert [entry.fields["level"] for entry in box.entries("health")] == ["warning", "bad", "good"]
    assert [entry.fields["what"] for entry in box.entries("alarm")] == ["space_90", "disk_full", "space_95"]
    assert box.entries("alarm")[0].fields["detail"] == "disk"


def test_pictures_go_with_proof(box: Box) -> None:
    box.upkeep.hear(Choice("budget", (Picture(SHA256, 10, at_us=5), Picture("cd" * 32, 20, at_us=3))))
    box.upkeep.tick(quiet=False)
    proof = box.entries("expiry")[0].fields
    assert {name: proof[name] for name in ("what", "reason", "count", "size", "from_us", "to_us")} == {
        "what": "pictures",
        "reason": "budget",
        "count": 2,
        "size": 30,
        "from_us": 3,
        "to_us": 5,
    }


@pytest.mark.parametrize("reason", ["budget", "age", "full"])
def test_pictures_stay_until_their_proof_is_written_unless_it_may_need_their_room(box: Box, reason: str) -> None:
    picture = box.places.evidence / SHA256[:2] / f"{SHA256}.jpg"
    picture.parent.mkdir()
    picture.write_bytes(b"jpeg")
    box.refuses = True
    box.upkeep.hear(Choice(reason, (Picture(SHA256, 4, at_us=5),)))
    for _ in range(2):
        box.upkeep.tick(quiet=True)
        box.keeper._step(0.0)
    assert picture.exists() is (reason != "full")
    box.scribe.commit([])
    box.upkeep.tick(quiet=False)
    box.keeper._step(0.0)
    assert not picture.exists()
    assert len(box.entries("expiry")) == 1


def test_sums_of_what_is_long_over_go_by_a_clock_that_is_vouched_for(box: Box) -> None:
    used, open_ = f"uses:{UUID(int=7)}", f"uses:{UUID(int=8)}"
    box.write([FactsChanged("guard", "x", (("add", used, 1), ("add", open_, 1)))])
    disused = Disused((used,), ((box.scribe.journal.epoch.hex, open_),))
    box.upkeep.hear(disused)
    box.tick_quietly()
    assert used in box.scribe.journal.presence.facts, "nobody vouches for the clock"
    box.upkeep.hear(ClockCompared(0.0, 0.1))
    box.upkeep.hear(disused)
    box.upkeep.tick(quiet=False)
    assert used in box.scribe.journal.presence.facts, "somebody waits for the journal"
    box.tick_quietly()
    assert dict(box.scribe.journal.presence.facts) == {open_: 1}
    assert box.entries("facts")[-1].fields["source"] == "upkeep"
    sums = box.scribe.journal.look(lambda db: db.execute("SELECT name, at_us > 0 FROM heard").fetchall())
    assert sums == [(open_, 1)], "its age is known from now on"


def test_what_becomes_of_the_clock_is_written_down(box: Box) -> None:
    box.upkeep.hear(ClockCompared(60.0, 0.1))
    box.upkeep.tick(quiet=False)
    assert box.entries("clock")[0].fields["offset_ms"] == 60_000
    assert "clock_off" in box.upkeep.alarms


def test_entries_that_cannot_be_forgotten_now_are_left_to_the_next_proposal(box: Box) -> None:
    box.write([Observed(str(number)) for number in range(NEWEST_KEPT + 10)])
    box.scribe.journal._db.execute("PRAGMA busy_timeout=10")
    outlived = Outlived(Forgettable(box.scribe.journal.epoch, 5), "full")
    box.tick_quietly()  # after which there is nothing new to write
    with closing(sqlite3.connect(box.places.journal, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        box.upkeep.hear(outlived)
        box.tick_quietly()
        other.execute("ROLLBACK")
    for _ in range(2):
        box.tick_quietly()
    assert not box.entries("expiry")
    box.upkeep.hear(outlived)
    box.tick_quietly()
    assert [entry.fields["count"] for entry in box.entries("expiry")] == [5]


def test_entries_go_in_pieces_at_quiet_moments_and_by_age_only_by_a_clock_that_is_vouched_for(box: Box) -> None:
    box.write([Observed(str(number)) for number in range(FORGET_MAX + NEWEST_KEPT)])
    epoch, length = box.scribe.journal.epoch, box.scribe.journal.seq
    outlived = Outlived(Forgettable(epoch, length), "age")
    box.upkeep.hear(outlived)
    box.upkeep.tick(quiet=True)
    assert not box.entries("expiry"), "nobody vouches for the clock"
    box.upkeep.hear(ClockCompared(0.0, 0.1))
    box.tick_quietly()
    box.upkeep.hear(outlived)
    box.upkeep.tick(quiet=False)
    assert not box.entries("expiry"), "somebody may wait for the journal"
    for _ in range(4):
        box.tick_quietly()
    proofs = [entry.fields for entry in box.entries("expiry")]
    assert [proof["count"] for proof in proofs][:1] == [FORGET_MAX]
    assert sum(proof["count"] for proof in proofs) >= length - NEWEST_KEPT
