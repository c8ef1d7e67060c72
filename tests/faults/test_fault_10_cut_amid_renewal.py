"""Faults 10, 12 amid fault 1: the power fails, or a kill comes, while a journal is made anew, put back or found without its log.

Whatever the moment: the next start succeeds, and what was acknowledged is there, or said to be lost.
"""

import os
import shutil
import subprocess
import sys
from contextlib import closing
from pathlib import Path
from random import Random
from uuid import UUID

import pytest

from access.contract.checkpoints import Checkpoint
from access.entries import Observed
from edge.store.head import keep_head
from edge.store.replacing import QUARANTINE
from edge.store.verify import verify
from simulators.powercut.cuts import Recording, everything_under
from simulators.powercut.recorder import build_recorder, recording_environment
from tests.faults.journals import Place, add, copied, epochs_in, gaps_in, is_declared, opened, passages, signed_head, stored
from tests.sizes import sized

pytestmark = pytest.mark.programs

STEPS_PER_CUT = sized(quick=20, soak=1)
PAGE_BYTES = 512


class Kill(Random):
    """Chance that keeps all that was written: the program is killed, and the power stays on."""

    def random(self) -> float:
        return 0.35

    def randint(self, a: int, b: int) -> int:
        return b


@pytest.fixture(scope="module")
def recorder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build_recorder(tmp_path_factory.mktemp("recorder"))


class Left:
    """What a kill has left of a gate's journal: entries in the file, more in the log alone; a backup of before."""

    def __init__(self, folder: Path) -> None:
        source = folder / "journal.db"
        with closing(opened(source)) as journal:
            passages(journal, 6)
            journal.tidy()
            in_the_file = journal.seq
            self.path = copied(source, folder / "gate")
            shutil.copy(source, folder / "gate" / "copy.db")
            passages(journal, 4, 6)
            copied(source, folder / "gate")
            self.epoch, self.head = journal.epoch, signed_head(journal)
        self.acknowledged = {(self.epoch, seq) for seq in range(1, self.head.seq + 1)}
        assert in_the_file < self.head.seq

    @property
    def root(self) -> Path:
        return self.path.parent

    def lose_header(self) -> None:
        content = self.path.read_bytes()
        self.path.write_bytes(bytes(100) + content[100:])

    def lose_rows(self) -> None:
        content = self.path.read_bytes()
        middle = len(content) // 2 // PAGE_BYTES * PAGE_BYTES
        self.path.write_bytes(content[:middle] + bytes(4 * PAGE_BYTES) + content[middle + 4 * PAGE_BYTES :])

    def lose_log(self) -> None:
        self.path.with_name("journal.db-wal").unlink()

    def record(self, doing: str, recorder: Path) -> Recording:
        """Let a program do something with it, every step written down."""
        before = everything_under(self.root)
        log = self.root.parent / "steps"
        environment = recording_environment(recorder, self.root, log)
        command = [sys.executable, "-m", "tests.faults.renewing_program", doing, str(self.path)]
        subprocess.run(command, env=os.environ | dict(environment), check=True)
        return Recording(log, before)


def moments(recording: Recording) -> list[int]:
    """Return before which steps to cut: each that changes a name, and some of the others."""
    renamed = {index for index, step in enumerate(recording.steps) if step.kind in "RU"}
    return sorted(renamed | {index + 1 for index in renamed} | set(range(0, len(recording.steps) + 1, STEPS_PER_CUT)))


def judge(left: Left, recording: Recording, at: int, chance: Random, head: Checkpoint | None) -> None:
    remains = recording.cut(at, chance)
    remains.lay(left.root)
    said = (step.data.decode().split() for step in remains.said)
    acknowledged = left.acknowledged | {(UUID(epoch), int(seq)) for epoch, seq in said}
    with closing(opened(left.path, head)) as journal:
        add(journal, Observed("the gate goes on"))
    kept, gaps = stored(left.path), gaps_in(left.path)
    lost = [place for place in acknowledged if place not in kept and not is_declared(place, gaps)]
    assert not lost, f"cut before step {at} of {len(recording.steps)}: {sorted(seq for _, seq in lost)} are lost with no word"
    assert verify(left.path).faults == []
    begun = len(epochs_in(left.path))
    opened(left.path, head).close()
    assert len(epochs_in(left.path)) == begun, f"cut before step {at}: the next start begins anew again"


def cut_everywhere(left: Left, recording: Recording, head: Checkpoint | None = None) -> None:
    for number, at in enumerate(moments(recording)):
        judge(left, recording, at, Kill() if number % 2 else Random(at), head)


@pytest.mark.parametrize("doing", ["start", "start_alone"])
def test_fault_10_a_rebuilding_may_be_cut_off_at_any_step(doing: str, recorder: Path, tmp_path: Path) -> None:
    left = Left(tmp_path)
    left.lose_rows()
    left.lose_header()
    cut_everywhere(left, left.record(doing, recorder))


def test_fault_10_a_rebuilding_without_the_log_may_be_cut_off_at_any_step(recorder: Path, tmp_path: Path) -> None:
    left = Left(tmp_path)
    left.lose_header()
    left.lose_log()
    cut_everywhere(left, left.record("start_alone", recorder))


def test_fault_10_a_rebuilding_in_a_running_gate_may_be_cut_off_at_any_step(recorder: Path, tmp_path: Path) -> None:
    left = Left(tmp_path)
    cut_everywhere(left, left.record("rot", recorder))


def test_fault_12_a_start_that_finds_no_log_may_be_cut_off_at_any_step(recorder: Path, tmp_path: Path) -> None:
    left = Left(tmp_path)
    left.lose_log()
    cut_everywhere(left, left.record("start_alone", recorder))


def test_fault_10_a_restore_may_be_cut_off_at_any_step(recorder: Path, tmp_path: Path) -> None:
    left = Left(tmp_path)
    keep_head(left.root / "journal.head", left.head)
    recording = left.record("put_back", recorder)
    for number, at in enumerate(moments(recording)):
        judge(left, recording, at, Kill() if number % 2 else Random(at), left.head)
        assert everywhere(left) >= left.acknowledged, f"cut before step {at}: what was not in the backup is gone"


def everywhere(left: Left) -> set[Place]:
    """Return what is in the journal, or was set aside whole."""
    found = set(stored(left.path))
    for aside in (left.root / QUARANTINE).glob("*/journal.db"):
        found |= set(stored(aside))
    return found
