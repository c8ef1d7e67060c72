"""Clocks and chance, which the streams take as arguments."""

import random
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

Jitter = Callable[[float, float], float]


def _utc_now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Surroundings:
    """Monotonic seconds, aware UTC time, and a random number between two bounds."""

    clock: Callable[[], float] = time.monotonic
    calendar: Callable[[], datetime] = _utc_now
    jitter: Jitter = random.uniform


REAL = Surroundings()
