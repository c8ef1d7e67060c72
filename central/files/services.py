"""Imports: begun, shown, resumed, cancelled. The work itself is done by `central.files.running`."""

import hashlib
from collections.abc import Iterator
from uuid import UUID

from central.errors import RegistryError
from central.files import repository
from central.files.catalogue import may, sheet_of, sheets
from central.files.schemas import FaultsAsked, FaultShown, FaultsPage, ImportsAsked, ImportShown, ImportWanted
from central.files.sheets import read_sheet
from central.files.tables import Import, ImportFile
from central.records import repository as records
from central.records.schemas import Page
from central.registry import Work

SECONDS_MIN = 0.1


def check(role: str, wanted: ImportWanted, data: bytes) -> None:
    """Raise RegistryError 403 or 404, and SheetError where the file cannot be read or has wrong columns.

    Before any work is begun: a large workbook takes seconds, and nobody else could write meanwhile.
    """
    kind = sheet_of(wanted.kind, role, writes=True)
    with read_sheet(data, wanted.name, wanted.sheet or None) as sheet:
        kind.heads(sheet)


def begin(work: Work, wanted: ImportWanted, data: bytes, *, by_server: bool) -> Import:
    """Keep a checked file to be imported; RegistryError 403, 404 and 422."""
    site = records.site(work, wanted.site)
    kind = sheet_of(wanted.kind, work.actor.role, writes=True)
    row = Import(
        id=work.new_id(),
        site_id=site.id,
        version=1,
        kind=kind.name,
        name=wanted.name,
        sheet=wanted.sheet,
        digest=digest_of(data),
        is_dry=wanted.dry_run,
        stop_on_error=wanted.stop_on_error,
        by_server=by_server,
        by_name=work.actor.name,
        by_role=work.actor.role,
        by_site=work.actor.site,
        by_badge=work.actor.badge,
        origin=work.actor.origin,
        reason=work.actor.reason,
        state="queued",
        rows_done=0,
        created=0,
        changed=0,
        unchanged=0,
        errors=0,
        fault_zh="",
        fault_en="",
        created_at=work.at,
        run_from=0,
    )
    work.session.add(row)
    work.session.flush()
    work.session.add(ImportFile(import_id=row.id, data=data))
    work.session.flush()
    return row


def digest_of(data: bytes) -> str:
    """Return by what a file is known again."""
    return hashlib.sha256(data).hexdigest()


def shown(row: Import) -> ImportShown:
    """Return what is shown of an import: how fast it is, and when it will be done, while it runs."""
    facts = {name: getattr(row, name) for name in ImportShown.model_fields if hasattr(row, name)}
    per_second = eta_s = None
    if row.run_at and row.beat_at and row.rows_done > row.run_from:
        seconds = max((row.beat_at - row.run_at).total_seconds(), SECONDS_MIN)
        per_second = round((row.rows_done - row.run_from) / seconds, 1)
        if row.rows_total is not None and row.state == "running":
            eta_s = round((row.rows_total - row.rows_done) / per_second, 1) if per_second else None
    told = {"dry_run": row.is_dry, "zh": row.fault_zh, "en": row.fault_en, "per_second": per_second, "eta_s": eta_s}
    return ImportShown.model_validate({**facts, **told})


def page(work: Work, asked: ImportsAsked) -> Page[ImportShown]:
    """Show one page of the imports of those kinds that the actor may read."""
    kinds = [name for name, kind in sheets().items() if may(kind, work.actor.role, writes=False)]
    rows = records.page(work, repository.of_kinds(kinds, asked.kind, asked.state), Import, asked)
    items = [shown(row) for row in rows[: asked.limit]]
    return Page(items=items, more=items[-1].id if len(rows) > asked.limit else None)


def get(work: Work, import_id: UUID) -> ImportShown:
    """Show an import; RegistryError 403 and 404."""
    return shown(_of_actor(work, import_id, writes=False))


def faults(work: Work, import_id: UUID, asked: FaultsAsked) -> FaultsPage:
    """Show what was wrong with its rows; RegistryError 403 and 404."""
    _of_actor(work, import_id, writes=False)
    rows = repository.faults(work.session, import_id, asked.after, asked.limit + 1)
    items = [FaultShown.model_validate(row) for row in rows[: asked.limit]]
    return FaultsPage(items=items, more=items[-1].n if len(rows) > asked.limit else None)


def fault_cells(work: Work, import_id: UUID) -> Iterator[tuple[str | int | None, ...]]:
    """Yield what was wrong with its rows, as the cells of a sheet; RegistryError 403 and 404."""
    found = faults(work, import_id, FaultsAsked(limit=1000))
    return ((each.row, each.column, each.header, each.zh, each.en) for each in found.items)


def resume(work: Work, import_id: UUID) -> ImportShown:
    """Let an import go on where it stopped; RegistryError 409 where it is done, or runs."""
    row = _of_actor(work, import_id, writes=True)
    if row.state not in {"cancelled", "failed"} or repository.file_of(work.session, row.id) is None:
        raise RegistryError("this import is done, or is being done: there is nothing to resume", 409, "state")
    row.state, row.finished_at, row.fault_zh, row.fault_en, row.by_server = "queued", None, "", "", True
    row.version += 1
    work.session.flush()
    return shown(row)


def cancel(work: Work, import_id: UUID) -> ImportShown:
    """Stop an import; what it did stays done. RegistryError 409 where it has ended."""
    row = _of_actor(work, import_id, writes=True)
    if row.state not in repository.UNFINISHED:
        raise RegistryError("this import has ended", 409, "state")
    row.state, row.finished_at = "cancelled", work.at
    row.version += 1
    work.session.flush()
    return shown(row)


def _of_actor(work: Work, import_id: UUID, *, writes: bool) -> Import:
    row = records.get(work, Import, import_id, changing=writes)
    sheet_of(row.kind, work.actor.role, writes=writes)
    return row
