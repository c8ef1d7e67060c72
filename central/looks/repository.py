"""SQL of the looks."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final, NamedTuple
from uuid import UUID

from sqlalchemy import ColumnElement, func, literal_column, or_, select

from central.looks.schemas import LooksAsked
from central.looks.tables import Look
from central.records.repository import in_sight
from central.registry import Work

US: Final = 1_000_000
HOUR_US: Final = 3600 * US
SUBJECTS_MAX: Final = 200
EXPORTS_MAX: Final = 500


class Pace(NamedTuple):
    """How often one user looked in one way within one hour (counted from 1970, UTC), and how many rows went out."""

    by_name: str
    by_role: str
    kind: str
    hour: int
    looks: int
    rows: int


class Watched(NamedTuple):
    """How many users looked at one subject, and how often."""

    kind: str
    id: UUID
    users: int
    looks: int


class BigExport(NamedTuple):
    """One file with many rows."""

    by_name: str
    by_role: str
    kind: str
    rows: int


def page(work: Work, asked: LooksAsked, sought: bytes | None) -> Sequence[Look]:
    """Return up to one more than `asked.limit` looks, newest first, behind `asked.after`."""
    given: dict[str, object] = {"site_id": asked.site, "person_id": asked.person, "subject_id": asked.subject}
    given |= {"by_name": asked.by, "by_role": asked.role, "kind": asked.kind}
    query = select(Look).where(in_sight(work, Look.site_id), *_between(asked.since, asked.until))
    query = query.filter_by(**{name: value for name, value in given.items() if value is not None})
    if asked.vehicle is not None:
        by_plate = () if sought is None else (Look.sought == sought,)
        query = query.where(or_(Look.subject_id == asked.vehicle, *by_plate))
    if asked.after is not None:
        query = query.where(Look.id < asked.after)
    return work.session.scalars(query.order_by(Look.id.desc()).limit(asked.limit + 1)).all()


def reveals_since(work: Work, name: str, since: datetime) -> Sequence[int]:
    """Return when (UTC microseconds) this user revealed something since then, oldest first."""
    query = select(Look.at_us).where(Look.by_name == name, Look.kind == "reveal", *_between(since, None))
    return work.session.scalars(query.order_by(Look.at_us)).all()


def paces(work: Work, site: UUID | None, since: datetime, until: datetime) -> list[Pace]:
    """Return how often each user looked, by hour and kind."""
    # Written out: as a parameter PostgreSQL would take it for another one where it groups.
    hour = Look.at_us - Look.at_us % literal_column(str(HOUR_US))
    query = select(Look.by_name, Look.by_role, Look.kind, hour, func.count(), func.sum(Look.rows)).where(
        in_sight(work, Look.site_id), *_of(site), *_between(since, until)
    )
    grouped = query.group_by(Look.by_name, Look.by_role, Look.kind, hour)
    found = work.session.execute(grouped)
    return [Pace(name, role, kind, at // HOUR_US, looks, int(rows)) for name, role, kind, at, looks, rows in found]


def watched(work: Work, site: UUID | None, since: datetime, until: datetime, least: int) -> list[Watched]:
    """Return the subjects at which at least so many users looked, those of most users first."""
    users = func.count(Look.by_name.distinct())
    query = select(Look.subject_kind, Look.subject_id, users, func.count()).where(
        in_sight(work, Look.site_id), *_of(site), *_between(since, until), Look.subject_id.is_not(None)
    )
    grouped = query.group_by(Look.subject_kind, Look.subject_id).having(users >= least)
    ordered = grouped.order_by(users.desc(), Look.subject_id).limit(SUBJECTS_MAX)
    found = work.session.execute(ordered)
    return [Watched(kind, subject, count, looks) for kind, subject, count, looks in found if subject is not None]


def big_exports(work: Work, site: UUID | None, since: datetime, until: datetime, least: int) -> list[BigExport]:
    """Return the files of at least so many rows, the largest first."""
    query = select(Look.by_name, Look.by_role, Look.subject_kind, Look.rows).where(
        in_sight(work, Look.site_id), *_of(site), *_between(since, until), Look.rows >= least
    )
    return [BigExport(*row) for row in work.session.execute(query.order_by(Look.rows.desc(), Look.id).limit(EXPORTS_MAX))]


def _of(site: UUID | None) -> Sequence[ColumnElement[bool]]:
    return () if site is None else (Look.site_id == site,)


def _between(since: datetime | None, until: datetime | None) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    if since is not None:
        conditions.append(Look.at_us >= int(since.timestamp() * US))
    if until is not None:
        conditions.append(Look.at_us < int(until.timestamp() * US))
    return conditions
