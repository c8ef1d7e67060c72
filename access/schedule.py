"""Weekly schedules in the site's zone, and the dates that count as another day of the week."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from access.immutable import immutable

SUNDAY = 6
HOLIDAY = 7
DAY_MINUTES = 1440
SpecialDays = Mapping[date, int]
NO_SPECIAL_DAYS: SpecialDays = {}


@immutable
class Span:
    """Minutes of the day from `start` up to, not including, `end` (1440 is midnight), on days 0 (Monday) to 6 and 7 (holidays).

    An end that is not after the start lies on the following day; the span belongs to the day on which it starts.
    """

    days: frozenset[int]
    start: int
    end: int


@immutable
class Schedule:
    """When something is allowed: the union of its spans. One that says nothing of holidays treats them as Sundays."""

    name: str
    spans: tuple[Span, ...]

    def allows(self, at: datetime, zone: ZoneInfo, special: SpecialDays = NO_SPECIAL_DAYS) -> bool:
        """Tell whether `at` (aware) falls into a span on the clock of `zone`; `special` says what a date counts as (0..7)."""
        local = at.astimezone(zone)
        minute, today = local.hour * 60 + local.minute, self._day(local.date(), special)
        return any(_begun(span, today, minute) for span in self.spans) or self._lasts(local, minute, special)

    def _lasts(self, local: datetime, minute: int, special: SpecialDays) -> bool:
        """Tell whether a span over midnight that began yesterday is not over yet."""
        over_midnight = [span for span in self.spans if span.end <= span.start and minute < span.end]
        if not over_midnight:
            return False
        yesterday = self._day(local.date() - timedelta(days=1), special)
        return any(yesterday in span.days for span in over_midnight)

    def _day(self, day: date, special: SpecialDays) -> int:
        """Return the day of the week that `day` counts as here."""
        counts_as = special.get(day)
        if counts_as is None:
            return day.weekday()
        names_holidays = any(HOLIDAY in span.days for span in self.spans)
        return SUNDAY if counts_as == HOLIDAY and not names_holidays else counts_as


def _begun(span: Span, day: int, minute: int) -> bool:
    end = span.end if span.end > span.start else DAY_MINUTES
    return day in span.days and span.start <= minute < end


def minutes(clock: str) -> int:
    """Return the minute of the day of "HH:MM"; "24:00" is 1440."""
    hours, minute = clock.split(":")
    return int(hours) * 60 + int(minute)
