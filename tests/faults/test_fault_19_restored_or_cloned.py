"""Fault 19: an image of the box is put back, or runs twice. A new epoch begins, so that no seq ever means two things."""

import json
import sqlite3
from contextlib import closing
from pathlib import Path
from uuid import UUID

import pytest

from access.entries import AlarmRaised, GapDeclared, Observed
from edge.store.reader import JournalReader
from edge.store.whereabouts import home_of
from tests.faults.journals import (
    EDGE,
    STAMP,
    add,
    bodies_of,
    copied,
    epochs_in,
    gaps_in,
    opened,
    passages,
    signed_head,
    stored,
)

OTHER = UUID(int=2)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "gate" / "journal.db"
    path.parent.mkdir()
    with closing(opened(path, home=home_of(path.parent))) as journal:
        passages(journal, 5)
    return path


def test_fault_19_a_copy_that_runs_elsewhere_writes_under_an_epoch_of_its_own(path: Path, tmp_path: Path) -> None:
    twin = copied(path, tmp_path / "twin")
    for _ in range(2):
        for journal_path in (path, twin):
            with closing(opened(journal_path, home=home_of(journal_path.parent))) as journal:
                add(journal, Observed("the same moment"))
    assert [began.reason for began in epochs_in(path)] == ["created"]
    assert [began.reason for began in epochs_in(twin)] == ["created", "cloned"]
    ours, theirs = stored(path), stored(twin)
    assert all(ours[place] == theirs[place] for place in ours.keys() & theirs.keys()), "one seq means two things"
    assert any(isinstance(body, AlarmRaised) and body.what == "journal_cloned" for body in bodies_of(twin))


def test_fault_19_an_old_card_put_back_begins_anew_when_the_registry_says_how_far_it_was(path: Path) -> None:
    with closing(opened(path)) as journal:
        epoch, before = journal.epoch, journal.seq
        journal.fall_behind(epoch, before, STAMP)
        assert journal.epoch == epoch, "the registry has no more than we have"
        for said in (100, 100, 120):  # it is said again and again until it is heard
            journal.fall_behind(epoch, before + said, STAMP)
        assert journal.seq == 3
        add(journal, Observed("goes on"))
    assert epochs_in(path)[1].reason == "restored"
    assert (epochs_in(path)[1].follows_epoch, epochs_in(path)[1].follows_seq) == (epoch.hex, before)
    assert gaps_in(path) == [GapDeclared(epoch.hex, before + 1, before + 100, "restored")]


def test_fault_19_an_old_file_put_back_is_seen_by_the_signed_head_of_an_epoch_it_has_never_had(
    path: Path, tmp_path: Path
) -> None:
    old = copied(path, tmp_path / "old")
    with closing(opened(path)) as journal:
        journal.fall_behind(journal.epoch, journal.seq + 1, STAMP)
        head = signed_head(journal)
    opened(old, head).close()
    assert [began.reason for began in epochs_in(old)] == ["created", "restored"]
    assert gaps_in(old) == [GapDeclared(head.epoch.hex, 1, 0, "behind_head")]


def test_fault_19_a_gate_enrolled_anew_writes_its_own_epoch_and_keeps_the_other_apart(path: Path) -> None:
    former = stored(path)
    with closing(opened(path, edge=OTHER)) as journal:
        add(journal, Observed("under the new id"))
        epoch = journal.epoch
    assert [began.reason for began in epochs_in(path)] == ["created", "enrolled"]
    with closing(JournalReader(path)) as reader:
        assert reader.epochs(OTHER) == [epoch]
        assert set(reader.epochs(EDGE)) == {place[0] for place in former}
        assert {entry.read().edge for entry in reader.after(epoch, 0, 10)} == {OTHER}


def test_fault_19_what_was_noted_for_the_next_start_happens_once(path: Path) -> None:
    renewal = {"reason": "restored", "alarm": "journal_restored", "detail": "by hand", "gaps": []}
    with closing(sqlite3.connect(path, isolation_level=None)) as db:
        db.execute("INSERT INTO notes VALUES ('renewal', ?)", (json.dumps(renewal),))
    for _ in range(2):
        opened(path).close()
    assert [began.reason for began in epochs_in(path)] == ["created", "restored"]
