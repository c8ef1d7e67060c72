"""The journal on a real SQLite: committed or not there, chained, one writer, many readers."""

import os
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from access.chain import genesis, link
from access.entries import AlarmRaised, Body, Decided, EpochBegan, Observed, PassageEnded, ReadingTaken, Stamp, Stopped
from access.sealing import ENTRY_BYTES_MAX
from edge.store import heard, questions
from edge.store.database import sqlite_note
from edge.store.errors import StoreError, StoreLockedError
from edge.store.held import Held, Unwritten
from edge.store.journal import Journal
from edge.store.reader import JournalReader
from tests.faults.journals import bodies_of, copied
from tests.sizes import sized

EDGE = UUID(int=1)
STAMP = Stamp(1_000_000, 1_767_225_600_000_000)


def opened(path: Path) -> Journal:
    return Journal(path, EDGE, STAMP, os.urandom)


def add(journal: Journal, *bodies: Body, lane: str = "", passage: str = "", stamp: Stamp = STAMP) -> int:
    return journal.append([journal.draft(body, stamp, lane, passage) for body in bodies], stamp)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "journal.db"


@pytest.fixture
def journal(path: Path) -> Iterator[Journal]:
    made = opened(path)
    yield made
    made.close()


def holds(path: Path) -> int:
    """Walk the chain of every epoch; returns how many entries hold."""
    with closing(JournalReader(path)) as reader:
        count = 0
        for epoch in reader.epochs():
            head = genesis(EDGE, epoch)
            for seq, entry in enumerate(reader.after(epoch, 0, 1_000_000), 1):
                head = link(head, entry.canonical)
                assert (entry.seq, entry.hash, entry.read().seq) == (seq, head, seq)
                count += 1
        return count


def test_a_new_journal_begins_an_epoch_and_goes_on_when_opened_again(path: Path) -> None:
    with closing(opened(path)) as first:
        assert first.seq == 1
        assert add(first, Observed("one"), Observed("two")) == 3
        epoch = first.epoch
    with closing(opened(path)) as again:
        assert (again.epoch, again.seq) == (epoch, 3)
        assert add(again, Stopped("asked")) == 4
    with closing(JournalReader(path)) as reader:
        kinds = [entry.kind for entry in reader.every()]
        assert kinds == [EpochBegan.kind, "observation", "observation", "stop"]
        assert reader.head() == (epoch, 4)
        assert (reader.epochs(), reader.length(epoch), reader.length(EDGE)) == ([epoch], 4, 0)
        assert [entry.seq for entry in reader.after(epoch, 1, 2)] == [2, 3]
        assert reader.hash_at(EDGE, epoch, 0) == genesis(EDGE, epoch)
        assert reader.hash_at(EDGE, epoch, 4) is not None
        assert reader.hash_at(EDGE, epoch, 5) is None
    assert holds(path) == 4


def test_readers_see_what_is_committed_while_the_writer_writes(path: Path, journal: Journal) -> None:
    with closing(JournalReader(path)) as reader:
        for seq in range(2, 50):
            add(journal, Observed(str(seq)))
            assert reader.head()[1] == seq


def test_a_reader_cannot_write_and_wants_a_journal(path: Path, journal: Journal) -> None:
    with closing(JournalReader(path)) as reader, pytest.raises(sqlite3.OperationalError, match="readonly"):
        reader._db.execute("DELETE FROM entries")
    with pytest.raises(StoreError, match="cannot be"):
        JournalReader(path.with_name("another.db")).head()


def test_every_commit_is_synced(journal: Journal) -> None:
    asked = {name: journal._db.execute(f"PRAGMA {name}").fetchone()[0] for name in ("journal_mode", "synchronous", "mmap_size")}
    assert asked == {"journal_mode": "wal", "synchronous": 2, "mmap_size": 0}


def test_a_second_writer_is_refused_and_told_who_has_it(path: Path, journal: Journal) -> None:
    with pytest.raises(StoreLockedError, match=r"held by process \d+, boot "):
        opened(path)
    add(journal, Observed("still mine"))


def test_a_lock_left_by_a_dead_process_holds_nobody_up(path: Path) -> None:
    path.with_suffix(".lock").write_text("process 1, boot long ago\n", encoding="utf-8")
    opened(path).close()


