"""Rounds of patrols: begun, points visited by the codes of their tags, ended; what was missed or late stays to be seen."""

from datetime import datetime, timedelta
from typing import Any, Literal
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import Select, or_, select

from central.audit import services as audit
from central.audit.schemas import AuditShown, HistoryAsked
from central.duty.patrol_schemas import PointVisited, PointVisitShown, RoundEnded, RoundsAsked, RoundShown, RoundWanted
from central.duty.services import check_serves, checked_guard, own_badge
from central.duty.tables import PatrolPoint, PatrolRound, PatrolRoute
from central.errors import RegistryError
from central.records import repository
from central.records.concurrency import check_seen
from central.records.schemas import Page
from central.records.turns import take_turn
from central.registry import Work
from central.tables import Site

KIND = PatrolRound.__tablename__


def get(work: Work, round_id: UUID) -> RoundShown:
    """Show a round; RegistryError 404."""
    return _shown(repository.get(work, PatrolRound, round_id))


def page(work: Work, asked: RoundsAsked) -> Page[RoundShown]:
    """Show one page of the rounds, oldest first."""
    rows = repository.page(work, _narrowed(asked), PatrolRound, asked)
    items = [_shown(row) for row in rows[: asked.limit]]
    return Page(items=items, more=items[-1].id if len(rows) > asked.limit else None)


def history(work: Work, round_id: UUID, asked: HistoryAsked) -> Page[AuditShown]:
    """Show one page of what happened on a round, newest first; RegistryError 404."""
    repository.get(work, PatrolRound, round_id)
    return audit.history(work, KIND, round_id, asked)


def begin(work: Work, wanted: RoundWanted, round_id: UUID | None = None) -> RoundShown:
    """Begin a round on a route that is in use; RegistryError 422."""
    site = repository.site(work, wanted.site)
    route = repository.of_site(work.session, PatrolRoute, wanted.route, site.id, "route")
    if not route.is_used:
        raise RegistryError("the route is not in use", 422, "route")
    at = _past(work, wanted.at)
    badge = own_badge(work, site.id, wanted.guard, at, "guard")
    if work.entry is None:
        checked_guard(work, site.id, badge, at, "guard")
    row = PatrolRound(
        id=round_id or work.new_id(),
        site_id=site.id,
        version=1,
        route_id=route.id,
        guard=badge,
        day=at.astimezone(ZoneInfo(site.zone)).date().isoformat(),
        begun_at=at,
        remark="",
        stops=_stops(work, route, at),
        missed=0,
        late=0,
    )
    work.session.add(row)
    work.session.flush()
    audit.note(work, KIND, row.id, row.site_id, "begun", version=1, after=_facts(row))
    return _shown(row)


def is_begun(work: Work, site: Site, wanted: RoundWanted) -> bool:
    """Tell whether the guard has begun a round on this route in that second already; who then begins it is the only one."""
    at = _past(work, wanted.at)
    take_turn(work.session, site.id)
    same = select(PatrolRound.id).filter_by(site_id=site.id, route_id=wanted.route, guard=wanted.guard)
    then = (PatrolRound.begun_at >= at, PatrolRound.begun_at < at + timedelta(seconds=1))
    return work.session.scalars(same.where(*then).limit(1)).first() is not None


def visit(work: Work, round_id: UUID, visited: PointVisited, seen: int | None = None) -> RoundShown:
    """Take note of a visit; the first one of a point counts. RegistryError 403, 404, and 409 for one not on the round."""
    row, at = _running(work, round_id, visited.at, seen)
    stop = next((stop for stop in row.stops if stop["code"] == visited.code), None)
    if stop is None:
        raise RegistryError("this point is not on the round", 409, "code")
    if stop["visited_at"] is not None:
        return _shown(row)
    return _visited(work, row, visited.code, at)


def read_out(work: Work, site: Site, code: str, badge: str, read_at: datetime) -> Literal["created", "changed", "unchanged"]:
    """Take note of a visit that a patrol reader has stored, on the guard's round of then; the earliest of a point counts.

    Not for guards once the round is over. RegistryError 403, 409, and 422 where there was no such round.
    """
    at = _past(work, read_at)
    if work.actor.role == "guard" and work.actor.who.id != badge:
        raise RegistryError("a guard acts under the own badge only", 403, "guard")
    check_serves(work, site.id, at)
    take_turn(work.session, site.id)
    row = _made_then(work, site, code, badge, at)
    so_far = next(stop["visited_at"] for stop in row.stops if stop["code"] == code)
    if so_far is not None and datetime.fromisoformat(so_far) <= at:
        return "unchanged"
    if row.ended_at is not None and work.actor.role == "guard":
        raise RegistryError("the round is over", 409)
    _visited(work, row, code, at)
    return "created" if so_far is None else "changed"


def end(work: Work, round_id: UUID, ended: RoundEnded, seen: int | None = None) -> RoundShown:
    """End a round: what was not visited is missed. RegistryError 403 for another guard's, 404 and 409."""
    row, at = _running(work, round_id, ended.at, seen)
    before = _facts(row)
    row.ended_at, row.remark = at, ended.remark
    row.missed = _missed(row)
    return _noted(work, row, "ended", before)


