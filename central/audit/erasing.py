"""What the audit says of somebody goes with them; that there was a change, when and by whom, stays."""

from collections.abc import Collection
from typing import Any, Final
from uuid import UUID

from sqlalchemy import ColumnElement, func, or_, select, update
from sqlalchemy.orm import Session

from central.audit.chaining import NOTED
from central.audit.tables import AuditEntry
from central.records.many import among, says

_NOTHING: Final[dict[str, Any]] = {"before": None, "after": None, "reason": ""}
# Without the salt nobody can try what it may have been.
_ERASED: Final[dict[str, Any]] = _NOTHING | {"salt": None}


def erase(session: Session, site_id: UUID, records: Collection[UUID]) -> int:
    """Leave of all changes of these records of a site neither what was before nor after, nor why. Returns how many there were."""
    for entry, _ in session.info.get(NOTED, ()):
        if entry["record_id"] in records:
            entry.update(_NOTHING)  # not on the chain yet: that stands for nothing then
    return _erase(session, AuditEntry.site_id == site_id, among(session, AuditEntry.record_id, list(records)), _is_whole())


def erase_those(session: Session, entries: Collection[UUID]) -> int:
    """Do so with these entries."""
    return _erase(session, among(session, AuditEntry.id, list(entries)))


def erase_saying(session: Session, site_id: UUID, kinds: Collection[str], texts: Collection[str]) -> int:
    """Do so with changes of records of these kinds that say one of these texts, also where the record is gone by now."""
    entry = AuditEntry
    said = [says(column, text) for column in (entry.before, entry.after, entry.reason) for text in sorted(texts)]
    return _erase(session, entry.site_id == site_id, entry.kind.in_(kinds), or_(*said)) if said else 0


def of_records(session: Session, site_id: UUID, records: Collection[UUID]) -> list[AuditEntry]:
    """Return the changes of these records of a site that still say something."""
    query = select(AuditEntry).where(AuditEntry.site_id == site_id, _is_whole())
    return list(session.scalars(query.where(among(session, AuditEntry.record_id, list(records)))))


def _is_whole() -> ColumnElement[bool]:
    entry = AuditEntry
    return or_(entry.before.is_not(None), entry.after.is_not(None), func.length(entry.reason) > 0)


def _erase(session: Session, *which: ColumnElement[bool]) -> int:
    done = update(AuditEntry).where(*which).values(_ERASED)
    return int(session.connection().execute(done).rowcount)
