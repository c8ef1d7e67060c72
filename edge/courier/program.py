"""The courier program: one thread a stream, the link to the gate, and an orderly end."""

import functools
import queue
import signal
import threading
from collections.abc import Callable, Mapping
from importlib.metadata import version
from pathlib import Path
from typing import Any, Protocol
from uuid import UUID

from devices.transports.backoff import Backoff
from edge.config import CentralSection, ConfigError, GateConfig
from edge.courier.down import RulesStream
from edge.courier.errors import RegistryError, SyncError
from edge.courier.outbox import BACKOFF_CEILING_S, BACKOFF_FLOOR_S
from edge.courier.pictures import PicturesStream
from edge.courier.progress import Progress
from edge.courier.registry import Registry
from edge.courier.snapshots import Builder
from edge.courier.surroundings import REAL, Jitter, Surroundings
from edge.courier.up import EntriesStream
from edge.identity import Identity
from edge.link import LinkClient
from edge.messages import Hello, JournalAdvanced, SnapshotReady
from edge.places import Places
from edge.store.errors import StoreError
from edge.store.journal import JournalReader
from edge.store.received import Received

REPORT_S = 2.0
STOP_S = 5.0


class Stream(Protocol):
    """One direction of sync."""

    name: str

    def step(self) -> float:
        """Do one piece of work; return the seconds until there may be more (0: at once)."""


class Runner(threading.Thread):
    """Steps one stream for ever: at once while there is work, on `wake` or after its idle time else, with backoff on failure."""

    def __init__(self, stream: Stream, registry: Registry, progress: Progress, jitter: Jitter, stopping: threading.Event) -> None:
        super().__init__(daemon=True)
        self.wake = threading.Event()
        self._stream = stream
        self._registry = registry
        self._progress = progress
        self._backoff = Backoff(BACKOFF_FLOOR_S, BACKOFF_CEILING_S, jitter)
        self._stopping = stopping

    def run(self) -> None:
        """Step until told to stop. A fault of ours ends the whole program: its supervisor starts it afresh."""
        try:
            while not self._stopping.is_set():
                self._step()
        finally:
            self._stopping.set()
            self._progress.changed.set()
            self._registry.close()

    def stop(self) -> None:
        """End the request in flight and the waiting; `stopping` must be set."""
        self._registry.cancel()
        self.wake.set()

    def _step(self) -> None:
        try:
            idle_s = self._stream.step()
        except (SyncError, RegistryError, StoreError) as error:
            self._failed(error)
            return
        self._backoff.reset()
        if idle_s:
            self.wake.wait(idle_s)
            self.wake.clear()

    def _failed(self, error: SyncError | RegistryError | StoreError) -> None:
        if self._stopping.is_set():
            return
        if isinstance(error, SyncError):
            self._progress.away()
        self._progress.fault(self._stream.name, str(error))
        at_least_s = error.retry_after_s if isinstance(error, RegistryError) else 0.0
        # Not `wake`: news from the gate is no reason to press a registry that is in trouble.
        self._stopping.wait(max(self._backoff.next_s(), at_least_s))


class Courier:
    """All of the courier but signals and configuration. Raises StoreError where its database is held or unusable."""

    def __init__(
        self, places: Places, central: CentralSection, identity: Identity, log: Any, around: Surroundings = REAL
    ) -> None:
        self._journal_path = places.journal
        self._clock = around.clock
        self._stopping = threading.Event()
        self._received = Received(places.courier)
        self._progress = progress = Progress(self._received)
        self._builder = Builder(places.courier, places.snapshots)
        self._newest: tuple[Path, int] | None = None
        self._link = LinkClient(
            places.gate_socket, Hello("courier", version("gatehouse-access")), self._hear, self._tell_snapshot
        )
        asking = {name: Registry(central, identity, name, around.calendar) for name in ("entries", "rules", "pictures")}
        streams: tuple[Stream, ...] = (
            EntriesStream(places.journal, identity.edge, asking["entries"], progress, around),
            RulesStream(self._received, places.snapshots, self._builder, asking["rules"], progress, around, self._announce),
            PicturesStream(places.journal, places.evidence, asking["pictures"], progress, around, log),
        )
        self._runners = {
            stream.name: Runner(stream, asking[stream.name], progress, around.jitter, self._stopping) for stream in streams
        }

    def run(self) -> None:
        """Carry until `stop`, telling the gate how it goes."""
        runners = self._runners.values()
        self._link.start()
        for runner in runners:
            runner.start()
        while not self._stopping.is_set():
            self._progress.changed.wait(REPORT_S)
            self._progress.changed.clear()
            self._report()
        self._builder.stop()
        for runner in runners:
            runner.stop()
        for runner in runners:
            runner.join(STOP_S)
        self._keep(at_once=True)
        self._link.stop()
        self._received.close()

    def stop(self) -> None:
        """Let `run` return; safe from any thread."""
        self._stopping.set()
        self._progress.changed.set()

    def _hear(self, message: Any) -> None:
        if isinstance(message, JournalAdvanced):
            self._runners["entries"].wake.set()

    def _announce(self, path: Path, revision: int) -> None:
        self._newest = (path, revision)
        self._tell_snapshot()

    def _tell_snapshot(self) -> None:
        if self._newest is not None:
            path, revision = self._newest
            self._link.send(SnapshotReady(str(path), revision))

    def _report(self) -> None:
        try:
            lengths = self._lengths()
        except StoreError as error:
            self._progress.fault("journal", str(error))
            lengths = {}
        else:
            self._progress.fault("journal", "")
        self._link.send(self._progress.state(lengths))
        self._keep()

    def _lengths(self) -> Mapping[UUID, int]:
        return {epoch: self._journal.length(epoch) for epoch in self._journal.epochs()}

    @functools.cached_property
    def _journal(self) -> JournalReader:
        return JournalReader(self._journal_path)

    def _keep(self, *, at_once: bool = False) -> None:
        try:
            self._progress.keep(self._clock(), at_once=at_once)
        except StoreError as error:
            self._progress.fault("courier", str(error))


def run(config: GateConfig, places: Places, identity: Identity, log: Any) -> None:
    """Run the courier until SIGTERM or SIGINT. Raises ConfigError where no registry is configured, StoreError."""
    if config.central is None:
        raise ConfigError(["central: the section is missing: there is no registry to sync with"])
    courier = Courier(places, config.central, identity, log)
    stop_on_signals(courier.stop)
    log.info("courier_started", registry=config.central.url, edge=str(identity.edge))
    courier.run()


def stop_on_signals(stop: Callable[[], None]) -> None:
    """Call `stop` at SIGTERM or SIGINT, from a thread of its own: the handler itself could interrupt the very lock it needs."""
    told: queue.SimpleQueue[int] = queue.SimpleQueue()  # the one queue that a signal handler may put into
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda number, _frame: told.put(number))

    def wait() -> None:
        told.get()
        stop()

    threading.Thread(target=wait, daemon=True).start()
