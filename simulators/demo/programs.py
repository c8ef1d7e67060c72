"""The installed programs that the demonstration runs: started as a person would, watched, and never left behind."""

import os
import subprocess
import sys
import sysconfig
from collections.abc import Sequence
from pathlib import Path
from typing import Final

STOP_WITHIN_S: Final = 15.0
LOG_TAIL: Final = 2000


class ProgramError(Exception):
    """A program did not do what was asked; tells which, and the end of what it said."""


def installed(name: str) -> str:
    """Return the path of one of our console scripts, beside the running Python."""
    path = Path(sysconfig.get_path("scripts")) / name
    if not path.exists():
        raise ProgramError(f"{name} is not installed beside {sys.executable}")
    return str(path)


def python_module(name: str, *arguments: str) -> list[str]:
    """Return the command that runs one of our modules under this Python."""
    return [sys.executable, "-m", name, *arguments]


class Program:
    """A program that runs until stopped, its output in a log file; it dies with us even if we are killed.

    Started from the main thread: the kernel takes the starting thread for the parent.
    """

    def __init__(self, command: Sequence[str], log: Path) -> None:
        self._command = list(command)
        self._log = log
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def name(self) -> str:
        """What it is called in messages."""
        return _name(self._command)

    @property
    def pid(self) -> int:
        """Its process id; 0 where it does not run."""
        return self._process.pid if self._process else 0

    def start(self) -> None:
        """Start it, in a session of its own so that Ctrl-C reaches us alone and we stop all in order."""
        leash = python_module("simulators.demo.leash", str(os.getpid()))
        self._log.parent.mkdir(parents=True, exist_ok=True)
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                leash + self._command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True
            )

    def check(self) -> None:
        """Raise ProgramError where it has ended by itself."""
        if self._process is not None and (code := self._process.poll()) is not None:
            raise ProgramError(f"{self.name} ended with {code}: {self._last_words()}")

    def ask_to_stop(self) -> None:
        """Ask it to stop, and do not wait."""
        if self._process is not None:
            self._process.terminate()

    def stop(self) -> None:
        """Ask it to stop; kill it where it does not."""
        if self._process is None:
            return
        self._process.terminate()
        try:
            self._process.wait(STOP_WITHIN_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._process = None

    def _last_words(self) -> str:
        return self._log.read_text(encoding="utf-8", errors="replace")[-LOG_TAIL:].strip()


def _name(command: Sequence[str]) -> str:
    return " ".join([Path(command[0]).name, *command[1:2]])
