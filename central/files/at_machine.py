"""Sheets in and out at the machine: begun, or gone on with, by who is signed in to it."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Literal
from uuid import UUID

from pydantic import ValidationError
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

import central.app  # noqa: F401 - what is offered of a kind is known when its routes are made
from central.at_machine import operator, site_of
from central.errors import RegistryError
from central.files import exports, repository, services
from central.files.running import StoppedError, Told, run
from central.files.schemas import ImportShown, ImportWanted
from central.files.tables import Import
from central.registry import Registry


def imported(
    registry: Registry, data: bytes, kind: str, site: str, name: str, sheet: str, *, dry_run: bool, stop_on_error: bool
) -> tuple[ImportShown, list[str]]:
    """Import a sheet, or go on with it; returns what came of it, and its faults line by line. RegistryError 404, 409, 422."""
    import_id = _begun(registry, data, kind, site, name, sheet, dry_run=dry_run, stop_on_error=stop_on_error)
    try:
        with _progress(name) as told:
            run(registry, import_id, told)
    except StoppedError as error:
        raise RegistryError("another goes on with this import, or it was cancelled", 409) from error
    with registry.read(operator()) as work:
        cells = services.fault_cells(work, import_id)
        return services.get(work, import_id), ["\t".join(str(cell or "") for cell in row) for row in cells]


def exported(
    registry: Registry, kind: str, site: str, form: Literal["csv", "xlsx"], language: Literal["zh", "en"]
) -> Iterable[bytes]:
    """Return a sheet of all records of a kind, piece by piece; RegistryError 404 and 422."""
    with registry.read(operator()) as work:
        site_id = site_of(work, site)
    actor = operator()
    wanted = exports.exported(kind, actor.role)
    asked = exports.narrowed(wanted, {"site": str(site_id)} if site_id else {})
    made = exports.csv_of if form == "csv" else exports.xlsx_of
    return made(registry, actor, wanted, asked, language)


def _begun(
    registry: Registry, data: bytes, kind: str, site: str, name: str, sheet: str, *, dry_run: bool, stop_on_error: bool
) -> UUID:
    """Return the import of this file that was left in the middle, or a new one."""
    with registry.read(operator()) as work:
        site_id = site_of(work, site)
        if site_id is None:
            raise RegistryError("name the site: a sheet is of one", 422, "site")
        digest = services.digest_of(data)
        left = None if dry_run else repository.unfinished_at_machine(work.session, site_id, kind, digest, sheet)
    if left is not None:
        return left.id
    try:
        wanted = ImportWanted(kind=kind, site=site_id, name=name, sheet=sheet, dry_run=dry_run, stop_on_error=stop_on_error)
    except ValidationError as error:
        raise RegistryError("there is no such kind of sheet", 404, "kind") from error
    services.check(operator().role, wanted, data)
    with registry.write(operator()) as work:
        return services.begin(work, wanted, data, by_server=False).id


@contextmanager
def _progress(name: str) -> Iterator[Told]:
    """Show a bar while the block lasts."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True)) as progress:
        task = progress.add_task(name, total=None)

        def told(row: Import) -> None:
            progress.update(task, total=row.rows_total, completed=row.rows_done)

        yield told


def summed_up(done: ImportShown) -> str:
    """Return in a line what came of an import."""
    what = f"{done.created} created, {done.changed} changed, {done.unchanged} as they were, {done.errors} with errors left out"
    return f"{done.state}{' (nothing was changed)' if done.dry_run else ''}: {what}{f'; {done.en}' if done.en else ''}"
