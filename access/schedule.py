"""Weekly schedules in the site's zone."""

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo


@dataclass(frozen=True, slots=True)
class Span:
    """Minutes of the day from `start` up to, not including, `end` (1440 is midnight), on weekdays 0 (Monday) to 6."""

    days: frozenset[int]
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Schedule:
    """When something is allowed: the union of its spans."""

    name: str
    spans: tuple[Span, ...]

    def allows(self, at: datetime, zone: ZoneInfo) -> bool:
        """Tell whether `at` (aware) falls into a span on the clock of `zone`."""
        local = at.astimezone(zone)
        minute = local.hour * 60 + local.minute
        return any(local.weekday() in span.days and span.start <= minute < span.end for span in self.spans)


def minutes(clock: str) -> int:
    """Return the minute of the day of "HH:MM"; "24:00" is 1440."""
    hours, minute = clock.split(":")
    return int(hours) * 60 + int(minute)
