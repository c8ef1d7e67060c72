"""Keeps the programs of an edge running: each is spawned, watched and restarted alone, and none outlives the supervisor.

The gate program must show that it works, not only that it is there: one that has not for `heartbeat.SILENT_AFTER_S` is killed and
started again. What starts others again stays small, and loads none of what they need.
"""

import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import NoReturn

from edge.exit_codes import CANNOT_START
from edge.heartbeat import SILENT_AFTER_S, VARIABLE, Watch
from edge.logs import Log
from edge.systemd import SOCKET, Service

WATCHED = "gate"
BACKOFF_FIRST_S = 0.2
BACKOFF_MAX_S = 5.0
SETTLED_S = 30.0
STOP_WITHIN_S = 8.0
LOOK_EVERY_S = 0.1
_PR_SET_PDEATHSIG = 1
_LIBC = ctypes.CDLL(None, use_errno=True)


@dataclass(slots=True)
class Program:
    """One program: its process, and when it may be started again (monotonic)."""

    name: str
    process: subprocess.Popen[bytes] | None = None
    watch: Watch | None = None
    started: float = 0.0
    restart_at: float = 0.0
    failures: int = 0
    restarts: int = field(default=0)

    def backoff_s(self) -> float:
        """Return how long to wait before the next start: doubling, up to a limit."""
        return min(BACKOFF_MAX_S, BACKOFF_FIRST_S * 2.0 ** max(0, self.failures - 1))


class Supervisor:
    """Starts programs with one configuration file and keeps them running until told to stop."""

    def __init__(
        self,
        config: Path,
        programs: Sequence[str],
        log: Log,
        clock: Callable[[], float] = time.monotonic,
        service: Service | None = None,
        silent_after_s: float = SILENT_AFTER_S,
    ) -> None:
        self._config = config
        self._log = log
        self._clock = clock
        self._service = service or Service()
        self._silent_after_s = silent_after_s
        self._stopping = False
        self.programs = [Program(name) for name in programs]

    def run(self) -> int:
        """Run until `stop`, or until the gate program says that it cannot start; returns the exit code."""
        code = 0
        while not self._stopping and code == 0:
            for program in self.programs:
                code = code or self._look_after(program)
            time.sleep(LOOK_EVERY_S)
        self._service.stopping()
        self._stop_all()
        return code

    def stop(self) -> None:
        """Ask `run` to return; safe from a signal handler."""
        self._stopping = True

    def _look_after(self, program: Program) -> int:
        now = self._clock()
        if program.process is None:
            if now >= program.restart_at:
                try:
                    self._start(program, now)
                except OSError as error:
                    self._could_not_start(program, now, error)
            return 0
        code = program.process.poll()
        if code is None:
            self._listen(program, now)
            if program.failures and now - program.started > SETTLED_S:
                program.failures = 0
            return 0
        program.process = None
        _unwatch(program)
        program.failures += 1
        program.restarts += 1
        program.restart_at = now + program.backoff_s()
        self._log.warning("program_ended", ended=program.name, code=code, again_in_s=round(program.backoff_s(), 2))
        return CANNOT_START if program.name == "gate" and code == CANNOT_START else 0

    def _listen(self, program: Program, now: float) -> None:
        """Hear whether a watched program works; kill one that has not shown it for too long, stopped or spinning as it may be."""
        if program.watch is None or program.process is None:
            return
        if program.watch.heard(now):
            self._service.alive()
        elif program.watch.is_too_long():
            self._log.error("program_hung", hung=program.name, silent_s=round(program.watch.silent_s(), 1))
            program.process.kill()
            _unwatch(program)

    def _could_not_start(self, program: Program, now: float, error: OSError) -> None:
        """Try again later: the machine has no memory or no descriptors left for a moment, and the others go on."""
        if program.watch is not None:
            program.watch.hand_over()
        _unwatch(program)
        program.failures += 1
        program.restart_at = now + program.backoff_s()
        self._log.error("program_not_started", wanted=program.name, error=str(error))

    def _start(self, program: Program, now: float) -> None:
        command = [sys.executable, "-m", f"edge.{program.name}", "--config", str(self._config)]
        program.watch = Watch(now, self._silent_after_s) if program.name == WATCHED else None
        pipes = [] if program.watch is None else [program.watch.writing]
        program.process = subprocess.Popen(
            command,
            env=os.environ | {VARIABLE: "".join(map(str, pipes))},
            pass_fds=pipes,
            preexec_fn=_end_with_parent,  # noqa: PLW1509 - one thread here
        )
        if program.watch is not None:
            program.watch.hand_over()
        program.started = now
        self._log.info("program_started", started=program.name, process=program.process.pid)

    def _stop_all(self) -> None:
        """Ask all to stop; who does not within the time is killed."""
        running = [program.process for program in self.programs if program.process is not None]
        for process in running:
            process.send_signal(signal.SIGTERM)
        deadline = self._clock() + STOP_WITHIN_S
        for process in running:
            try:
                process.wait(max(0.1, deadline - self._clock()))
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def _unwatch(program: Program) -> None:
    if program.watch is not None:
        program.watch.close()
        program.watch = None


def _end_with_parent() -> None:
    """Have the kernel send SIGTERM when the supervisor dies, however it dies; and leave Ctrl-C to the supervisor."""
    _LIBC.prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
    signal.signal(signal.SIGINT, signal.SIG_IGN)


def become(config: Path, programs: Sequence[str]) -> NoReturn:
    """Go on as the supervisor of these programs, the same process: what was loaded to come this far is given back."""
    os.execv(sys.executable, [sys.executable, "-m", "edge.supervisor", str(config), *programs])  # noqa: S606 - fixed arguments


def supervise(config: Path, log: Log, programs: Sequence[str], silent_after_s: float = SILENT_AFTER_S) -> int:
    """Run an edge until SIGTERM or SIGINT, telling systemd where it asks; returns the exit code."""
    service = Service(os.environ.pop(SOCKET, ""))  # ours alone: no program under us speaks for the service
    supervisor = Supervisor(config, programs, log, service=service, silent_after_s=silent_after_s)
    for name in (signal.SIGTERM, signal.SIGINT):
        signal.signal(name, lambda _signal, _frame: supervisor.stop())
    return supervisor.run()


if __name__ == "__main__":
    sys.exit(supervise(Path(sys.argv[1]), Log("supervisor"), sys.argv[2:]))
