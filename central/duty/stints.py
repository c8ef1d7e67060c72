"""Who serves when: what a further stint of a guard would conflict with."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Final
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from access.workflows.shift import WORKFLOW, Shift
from central.duty.posts import names_now
from central.errors import RegistryError
from central.places.settings import DailyShift
from central.records.turns import take_turn
from central.workflows.shapes import adapter
from central.workflows.tables import WorkflowKey, WorkflowRecord

REST: Final = timedelta(hours=8)
# A shift may last a day, and the rest after it reaches into the next one.
DAYS_AROUND: Final = 2


# Day, post and name of a shift: one guard serves in it.
Slot = tuple[str, str, str]


@dataclass(frozen=True, slots=True)
class Stint:
    """One guard at one post for one shift of a day (YYYY-MM-DD)."""

    post: str
    guard: str
    day: str
    name: str
    begins: datetime
    ends: datetime


@dataclass(slots=True)
class Stints:
    """The stints that are planned so far; `rows`: the shifts of those that are on record."""

    slots: dict[Slot, Stint] = field(default_factory=dict)
    rows: dict[Slot, WorkflowRecord] = field(default_factory=dict)
    of_guard: defaultdict[str, list[Stint]] = field(default_factory=lambda: defaultdict(list))

    def has(self, stint: Stint) -> bool:
        """Tell whether this very stint is planned."""
        return self.slots.get((stint.day, stint.post, stint.name)) == stint

    def add(self, stint: Stint) -> None:
        """Take note of a stint."""
        self.slots[stint.day, stint.post, stint.name] = stint
        self.of_guard[stint.guard].append(stint)

    def drop(self, stint: Stint) -> None:
        """Take back a stint that was added."""
        del self.slots[stint.day, stint.post, stint.name]
        self.of_guard[stint.guard].remove(stint)

    def trouble(self, stint: Stint) -> RegistryError | None:
        """Return the refusal of a further stint that conflicts with others."""
        if there := self.slots.get((stint.day, stint.post, stint.name)):
            return RegistryError("the shift is planned already, with guard {guard}", 409, "guard", guard=there.guard)
        for other in self.of_guard[stint.guard]:
            if stint.begins < other.ends and other.begins < stint.ends:
                there_then = "guard {guard} is at post {post} at that time"
                return RegistryError(there_then, 409, "guard", guard=stint.guard, post=other.post)
            if max(stint.begins - other.ends, other.begins - stint.ends) < REST:
                tired = "guard {guard} would have less than {hours} hours of rest"
                return RegistryError(tired, 409, "guard", guard=stint.guard, hours=REST // timedelta(hours=1))
        return None


def lock_roster(session: Session, site_id: UUID) -> None:
    """Let nobody else plan for the site until this work ends: what was looked at must hold when it is written."""
    take_turn(session, site_id)


def stints_around(session: Session, site_id: UUID, days: Iterable[date]) -> Stints:
    """Return what is planned of a site on these days and on those around them, posts as they are called now."""
    around = {(day + timedelta(days=n)).isoformat() for day in days for n in range(-DAYS_AROUND, DAYS_AROUND + 1)}
    query = select(WorkflowRecord).join(WorkflowKey, WorkflowKey.record_id == WorkflowRecord.id)
    query = query.where(WorkflowKey.site_id == site_id, WorkflowKey.name == "day", WorkflowKey.value.in_(around))
    found, posts = Stints(), names_now(session, site_id)
    for row in session.scalars(query.where(WorkflowRecord.workflow == WORKFLOW.name, WorkflowRecord.state != "cancelled")):
        shift: Shift = adapter(Shift).validate_json(row.data)
        if shift.begins and shift.ends:
            post = posts.get(shift.post_id, shift.post)
            found.add(Stint(post, shift.guard, shift.day, shift.name, shift.begins, shift.ends))
            found.rows[shift.day, post, shift.name] = row
    return found


def stint_of(post: str, guard: str, day: date, shift: DailyShift, zone: str) -> Stint:
    """Return the stint of a guard: an end that is not after the start lies on the following day."""
    begins = _on(day, shift.start, zone)
    ends = _on(day, shift.end, zone)
    if ends <= begins:
        ends = _on(day + timedelta(days=1), shift.end, zone)
    return Stint(post, guard, day.isoformat(), shift.name, begins, ends)


def _on(day: date, clock: str, zone: str) -> datetime:
    hours, minutes = map(int, clock.split(":"))
    midnight = datetime.combine(day + timedelta(days=hours // 24), time(hours % 24, minutes))
    return midnight.replace(tzinfo=ZoneInfo(zone))
