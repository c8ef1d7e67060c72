"""Power cuts on paper: what was synced is there, the rest is not taken for granted; and the recorder misses nothing."""

import os
import subprocess
import sys
from pathlib import Path
from random import Random

import pytest

from simulators.powercut.cuts import Recording, everything_under
from simulators.powercut.recorder import RecorderError, build_recorder, recording_environment

SEEDS = range(60)
WRITER = """
import os, sys
from pathlib import Path
folder = Path(sys.argv[1])
def put(descriptor, data, at):
    os.pwrite(descriptor, data, at)
log = os.open(folder / "log", os.O_RDWR | os.O_CREAT)
put(log, b"1" * 1024, 0)
os.fsync(log)
here = os.open(folder, os.O_RDONLY)
os.fsync(here)
put(log, b"2" * 1024, 0)
draft = os.open(folder / "state.new", os.O_WRONLY | os.O_CREAT)
os.write(draft, b"new")
os.fsync(draft)
os.rename(folder / "state.new", folder / "state")
os.unlink(folder / "old")
os.fsync(here)
os.ftruncate(log, 512)
"""


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build_recorder(tmp_path_factory.mktemp("recorder"))


@pytest.fixture
def recording(library: Path, tmp_path: Path) -> Recording:
    root = tmp_path / "root"
    root.mkdir()
    for name in ("state", "old"):
        (root / name).write_bytes(b"before")
    before = everything_under(root)
    environment = os.environ | dict(recording_environment(library, root, tmp_path / "steps"))
    subprocess.run([sys.executable, "-c", WRITER, str(root)], env=environment, check=True)
    return Recording(tmp_path / "steps", before)


def outcomes(recording: Recording, at: int, name: str) -> set[bytes | None]:
    """What a file may hold (None: it is not there) after cuts before step `at`."""
    found = set()
    for seed in SEEDS:
        files = {path.name: content for path, content in recording.cut(at, Random(seed)).files.items()}
        found.add(files.get(name))
    return found


def after(recording: Recording, kind: str, nth: int = 1) -> int:
    """The place just after the nth step of a kind."""
    return [index for index, step in enumerate(recording.steps) if step.kind == kind][nth - 1] + 1


def test_every_step_is_noted_in_order(recording: Recording) -> None:
    assert "".join(step.kind for step in recording.steps) == "OWSDWOWSRUDT"


def test_what_is_synced_is_there_and_a_name_only_with_its_folder(recording: Recording) -> None:
    assert outcomes(recording, after(recording, "S"), "log") == {None, b"1" * 1024}
    assert outcomes(recording, after(recording, "D"), "log") == {b"1" * 1024}


def test_what_is_not_synced_is_there_or_not_or_torn_at_a_sector(recording: Recording) -> None:
    one, two = b"1" * 512, b"2" * 512
    assert outcomes(recording, after(recording, "W", 2), "log") == {one + one, two + two, one + two, two + one}
    assert outcomes(recording, after(recording, "T"), "log") >= {one, two, one + one, two + two}


def test_a_rename_is_old_or_new_and_never_half(recording: Recording) -> None:
    assert outcomes(recording, after(recording, "U"), "state") == {b"before", b"new"}
    assert outcomes(recording, after(recording, "U"), "old") == {None, b"before"}
    assert outcomes(recording, after(recording, "D", 2), "state") == {b"new"}
    assert outcomes(recording, after(recording, "D", 2), "old") == {None}


def test_without_a_compiler_it_says_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(RecorderError, match="install gcc"):
        build_recorder(tmp_path)
