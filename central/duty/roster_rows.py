"""Shifts planned one by one, as the rows of a sheet name them: new ones, those given to another guard, those known again."""

import re
import unicodedata
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final, Literal

from central.duty.posts import post_name
from central.duty.rosters import plan_stint
from central.duty.schemas import Day
from central.duty.services import badge_of, guard_of
from central.duty.shift_schemas import ShiftDetails
from central.duty.shifts import shifts
from central.duty.stints import Slot, Stint, Stints, lock_roster, stint_of, stints_around
from central.errors import RegistryError
from central.places.settings import DailyShift, settings_of
from central.records.schemas import Line, Name, Wanted
from central.registry import Work
from central.tables import Site

Act = Literal["created", "changed", "unchanged"]
PLANNED: Final = "planned"
_TIMES: Final = re.compile(r"(\d{1,2})(?::(\d{2}))?\s*(?:[-–—~]|至|到)\s*(\d{1,2})(?::(\d{2}))?", re.ASCII)
_SEVERAL: Final = re.compile(r"[;；、,，]")
DAY_MINUTES: Final = 24 * 60


class RowWanted(Wanted):
    """Who is to serve: day, shift (its name, or its beginning and end), post (name or id), guard (badge or name).

    `note`: what the planner notes of it; None: as it is.
    """

    day: Day
    shift: Name
    post: Name
    guard: Name
    note: Line | None = None


@dataclass(frozen=True, slots=True)
class Assignment:
    """A row as the registry knows its parts: names of shift and post, the guard's badge."""

    day: date
    shift: str
    post: str
    guard: str
    note: str | None

    @property
    def slot(self) -> Slot:
        """What is planned for one guard only."""
        return self.day.isoformat(), self.post, self.shift


class Reading:
    """Reads rows of these days of a site; what stands in the roster is known by the names it has there."""

    def __init__(self, work: Work, site: Site, days: Iterable[date]) -> None:
        self._work, self._site = work, site
        self._standing = stints_around(work.session, site.id, days)
        self._times = {shift.name: shift for shift in settings_of(work.session, site.id).shifts}
        self._posts: dict[str, str] = {}

    def read(self, row: RowWanted) -> tuple[Assignment | None, list[RegistryError]]:
        """Return what is wanted, or all that is wrong with it, each naming its field."""
        faults: list[RegistryError] = []

        def part(do: Callable[..., str], *given: object) -> str:
            try:
                return do(row, *given)
            except RegistryError as error:
                faults.append(error)
                return ""

        shift = part(self._shift)
        post = part(self._post, shift)
        guard = part(self._guard, (row.day.isoformat(), post, shift))
        return (None, faults) if faults else (Assignment(row.day, shift, post, guard, row.note), [])

    def _shift(self, row: RowWanted) -> str:
        named = row.shift
        if named in self._times or (row.day.isoformat(), row.post, named) in self._standing.slots:
            return named
        times = _minutes(named)
        alike = [shift.name for shift in self._times.values() if times and times == _minutes(f"{shift.start}-{shift.end}")]
        if len(alike) != 1:
            raise RegistryError("the site has no shift {shift}", 422, "shift", shift=named)
        return alike[0]

    def _post(self, row: RowWanted, shift: str) -> str:
        if (row.day.isoformat(), row.post, shift) in self._standing.slots:
            return row.post
        if row.post not in self._posts:
            self._posts[row.post] = post_name(self._work.session, self._site.id, row.post, "post")
        return self._posts[row.post]

    def _guard(self, row: RowWanted, slot: Slot) -> str:
        there = self._standing.slots.get(slot)
        if there and there.guard == row.guard:
            return row.guard
        if there:
            begins = there.begins
        elif (shift := self._times.get(slot[2])) is not None:
            begins = stint_of(slot[1], "", row.day, shift, self._site.zone).begins
        else:
            begins = self._work.at
        try:
            return badge_of(self._work.session, self._site.id, row.guard, begins, "guard")
        except RegistryError:
            if _SEVERAL.search(row.guard):
                raise RegistryError("one guard serves in a shift at a post: put a second post on record", 422, "guard") from None
            raise


