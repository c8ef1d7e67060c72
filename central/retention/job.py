"""The job that lets go of what has had its time."""

from contextlib import AbstractContextManager
from datetime import timedelta
from typing import Final

import structlog

from central.jobs import repeated
from central.registry import Registry
from central.retention.services import let_go

FIRST_AFTER_S: Final = 600.0
EVERY_S: Final = 6 * 3600.0
log = structlog.get_logger("central.retention")


def retention(registry: Registry, keep: timedelta, first_after_s: float = FIRST_AFTER_S) -> AbstractContextManager[None]:
    """Let go of what has had its time while the block lasts."""

    def act() -> None:
        log.info("what had its time is gone", rows=let_go(registry, keep))

    return repeated("retention", act, EVERY_S, first_after_s)
