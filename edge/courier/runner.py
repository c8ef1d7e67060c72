"""Steps a stream for ever in a thread of its own: at once while there is work, with backoff on failure."""

import threading
from collections.abc import Callable, Iterator, Sequence
from typing import Protocol

from pydantic import ValidationError

from devices.transports.backoff import Backoff
from edge.courier.errors import GaveWayError, RefusalError, SyncError
from edge.courier.outbox import BACKOFF_CEILING_S, BACKOFF_FLOOR_S
from edge.courier.progress import Progress
from edge.courier.registry import Registry
from edge.courier.surroundings import Jitter, Surroundings
from edge.store.errors import StoreError

ASIDE_S = 1.0
# A message that is none is one stream's trouble: it must not end the others.
FAILURES = (SyncError, RefusalError, StoreError, ValidationError)
Failure = SyncError | RefusalError | StoreError | ValidationError


class Stream(Protocol):
    """One direction of sync."""

    name: str

    def step(self) -> float:
        """Do one piece of work; return the seconds until there may be more (0: at once)."""


class Trouble:
    """What holds one stream up: shown to the gate, and the stream is left alone for longer with each failure."""

    def __init__(self, stream: str, progress: Progress, jitter: Jitter) -> None:
        self._name = f"{stream}, its last step"  # beside what the stream says of itself, which may hold for longer
        self._progress = progress
        self._backoff = Backoff(BACKOFF_FLOOR_S, BACKOFF_CEILING_S, jitter)

    def met(self, error: Failure) -> float:
        """Note a failure; return for how long to leave the stream alone (seconds)."""
        if isinstance(error, SyncError):
            self._progress.away()
        self._progress.fault(self._name, _in_words(error))
        at_least_s = error.retry_after_s if isinstance(error, RefusalError) else 0.0
        return max(self._backoff.next_s(), at_least_s)

    def is_over(self) -> None:
        """Note that the stream has worked."""
        self._backoff.reset()
        self._progress.fault(self._name, "")


def _in_words(error: Failure) -> str:
    """Say what is wrong; of a message that is none without what stands in it, which may be personal."""
    if isinstance(error, ValidationError):
        fault = error.errors(include_input=False, include_url=False)[0]
        return f"no {error.title}: {'.'.join(map(str, fault['loc']))}: {fault['msg']}"
    return str(error)


class _Turn:
    """One of several streams, and until when it is left alone (monotonic seconds)."""

    def __init__(self, stream: Stream, trouble: Trouble) -> None:
        self._stream = stream
        self._trouble = trouble
        self._not_before = float("-inf")

    def step(self, clock: Callable[[], float]) -> float:
        """Step where it is not left alone; return the seconds until there may be more."""
        if (left_s := self._not_before - clock()) > 0:
            return left_s
        try:
            idle_s = self._stream.step()
        except FAILURES as error:
            wait_s = self._trouble.met(error)
            self._not_before = clock() + wait_s
            return wait_s
        self._trouble.is_over()
        return idle_s


class InTurn:
    """Several small streams on one connection: the first that has something to do goes first; none waits for one in trouble."""

    def __init__(self, name: str, streams: Sequence[Stream], progress: Progress, around: Surroundings) -> None:
        self.name = name
        self._clock = around.clock
        self._turns = [_Turn(stream, Trouble(stream.name, progress, around.jitter)) for stream in streams]

    def step(self) -> float:
        """Let the first that has something do one piece of work; return the seconds until there may be more."""
        return min(self._steps())

    def _steps(self) -> Iterator[float]:
        for turn in self._turns:
            yield (idle_s := turn.step(self._clock))
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
        self._trouble = Trouble(stream.name, progress, jitter)
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
        except FAILURES as error:
            if not self._stopping.is_set():
                # Not `wake`: news from the gate is no reason to press a registry that is in trouble.
                self._stopping.wait(self._trouble.met(error))
            return
        self._trouble.is_over()
        if idle_s:
            self.wake.wait(idle_s)
            self.wake.clear()
