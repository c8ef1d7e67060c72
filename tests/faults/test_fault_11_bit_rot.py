"""Fault 11: a bit flips in one row. The scrub finds it and flags the row; the registry's copy mends it, if it fits the chain."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from edge.link import LinkClient
from edge.messages import EntryFetched, EntryWanted, FactsHeard, Hello, JournalBehind, SyncState
from edge.store.journal import Journal
from edge.store.reader import JournalReader, StoredEntry
from edge.store.scrub import Rotten
from tests.edge.gate.rig import Rig
from tests.faults.journals import EDGE, STAMP, opened, passages, stored
from tests.faults.linked_box import Box, all_there_once, lakeside
from tests.faults.small_box import alarms, seen_after
from tests.waiting import wait_until

SEQ = 30


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "journal.db"
    with closing(opened(path)) as journal:
        passages(journal, 100)  # so many that the row is not among the newest, which are looked at first
    return path


def copy_of(path: Path, seq: int) -> StoredEntry:
    """What the registry has of an entry."""
    with closing(JournalReader(path)) as reader:
        return reader.after(reader.epochs()[0], seq - 1, 1)[0]


def rot(path: Path, column: str, seq: int = SEQ) -> None:
    """Flip a bit amid a row's bytes in the file, where SQLite itself does not look."""
    with closing(sqlite3.connect(path, isolation_level=None)) as db:
        content = bytearray(db.execute(f"SELECT {column} FROM entries WHERE seq = ?", (seq,)).fetchone()[0])
        content[len(content) // 2] ^= 4
        db.execute(f"UPDATE entries SET {column} = ? WHERE seq = ?", (bytes(content), seq))


def walked(journal: Journal) -> list[Rotten]:
    """Walk all through, in steps as the gate does when it is quiet."""
    return [rotten for _ in range(journal.seq // 50 + 2) for rotten in journal.scrub(50)]


@pytest.mark.parametrize("column", ["canonical", "personal", "hash", "previous"])
def test_fault_11_a_rotten_row_is_found_once_and_mended_by_what_fits_the_chain(column: str, path: Path) -> None:
    before, whole = stored(path), copy_of(path, SEQ)
    rot(path, column)
    with closing(opened(path)) as journal:
        assert walked(journal) == [Rotten(journal.epoch, SEQ)]
        assert walked(journal) == [], "it is said anew at each walk"
        assert not journal.mend(journal.epoch, SEQ, whole.canonical[:-1] + b"\1", whole.personal)
        assert not journal.mend(journal.epoch, SEQ + 2, whole.canonical, whole.personal)
        assert not journal.mend(journal.epoch, SEQ, b"no entry", b"")
        assert journal.mend(journal.epoch, SEQ, whole.canonical, whole.personal)
        assert walked(journal) == []
    assert stored(path) == before
    assert copy_of(path, SEQ) == whole


def test_fault_11_the_walk_goes_on_where_the_last_run_left_it(path: Path) -> None:
    rot(path, "canonical", 160)
    with closing(opened(path)) as journal:
        assert [journal.scrub(15) for _ in range(10)] == [[]] * 10
    with closing(opened(path)) as journal:
        assert [rotten.seq for rotten in journal.scrub(60)] == [160]


def test_fault_11_a_missing_row_is_put_back_too(path: Path) -> None:
    before, whole = stored(path), copy_of(path, SEQ)
    with closing(sqlite3.connect(path, isolation_level=None)) as db:
        db.execute("DELETE FROM entries WHERE seq = ?", (SEQ,))
    with closing(opened(path)) as journal:
        assert journal.mend(journal.epoch, SEQ, whole.canonical, whole.personal)
    with closing(JournalReader(path)) as reader:
        assert [entry.seq for entry in reader.after(reader.epochs(EDGE)[0], SEQ - 2, 3)] == [SEQ - 1, SEQ, SEQ + 1]
    assert len(before) == 401


@pytest.mark.parametrize("was_sent", [True, False])
def test_fault_11_what_the_registry_has_comes_back_and_what_nobody_has_is_declared(
    was_sent: bool, tmp_path: Path, migrated_sqlite: Path
) -> None:
    with lakeside(tmp_path / "registry", migrated_sqlite) as central, Box(tmp_path / "box", central, central.url) as box:
        journal, former = box.journal, box.journal.epoch
        box.write_many(300)
        whole = copy_of(box.places.journal, SEQ)
        if was_sent:
            box.start()
            wait_until(lambda: all_there_once(central, box), 20, "the journal to be sent")
        rot(box.places.journal, "canonical")
        assert walked(journal) == [Rotten(former, SEQ)]
        if not was_sent:
            box.start()
        box.end.wait_for(SyncState, lambda _: True)  # the courier has come
        box.end.tell(EntryWanted(former.hex, SEQ))
        fetched = box.end.wait_for(EntryFetched, lambda entry: entry.seq == SEQ)
        if was_sent:
            assert journal.mend(former, SEQ, fetched.canonical, fetched.personal)
            assert copy_of(box.places.journal, SEQ) == whole
            return
        assert fetched == EntryFetched(former.hex, SEQ)
        journal.give_up(Rotten(former, SEQ), STAMP)
        box.write_many(1)  # of the new epoch
        wait_until(lambda: sorted(central.stored(box)) == sorted(box.canonical()), 20, "what lies behind it to be sent")


@pytest.mark.programs
def test_fault_11_a_running_gate_asks_for_what_has_rotted_and_mends_it(tmp_path: Path) -> None:
    with Rig(tmp_path) as rig:
        whole, former = copy_of(rig.places.journal, 2), rig.entries()[0].epoch
        rot(rig.places.journal, "canonical", 2)
        asked: list[object] = []
        courier = LinkClient(rig.places.gate_socket, Hello("courier", "test"), asked.append)
        courier.start()

        def has_asked() -> bool:
            courier.send(FactsHeard((), former.hex, 1, 1))  # other gates are busy all the time, and nobody waits here
            return EntryWanted(former.hex, 2) in asked

        wait_until(has_asked, what="the gate to ask for it")
        wait_until(lambda: "entry_rotten" in alarms(rig), what="the booth to be told")
        courier.send(EntryFetched(former.hex, 2, whole.canonical[:-1] + b"\1", whole.personal))
        courier.send(EntryFetched(former.hex, 2, whole.canonical, whole.personal))
        courier.send(JournalBehind(former.hex, 1000))
        rig.wait_for("epoch", reason="restored")
        assert copy_of(rig.places.journal, 2) == whole
        assert "entry_not_mended" in rig.log(), "what does not fit the chain was taken"
        seen_after(rig, "entry_rotten")
        courier.stop()
