"""Fault 4: the power comes and goes, twenty boots in quick succession. Each start is short and leaves the journal whole."""

from pathlib import Path
from random import Random
from threading import Event

import pytest

from access.entries import AlarmRaised, EpochBegan, Started
from tests.faults.door import Door
from tests.faults.registry_program import told, written
from tests.sizes import sized

pytestmark = pytest.mark.programs

BOOTS = sized(quick=3, soak=20)
ENTRIES_PER_BOOT_MAX = 60
LOG_PER_BOOT_MAX = 64 * 1024


def test_fault_04_twenty_boots_in_a_row_do_no_harm(tmp_path: Path) -> None:
    chance = Random(4)
    with Door(tmp_path / "east") as door:
        for _ in range(BOOTS):
            door.start("gate")
            Event().wait(chance.uniform(0.05, 1.5))  # before, amid and after the opening of the journal
            door.kill("gate")
        door.start("gate")
        door.pass_one(30)
        door.stop("gate")
        bodies = told(door.places)
        assert (door.folder / "gate.log").stat().st_size < BOOTS * LOG_PER_BOOT_MAX, "no storm in the log"
    assert [type(body) for body in bodies if isinstance(body, EpochBegan | AlarmRaised)] == [EpochBegan], "nothing was amiss"
    assert 1 <= sum(isinstance(body, Started) for body in bodies) <= BOOTS + 1
    assert len(bodies) < BOOTS * ENTRIES_PER_BOOT_MAX
    assert [entry.seq for entry in written(door.places)] == list(range(1, len(bodies) + 1))
