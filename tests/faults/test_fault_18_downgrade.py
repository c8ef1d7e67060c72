"""Fault 18: an earlier version is started on a later version's journal. It refuses in plain words, and touches nothing."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from edge.store.errors import StoreDamagedError, StoreError
from edge.store.replacing import QUARANTINE
from tests.faults.journals import opened, passages


def test_fault_18_the_file_stays_as_it_is_byte_for_byte(tmp_path: Path) -> None:
    path = tmp_path / "journal.db"
    with closing(opened(path)) as journal:
        passages(journal, 5)
    with closing(sqlite3.connect(path, isolation_level=None)) as later:
        later.execute(
            "INSERT INTO _sqlite_migrations (migration_set, name, applied_at) VALUES ('gatehouse-journal', 'm999_x', '')"
        )
        later.execute("ALTER TABLE entries ADD COLUMN later TEXT")
    before = path.read_bytes()
    with pytest.raises(StoreError, match=r"written by a later version \(m999_x\): install that version again") as refused:
        opened(path)
    assert not isinstance(refused.value, StoreDamagedError)
    assert path.read_bytes() == before
    assert not (tmp_path / QUARANTINE).exists()
