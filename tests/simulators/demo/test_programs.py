"""Programs are stopped in order, missed when they end, and never outlive who started them."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from simulators.demo.programs import Program, ProgramError, installed, python_module
from tests.waiting import wait_until

WAITS = "signal.alarm(600); signal.pause()"  # for a signal; should nobody end it, its own alarm does
SLEEPER = [sys.executable, "-c", f"import signal; print('up', flush=True); {WAITS}"]
DEAF = [sys.executable, "-c", f"import signal; signal.signal(15, signal.SIG_IGN); print('up', flush=True); {WAITS}"]
STARTER = f"""
import signal, sys
from pathlib import Path
from simulators.demo.programs import Program
program = Program([sys.executable, "-c", "import signal; {WAITS}"], Path(sys.argv[1]))
program.start()
print(program.pid, flush=True)
{WAITS}
"""


def says_up(log: Path) -> bool:
    return log.exists() and "up" in log.read_text()


def runs(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return False
    return state != "Z"


def test_starts_and_stops(tmp_path: Path) -> None:
    log = tmp_path / "logs" / "sleeper.log"
    program = Program(SLEEPER, log)
    program.start()
    pid = program.pid
    wait_until(lambda: says_up(log))
    program.check()
    program.ask_to_stop()
    program.stop()
    assert not runs(pid)
    assert program.pid == 0
    program.stop()


def test_one_that_does_not_listen_is_killed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("simulators.demo.programs.STOP_WITHIN_S", 0.2)
    program = Program(DEAF, tmp_path / "deaf.log")
    program.start()
    pid = program.pid
    wait_until(lambda: says_up(tmp_path / "deaf.log"))
    program.stop()
    assert not runs(pid)


def test_one_that_ends_is_missed_with_its_last_words(tmp_path: Path) -> None:
    program = Program([sys.executable, "-c", "raise SystemExit('no disk')"], tmp_path / "log")
    program.start()

    def is_missed() -> bool:
        try:
            program.check()
        except ProgramError as error:
            return "no disk" in str(error)
        return False

    wait_until(is_missed)
    program.stop()


def test_it_dies_with_who_started_it_even_by_kill(tmp_path: Path) -> None:
    starter = subprocess.Popen([sys.executable, "-c", STARTER, str(tmp_path / "log")], stdout=subprocess.PIPE, text=True)
    assert starter.stdout is not None
    pid = int(starter.stdout.readline())
    # Only when it has become the program does it hang on its parent.
    wait_until(lambda: b"leash" not in Path(f"/proc/{pid}/cmdline").read_bytes())
    os.kill(starter.pid, signal.SIGKILL)
    starter.wait()
    starter.stdout.close()
    wait_until(lambda: not runs(pid))


def test_console_scripts_are_found_beside_the_running_python() -> None:
    assert Path(installed("gatehouse-sim")).exists()
    with pytest.raises(ProgramError, match="gatehouse-nothing is not installed"):
        installed("gatehouse-nothing")
    assert python_module("simulators.demo.broker", "1")[1:] == ["-m", "simulators.demo.broker", "1"]