def test_a_full_disk_stores_nothing_half_and_the_next_commit_follows_on(path: Path, journal: Journal) -> None:
    pages = journal._db.execute("PRAGMA page_count").fetchone()[0]
    journal._db.execute(f"PRAGMA max_page_count={pages + 2}")
    stored = add(journal, Observed("still fits"))
    with pytest.raises(StoreError, match="full"):
        add(journal, *[Observed("x" * 500)] * 100)
    assert journal.seq == stored
    journal._db.execute("PRAGMA max_page_count=100000")
    assert add(journal, Observed("space again")) == stored + 1
    assert holds(path) == stored + 1


def test_a_journal_held_by_an_outside_tool_is_an_error_and_no_more(path: Path, journal: Journal) -> None:
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        journal._db.execute("PRAGMA busy_timeout=10")
        with pytest.raises(StoreError, match="locked"):
            add(journal, Observed("no"))
        other.execute("ROLLBACK")
    assert add(journal, Observed("yes")) == 2


def test_a_journal_of_a_later_version_is_refused_untouched(path: Path) -> None:
    opened(path).close()
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute(
            "INSERT INTO _sqlite_migrations (migration_set, name, applied_at) VALUES ('gatehouse-journal', 'm999_levitation', '')"
        )
    before = path.read_bytes()
    with pytest.raises(StoreError, match="a later version"):
        opened(path)
    assert path.read_bytes() == before
    assert holds(path) == 1


def test_passages_that_never_ended_are_known(journal: Journal) -> None:
    add(journal, ReadingTaken("r", "card"), PassageEnded("passed", "in"), lane="in-1", passage="done")
    add(journal, ReadingTaken("r", "card"), ReadingTaken("r", "card"), lane="in-1", passage="open")
    add(journal, Observed("of no passage"))
    add(journal, Observed("x"), lane="out-1", passage="later")
    assert journal.look(questions.open_passages) == [("open", "in-1", ["reading"]), ("later", "out-1", ["observation"])]


def test_the_clock_is_held_against_the_newest_entries(journal: Journal) -> None:
    later = Stamp(1, STAMP.utc_us + 5)
    add(journal, Observed("x"), stamp=later)
    add(journal, Observed("after the clock went back"))
    assert journal.look(questions.newest_utc_us) == later.utc_us


def test_a_gate_starts_though_what_it_asks_its_journal_for_has_rotted(journal: Journal) -> None:
    add(journal, ReadingTaken("r", "card"), Decided("grant", "card_ok", "card", "r", 1, "in"), lane="in-1", passage="open")
    journal._db.execute("UPDATE entries SET canonical = x'ff' WHERE kind = 'decision'")
    assert journal.look(questions.decision_of, "open") is None
    assert [entry.kind for entry in journal.look(questions.entries_of, "open")] == ["reading"]


def unreadable(journal: Journal, path: Path, table: str) -> None:
    """Let the page go bad in which a table begins, and SQLite forget what it has read of it."""
    journal.tidy()
    size, root = (
        journal._db.execute(query).fetchone()[0]
        for query in ("PRAGMA page_size", f"SELECT rootpage FROM sqlite_schema WHERE name = '{table}'")
    )
    with path.open("r+b") as file:
        file.seek((root - 1) * size)
        file.write(b"\xee" * size)
    journal._db.execute("PRAGMA shrink_memory")


@pytest.mark.parametrize(
    ("table", "read"),
    [
        ("heard_through", lambda journal: journal.look(heard.through, journal.epoch)),
        ("entries", lambda journal: journal.forget(journal.epoch, 100, STAMP)),
    ],
)
def test_damage_that_a_reading_comes_upon_is_mended_at_once(
    table: str, read: Callable[[Journal], object], path: Path, journal: Journal
) -> None:
    add(journal, *[Observed("x" * 50)] * 300)
    unreadable(journal, path, table)
    with pytest.raises(StoreError, match="malformed"):
        read(journal)
    assert not journal.is_certain, "nobody opens it anew"
    journal.reopen(STAMP)
    assert journal.renewed is not None
    assert (journal.renewed.reason, journal.renewed.alarm) == ("rebuilt", "journal_rebuilt")
    read(journal)
    add(journal, Observed("goes on"))


