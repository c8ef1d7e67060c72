"""Fault 13: two agents on one journal. The second is refused and told who holds it; a lock of the dead holds nobody up."""

import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from edge.store.errors import StoreLockedError
from tests.faults.journals import epochs_in, opened, passages, stored


def test_fault_13_the_second_is_refused_and_nothing_of_the_first_is_touched(tmp_path: Path) -> None:
    path = tmp_path / "journal.db"
    command = [sys.executable, "-m", "tests.edge.store.writer", str(path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as first:
        assert first.stdout is not None
        first.stdout.readline()
        with pytest.raises(StoreLockedError, match=f"held by process {first.pid}, boot "):
            opened(path)
        before = int(first.stdout.readline())
        assert int(first.stdout.readline()) > before, "the first does not go on"
        first.kill()
    with closing(opened(path)) as second:  # its lock went with its process
        passages(second, 1)
    assert [began.reason for began in epochs_in(path)] == ["created"]
    stored(path)


def test_fault_13_what_a_dead_process_has_written_into_the_lock_holds_nobody_up(tmp_path: Path) -> None:
    path = tmp_path / "journal.db"
    path.with_suffix(".lock").write_text("process 1, boot 00000000-0000-0000-0000-000000000000\n", encoding="utf-8")
    opened(path).close()
