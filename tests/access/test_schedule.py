"""Weekly schedules on the site's clock: minutes, midnights, holidays, and the two nights on which a clock is moved."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from access.schedule import HOLIDAY, Schedule, Span, minutes

SHANGHAI, BERLIN = ZoneInfo("Asia/Shanghai"), ZoneInfo("Europe/Berlin")


def schedule(*spans: str) -> Schedule:
    """Return a schedule of spans as "01234 08:00-18:00", Monday being 0."""
    told = (span.replace("-", " ").split() for span in spans)
    rows = (Span(frozenset(map(int, days)), minutes(start), minutes(end)) for days, start, end in told)
    return Schedule(" ".join(spans), tuple(rows))


OFFICE = schedule("01234 08:00-18:00")
NIGHT = schedule("4 22:00-06:00")
TWO_PARTS = schedule("4 22:00-24:00", "5 00:00-06:00")
MONTH_END = schedule("5 22:00-02:00")


@pytest.mark.parametrize(
    ("hours", "local", "allowed"),
    [
        (OFFICE, "2026-03-02 07:59:59", False),
        (OFFICE, "2026-03-02 08:00:00", True),
        (OFFICE, "2026-03-02 17:59:59", True),
        (OFFICE, "2026-03-02 18:00:00", False),
        (OFFICE, "2026-03-07 12:00:00", False),  # a Saturday
        # midnight, in one span and in two
        *(
            (night, local, allowed)
            for night in (NIGHT, TWO_PARTS)
            for local, allowed in (
                ("2026-03-06 21:59:59", False),
                ("2026-03-06 22:00:00", True),
                ("2026-03-06 23:59:59", True),
                ("2026-03-07 00:00:00", True),
                ("2026-03-07 05:59:59", True),
                ("2026-03-07 06:00:00", False),
                ("2026-03-06 00:00:00", False),  # the midnight before
                ("2026-03-07 22:00:00", False),  # the night after
            )
        ),
        # the end of a month, of a year, of February in a leap year
        (MONTH_END, "2026-02-28 23:59:59", True),
        (MONTH_END, "2026-03-01 00:00:00", True),
        (MONTH_END, "2026-03-01 02:00:00", False),
        (schedule("3 22:00-02:00"), "2027-01-01 01:59:59", True),
        (schedule("1 00:00-24:00"), "2028-02-29 23:59:59", True),
        (schedule("1 00:00-24:00"), "2028-03-01 00:00:00", False),
        # whole days
        (schedule(), "2026-03-06 12:00:00", False),
        (schedule("0123456 00:00-24:00"), "2026-03-08 23:59:59", True),
        (schedule("0 00:00-00:00"), "2026-03-02 23:59:59", True),
        (schedule("0 00:00-00:00"), "2026-03-03 00:00:00", False),
        (schedule("0 08:00-08:00"), "2026-03-03 07:59:59", True),
        (schedule("0 08:00-08:00"), "2026-03-03 08:00:00", False),
        (schedule("0 24:00-06:00"), "2026-03-03 05:59:59", True),  # begins at the end of Monday
        (schedule("0 24:00-06:00"), "2026-03-02 23:59:59", False),
    ],
)
def test_when_a_schedule_allows(hours: Schedule, local: str, *, allowed: bool) -> None:
    at = datetime.fromisoformat(local).replace(tzinfo=SHANGHAI).astimezone(UTC)
    assert hours.allows(at, SHANGHAI) is allowed


MONDAY, FRIDAY, SATURDAY, SUNDAY = date(2026, 3, 2), date(2026, 3, 6), date(2026, 3, 7), date(2026, 3, 8)
SUNDAYS = schedule("6 10:00-16:00")
WITH_HOLIDAYS = schedule("01234 08:00-18:00", "7 10:00-16:00")
HOLIDAY_NIGHT = schedule("4 22:00-06:00", "7 20:00-04:00")


@pytest.mark.parametrize(
    ("hours", "special", "local", "allowed"),
    [
        (OFFICE, {SATURDAY: 0}, "2026-03-07 08:00:00", True),  # a Saturday that counts as a Monday
        (OFFICE, {SATURDAY: 0}, "2026-03-07 07:59:59", False),
        (OFFICE, {SUNDAY: 4}, "2026-03-08 17:59:59", True),
        (schedule("5 09:00-12:00"), {SATURDAY: 0}, "2026-03-07 10:00:00", False),  # it is no Saturday then
        (OFFICE, {MONDAY: HOLIDAY}, "2026-03-02 12:00:00", False),
        (SUNDAYS, {MONDAY: HOLIDAY}, "2026-03-02 12:00:00", True),  # a holiday is a Sunday where a schedule names none
        (OFFICE, {MONDAY: 6}, "2026-03-02 12:00:00", False),
        (WITH_HOLIDAYS, {MONDAY: HOLIDAY}, "2026-03-02 10:00:00", True),
        (WITH_HOLIDAYS, {MONDAY: HOLIDAY}, "2026-03-02 09:59:59", False),
        (WITH_HOLIDAYS, {}, "2026-03-02 09:59:59", True),
        (WITH_HOLIDAYS, {SUNDAY: HOLIDAY}, "2026-03-08 12:00:00", True),
        # nights belong to the day on which they begin
        (NIGHT, {SATURDAY: HOLIDAY}, "2026-03-07 05:59:59", True),
        (NIGHT, {FRIDAY: HOLIDAY}, "2026-03-06 22:00:00", False),
        (NIGHT, {FRIDAY: HOLIDAY}, "2026-03-07 05:59:59", False),
        (NIGHT, {date(2026, 3, 5): 4}, "2026-03-06 05:59:59", True),  # a Thursday that counts as a Friday
        (HOLIDAY_NIGHT, {FRIDAY: HOLIDAY}, "2026-03-06 20:00:00", True),
        (HOLIDAY_NIGHT, {FRIDAY: HOLIDAY}, "2026-03-07 03:59:59", True),
        (HOLIDAY_NIGHT, {FRIDAY: HOLIDAY}, "2026-03-07 04:00:00", False),
        (HOLIDAY_NIGHT, {SATURDAY: HOLIDAY}, "2026-03-07 05:00:00", True),  # the end of Friday's night
        (HOLIDAY_NIGHT, {SATURDAY: HOLIDAY}, "2026-03-08 03:59:59", True),
    ],
)
def test_days_that_count_as_another(hours: Schedule, special: Mapping[date, int], local: str, *, allowed: bool) -> None:
    at = datetime.fromisoformat(local).replace(tzinfo=SHANGHAI).astimezone(UTC)
    assert hours.allows(at, SHANGHAI, special) is allowed


# In Berlin the clock goes from 02:00 to 03:00 on 29 March 2026, and from 03:00 back to 02:00 on 25 October, each 01:00 UTC.
SMALL_HOURS = schedule("6 02:00-03:00")
OVER_THE_CHANGE = schedule("5 22:00-06:00")
THROUGH_THE_CHANGE = schedule("6 01:30-03:30")


@pytest.mark.parametrize(
    ("hours", "utc", "allowed"),
    [
        (OFFICE, "2026-03-27 07:30", True),  # 08:30 in winter
        (OFFICE, "2026-03-27 06:30", False),
        (OFFICE, "2026-03-30 06:30", True),  # the same hour is 08:30 in summer
        (OFFICE, "2026-03-30 16:30", False),
        # the hour that does not come
        (SMALL_HOURS, "2026-03-29 00:59", False),
        (SMALL_HOURS, "2026-03-29 01:00", False),
        (THROUGH_THE_CHANGE, "2026-03-29 00:29", False),
        (THROUGH_THE_CHANGE, "2026-03-29 00:30", True),  # 01:30
        (THROUGH_THE_CHANGE, "2026-03-29 01:00", True),  # 03:00
        (THROUGH_THE_CHANGE, "2026-03-29 01:30", False),  # 03:30: the span has but one hour
        # the hour that comes twice
        (SMALL_HOURS, "2026-10-24 23:59", False),
        (SMALL_HOURS, "2026-10-25 00:00", True),
        (SMALL_HOURS, "2026-10-25 00:59", True),
        (SMALL_HOURS, "2026-10-25 01:00", True),
        (SMALL_HOURS, "2026-10-25 01:59", True),
        (SMALL_HOURS, "2026-10-25 02:00", False),
        (THROUGH_THE_CHANGE, "2026-10-24 23:30", True),  # 01:30
        (THROUGH_THE_CHANGE, "2026-10-25 02:29", True),  # 03:29: the span has three hours
        (THROUGH_THE_CHANGE, "2026-10-25 02:30", False),
        # a night over midnight and over the change
        (OVER_THE_CHANGE, "2026-03-28 20:59", False),
        (OVER_THE_CHANGE, "2026-03-28 21:00", True),
        (OVER_THE_CHANGE, "2026-03-29 03:59", True),  # 05:59 in summer
        (OVER_THE_CHANGE, "2026-03-29 04:00", False),
        (OVER_THE_CHANGE, "2026-10-24 20:00", True),  # 22:00 in summer
        (OVER_THE_CHANGE, "2026-10-25 04:59", True),  # 05:59 in winter
        (OVER_THE_CHANGE, "2026-10-25 05:00", False),
    ],
)
def test_elsewhere_the_clock_is_moved_twice_a_year(hours: Schedule, utc: str, *, allowed: bool) -> None:
    assert hours.allows(datetime.fromisoformat(utc).replace(tzinfo=UTC), BERLIN) is allowed


WEEKS = st.integers(0, 400 * 1440).map(lambda minute: datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=minute))


@given(st.frozensets(st.integers(0, 6), min_size=1), st.integers(1, 1439), st.integers(1, 1439), WEEKS)
def test_a_span_over_midnight_is_its_two_halves(days: frozenset[int], start: int, end: int, at: datetime) -> None:
    start, end = max(start, end), min(start, end)
    whole = Schedule("whole", (Span(days, start, end),))
    halves = Schedule("halves", (Span(days, start, 1440), Span(frozenset((day + 1) % 7 for day in days), 0, end)))
    assert whole.allows(at, BERLIN) is halves.allows(at, BERLIN)
