"""Fault 10: a sector of the journal cannot be read any more. What lies elsewhere goes on, what is lost is said."""

import os
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from access.entries import Observed
from edge.store.replacing import QUARANTINE
from tests.faults.bad_disk import build_bad_disk
from tests.faults.journals import bodies_of, copied, epochs_in, gaps_in, is_declared, opened, passages, stored

SECTOR = 4096


@pytest.fixture(scope="module")
def disk(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build_bad_disk(tmp_path_factory.mktemp("disk"))


@pytest.fixture(scope="module")
def left(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("gate") / "journal.db"
    with closing(opened(path)) as journal:
        passages(journal, 60)
    return path


def start(path: Path, disk: Path, at: int) -> None:
    """Start a gate whose journal has a bad sector there."""
    unreadable = f"{path.stat().st_ino} {at} {at + SECTOR}"
    command = [sys.executable, "-m", "tests.faults.opening_program", str(path)]
    subprocess.run(command, env=os.environ | {"LD_PRELOAD": str(disk), "BAD_DISK_UNREADABLE": unreadable}, check=True)


@pytest.mark.parametrize("part", [0.0, 0.3, 0.6, 0.95])
def test_fault_10_a_bad_sector_costs_no_more_than_what_lies_in_it(part: float, left: Path, disk: Path, tmp_path: Path) -> None:
    before, path = stored(left), copied(left, tmp_path)
    sectors = path.stat().st_size // SECTOR
    inode = path.stat().st_ino
    start(path, disk, int(sectors * part) * SECTOR)
    kept, gaps = stored(path), gaps_in(path)
    lost = [place for place in before if place not in kept]
    assert lost or not part, "the sector was read"
    assert len(lost) <= 25, "more is lost than lies in a sector"
    assert all(is_declared(place, gaps) for place in lost)
    assert Observed("the gate goes on") in bodies_of(path)
    assert [began.reason for began in epochs_in(path)] == ["created", "rebuilt"]
    (aside,) = (tmp_path / QUARANTINE).glob("*/journal.db")
    assert aside.stat().st_ino == inode, "it was copied"


def test_fault_10_a_bad_sector_is_in_no_upgrades_way(left: Path, disk: Path, tmp_path: Path) -> None:
    before, path = stored(left), copied(left, tmp_path)
    with closing(sqlite3.connect(path, isolation_level=None)) as db:
        db.execute("DELETE FROM _sqlite_migrations WHERE name = 'm004_heard'")
    start(path, disk, path.stat().st_size // SECTOR // 2 * SECTOR)
    kept, gaps = stored(path), gaps_in(path)
    assert all(place in kept or is_declared(place, gaps) for place in before)
    assert Observed("the gate goes on") in bodies_of(path)


@pytest.mark.parametrize("part", [0.1, 0.4, 0.7])
def test_fault_10_a_sector_that_goes_bad_beneath_a_running_gate_is_dealt_with_once(
    part: float, left: Path, disk: Path, tmp_path: Path
) -> None:
    before, path = stored(left), copied(left, tmp_path)
    at = int(path.stat().st_size // SECTOR * part) * SECTOR
    command = [sys.executable, "-m", "tests.faults.reopening_program", str(path), str(at), str(at + SECTOR)]
    subprocess.run(command, env=os.environ | {"LD_PRELOAD": str(disk)}, check=True)
    kept, gaps = stored(path), gaps_in(path)
    assert all(place in kept or is_declared(place, gaps) for place in before)
    assert Observed("the gate goes on") in bodies_of(path)
    assert [began.reason for began in epochs_in(path)] == ["created", "rebuilt"]
