"""A run of many gates against a registry: each makes entries at its own pace and sends them as a courier does."""

import os
import random
import resource
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from access.contract.sync import ENTRIES_PER_BATCH_MAX, BatchAck
from devices.transports.backoff import Backoff
from edge.identity import Identity
from simulators.load.gates import PretendedGate, Shot
from simulators.load.story import Line
from simulators.load.tally import Tally
from simulators.load.wire import RefusedError, Registry, Wire

BACKOFF_S: Final = (0.2, 10.0)
LOOK_S: Final = 0.5


@dataclass(frozen=True, slots=True)
class Wanted:
    """How hard a run is: entries a second and gate, for how long; entries that wait at each gate at its start.

    Afterwards what is left may take `drain_s`.
    """

    rate: float
    seconds: float
    backlog: int = 0
    batch: int = ENTRIES_PER_BATCH_MAX
    pictures: bool = False
    drain_s: float = 120.0


class Run:
    """A thread a gate: nearly all of them wait, for their next entry or for an answer."""

    def __init__(self, registry: Registry, gates: Sequence[Identity], story: Sequence[Line], wanted: Wanted) -> None:
        self.tally = Tally()
        self._wanted = wanted
        self._stop = threading.Event()
        at = datetime.now(UTC)
        made = [PretendedGate.begun(identity, story, str(identity.edge), at, with_pictures=wanted.pictures) for identity in gates]
        for gate in made:
            for _ in range(wanted.backlog):
                gate.write(at, 0.0, backlog=True)
        self._senders = [Sender(registry, gate, wanted, self.tally, self._stop) for gate in made]

    def go(self, watch: Callable[[Tally, float], None], server: int = 0) -> dict[str, Any]:
        """Run, telling `watch` how it goes with the seconds gone; returns the figures. Ctrl-C ends it early, figures and all."""
        before, server_before = _own_cpu_s(), family_cpu_s(server)
        began = time.monotonic()
        threads = [threading.Thread(target=sender.run, args=(began,), daemon=True) for sender in self._senders]
        for thread in threads:
            thread.start()
        interrupted = False
        try:
            self._wait(threads, began, watch)
        except KeyboardInterrupt:
            interrupted = True
        self._stop.set()
        ended = time.monotonic()
        figures = {"gates": len(threads), "rate": self._wanted.rate, **self.tally.figures(began, ended)}
        took = ended - began
        figures["waiting"] = sum(len(sender.gate.waiting) for sender in self._senders)
        figures["clients_cpu"] = round((_own_cpu_s() - before) / took, 3)
        figures["server_cpu"] = round((family_cpu_s(server) - server_before) / took, 3) if server else None
        return figures | {"interrupted": interrupted}

    def _wait(self, threads: Sequence[threading.Thread], began: float, watch: Callable[[Tally, float], None]) -> None:
        end = began + self._wanted.seconds + self._wanted.drain_s
        for thread in threads:
            while thread.is_alive() and time.monotonic() < end:
                thread.join(LOOK_S)
                watch(self.tally, time.monotonic() - began)


class Sender:
    """One gate at work: writes what is due, sends what waits, one request in flight."""

    def __init__(self, registry: Registry, gate: PretendedGate, wanted: Wanted, tally: Tally, stop: threading.Event) -> None:
        self.gate = gate
        self._wire = Wire(registry)
        self._wanted = wanted
        self._tally = tally
        self._stop = stop
        self._backoff = Backoff(*BACKOFF_S, random.Random(str(gate.identity.edge)).uniform)

    def run(self, began: float) -> None:
        """Work until the time is over and nothing waits any more, or until stopped."""
        every = 1 / self._wanted.rate if self._wanted.rate > 0 else float("inf")
        due = began + every * self.gate.rng.random()
        end = began + self._wanted.seconds
        while not self._stop.is_set() and (self._waits() or due < end):
            now = time.monotonic()
            while due <= now and due < end:
                self.gate.write(datetime.now(UTC), now)
                due += every
            if not self._waits():
                self._stop.wait(max(0.0, min(due, end) - time.monotonic()))
            elif pause := self._send():
                self._stop.wait(pause)
        self._wire.close()

    def _waits(self) -> bool:
        return bool(self.gate.waiting or self.gate.shots)

    def _send(self) -> float:
        """Send what is first; returns for how long to leave it (seconds)."""
        try:
            if self.gate.waiting:
                self._send_entries()
            else:
                self._send_picture(self.gate.shots[0])
        except RefusedError as error:
            self._tally.failed(error.kind)
            return max(self._backoff.next_s(), error.retry_after_s)
        except ValueError as error:
            self._tally.failed(f"an answer of another form: {type(error).__name__}")
            return self._backoff.next_s()
        self._backoff.reset()
        return 0.0

    def _send_entries(self) -> None:
        body, _ = self.gate.batch(self._wanted.batch)
        ack = BatchAck.model_validate_json(self._wire.ask(self.gate, "POST", "/entries", "entries", body))
        done = self.gate.acknowledged(ack)
        if not done:
            raise RefusedError("nothing acknowledged")
        self._tally.acknowledged(done, len(ack.quarantined), time.monotonic())

    def _send_picture(self, shot: Shot) -> None:
        path = f"/pictures/{shot.sha256}?capture={shot.capture}&camera=camera-in"
        self._wire.ask(self.gate, "PUT", path, "pictures", shot.data)
        self.gate.shots.popleft()
        self._tally.kept()


def _own_cpu_s() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def cpu_s(pid: int) -> float:
    """Return the processor time (seconds) that a process on this machine has used; 0 for none, and for one that has ended."""
    if not pid:
        return 0.0
    try:
        stat = Path(f"/proc/{pid}/stat").read_text(encoding="ascii")
    except OSError:
        return 0.0
    fields = stat.rpartition(") ")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def family_cpu_s(pid: int) -> float:
    """Return the processor time (seconds) of a process on this machine and of those that it has started."""
    return cpu_s(pid) + sum(map(family_cpu_s, _started_by(pid)))


def _started_by(pid: int) -> set[int]:
    started = set[int]()
    for thread in Path(f"/proc/{pid}/task").glob("*/children") if pid else ():
        with suppress(OSError):  # it has ended since
            started |= set(map(int, thread.read_text(encoding="ascii").split()))
    return started
