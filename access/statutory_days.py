"""Statutory holidays of China and the working days swapped for them, as the General Office of the State Council announces them.

2025: 国办发明电〔2024〕12号 of 12 November 2024. 2026: 国办发明电〔2025〕7号 of 4 November 2025. The announcement of a year comes
late in the year before; a year that is not entered here is not known, and nobody guesses it.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID, uuid5

from access.contract.records import SpecialDayRecord
from access.schedule import HOLIDAY

MONDAY, TUESDAY, WEDNESDAY, FRIDAY = 0, 1, 2, 4


class UnknownYearError(Exception):
    """A year whose holidays are not announced, or not entered here; names it and those that are."""


@dataclass(frozen=True, slots=True)
class Holiday:
    """The days off of one holiday, both included, and the days (MM-DD) that are worked for it.

    Only that these are worked is announced; here each counts as the weekday off that it makes up for.
    """

    name: str
    first: str
    last: str
    worked: Mapping[str, int]


ANNOUNCED: Mapping[int, tuple[Holiday, ...]] = {
    2025: (
        Holiday("元旦", "01-01", "01-01", {}),
        Holiday("春节", "01-28", "02-04", {"01-26": MONDAY, "02-08": TUESDAY}),
        Holiday("清明节", "04-04", "04-06", {}),
        Holiday("劳动节", "05-01", "05-05", {"04-27": MONDAY}),
        Holiday("端午节", "05-31", "06-02", {}),
        Holiday("国庆节、中秋节", "10-01", "10-08", {"09-28": TUESDAY, "10-11": WEDNESDAY}),
    ),
    2026: (
        Holiday("元旦", "01-01", "01-03", {"01-04": FRIDAY}),
        Holiday("春节", "02-15", "02-23", {"02-14": FRIDAY, "02-28": MONDAY}),
        Holiday("清明节", "04-04", "04-06", {}),
        Holiday("劳动节", "05-01", "05-05", {"05-09": TUESDAY}),
        Holiday("端午节", "06-19", "06-21", {}),
        Holiday("中秋节", "09-25", "09-27", {}),
        Holiday("国庆节", "10-01", "10-07", {"09-20": TUESDAY, "10-10": WEDNESDAY}),
    ),
}


def statutory_days(year: int) -> tuple[tuple[date, int, str], ...]:
    """Return (date, what it counts as, name) of each holiday and swapped working day of a year; raises UnknownYearError."""
    if year not in ANNOUNCED:
        known = ", ".join(map(str, ANNOUNCED))
        raise UnknownYearError(f"the statutory holidays of {year} are not known here, only those of {known}")
    return tuple(sorted(day for holiday in ANNOUNCED[year] for day in _days(holiday, year)))


def special_days(site: UUID, year: int) -> tuple[SpecialDayRecord, ...]:
    """Return the records of a year's statutory days for a site; the same ones each time, so that they may be told twice."""
    return tuple(
        SpecialDayRecord(id=uuid5(site, day.isoformat()), date=day.isoformat(), counts_as=counts_as, name=name)
        for day, counts_as, name in statutory_days(year)
    )


def _days(holiday: Holiday, year: int) -> Iterator[tuple[date, int, str]]:
    first, last = (date.fromisoformat(f"{year}-{day}") for day in (holiday.first, holiday.last))
    for off in range((last - first).days + 1):
        yield first + timedelta(days=off), HOLIDAY, holiday.name
    for day, counts_as in holiday.worked.items():
        yield date.fromisoformat(f"{year}-{day}"), counts_as, f"{holiday.name}调休上班"
