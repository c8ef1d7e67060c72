"""Clocks of the simulated site: time passes when a test says so, and a gate's calendar may be wrong."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

BEGAN = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)


@dataclass
class Clocks:
    """`now`: monotonic seconds since the beginning; `wrong_s`: how far the gates' calendars are off."""

    now: float = 0.0
    wrong_s: float = 0.0

    def monotonic(self) -> float:
        """Return the monotonic time, a little later each time it is asked."""
        self.now += 0.001
        return self.now

    def true_utc(self) -> datetime:
        """Return the registry's calendar."""
        return BEGAN + timedelta(seconds=self.monotonic())

    def gates_utc(self) -> datetime:
        """Return the gates' calendar."""
        return self.true_utc() + timedelta(seconds=self.wrong_s)
