"""Leap second, summer time, another zone: UTC is stored; each day of the reports sums right, be it 23 or 25 hours long."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from access.schedule import Schedule, Span
from central.log.schemas import Search
from central.office.forms import search_of
from edge.gate.clock import ClockJudge

# Whole and half hours of summer time, at midnight too, a ramadan's pause, a day that was left out, and none at all.
ZONES = (
    *("Asia/Shanghai", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe"),
    *("America/Santiago", "Asia/Beirut", "Africa/Casablanca", "Asia/Kathmandu"),
)
EVERY = timedelta(minutes=15)
ALWAYS = Schedule("always", (Span(frozenset(range(7)), 0, 1440),))


def asked(first: date, days: int, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """What the office's page searches for when somebody asks for these local days."""
    fields = {"since": f"{first}T00:00", "until": f"{first + timedelta(days=days)}T00:00"}
    search: Search = search_of(fields, zone)
    assert search.since is not None
    assert search.until is not None
    return search.since.astimezone(UTC), search.until.astimezone(UTC)


def passages(first: date, days: int) -> list[datetime]:
    """A passage every quarter of an hour, as the journals have them: in UTC."""
    began = datetime(first.year, first.month, first.day, tzinfo=UTC) - timedelta(days=2)
    return [began + number * EVERY for number in range((days + 4) * 96)]


@pytest.mark.parametrize(
    ("zone", "day", "hours"),
    [
        ("Europe/Berlin", date(2026, 10, 25), 25),
        ("Europe/Berlin", date(2026, 3, 29), 23),
        ("Australia/Lord_Howe", date(2026, 4, 5), 24.5),
        ("Asia/Shanghai", date(2026, 10, 25), 24),
    ],
)
def test_fault_23_a_day_sums_right_however_long_it_is(zone: str, day: date, hours: float) -> None:
    since, until = asked(day, 1, ZoneInfo(zone))
    of_day = [at for at in passages(day, 1) if since <= at < until]
    assert len(of_day) == hours * 4
    assert all(ALWAYS.allows(at, ZoneInfo(zone)) for at in of_day)


@given(st.sampled_from(ZONES), st.dates(date(2000, 1, 1), date(2035, 12, 1)), st.integers(1, 10))
def test_fault_23_days_follow_each_other_without_gap_or_overlap(name: str, first: date, days: int) -> None:
    zone = ZoneInfo(name)
    whole = asked(first, days, zone)
    each = [asked(first + timedelta(days=number), 1, zone) for number in range(days)]
    counts = [sum(since <= at < until for since, until in each) for at in passages(first, days)]
    assert set(counts) <= {0, 1}, "no passage is counted on two days"
    assert sum(counts) == sum(whole[0] <= at < whole[1] for at in passages(first, days))


def test_fault_23_a_leap_second_is_no_jump() -> None:
    judge = ClockJudge(0.0, 1_790_000_000.0, 1_790_000_000.0)
    judge.compare(0.0, 0.1, 1.0, 1_790_000_001.0)
    before = judge.tell(10.0, 1_790_000_010.0)
    after = judge.tell(10.5, 1_790_000_009.5)  # the last second of the day came twice
    assert (after.quality, before.quality) == ("trusted", "trusted")
    assert after.at >= before.at