def _narrowed(asked: RoundsAsked) -> Select[PatrolRound]:
    given: dict[str, Any] = asked.model_dump(include={"guard", "route_id"}, exclude_none=True)
    query = select(PatrolRound).filter_by(**given)
    if asked.day is not None:
        query = query.where(PatrolRound.day == asked.day.isoformat())
    for is_wanted, condition in (
        (asked.running, PatrolRound.ended_at.is_(None)),
        (asked.missed, PatrolRound.missed > 0),
        (asked.late, PatrolRound.late > 0),
    ):
        if is_wanted is not None:
            query = query.where(condition if is_wanted else ~condition)
    return query


def _past(work: Work, at: datetime | None) -> datetime:
    """Return the time of what was done, now where none is told; a tag may have been read with no network."""
    if at is not None and at > work.at:
        raise RegistryError("this lies in the future", 422, "at")
    return at or work.at


def _running(work: Work, round_id: UUID, at: datetime | None, seen: int | None) -> tuple[PatrolRound, datetime]:
    row = repository.get(work, PatrolRound, round_id, changing=True)
    check_seen(work, KIND, row.id, _facts(row), seen)
    if row.ended_at is not None:
        raise RegistryError("the round is over", 409)
    done = _past(work, at)
    if work.actor.role == "guard" and work.actor.who.id != row.guard:
        raise RegistryError("a guard acts under the own badge only", 403)
    check_serves(work, row.site_id, done)
    if done < row.begun_at:
        raise RegistryError("this lies before the beginning of the round", 422, "at")
    return row, done


def _made_then(work: Work, site: Site, code: str, badge: str, at: datetime) -> PatrolRound:
    """Return the newest round of the guard that lasted then and has this point; one that nobody ended, not after the next day."""
    day = at.astimezone(ZoneInfo(site.zone)).date()
    days = [day.isoformat(), (day - timedelta(days=1)).isoformat()]
    query = select(PatrolRound).where(PatrolRound.site_id == site.id, PatrolRound.day.in_(days), PatrolRound.guard == badge)
    lasted = or_(PatrolRound.ended_at.is_(None), PatrolRound.ended_at >= at)
    query = query.where(PatrolRound.begun_at <= at, lasted).order_by(PatrolRound.begun_at.desc())
    for row in work.session.scalars(query.with_for_update().execution_options(populate_existing=True)):
        if any(stop["code"] == code for stop in row.stops):
            return row
    if repository.find(work.session, PatrolPoint, site_id=site.id, code=code) is None:
        raise RegistryError("the site has no patrol point {code}", 422, "code", code=code)
    raise RegistryError("guard {guard} was on no round with this point then", 422, "at", guard=badge)


def _visited(work: Work, row: PatrolRound, code: str, at: datetime) -> RoundShown:
    before = _facts(row)
    row.stops = [{**stop, "visited_at": at.isoformat()} if stop["code"] == code else stop for stop in row.stops]
    row.late = sum(visit.is_late for visit in _shown(row).visits)
    if row.ended_at is not None:
        row.missed = _missed(row)
    return _noted(work, row, "point visited", before)


def _missed(row: PatrolRound) -> int:
    return sum(stop["visited_at"] is None for stop in row.stops)


def _stops(work: Work, route: PatrolRoute, begun: datetime) -> list[dict[str, Any]]:
    """Return the stops of a route for one round: what becomes of the route later is nothing to the round."""
    wanted = [stop.point_id for stop in route.stops]
    points = {point.id: point for point in work.session.scalars(select(PatrolPoint).where(PatrolPoint.id.in_(wanted)))}
    return [
        {
            "point": str(stop.point_id),
            "code": points[stop.point_id].code,
            "name": points[stop.point_id].name,
            "due_at": (begun + timedelta(minutes=stop.minutes)).isoformat(),
            "visited_at": None,
        }
        for stop in route.stops
    ]


def _noted(work: Work, row: PatrolRound, act: str, before: dict[str, Any]) -> RoundShown:
    row.version += 1
    work.session.flush()
    audit.note(work, KIND, row.id, row.site_id, act, version=row.version, before=before, after=_facts(row))
    return _shown(row)


def _facts(row: PatrolRound) -> dict[str, Any]:
    return _shown(row).model_dump(mode="json")


def _shown(row: PatrolRound) -> RoundShown:
    visits = [_visit_shown(stop, is_over=row.ended_at is not None) for stop in row.stops]
    names = ("id", "site_id", "version", "route_id", "guard", "day", "begun_at", "ended_at", "remark", "missed", "late")
    facts = {name: getattr(row, name) for name in names}
    return RoundShown(**facts, left=sum(visit.visited_at is None for visit in visits), visits=visits)


def _visit_shown(stop: dict[str, Any], *, is_over: bool) -> PointVisitShown:
    shown = PointVisitShown.model_validate({**stop, "is_late": False, "is_missed": False})
    visited = shown.visited_at
    return shown.model_copy(
        update={"is_late": visited is not None and visited > shown.due_at, "is_missed": is_over and visited is None}
    )
