"""Fault 17: the schema is upgraded while entries wait to be sent, and killed at every statement. They go in their old bytes."""

import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from access.entries import Observed
from edge.store.backup import BACKUPS
from edge.store.migrations import journal as steps
from edge.store.reader import JournalReader
from edge.store.sqlite import database_at
from tests.faults.journals import STAMP, add, copied, epochs_in, opened, passages, stored
from tests.sizes import sized

PENDING = sized(quick=1000, soak=10_000)


@pytest.fixture(scope="module")
def of_old(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A journal as the first version left it, with entries that wait."""
    folder = tmp_path_factory.mktemp("old")
    today, path = folder / "today.db", folder / "journal.db"
    with closing(opened(today)) as written:
        passages(written, 50)
        written.append([written.draft(Observed(str(number)), STAMP) for number in range(PENDING)], STAMP)
    with closing(database_at(path)) as db:
        steps.apply(db, stop_before="m003_epochs")
        db.attach("today", today)
        db.execute("INSERT INTO entries SELECT * FROM today.entries")
        db.execute("INSERT INTO facts SELECT name, value FROM today.facts")
    return path


def test_fault_17_a_backup_is_made_first_and_what_waits_is_sent_in_its_old_bytes(of_old: Path, tmp_path: Path) -> None:
    before = stored(of_old)
    path = copied(of_old, tmp_path)
    with closing(opened(path)) as upgraded:
        add(upgraded, Observed("after the upgrade"))
    (backup,) = (tmp_path / BACKUPS).iterdir()
    assert stored(backup) == before
    with closing(JournalReader(path)) as reader:
        (epoch,) = reader.epochs()
        sent = reader.after(epoch, 0, len(before) + 10)
    assert [entry.canonical for entry in sent[:-1]] == list(before.values())
    assert len(epochs_in(path)) == 1
    opened(path).close()
    assert len(list((tmp_path / BACKUPS).iterdir())) == 1, "nothing was to be upgraded"


def upgrade(path: Path, killed_at: int) -> int:
    """Upgrade in a process of its own; returns how many statements it took, 0 where it was killed."""
    command = [sys.executable, "-m", "tests.faults.upgrade_program", str(path), str(killed_at)]
    return int(subprocess.run(command, stdout=subprocess.PIPE, check=False).stdout or 0)


def test_fault_17_killed_at_every_statement_it_goes_on_from_the_last_whole_step(of_old: Path, tmp_path: Path) -> None:
    before = stored(of_old)
    many = upgrade(copied(of_old, tmp_path / "whole"), 0)
    for last in range(2, many + 1, sized(quick=many // 5, soak=1)):
        path = copied(of_old, tmp_path / str(last))
        assert upgrade(path, last) == 0
        with closing(opened(path)) as upgraded:
            assert upgraded.seq == len(before), f"killed at statement {last}"
        assert stored(path) == before


def test_fault_17_only_the_last_two_backups_are_kept(of_old: Path, tmp_path: Path) -> None:
    folder = tmp_path / BACKUPS
    folder.mkdir()
    for day in (1, 2, 3):
        (folder / f"journal-2026010{day}T000000.000000Z.db").write_bytes(b"older")
    opened(copied(of_old, tmp_path)).close()
    assert len(list(folder.iterdir())) == 2
