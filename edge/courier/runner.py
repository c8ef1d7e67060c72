"""Steps a stream for ever in a thread of its own: at once while there is work, with backoff on failure."""

import threading
from collections.abc import Iterator, Sequence
from typing import Protocol

from devices.transports.backoff import Backoff
from edge.courier.errors import GaveWayError, RefusalError, SyncError
from edge.courier.outbox import BACKOFF_CEILING_S, BACKOFF_FLOOR_S
from edge.courier.progress import Progress
from edge.courier.registry import Registry
from edge.courier.surroundings import Jitter
from edge.store.errors import StoreError

ASIDE_S = 1.0


class Stream(Protocol):
    """One direction of sync."""

    name: str

    def step(self) -> float:
        """Do one piece of work; return the seconds until there may be more (0: at once)."""


class InTurn:
    """Several small streams on one connection: the first that has something to do goes first."""

    def __init__(self, name: str, streams: Sequence[Stream], progress: Progress) -> None:
        self.name = name
        self._streams = streams
        self._progress = progress

    def step(self) -> float:
        """Let the first that has something do one piece of work."""
        idle_s = min(self._steps())
        self._progress.fault(self.name, "")
        return idle_s

    def _steps(self) -> Iterator[float]:
        for stream in self._streams:
            yield (idle_s := stream.step())
            if not idle_s:
                return


class Runner(threading.Thread):
    """Steps one stream for ever: at once while there is work, on `wake` or after its idle time else, with backoff on failure."""

    def __init__(self, stream: Stream, registry: Registry, progress: Progress, jitter: Jitter, stopping: threading.Event) -> None:
        super().__init__(name=f"courier-{stream.name}", daemon=True)
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
        except GaveWayError:
            self._stopping.wait(ASIDE_S)
            return
        except (SyncError, RefusalError, StoreError) as error:
            self._failed(error)
            return
        self._backoff.reset()
        if idle_s:
            self.wake.wait(idle_s)
            self.wake.clear()

    def _failed(self, error: SyncError | RefusalError | StoreError) -> None:
        if self._stopping.is_set():
            return
        if isinstance(error, SyncError):
            self._progress.away()
        self._progress.fault(self._stream.name, str(error))
        at_least_s = error.retry_after_s if isinstance(error, RefusalError) else 0.0
        # Not `wake`: news from the gate is no reason to press a registry that is in trouble.
        self._stopping.wait(max(self._backoff.next_s(), at_least_s))
