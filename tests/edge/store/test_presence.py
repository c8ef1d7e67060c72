"""The presence on disk is what the entries add up to, in the same commit."""

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from uuid import UUID

import pytest

from access.entries import Body, Decided, FactsChanged, PassageEnded, Stamp
from access.presence import PresenceError
from edge.store.errors import StoreError
from edge.store.journal import Journal
from edge.store.presence import summed
from edge.store.reader import JournalReader

STAMP = Stamp(1_000_000, 1_767_225_600_000_000)
CAR, VISIT = "00000000-0000-0000-0000-00000000000f", "00000000-0000-0000-0000-00000000001e"
IN = PassageEnded("passed", "in", facts=(("set", f"at:{CAR}", ["site", 1, "zone:site"]),), plate="粤B8D2Z5")
OUT = PassageEnded("passed", "out", facts=(("set", f"at:{CAR}", ["", 2]),), plate="粤B8D2Z5")
BEFORE = PassageEnded(
    "passed", "in", facts=(("set", f"at:{VISIT}", ["site", 1]), ("add", "zone:site", 1))
)  # as it was written once
USED = Decided("grant", "visit_ok", "code", "reader-in", 1, "in", facts=(("add", f"uses:{VISIT}", 1),))
MARKED = FactsChanged("guard", "loading", (("set", f"loading:{CAR}", 3),))


def opened(path: Path) -> Journal:
    return Journal(path, UUID(int=1), STAMP, os.urandom)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "journal.db"


@pytest.fixture
def journal(path: Path) -> Iterator[Journal]:
    made = opened(path)
    yield made
    made.close()


def add(journal: Journal, *bodies: Body) -> None:
    journal.append([journal.draft(body, STAMP) for body in bodies], STAMP)


@pytest.mark.parametrize("bodies", [(), (IN,), (IN, USED), (IN, MARKED, OUT), (IN, OUT, IN, USED, USED), (BEFORE, IN)])
def test_a_journal_opened_again_knows_what_its_entries_add_up_to(path: Path, bodies: tuple[Body, ...]) -> None:
    with closing(opened(path)) as first:
        for body in bodies:
            add(first, body)
        known = first.presence
    with closing(opened(path)) as again:
        assert dict(again.presence.facts) == dict(known.facts)
        assert dict(again.presence.plates.of) == dict(known.plates.of)
    with closing(JournalReader(path)) as reader:
        assert dict(summed(reader.every()).facts) == dict(known.facts)


def test_the_plate_of_a_vehicle_goes_with_it(journal: Journal) -> None:
    add(journal, IN)
    assert journal.presence.plates.alike("粤BBD2Z5") == ((CAR, "粤B8D2Z5"),)
    add(journal, OUT)
    assert dict(journal.presence.facts) == {f"at:{CAR}": ["", 2]}
    assert not journal.presence.plates.of


def test_what_is_not_committed_has_not_happened(journal: Journal, path: Path) -> None:
    add(journal, IN)
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("CREATE TRIGGER full BEFORE INSERT ON facts BEGIN SELECT RAISE(FAIL, 'disk full'); END")
    with pytest.raises(StoreError, match="disk full"):
        add(journal, USED)
    assert f"uses:{VISIT}" not in journal.presence.facts
    with closing(JournalReader(path)) as reader:
        assert [entry.kind for entry in reader.every()] == ["epoch", "passage"]


def test_a_change_that_makes_no_sense_is_refused_before_anything_is_written(journal: Journal) -> None:
    with pytest.raises(PresenceError, match="levitate"):
        add(journal, IN, FactsChanged("guard", "", (("levitate", "at:x", 1),)))
    assert journal.seq == 1


def test_what_was_dropped_is_forgotten_with_the_entries_of_its_time(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("edge.store.journal.NEWEST_KEPT", 1)
    over = FactsChanged("guard", "loaded", (("drop", f"loading:{CAR}", None),))
    later = FactsChanged("guard", "loading", (("set", f"loading:{VISIT}", 4),))
    with closing(opened(path)) as journal:
        for second, body in enumerate((MARKED, over, later, later)):
            stamp = replace(STAMP, utc_us=STAMP.utc_us + second * 1_000_000)
            journal.append([journal.draft(body, stamp)], stamp)
        assert set(journal.times) == {f"loading:{CAR}", f"loading:{VISIT}"}
        journal.forget(journal.epoch, 2, STAMP, "full")
        assert f"loading:{CAR}" in journal.times, "young entries make nobody's older word impossible"
        journal.forget(journal.epoch, 4, STAMP, "age")
        assert set(journal.times) == {f"loading:{VISIT}"}
        assert dict(journal.presence.facts) == {f"loading:{VISIT}": 4}
    with closing(opened(path)) as again:
        assert set(again.times) == {f"loading:{VISIT}"}
