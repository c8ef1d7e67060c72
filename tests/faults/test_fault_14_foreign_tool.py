"""Fault 14: a foreign tool locks the journal, or moves its log. The gate waits two seconds at most and writes it later."""

import sqlite3
import time
from contextlib import closing
from pathlib import Path

import pytest

from access.entries import Observed
from edge.store.database import BUSY_TIMEOUT_MS
from edge.store.errors import StoreError
from edge.store.held import Held, Unwritten
from tests.faults.journals import STAMP, add, bodies_of, gaps_in, is_declared, opened, passages, stored


def test_fault_14_a_commit_gives_up_in_time_and_the_entry_is_written_when_the_tool_is_gone(tmp_path: Path) -> None:
    path = tmp_path / "journal.db"
    held = Held(limit=700)
    with closing(opened(path)) as journal, closing(sqlite3.connect(path, isolation_level=None)) as tool:
        tool.execute("BEGIN IMMEDIATE")
        began = time.monotonic()
        with pytest.raises(StoreError, match="locked"):
            add(journal, Observed("no"))
        assert time.monotonic() - began < BUSY_TIMEOUT_MS / 1000 + 1
        assert journal.is_certain, "a lock is no reason to doubt the file"
        drafts = [journal.draft(Observed("held", detail=str(number)), STAMP) for number in range(1000)]
        held.keep(map(Unwritten.unchanged, drafts), STAMP)
        tool.execute("ROLLBACK")
        held.write(journal, STAMP)
    written = [body.detail for body in bodies_of(path) if isinstance(body, Observed)]
    assert written == [str(number) for number in range(300, 1000)]
    assert [gap.count for gap in gaps_in(path)] == [300], "what went over is not counted"
    stored(path)


def test_fault_14_what_is_held_stays_where_it_still_cannot_be_written_and_is_written_once(tmp_path: Path) -> None:
    path = tmp_path / "journal.db"
    held = Held()
    with closing(opened(path)) as journal, closing(sqlite3.connect(path, isolation_level=None)) as tool:
        journal._db.execute("PRAGMA busy_timeout=10")
        entries = [Unwritten.unchanged(journal.draft(Observed(str(number)), STAMP)) for number in range(10)]
        held.keep(entries, STAMP)
        tool.execute("BEGIN IMMEDIATE")
        with pytest.raises(StoreError, match="locked"):
            held.write(journal, STAMP)
        tool.execute("ROLLBACK")
        again = Held()
        again.keep(entries, STAMP)
        held.write(journal, STAMP)
        again.write(journal, STAMP)  # as after a commit that failed only in being confirmed
    assert [body.what for body in bodies_of(path) if isinstance(body, Observed)] == [str(number) for number in range(10)]


def test_fault_14_a_tool_that_locks_the_journal_as_it_is_opened_anew_stops_it_no_longer_than_it_does(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("edge.store.database.WRITER_BUSY_MS", 10)
    path = tmp_path / "journal.db"
    with closing(opened(path)) as journal, closing(sqlite3.connect(path, isolation_level=None)) as tool:
        last = add(journal, Observed("kept"), Observed("lost"))
        former = journal.epoch
        tool.execute("DELETE FROM entries WHERE seq = ?", (last,))
        tool.execute("BEGIN IMMEDIATE")
        journal.is_certain = False
        with pytest.raises(StoreError, match="locked"):
            journal.reopen(STAMP)
        assert not journal.is_certain, "it is closed, and nobody would open it again"
        tool.execute("ROLLBACK")
        journal.reopen(STAMP)
        add(journal, Observed("goes on"))
    assert is_declared((former, last), gaps_in(path))


def test_fault_14_a_tool_that_moves_the_log_costs_nothing(tmp_path: Path) -> None:
    path = tmp_path / "journal.db"
    with closing(opened(path)) as journal:
        passages(journal, 10)
        with closing(sqlite3.connect(path)) as tool:
            tool.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        passages(journal, 10, 10)
    assert len(stored(path)) == 81
