"""What booths show of duty: who serves at the posts around today, notices, who is away, the rounds of patrols, incidents."""

import json
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from math import ceil
from typing import Final
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Select, and_, or_, select
from sqlalchemy.orm import Session

from access.contract.booth_records import (
    AwayAtBooth,
    IncidentAtBooth,
    NoticeAtBooth,
    RouteAtBooth,
    ShiftAtBooth,
    StopAtBooth,
    WrittenAtBooth,
)
from access.workflows.incident import Incident
from access.workflows.machine import NEW
from access.workflows.shift import WORKFLOW, Shift
from central.access_rules.telling import tell
from central.duty.posts import names_now
from central.duty.tables import Notice, PatrolPoint, PatrolRoute, PatrolStop, Whereabouts
from central.records.many import among
from central.records.turns import take_turn
from central.records.validity import epoch_s
from central.registry import Work
from central.tables import Guard, Site
from central.workflows.repository import events_of
from central.workflows.shapes import adapter
from central.workflows.tables import WorkflowEvent, WorkflowKey, WorkflowRecord

# Shifts are shown from yesterday on, for a handover that is late, and a week ahead.
DAYS_BACK: Final = 1
DAYS_AHEAD: Final = 7
# Whereabouts are shown until they can be true no more: a day beyond the time of return, a week where none was told.
SHOWN_LATE: Final = timedelta(days=1)
SHOWN_UNTOLD: Final = timedelta(days=7)
WORD_MAX: Final = 40
NAME_MAX: Final = 200
PROSE_MAX: Final = 2000
# The first that was written about an incident is told too.
NEWEST_TOLD: Final = 9


# --- shifts ---------------------------------------------------------------------------------------


def days_shown(at: datetime, zone: str) -> tuple[str, ...]:
    """Return the days whose shifts are shown, first to last, by the clock of a zone."""
    today = at.astimezone(ZoneInfo(zone)).date()
    return tuple((today + timedelta(days=n)).isoformat() for n in range(-DAYS_BACK, DAYS_AHEAD + 1))


def shifts_shown(days: Sequence[str]) -> Select[WorkflowRecord]:
    """Return the query of the shifts of these days that were not cancelled."""
    of_day = and_(WorkflowKey.record_id == WorkflowRecord.id, WorkflowKey.site_id == WorkflowRecord.site_id)
    query = select(WorkflowRecord).join(WorkflowKey, and_(of_day, WorkflowKey.name == "day", WorkflowKey.value.in_(days)))
    return query.where(WorkflowRecord.workflow == WORKFLOW.name, WorkflowRecord.state != "cancelled")


def tell_shifts(work: Work, site: Site, rows: Sequence[WorkflowRecord]) -> None:
    """Tell booths what has become of these shifts."""
    wanted = shift_records(work.session, site, rows, work.noted_at)
    tell(work.session, site, "booth_shift", [row.id for row in rows], wanted)


def tell_shifts_with(work: Work, site: Site, key: str, value: str) -> None:
    """Tell booths anew of the shifts around today that have this key (`guard`, `post_id`), as its name is another now."""
    take_turn(work.session, site.id)
    work.session.flush()
    having = select(WorkflowKey.record_id).where(
        WorkflowKey.site_id == site.id, WorkflowKey.name == key, WorkflowKey.value == value
    )
    query = shifts_shown(days_shown(work.noted_at, site.zone)).where(WorkflowRecord.site_id == site.id)
    tell_shifts(work, site, work.session.scalars(query.where(WorkflowRecord.id.in_(having))).all())


def shift_records(session: Session, site: Site, rows: Sequence[WorkflowRecord], at: datetime) -> list[ShiftAtBooth]:
    """Return what booths show of these shifts: of those that were cancelled, or are of another time, nothing."""
    days = days_shown(at, site.zone)
    shown = [(row, shift) for row in rows if (shift := _shift(row)).day in days and row.state != "cancelled"]
    if not shown:
        return []
    posts = names_now(session, site.id)
    badges = {shift.guard for _, shift in shown}
    query = select(Guard.badge, Guard.name).where(Guard.site_id == site.id, among(session, Guard.badge, badges))
    names = dict(session.execute(query).all())
    return [_shift_record(row, shift, posts, names) for row, shift in shown]


def _shift(row: WorkflowRecord) -> Shift:
    shift: Shift = adapter(Shift).validate_json(row.data)
    return shift


def _shift_record(row: WorkflowRecord, shift: Shift, posts: dict[str, str], names: dict[str, str]) -> ShiftAtBooth:
    return ShiftAtBooth(
        id=row.id,
        number=row.number,
        state=row.state,
        post=posts.get(shift.post_id, shift.post),
        guard=shift.guard,
        guard_name=names.get(shift.guard, ""),
        day=shift.day,
        name=shift.name[:WORD_MAX],
        begins=epoch_s(shift.begins) or 0,
        ends=epoch_s(shift.ends) or 0,
        changed_at=ceil(row.changed_at.timestamp()),
    )


