"""The job that lets go of what has had its time."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Final

import structlog

from central.jobs import repeated
from central.registry import Registry
from central.retention import clock, runs
from central.retention.services import let_go

FIRST_AFTER_S: Final = 600.0
EVERY_S: Final = 6 * 3600.0
log = structlog.get_logger("central.retention")


@contextmanager
def retention(registry: Registry, keep: timedelta, first_after_s: float = FIRST_AFTER_S) -> Iterator[None]:
    """Let go of what has had its time while the block lasts; of nothing while the clock cannot be believed."""
    stopping = threading.Event()
    former: clock.Reading | None = None

    def rests(seconds: float) -> None:
        if stopping.wait(min(seconds * runs.REST, 1.0)):
            raise runs.StoppedError

    def act() -> None:
        nonlocal former
        begun = clock.reading(registry)
        done = runs.run(registry, former, rests=rests)
        former = begun
        if not done.fault:
            log.info("what had its time is gone", rows=let_go(registry, keep), **done.counts)

    with repeated("retention", act, EVERY_S, first_after_s, registry.database.alone):
        try:
            yield
        finally:
            stopping.set()
