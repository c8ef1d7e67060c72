"""SQL of imports."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import delete, func, insert, select, update
from sqlalchemy.orm import Session

from central.files.tables import Import, ImportedRow, ImportFault, ImportFile

UNFINISHED = ("queued", "running")


def next_of_server(session: Session) -> UUID | None:
    """Return the import that the server is to work on: the oldest that waits, or that was left in the middle."""
    query = select(Import.id).where(Import.state.in_(UNFINISHED), Import.by_server.is_(True)).order_by(Import.id).limit(1)
    return session.scalars(query).one_or_none()


def unfinished_at_machine(session: Session, site_id: UUID, kind: str, digest: str, sheet: str) -> Import | None:
    """Return the newest import of this very file that was begun by a command and is not done."""
    query = select(Import).where(
        Import.site_id == site_id,
        Import.kind == kind,
        Import.digest == digest,
        Import.sheet == sheet,
        Import.by_server.is_(False),
        Import.is_dry.is_(False),
        Import.state.in_(UNFINISHED),
    )
    return session.scalars(query.order_by(Import.id.desc()).limit(1)).one_or_none()


def of_kinds(kinds: Collection[str], kind: str | None, state: str | None) -> Any:
    """Return the query of the imports of these kinds."""
    query = select(Import).where(Import.kind.in_(kinds))
    query = query if kind is None else query.where(Import.kind == kind)
    return query if state is None else query.where(Import.state == state)


def step(session: Session, import_id: UUID, rows_done: int, values: dict[str, Any]) -> bool:
    """Write down how far an import is; False where it is no longer running, or not there any more: another goes on with it."""
    here = update(Import).where(Import.id == import_id, Import.state == "running", Import.rows_done == rows_done)
    changed = here.values(values).returning(Import.id)
    return session.scalars(changed, execution_options={"synchronize_session": False}).one_or_none() is not None


def add_faults(session: Session, import_id: UUID, faults: Sequence[dict[str, Any]], most: int) -> None:
    """Keep what was wrong, as long as there are not more than `most` of an import."""
    kept = session.scalars(select(func.count()).select_from(ImportFault).where(ImportFault.import_id == import_id)).one()
    rows = [{"import_id": import_id, "n": kept + n, **fault} for n, fault in enumerate(faults[: most - kept], start=1)]
    if rows:
        session.execute(insert(ImportFault), rows)


def faults(session: Session, import_id: UUID, after: int, limit: int) -> Sequence[ImportFault]:
    """Return what was wrong, in the order in which it was found."""
    query = select(ImportFault).where(ImportFault.import_id == import_id, ImportFault.n > after)
    return session.scalars(query.order_by(ImportFault.n).limit(limit)).all()


def drop_faults(session: Session, import_id: UUID) -> None:
    """Forget what was wrong."""
    session.execute(delete(ImportFault).where(ImportFault.import_id == import_id))


def opened_by(session: Session, site_id: UUID, kind: str, digests: Collection[str]) -> Mapping[str, UUID]:
    """Return the records that such rows have opened before, by the rows' digests."""
    table = ImportedRow
    query = select(table.digest, table.record_id).where(table.site_id == site_id, table.kind == kind, table.digest.in_(digests))
    return {row.digest: row.record_id for row in session.execute(query)}


def file_of(session: Session, import_id: UUID) -> bytes | None:
    """Return the file of an import; None where it is gone."""
    return session.scalars(select(ImportFile.data).where(ImportFile.import_id == import_id)).one_or_none()


def drop_file(session: Session, import_id: UUID) -> None:
    """Let the file of an import go."""
    session.execute(delete(ImportFile).where(ImportFile.import_id == import_id))


def ended_before(at: datetime) -> Sequence[Any]:
    """Return what deletes the imports that ended before this time, with all that belongs to them."""
    ended = select(Import.id).where(Import.finished_at < at)
    return (
        delete(ImportFault).where(ImportFault.import_id.in_(ended)),
        delete(ImportFile).where(ImportFile.import_id.in_(ended)),
        delete(Import).where(Import.finished_at < at),
    )
