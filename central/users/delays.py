"""The growing delay after wrong passwords; pure. Nobody is locked out for good: each delay has an end, and so has its memory."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final


@dataclass(frozen=True, slots=True)
class Pace:
    """How many tries are free, how long the longest delay is, and after how long without a try all is forgotten."""

    free: int
    delay_max: timedelta
    forgotten_after: timedelta


@dataclass(frozen=True, slots=True)
class Failures:
    """How many tries have failed, or have not succeeded yet, and until when there is no other."""

    count: int
    until: datetime


# A name from one place; and all names together from one place, which may be a whole office behind one address.
OF_NAME: Final = Pace(3, timedelta(minutes=15), timedelta(days=1))
OF_PLACE: Final = Pace(20, timedelta(minutes=1), timedelta(hours=1))


def wait_s(failures: Failures, pace: Pace, now: datetime) -> float:
    """Return for how long there is no other try; for no time where the clock was set back: no delay is so long."""
    left = failures.until - now
    return max(0.0, left.total_seconds()) if left <= pace.delay_max else 0.0


def failed(failures: Failures | None, pace: Pace, now: datetime) -> Failures:
    """Count one more failure: each beyond the free ones doubles the delay."""
    count = failures.count + 1 if failures else 1
    over = count - pace.free
    delay = min(timedelta(seconds=2.0 ** min(over, 20)), pace.delay_max) if over > 0 else timedelta(0)
    return Failures(count, now + delay)
