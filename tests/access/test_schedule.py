"""Weekly schedules on the site's clock."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from access.schedule import Schedule, Span, minutes

WEEKDAYS = frozenset(range(5))
OFFICE = Schedule("office", (Span(WEEKDAYS, minutes("08:00"), minutes("18:00")),))
NIGHT = Schedule("night", (Span(frozenset({4}), minutes("22:00"), minutes("24:00")), Span(frozenset({5}), 0, minutes("06:00"))))
SHANGHAI, BERLIN = ZoneInfo("Asia/Shanghai"), ZoneInfo("Europe/Berlin")


@pytest.mark.parametrize(
    ("schedule", "local", "allowed"),
    [
        (OFFICE, "2026-03-02 07:59:59", False),
        (OFFICE, "2026-03-02 08:00:00", True),
        (OFFICE, "2026-03-02 17:59:59", True),
        (OFFICE, "2026-03-02 18:00:00", False),
        (OFFICE, "2026-03-07 12:00:00", False),  # a Saturday
        (NIGHT, "2026-03-06 21:59:59", False),
        (NIGHT, "2026-03-06 23:59:59", True),  # 24:00 is the end of the day
        (NIGHT, "2026-03-07 00:00:00", True),
        (NIGHT, "2026-03-07 06:00:00", False),
        (NIGHT, "2026-03-06 00:00:00", False),  # the midnight before
        (Schedule("never", ()), "2026-03-06 12:00:00", False),
        (Schedule("always", (Span(frozenset(range(7)), 0, 1440),)), "2026-03-08 23:59:59", True),
    ],
)
def test_when_a_schedule_allows(schedule: Schedule, local: str, *, allowed: bool) -> None:
    at = datetime.fromisoformat(local).replace(tzinfo=SHANGHAI).astimezone(UTC)
    assert schedule.allows(at, SHANGHAI) is allowed


@pytest.mark.parametrize(
    ("utc", "allowed"),
    [
        ("2026-03-27T07:30:00+00:00", True),  # 08:30 in winter
        ("2026-03-27T06:30:00+00:00", False),
        ("2026-03-30T06:30:00+00:00", True),  # the same hour is 08:30 in summer
        ("2026-03-30T16:30:00+00:00", False),
    ],
)
def test_elsewhere_the_clock_is_moved_twice_a_year(utc: str, *, allowed: bool) -> None:
    assert OFFICE.allows(datetime.fromisoformat(utc), BERLIN) is allowed


def test_the_hour_that_comes_twice_is_allowed_twice() -> None:
    small_hours = Schedule("small hours", (Span(frozenset({6}), minutes("02:00"), minutes("03:00")),))
    asked = [datetime(2026, 10, 25, hour, 30, tzinfo=UTC) for hour in range(4)]
    assert [small_hours.allows(at, BERLIN) for at in asked] == [True, True, False, False]
