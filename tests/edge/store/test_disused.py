"""Sums of visits and slips that are long over go, and never let anybody in again who has used theirs up."""

import os
import sqlite3
import tempfile
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any
from uuid import UUID

from hypothesis import given, settings
from hypothesis import strategies as st

from access.acts import SlipActed, VisitActed
from access.entries import FactsChanged, Stamp
from access.presence import Presence
from access.sealing import Opened
from access.sharing import contributions
from central.places.settings import SiteSettings
from edge.store.disused import AT_ONCE, DAY_US, LONGEST_US, OldSums
from edge.store.journal import Journal
from edge.store.presence import summed
from edge.store.reader import JournalReader
from edge.store.received import Received
from edge.store.recovery import _sum_up
from tests.faults.journals import EDGE, STAMP
from tests.sizes import sized

VISITS = [UUID(int=n) for n in range(1, 4)]
TOLD = UUID(int=9)
OTHERS = UUID(int=77).hex
BEGAN_US = STAMP.utc_us
DAYS = LONGEST_US // DAY_US


class Box:
    """A journal and the courier's database, on days that count from its first one."""

    def __init__(self, folder: Path) -> None:
        self.courier, self.path = folder / "courier.db", folder / "journal.db"
        Received(self.courier).close()
        with closing(sqlite3.connect(self.courier)) as db:
            db.execute(
                "INSERT INTO rules (kind, id, from_revision, to_revision, data) VALUES (?, ?, 1, NULL, '{}')",
                ("booth_slip", TOLD.bytes),
            )
            db.commit()
        self.confirm(BEGAN_US + 1_000 * LONGEST_US)
        self.journal = Journal(self.path, EDGE, STAMP, os.urandom)
        self.last: dict[str, int] = {}
        self.seq = 0

    def confirm(self, at_us: int) -> None:
        """Have the rules confirmed last at a time."""
        with closing(sqlite3.connect(self.courier)) as db:
            db.execute("INSERT OR REPLACE INTO progress VALUES ('rules_utc', ?)", (at_us // 1_000_000,))
            db.commit()

    def write(self, body: Any, day: int, quality: str = "trusted") -> None:
        # A clock that is not trusted stands where it stood at first.
        stamp = Stamp(1, BEGAN_US + (day if quality == "trusted" else 0) * DAY_US, quality)
        self.journal.append_stamped([(self.journal.draft(body, stamp), stamp)])

    def use(self, name: str, day: int, quality: str, *, elsewhere: bool = False) -> None:
        self.seq += 1
        change = ("add", name, 1, OTHERS, self.seq) if elsewhere else ("add", name, 1)
        self.write(FactsChanged("gate:west" if elsewhere else "guard", "x", (change,)), day, quality)
        self.last[name] = day

    def sweep(self, day: int) -> None:
        now_us = BEGAN_US + day * DAY_US
        with closing(OldSums(self.path)) as sums:
            found = sums.disused(self.courier, now_us)
        assert all(day - self.last[name] > DAYS for name in found.names), "its window may last yet"
        if found.undated:
            self.journal.date_sums(found.undated, now_us)
        if found.names:
            self.write(FactsChanged("upkeep", "disused", tuple(("drop", name, None) for name in found.names)), day)

    def sums(self) -> set[str]:
        return {name for (name,) in self.journal.look(lambda db: db.execute("SELECT DISTINCT name FROM heard").fetchall())}

    def entries(self) -> list[Opened]:
        with closing(JournalReader(self.path)) as reader:
            return list(reader.every())


@contextmanager
def boxed() -> Iterator[Box]:
    with tempfile.TemporaryDirectory() as folder:
        box = Box(Path(folder))
        with closing(box.journal):
            yield box


def test_no_visit_lasts_as_long() -> None:
    hours = next(one.le for one in SiteSettings.model_fields["visit_hours_max"].metadata if hasattr(one, "le"))
    assert hours / 24 + 7 < DAYS


NAMES = [*(f"uses:{visit}" for visit in VISITS), f"released:{VISITS[0]}:1"]
STEPS = st.lists(
    st.tuples(
        st.integers(1, 300), st.sampled_from([*NAMES, ""]), st.sampled_from(["trusted", "drifting", "floor"]), st.booleans()
    ),
    max_size=12,
)


@settings(max_examples=sized(quick=20, soak=2_000))
@given(STEPS)
def test_what_goes_is_long_over_and_all_that_is_goes(steps: list[tuple[int, str, str, bool]]) -> None:
    with boxed() as box:
        day = 0
        for later, name, quality, elsewhere in steps:
            day += later
            if name:
                box.use(name, day, quality, elsewhere=elsewhere)
            else:
                box.sweep(day)
        left = dict(box.journal.presence.facts)
        box.use(f"released:{TOLD}:1", day, "trusted")
        box.write(FactsChanged("gate:west", "heard", (("add", "zone:site", 1),)), day)
        assert summed(box.entries()) == box.journal.presence
        for after in (1, DAYS + 2):
            box.sweep(day + after)
        assert set(box.journal.presence.facts) == {f"released:{TOLD}:1", "zone:site"}, left
        assert box.sums() == {f"released:{TOLD}:1", "zone:site"}
        assert summed(box.entries()) == box.journal.presence, "the same after a restart, and in a journal made anew"


def test_other_gates_are_not_told_that_it_goes() -> None:
    dropped = FactsChanged("upkeep", "disused", (("drop", NAMES[0], None),))
    assert contributions([(1, dropped)]) == {}


def test_rules_that_were_not_confirmed_since_tell_nothing(tmp_path: Path) -> None:
    box = Box(tmp_path)
    with closing(box.journal), closing(OldSums(box.path)) as sums:
        box.use(NAMES[0], 1, "trusted")
        now_us = BEGAN_US + 2 * LONGEST_US
        box.confirm(0)
        assert sums.disused(box.courier, now_us).names == ()
        box.confirm(now_us)
        assert sums.disused(box.courier, now_us).names == (NAMES[0],)


def test_a_lane_waits_no_longer_where_years_of_sums_lie(tmp_path: Path) -> None:
    box = Box(tmp_path)
    names = [f"uses:{UUID(int=n)}" for n in range(5_000)]
    with closing(box.journal) as journal:
        journal.look(lambda db: db.conn.executemany("INSERT INTO heard VALUES (?, ?, 1, 1, 0)", [(OTHERS, n) for n in names]))
        with closing(OldSums(box.path)) as sums:
            undated = sums.disused(box.courier, BEGAN_US).undated
        assert len(undated) == AT_ONCE
        dropped = FactsChanged("upkeep", "disused", tuple(("drop", name, None) for name in names[:AT_ONCE]))
        steps = _steps(journal, lambda: box.write(dropped, 1))
        steps += _steps(journal, lambda: journal.date_sums(undated, BEGAN_US))
        assert steps < 20_000, "all rows are read for each name that goes"
        assert len(box.sums()) == len(names) - AT_ONCE


def _steps(journal: Journal, act: Callable[[], None]) -> int:
    """Return about how many instructions the store takes for something."""
    count = 0

    def hundred() -> None:
        nonlocal count
        count += 100

    journal.look(lambda db: db.conn.set_progress_handler(hundred, 100))
    act()
    journal.look(lambda db: db.conn.set_progress_handler(None, 0))
    return count


def test_a_journal_that_is_made_anew_knows_what_guards_have_let_in_and_out(tmp_path: Path) -> None:
    box = Box(tmp_path)
    with closing(box.journal) as journal:
        used = (("add", NAMES[0], 2), ("set", f"party:{VISITS[0]}", 2))
        box.write(VisitActed(str(VISITS[0]), "VisitorsArrived", "101", "r", facts=used), 1)
        box.write(SlipActed(str(VISITS[0]), "TripReleased", "101", "r", facts=(("add", NAMES[-1], 1000),)), 1)
        known = journal.presence

        def anew(db: Any) -> None:
            db.execute("DELETE FROM facts")
            db.execute("DELETE FROM heard")
            _sum_up(db, lambda: None)

        journal.look(anew)
        facts = journal.look(lambda db: {name for (name,) in db.execute("SELECT name FROM facts")})
        assert known != Presence()
        assert facts == set(known.facts)
        assert box.sums() == {NAMES[0], NAMES[-1]}
