"""Fault 12: after a kill the write-ahead log is deleted, moved or put back. What it held is lost, and that is seen and said."""

import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from uuid import UUID

import pytest

from access.entries import AlarmRaised, GapDeclared
from edge.places import Places
from edge.store.mark import LastKnown, OpenMark
from simulators.standalone import prepare
from tests.edge.gate.rig import GATE_TOML, rules
from tests.faults.journals import bodies_of, copied, epochs_in, gaps_in, opened, passages, signed_head, stored


def deleted(log: Path) -> None:
    log.unlink()


def emptied(log: Path) -> None:
    log.write_bytes(b"")


@pytest.mark.parametrize("loses", [deleted, emptied])
def test_fault_12_a_log_that_is_gone_is_seen_without_any_head(tmp_path: Path, loses: Callable[[Path], None]) -> None:
    with closing(opened(tmp_path / "gate" / "journal.db")) as journal:
        passages(journal, 5)
        journal.tidy()
        in_the_file = journal.seq
        passages(journal, 5)
        left = copied(tmp_path / "gate" / "journal.db", tmp_path / "box")
        epoch = journal.epoch
    loses(left.with_name("journal.db-wal"))
    opened(left).close()
    opened(left).close()
    assert [began.reason for began in epochs_in(left)] == ["created", "rebuilt"]
    assert gaps_in(left) == [GapDeclared(epoch.hex, in_the_file + 1, 0, "log_lost")]
    assert any(isinstance(body, AlarmRaised) and body.what == "journal_tail_lost" for body in bodies_of(left))
    assert len(stored(left)) == in_the_file + 3


def test_fault_12_an_older_log_in_its_place_is_seen_by_the_signed_head(tmp_path: Path) -> None:
    with closing(opened(tmp_path / "gate" / "journal.db")) as journal:
        passages(journal, 5)
        before, epoch = journal.seq, journal.epoch
        left = copied(tmp_path / "gate" / "journal.db", tmp_path / "box")
        passages(journal, 5)
        head = signed_head(journal)
    opened(left, head).close()
    opened(left, head).close()
    assert [began.reason for began in epochs_in(left)] == ["created", "rebuilt"]
    assert gaps_in(left) == [GapDeclared(epoch.hex, before + 1, 0, "behind_head")]


def test_fault_12_a_journal_that_was_changed_after_it_was_signed_is_shown(tmp_path: Path) -> None:
    path = tmp_path / "journal.db"
    with closing(opened(path)) as journal:
        passages(journal, 5)
        head = signed_head(journal).model_copy(update={"head": "00" * 32})
    opened(path, head).close()
    assert [began.reason for began in epochs_in(path)] == ["created", "rebuilt"]
    assert any(isinstance(body, AlarmRaised) and body.what == "journal_changed" for body in bodies_of(path))


def test_fault_12_a_file_that_is_gone_altogether_is_missed(tmp_path: Path) -> None:
    path = tmp_path / "journal.db"
    with closing(opened(path)) as journal:
        head = signed_head(journal)
    path.unlink()
    opened(path, head).close()
    assert [began.reason for began in epochs_in(path)] == ["rebuilt"]
    assert gaps_in(path) == [GapDeclared(head.epoch.hex, 1, 0, "file_lost")]


def test_fault_12_neither_a_kill_nor_an_orderly_stop_begins_anew(tmp_path: Path) -> None:
    path = tmp_path / "gate" / "journal.db"
    path.parent.mkdir()
    with closing(opened(path)) as journal:
        passages(journal, 5)
        head = signed_head(journal)
        left = copied(path, tmp_path / "box")
    assert OpenMark(path).last_known() == LastKnown()
    for stopped in (path, left):
        for _ in range(2):
            opened(stopped, head).close()
        assert [began.reason for began in epochs_in(stopped)] == ["created"]


def test_fault_12_a_start_that_fails_before_it_writes_leaves_nothing_to_miss(tmp_path: Path) -> None:
    with closing(opened(tmp_path / "gate" / "journal.db")) as journal:
        passages(journal, 5)
        left = copied(tmp_path / "gate" / "journal.db", tmp_path / "box")
    failed = opened(left)
    failed._db.close()  # as a program ends that does not come to its own end: SQLite moves the log, and deletes it
    failed._lock.release()
    assert not left.with_name("journal.db-wal").exists()
    opened(left).close()
    assert [began.reason for began in epochs_in(left)] == ["created"]


def test_fault_12_a_journal_that_is_closed_in_doubt_has_its_log_or_needs_none(tmp_path: Path) -> None:
    path = tmp_path / "journal.db"
    with closing(opened(path)) as journal:
        passages(journal, 5)
        journal.is_certain = False
    opened(path).close()
    assert [began.reason for began in epochs_in(path)] == ["created"]


def test_fault_12_a_log_whose_header_does_not_hold_is_as_good_as_gone(tmp_path: Path) -> None:
    with closing(opened(tmp_path / "gate" / "journal.db")) as journal:
        passages(journal, 5)
        left = copied(tmp_path / "gate" / "journal.db", tmp_path / "box")
    log = left.with_name("journal.db-wal")
    log.write_bytes(bytes(8) + log.read_bytes()[8:])
    opened(left).close()
    assert [gap.reason for gap in gaps_in(left)] == ["log_lost"]


def test_fault_12_what_is_lost_is_said_too_where_the_box_was_enrolled_anew_meanwhile(tmp_path: Path) -> None:
    with closing(opened(tmp_path / "gate" / "journal.db")) as journal:
        passages(journal, 5)
        journal.tidy()
        passages(journal, 5)
        left = copied(tmp_path / "gate" / "journal.db", tmp_path / "box")
    left.with_name("journal.db-wal").unlink()
    opened(left, edge=UUID(int=2)).close()
    assert [began.reason for began in epochs_in(left)] == ["created", "enrolled"]
    assert [gap.reason for gap in gaps_in(left)] == ["log_lost"]


def test_fault_12_a_gate_that_fails_in_its_course_leaves_nothing_to_miss(tmp_path: Path) -> None:
    reader, board = (f"serial:///dev/nowhere-{name}?baud=9600" for name in ("reader", "board"))
    toml = GATE_TOML.format(reader=reader, board=board, on_store_failure="deny", lane="", barrier="")
    config_file, config = prepare(tmp_path, toml, rules())
    places = Places(config.gate.data)
    (places.gate_socket / "in the way").mkdir(parents=True)
    failed = subprocess.run([sys.executable, "-m", "edge.gate", "--config", str(config_file)], capture_output=True, check=False)
    assert b"gate.sock" in failed.stderr + failed.stdout
    assert [began.reason for began in epochs_in(places.journal)] == ["created"]
    assert OpenMark(places.journal).last_known() == LastKnown()