def test_what_is_held_of_a_tail_that_is_lost_is_written_again(path: Path, journal: Journal, tmp_path: Path) -> None:
    add(journal, Observed("before"))
    kept = copied(path, tmp_path / "kept")
    late = journal.draft(Observed("late"), STAMP)
    held = Held()
    held.keep([Unwritten(late.id, late, journal.draft(Observed("confirmed_late", detail=late.id.hex), STAMP))], STAMP)
    journal.append([late], STAMP)
    for file in kept.parent.iterdir():
        file.replace(tmp_path / file.name)
    journal.reopen(STAMP)
    held.write(journal, STAMP)
    assert Observed("late") in bodies_of(path)


def test_tidying_moves_the_log_and_loses_nothing(path: Path, journal: Journal) -> None:
    for _ in range(200):
        add(journal, Observed("x" * 200))
    log = path.with_name("journal.db-wal")
    before = path.stat().st_size
    journal.tidy()
    assert path.stat().st_size > before
    size = log.stat().st_size
    add(journal, Observed("into the log's beginning"))
    assert log.stat().st_size == size
    assert holds(path) == 202


def test_kill_9_loses_no_acknowledged_entry(path: Path) -> None:
    command = [sys.executable, "-m", "tests.edge.store.writer", str(path)]
    acknowledged = 0
    for round_ in range(sized(quick=5, soak=20)):
        with subprocess.Popen(command, stdout=subprocess.PIPE) as writer:
            assert writer.stdout is not None
            for _ in range(5 + 7 * round_ % 23):
                acknowledged = int(writer.stdout.readline())
            writer.kill()
        with closing(JournalReader(path)) as reader:
            stored = reader.head()[1]
        assert stored >= acknowledged
        assert (stored - 1) % 3 == 0, "half a commit"
    assert holds(path) == stored


@pytest.mark.parametrize(
    ("version", "safe"),
    [
        ((3, 40, 1), False),
        ((3, 44, 5), False),
        ((3, 44, 6), True),
        ((3, 45, 0), False),
        ((3, 50, 7), True),
        ((3, 51, 2), False),
        ((3, 51, 3), True),
        ((3, 52, 0), True),
        ((4, 0, 0), True),
    ],
)
def test_the_sqlite_of_this_box_is_named_with_its_known_fault(version: tuple[int, ...], *, safe: bool) -> None:
    note = sqlite_note(version)
    assert note.startswith(f"SQLite {'.'.join(map(str, version))}")
    assert ("WAL-reset bug" not in note) is safe


def bodies(path: Path) -> list[Body]:
    """Return what the newest epoch has, but for its beginning."""
    with closing(JournalReader(path)) as reader:
        return [entry.read().body() for entry in reader.after(reader.epochs()[-1], 1, 1_000)]


def test_an_entry_that_is_too_large_is_written_shorter_with_an_alarm_behind_it(journal: Journal, path: Path) -> None:
    facts: tuple[Any, ...] = (["add", "zone:site", 1],)
    passed = PassageEnded("passed", "in", facts=facts, text="x" * ENTRY_BYTES_MAX, plate="粤B8D2Z5")
    draft = journal.draft(passed, STAMP, "in-1", "p")
    assert journal.append([draft, journal.draft(Stopped("asked to stop"), STAMP)], STAMP) == 4
    cut, *others = bodies(path)
    assert isinstance(cut, PassageEnded)
    assert [*cut.facts] == [*facts]
    assert [replace(cut, facts=()), *others] == [
        PassageEnded("passed", "in", plate="粤B8D2Z5"),
        AlarmRaised("entry_cut", "passage"),
        Stopped("asked to stop"),
    ]
    assert journal.presence.facts["zone:site"] == 1
    assert draft.id.bytes in journal.newest_ids()
    assert holds(path) == journal.seq


def test_one_that_has_nothing_to_leave_out_becomes_an_alarm(journal: Journal, path: Path) -> None:
    add(journal, Observed("x" * ENTRY_BYTES_MAX, "io", "y" * ENTRY_BYTES_MAX), lane="in-1")
    assert bodies(path) == [AlarmRaised("entry_cut", "observation")]
    assert holds(path) == journal.seq
