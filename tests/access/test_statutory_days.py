"""Statutory holidays: as announced, and as a schedule counts them."""

from datetime import date, datetime
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest

from access.schedule import HOLIDAY, Schedule, Span
from access.statutory_days import ANNOUNCED, UnknownYearError, special_days, statutory_days

SITE = UUID(int=1)
SHANGHAI = ZoneInfo("Asia/Shanghai")
OFFICE = Schedule("office", (Span(frozenset(range(5)), 8 * 60, 18 * 60),))


# Counted by hand from the announcements: days off, days worked instead.
@pytest.mark.parametrize(("year", "off", "worked"), [(2025, 28, 5), (2026, 33, 6)])
def test_as_many_days_as_announced(year: int, off: int, worked: int) -> None:
    days = statutory_days(year)
    assert sum(counts_as == HOLIDAY for _, counts_as, _ in days) == off
    assert sum(counts_as != HOLIDAY for _, counts_as, _ in days) == worked
    assert len({day for day, _, _ in days}) == len(days)
    assert {day.year for day, _, _ in days} == {year}


@pytest.mark.parametrize("year", ANNOUNCED)
def test_a_swapped_day_is_at_a_weekend_and_makes_up_for_a_weekday_off(year: int) -> None:
    for holiday in ANNOUNCED[year]:
        off = [day for day, counts_as, name in statutory_days(year) if name == holiday.name]
        for day, counts_as in holiday.worked.items():
            assert date.fromisoformat(f"{year}-{day}").weekday() in (5, 6), day
            assert counts_as in {one.weekday() for one in off if one.weekday() < 5}, day


@pytest.mark.parametrize(
    ("day", "is_worked"),
    [
        ("2025-01-26", True),  # a Sunday, worked for the Spring Festival
        ("2025-01-27", True),
        ("2025-01-28", False),  # New Year's Eve, a Tuesday
        ("2025-02-04", False),
        ("2025-02-05", True),
        ("2025-10-08", False),
        ("2025-10-11", True),
        ("2026-01-02", False),
        ("2026-01-04", True),
        ("2026-02-14", True),  # a Saturday
        ("2026-02-15", False),
        ("2026-02-23", False),  # a Monday
        ("2026-02-28", True),
        ("2026-03-01", False),  # an ordinary Sunday
        ("2026-09-20", True),
        ("2026-10-07", False),
        ("2026-10-10", True),
    ],
)
def test_an_office_works_by_the_announcement(day: str, *, is_worked: bool) -> None:
    special = {date.fromisoformat(one.date): one.counts_as for year in ANNOUNCED for one in special_days(SITE, year)}
    at = datetime.fromisoformat(f"{day} 10:00").replace(tzinfo=SHANGHAI)
    assert OFFICE.allows(at, SHANGHAI, special) is is_worked


def test_the_records_of_a_site_are_the_same_each_time_and_its_own() -> None:
    assert special_days(SITE, 2026) == special_days(SITE, 2026)
    assert {one.id for one in special_days(SITE, 2026)}.isdisjoint(one.id for one in special_days(UUID(int=2), 2026))
    assert [(one.date, one.counts_as, one.name) for one in special_days(SITE, 2026)][:4] == [
        ("2026-01-01", 7, "元旦"),
        ("2026-01-02", 7, "元旦"),
        ("2026-01-03", 7, "元旦"),
        ("2026-01-04", 4, "元旦调休上班"),
    ]


@pytest.mark.parametrize("year", [2024, 2027])
def test_a_year_that_is_not_announced_is_not_guessed(year: int) -> None:
    with pytest.raises(UnknownYearError, match=f"{year} are not known here, only those of 2025, 2026"):
        special_days(SITE, year)
