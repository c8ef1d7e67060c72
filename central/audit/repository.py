"""SQL of the audit."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import ColumnElement, select, true

from central.audit.schemas import AuditAsked
from central.audit.tables import AuditEntry
from central.registry import Work

HISTORY_MAX = 500


def page(work: Work, asked: AuditAsked) -> Sequence[AuditEntry]:
    """Return up to one more than `asked.limit` entries, newest first, behind `asked.after`."""
    query = select(AuditEntry).where(_seen(work)).order_by(AuditEntry.id.desc()).limit(asked.limit + 1)
    if asked.after is not None:
        query = query.where(AuditEntry.id < asked.after)
    given = {"site_id": asked.site, "kind": asked.kind, "record_id": asked.record, "by_name": asked.by, "act": asked.act}
    query = query.filter_by(**{name: value for name, value in given.items() if value is not None})
    if asked.since is not None:
        query = query.where(AuditEntry.at_us >= int(asked.since.timestamp() * 1_000_000))
    if asked.until is not None:
        query = query.where(AuditEntry.at_us < int(asked.until.timestamp() * 1_000_000))
    return work.session.scalars(query).all()


def of_record(work: Work, kind: str, record_id: UUID, above: int = 0) -> Sequence[AuditEntry]:
    """Return the newest changes of a record to versions above `above`."""
    query = select(AuditEntry).where(_seen(work), AuditEntry.record_id == record_id, AuditEntry.kind == kind)
    query = query.where(AuditEntry.version > above).order_by(AuditEntry.id.desc()).limit(HISTORY_MAX)
    return work.session.scalars(query).all()


def _seen(work: Work) -> ColumnElement[bool]:
    return true() if work.actor.site is None else AuditEntry.site_id == work.actor.site