def put(work: Work, site: Site, wanted: Sequence[Assignment]) -> list[Act | RegistryError]:
    """Plan what is not planned yet and give to another guard what has not begun; what is refused is left as it was.

    All of them together: two guards may change places.
    """
    lock_roster(work.session, site.id)
    standing = stints_around(work.session, site.id, [each.day for each in wanted])
    times = {shift.name: shift for shift in settings_of(work.session, site.id).shifts}
    stints = [_stint(work, site, standing, times, each) for each in wanted]
    refused = _refused(standing, stints)
    return [refused[n] if n in refused else _done(work, site, standing, each, stints[n]) for n, each in enumerate(wanted)]


def _stint(work: Work, site: Site, standing: Stints, times: dict[str, DailyShift], wanted: Assignment) -> Stint | RegistryError:
    """Return the stint that is wanted, or why it cannot be whatever else is planned."""
    there = standing.slots.get(wanted.slot)
    if there and there.guard == wanted.guard:
        return there
    if there:
        if standing.rows[wanted.slot].state != PLANNED or there.begins <= work.at:
            return RegistryError("the shift has begun, or is over: a sheet does not change its guard", 409, "guard")
        stint = Stint(there.post, wanted.guard, there.day, there.name, there.begins, there.ends)
    elif (shift := times.get(wanted.shift)) is None:
        return RegistryError("the site has no shift {shift}", 422, "shift", shift=wanted.shift)
    else:
        stint = stint_of(wanted.post, wanted.guard, wanted.day, shift, site.zone)
    if guard_of(work.session, site.id, stint.guard, stint.begins) is None:
        return RegistryError("no guard of the site serves under badge {badge} then", 422, "guard", badge=stint.guard)
    return stint


def _refused(standing: Stints, wanted: Sequence[Stint | RegistryError]) -> dict[int, RegistryError]:
    """Return what cannot be planned beside all that stands and is wanted.

    A stint that is refused leaves in its place what stands there, which others may conflict with in turn.
    """
    refused = {n: each for n, each in enumerate(wanted) if isinstance(each, RegistryError)}
    while True:
        moved = [(n, each) for n, each in enumerate(wanted) if isinstance(each, Stint) and not standing.has(each)]
        fits = [(n, each) for n, each in moved if n not in refused]
        given_up = {(stint.day, stint.post, stint.name) for _, stint in fits}
        planned = Stints()
        for slot, there in standing.slots.items():
            if slot not in given_up:
                planned.add(there)
        found: dict[int, RegistryError] = {}
        for n, stint in fits:
            if trouble := planned.trouble(stint):
                found[n] = trouble
            else:
                planned.add(stint)
        if not found:
            return refused
        refused |= found


def _done(work: Work, site: Site, standing: Stints, wanted: Assignment, stint: Stint | RegistryError) -> Act:
    assert isinstance(stint, Stint), "whoever is refused is left out"
    row = standing.rows.get(wanted.slot)
    if row is None:
        plan_stint(work, stint, site, ShiftDetails(note=wanted.note or ""))
        return "created"
    version = row.version
    if standing.slots[wanted.slot].guard != stint.guard:
        shifts.replan(work, row, stint.guard)
    if wanted.note is not None:
        shifts.change_details(work, row.id, ShiftDetails(note=wanted.note))
    return "unchanged" if row.version == version else "changed"


def _minutes(text: str) -> tuple[int, int] | None:
    """Return when a shift begins and ends, in minutes of the day; None for what says no such times."""
    found = _TIMES.fullmatch(unicodedata.normalize("NFKC", text))
    if found is None:
        return None
    begin, begin_minute, end, end_minute = (int(part or 0) for part in found.groups())
    return (60 * begin + begin_minute) % DAY_MINUTES, (60 * end + end_minute) % DAY_MINUTES
