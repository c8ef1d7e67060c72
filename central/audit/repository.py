"""SQL of the audit."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, select

from access.identifiers import uuid7
from central.audit.schemas import AuditAsked, HistoryAsked
from central.audit.tables import AuditEntry
from central.records.repository import in_sight
from central.registry import Work

NO_CHANCE = bytes(10)


def page(work: Work, asked: AuditAsked) -> Sequence[AuditEntry]:
    """Return up to one more than `asked.limit` entries, newest first, behind `asked.after`."""
    given = {"site_id": asked.site, "kind": asked.kind, "record_id": asked.record, "by_name": asked.by, "act": asked.act}
    conditions: list[ColumnElement[bool]] = []
    # Ids begin with the time: so what is looked through ends where the time does.
    if asked.since is not None:
        conditions += (AuditEntry.id >= _first_of(asked.since), AuditEntry.at_us >= _microseconds(asked.since))
    if asked.until is not None:
        after_it = _first_of(asked.until, later_ms=1)
        conditions += (AuditEntry.id < after_it, AuditEntry.at_us < _microseconds(asked.until))
    return _page(work, asked, given, *conditions)


def of_record(work: Work, kind: str, record_id: UUID, asked: HistoryAsked) -> Sequence[AuditEntry]:
    """Return up to one more than `asked.limit` changes of a record, newest first, behind `asked.after`."""
    return _page(work, asked, {"kind": kind, "record_id": record_id, "by_name": asked.by, "act": asked.act})


def is_known(work: Work, kind: str, record_id: UUID) -> bool:
    """Tell whether anything was ever written down of a record."""
    return bool(of_record(work, kind, record_id, HistoryAsked(limit=1)))


def above(work: Work, kind: str, record_id: UUID, version: int, limit: int) -> Sequence[AuditEntry]:
    """Return up to `limit` of the newest changes of a record to versions above this one."""
    query = select(AuditEntry).where(in_sight(work, AuditEntry.site_id), AuditEntry.record_id == record_id)
    query = query.where(AuditEntry.kind == kind, AuditEntry.version > version)
    return work.session.scalars(query.order_by(AuditEntry.id.desc()).limit(limit)).all()


def _page(
    work: Work, asked: AuditAsked | HistoryAsked, given: Mapping[str, object], *conditions: ColumnElement[bool]
) -> Sequence[AuditEntry]:
    query = select(AuditEntry).where(in_sight(work, AuditEntry.site_id), *conditions)
    query = query.filter_by(**{name: value for name, value in given.items() if value is not None})
    if asked.after is not None:
        query = query.where(AuditEntry.id < asked.after)
    return work.session.scalars(query.order_by(AuditEntry.id.desc()).limit(asked.limit + 1)).all()


def _first_of(at: datetime, later_ms: int = 0) -> UUID:
    """Return what no id made at this time, to the millisecond, or later sorts before."""
    return UUID(int=uuid7(at, NO_CHANCE).int + (later_ms << 80))


def _microseconds(at: datetime) -> int:
    return int(at.timestamp() * 1_000_000)