# --- notices and whereabouts ----------------------------------------------------------------------


def notice_records(notice: Notice, at: datetime) -> Iterator[NoticeAtBooth]:
    """Yield what booths show of a notice, until it is over."""
    if not (notice.at_booth or notice.at_lane_display) or (notice.valid_until and notice.valid_until <= at):
        return
    yield NoticeAtBooth(
        id=notice.id,
        title=notice.title,
        text=notice.text,
        title_en=notice.title_en,
        text_en=notice.text_en,
        at_booth=notice.at_booth,
        at_lane_display=notice.at_lane_display,
        gates=tuple(map(UUID, notice.gates)),
        lanes=tuple(map(UUID, notice.lanes)),
        importance=notice.importance,
        valid_from=epoch_s(notice.valid_from) or 0,
        valid_until=epoch_s(notice.valid_until),
    )


def away_records(away: Whereabouts, at: datetime) -> Iterator[AwayAtBooth]:
    """Yield what booths show of somebody who is away, or of a vehicle."""
    until = away.expected_back + SHOWN_LATE if away.expected_back else away.left_at + SHOWN_UNTOLD
    if away.returned_at is not None or until <= at:
        return
    yield AwayAtBooth(
        id=away.id,
        subject_kind=away.subject_kind,
        subject=away.subject,
        destination=away.destination,
        left_at=epoch_s(away.left_at) or 0,
        expected_back=epoch_s(away.expected_back),
    )


def may_be_away(at: datetime) -> ColumnElement[bool]:
    """Return the condition that whereabouts can still be true."""
    untold = and_(Whereabouts.expected_back.is_(None), Whereabouts.left_at > at - SHOWN_UNTOLD)
    return or_(Whereabouts.expected_back > at - SHOWN_LATE, untold)


# --- patrols --------------------------------------------------------------------------------------


def route_records(session: Session, route: PatrolRoute) -> Iterator[RouteAtBooth]:
    """Yield what booths show of a route that is in use."""
    if not route.is_used:
        return
    points = ((session.get_one(PatrolPoint, stop.point_id), stop.minutes) for stop in route.stops)
    stops = (
        StopAtBooth(point=point.id, code=point.code, name=point.name, place=point.place, minutes=minutes)
        for point, minutes in points
    )
    yield RouteAtBooth(id=route.id, name=route.name, stops=tuple(stops))


def tell_routes_of(work: Work, site: Site, point: PatrolPoint) -> None:
    """Tell booths anew of the routes that a point is on."""
    having = select(PatrolStop.route_id).where(PatrolStop.point_id == point.id)
    routes = work.session.scalars(select(PatrolRoute).where(PatrolRoute.id.in_(having))).all()
    wanted = [record for route in routes for record in route_records(work.session, route)]
    tell(work.session, site, "booth_route", [route.id for route in routes], wanted)


# --- incidents ------------------------------------------------------------------------------------


def incident_records(session: Session, row: WorkflowRecord, incident: Incident, gate: UUID | None) -> Iterator[IncidentAtBooth]:
    """Yield what the booth of a `gate` shows of an incident, first and newest entries; of one that is at no gate nothing."""
    if gate is None or row.state == NEW:
        return
    events = events_of(session, row.id)
    if not events:
        return
    names = {event.by_name for event in events}
    query = select(Guard.badge, Guard.name).where(Guard.site_id == row.site_id, among(session, Guard.badge, names))
    guards = dict(session.execute(query).all())
    newest = events[max(1, len(events) - NEWEST_TOLD) :]
    yield IncidentAtBooth(
        id=row.id,
        gate=gate,
        number=row.number,
        state=incident.state,
        what=incident.kind,
        place=incident.place,
        written=tuple(_written(event, guards) for event in (events[0], *newest)),
        since=epoch_s(events[0].at) or 0,
        changed_at=ceil(row.changed_at.timestamp()),
    )


def _written(event: WorkflowEvent, guards: dict[str, str]) -> WrittenAtBooth:
    data = json.loads(event.data)
    entry = data.get("entry") or {}
    return WrittenAtBooth(
        id=event.id,
        act=event.name,
        at=epoch_s(event.at) or 0,
        by=guards.get(event.by_name, event.by_name)[:NAME_MAX],
        entry=entry.get("id"),
        text=entry.get("text", data.get("reason", ""))[:PROSE_MAX],
        told=tuple(entry.get("told", ())),
        corrects=entry.get("corrects"),
    )
