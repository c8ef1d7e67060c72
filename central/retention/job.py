"""The job that lets go of what has had its time: a thread of the serving process, now and then."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Final

import structlog

from central.registry import Registry
from central.retention.services import let_go

FIRST_AFTER_S: Final = 600.0
EVERY_S: Final = 6 * 3600.0
log = structlog.get_logger("central.retention")


@contextmanager
def retention(registry: Registry, keep: timedelta, first_after_s: float = FIRST_AFTER_S) -> Iterator[None]:
    """Let go of what has had its time while the block lasts; what fails is tried again the next time."""
    stopping = threading.Event()

    def work() -> None:
        wait_s = first_after_s
        while not stopping.wait(wait_s):
            wait_s = EVERY_S
            try:
                log.info("what had its time is gone", rows=let_go(registry, keep))
            except Exception:
                log.exception("nothing could be let go")

    thread = threading.Thread(target=work, name="retention", daemon=True)
    thread.start()
    try:
        yield
    finally:
        stopping.set()
        thread.join()
