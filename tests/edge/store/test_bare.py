"""Whatever a gate reads of its journal past SQLite, its locks stay: no program beside it can take itself for the last reader."""

import errno
import os
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from access.entries import Observed
from edge.store.backup import back_up
from edge.store.bare import bare_file, let_go_of_former
from edge.store.database import is_unreadable
from edge.store.errors import StoreError
from edge.store.mark import LastKnown
from edge.store.recovery import rebuild
from edge.store.retention import OldEntries
from edge.store.verify import verify
from edge.store.writeahead import log_of
from tests.faults.journals import STAMP, add, opened, passages, stored

READS = "import sqlite3, sys; db = sqlite3.connect(sys.argv[1]); print(db.execute('SELECT count(*) FROM entries').fetchone()[0])"


def read_again(path: Path) -> None:
    """A page could not be read for a moment."""
    error = sqlite3.OperationalError("disk I/O error")
    error.sqlite_errorcode = sqlite3.SQLITE_IOERR_READ
    assert not is_unreadable(path, error)


def rebuild_in_vain(path: Path) -> None:
    """There is no room for what is left of a damaged file."""

    def is_full() -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with pytest.raises(StoreError, match="cannot be rebuilt"):
        rebuild(path, STAMP.utc_us, "damaged", LastKnown(), is_full)


@pytest.mark.parametrize("act", [read_again, rebuild_in_vain, lambda path: back_up(path, STAMP.utc_us), verify])
def test_who_only_reads_beside_a_gate_leaves_it_its_log(act: Callable[[Path], object], tmp_path: Path) -> None:
    path = tmp_path / "journal.db"
    with closing(opened(path)) as journal, closing(OldEntries(path)) as keeper:
        passages(journal, 5)
        keeper.room()
        act(path)
        journal.reopen(STAMP)
        add(journal, Observed("before"))
        subprocess.run([sys.executable, "-c", f"{READS}; db.close()", str(path)], check=True, stdout=subprocess.DEVNULL)
        assert log_of(path).exists(), "what is written from now on is lost at a kill"
        add(journal, Observed("after"))
        assert len(stored(path)) == journal.seq


def test_a_file_whose_name_another_bears_is_let_go_once_nobody_reads_it(tmp_path: Path) -> None:
    path, new = tmp_path / "journal.db", tmp_path / "new"
    path.write_bytes(b"former")
    new.write_bytes(b"the new")
    inode = path.stat().st_ino
    former = bare_file(path)
    new.rename(path)
    let_go_of_former(path)
    assert (former.size, former.read(2, 100)) == (6, b"rmer"), "who reads it is left without it"
    del former
    assert inode not in {file.stat().st_ino for file in Path("/proc/self/fd").iterdir() if file.exists()}, "its room is not free"
    assert bare_file(path).read(0, 100) == b"the new"
