"""The supervisor over real programs of an edge: each restarted alone, all gone with it."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest

from edge.exit_codes import CANNOT_START
from edge.logs import Log
from edge.places import Places
from edge.store.errors import StoreError
from edge.store.reader import JournalReader
from edge.supervisor import BACKOFF_FIRST_S, BACKOFF_MAX_S, Program, Supervisor
from edge.systemd import SOCKET
from simulators.standalone import prepare, small_rules
from tests.edge.notified import notified
from tests.edge.test_config import GOOD
from tests.waiting import wait_until

pytestmark = pytest.mark.programs

NO_REGISTRY = "http://127.0.0.1:9"
SUPERVISE = """
import sys
from pathlib import Path
from edge.logs import Log
from edge.supervisor import supervise
sys.exit(supervise(Path(sys.argv[1]), Log("supervisor"), sys.argv[2:], silent_after_s=3.0))
"""


@contextmanager
def supervised(folder: Path, *programs: str, notify: str = "") -> Iterator[tuple[subprocess.Popen[bytes], Path]]:
    config, log = folder / "gate.toml", folder / "log"
    command = [sys.executable, "-c", SUPERVISE, str(config), *programs]
    environment = os.environ | {SOCKET: notify}
    with log.open("ab") as said, subprocess.Popen(command, stderr=said, env=environment) as ours:
        try:
            yield ours, log
        finally:
            ours.kill()


def said(log: Path, event: str, **facts: Any) -> list[dict[str, Any]]:
    lines = [
        json.loads(line) for line in log.read_text(encoding="utf-8").splitlines() if line.startswith("{") and line.endswith("}")
    ]
    return [line for line in lines if line.get("event") == event and facts.items() <= line.items()]


def starts(places: Places) -> int:
    try:
        with closing(JournalReader(places.journal)) as reader:
            return sum(entry.kind == "start" for entry in reader.every())
    except StoreError:
        return 0


def is_running(process: int) -> bool:
    try:
        return Path(f"/proc/{process}/stat").read_text(encoding="ascii").rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


@pytest.fixture
def places(tmp_path: Path) -> Places:
    wires = GOOD.replace("serial:///dev/serial/by-id", f"serial://{tmp_path}").replace('ca_file = "ca.pem"\n', "")
    alone = wires.replace('[mqtt]\nurl = "mqtt://127.0.0.1:1883"\n', "").replace("https://registry.lakeside.example", NO_REGISTRY)
    _, config = prepare(tmp_path, alone, small_rules(bytes(range(32)), ["in-1"]))
    return Places(config.gate.data)


def test_one_killed_program_comes_back_alone(tmp_path: Path, places: Places) -> None:
    with supervised(tmp_path, "gate", "courier") as (ours, log):
        wait_until(lambda: starts(places) == 1, what="the gate to start")
        (gate,), (courier,) = (said(log, "program_started", started=name) for name in ("gate", "courier"))
        os.kill(gate["process"], signal.SIGKILL)
        wait_until(lambda: starts(places) == 2, what="the gate to start again")
        assert said(log, "program_ended", ended="gate", code=-signal.SIGKILL)
        assert not said(log, "program_ended", ended="courier")
        assert is_running(courier["process"])
        ours.terminate()
        assert ours.wait(timeout=20) == 0
        started = [line["process"] for line in said(log, "program_started")]
        assert len(started) == 3
        assert not any(map(is_running, started))
    with closing(JournalReader(places.journal)) as reader:
        assert [entry.kind for entry in reader.every()][-1] == "stop"


def test_no_program_outlives_its_supervisor(tmp_path: Path, places: Places) -> None:
    with supervised(tmp_path, "gate") as (ours, log):
        wait_until(lambda: starts(places) == 1, what="the gate to start")
        ours.kill()
        (gate,) = said(log, "program_started", started="gate")
        wait_until(lambda: not is_running(gate["process"]), what="the gate to end with its supervisor")


def test_a_gate_that_cannot_start_is_a_persons_business(tmp_path: Path, places: Places) -> None:
    places.identity.unlink()
    with supervised(tmp_path, "gate") as (ours, log):
        assert ours.wait(timeout=20) == CANNOT_START
        assert len(said(log, "program_started")) == 1
        assert "not enrolled" in said(log, "cannot_start")[0]["why"]


def test_the_newest_snapshot_that_is_whole_is_taken(tmp_path: Path, places: Places) -> None:
    (places.snapshots / "2.snapshot").write_bytes((places.snapshots / "1.snapshot").read_bytes()[:-1])
    with supervised(tmp_path, "gate") as (ours, log):
        wait_until(lambda: starts(places) == 1, what="the gate to start")
        wait_until(lambda: said(log, "entry", kind="snapshot"), what="the rules to be taken")
        assert "checksum" in said(log, "snapshot_refused")[0]["why"]
        ours.terminate()
        assert ours.wait(timeout=20) == 0


def test_a_gate_that_is_stopped_in_its_tracks_is_replaced(tmp_path: Path, places: Places) -> None:
    with supervised(tmp_path, "gate", "courier") as (ours, log):
        wait_until(lambda: said(log, "entry", kind="snapshot"), what="the gate to be at work")
        (gate,) = said(log, "program_started", started="gate")
        os.kill(gate["process"], signal.SIGSTOP)
        wait_until(lambda: starts(places) == 2, what="another gate to start", timeout_s=20)
        (hung,) = said(log, "program_hung", hung="gate")
        assert 3 <= hung["silent_s"] < 10
        assert said(log, "program_ended", ended="gate", code=-signal.SIGKILL)
        assert not said(log, "program_ended", ended="courier")
        ours.terminate()
        assert ours.wait(timeout=20) == 0


def test_the_service_is_ready_and_lives_as_long_as_its_gate_beats(tmp_path: Path, places: Places) -> None:
    with notified(tmp_path) as (address, heard), supervised(tmp_path, "gate", notify=address) as (ours, log):
        assert heard() == "READY=1\nWATCHDOG=1"
        assert starts(places) == 1, "ready before the gate was"
        assert heard() == "WATCHDOG=1"
        (gate,) = said(log, "program_started", started="gate")
        os.kill(gate["process"], signal.SIGSTOP)
        wait_until(lambda: said(log, "program_hung"), what="the gate to be found out")
        wait_until(lambda: starts(places) == 2, what="another gate to start")
        assert heard() == "WATCHDOG=1"
        ours.terminate()
        assert set(iter(heard, "STOPPING=1")) <= {"WATCHDOG=1"}, "it is ready only once"
        assert ours.wait(timeout=20) == 0


def test_waiting_doubles_up_to_a_limit() -> None:
    waits = [Program("gate", failures=failures).backoff_s() for failures in range(1, 12)]
    assert waits[:3] == [BACKOFF_FIRST_S, 2 * BACKOFF_FIRST_S, 4 * BACKOFF_FIRST_S]
    assert waits[-1] == BACKOFF_MAX_S


def test_a_machine_that_cannot_start_a_program_for_a_moment_ends_none_of_the_others(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: Any, **__: Any) -> None:
        raise OSError(12, "Cannot allocate memory")

    monkeypatch.setattr(subprocess, "Popen", full)
    supervisor = Supervisor(tmp_path / "gate.toml", ["gate"], Log("supervisor"), clock=lambda: 100.0)
    gate = supervisor.programs[0]
    before = len(list(Path("/proc/self/fd").iterdir()))
    assert supervisor._look_after(gate) == 0
    assert (gate.process, gate.failures, gate.restart_at) == (None, 1, 100.0 + BACKOFF_FIRST_S)
    assert len(list(Path("/proc/self/fd").iterdir())) == before
