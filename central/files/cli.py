"""gatehouse-central import, export: sheets in and out at the machine."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Literal
from uuid import UUID

import typer
from pydantic import ValidationError
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from central.at_machine import DEFAULT_DATA, AsJson, Data, Database, opened, operator, site_of, tell
from central.config import ConfigError
from central.errors import RegistryError
from central.files import exports, repository, services
from central.files.running import StoppedError, Told, run
from central.files.schemas import ImportShown, ImportWanted
from central.files.tables import Import
from central.registry import Registry

FAULTS_TOLD = 20
GC_THRESHOLD = 50_000  # a chunk is made of about so many objects, and all of them go with it
Kind = Annotated[str, typer.Option("--kind", help="What a row is: residents, persons, vehicles, cards, ...")]


def import_sheet(
    file: Annotated[Path, typer.Argument(help="CSV, XLSX or XLS; the first row has the headers, Chinese or English.")],
    kind: Kind,
    site: Annotated[str, typer.Option("--site", help="Slug of the site that the rows are for.")],
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Change nothing; tell what would be, and all errors.")] = False,
    stop_on_error: Annotated[bool, typer.Option("--stop-on-error", help="Do nothing at all if a row has an error.")] = False,
    sheet: Annotated[str, typer.Option("--sheet", help="Name of the sheet in a workbook; default: the first.")] = "",
    database: Database = "",
    data: Data = DEFAULT_DATA,
    as_json: AsJson = False,
) -> None:
    """Import a sheet; what is there by its natural key is changed. Stopped and given again, it goes on where it was."""
    content = _content(file)
    gc.set_threshold(GC_THRESHOLD)
    with opened(database, data) as registry:
        import_id = _begun(registry, content, kind, site, file.name, sheet, dry_run=dry_run, stop_on_error=stop_on_error)
        try:
            with _progress(file.name) as told:
                run(registry, import_id, told)
        except StoppedError as error:
            raise RegistryError("another goes on with this import, or it was cancelled", 409) from error
        with registry.read(operator()) as work:
            done = services.get(work, import_id)
            faults = services.fault_cells(work, import_id)
            lines = ["\t".join(str(cell or "") for cell in cells) for cells in faults]
    tell(done.model_dump(mode="json") | {"faults": lines}, "\n".join([*lines[:FAULTS_TOLD], _summed_up(done)]), as_json=as_json)
    if done.state != "done":
        raise typer.Exit(1)


def export_sheet(
    kind: Kind,
    out: Annotated[Path, typer.Option("--out", help="File to write.")],
    site: Annotated[str, typer.Option("--site", help="Slug of the site; needed where there are several.")] = "",
    form: Annotated[Literal["csv", "xlsx"], typer.Option("--format", help="CSV, or an Excel workbook.")] = "csv",
    language: Annotated[Literal["zh", "en"], typer.Option("--language", help="Language of the headers.")] = "zh",
    database: Database = "",
    data: Data = DEFAULT_DATA,
) -> None:
    """Write all records of a kind to a sheet; import reads those of plain records back."""
    with opened(database, data) as registry:
        with registry.read(operator()) as work:
            site_id = site_of(work, site)
        actor = operator()
        exported = exports.exported(kind, actor.role)
        asked = exports.narrowed(exported, {"site": str(site_id)} if site_id else {})
        made = exports.csv_of if form == "csv" else exports.xlsx_of
        blocks = made(registry, actor, exported, asked, language)
        with _written(out) as part, part.open("wb") as writing:
            writing.writelines(blocks)
    typer.echo(str(out))


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


@contextmanager
def _written(out: Path) -> Iterator[Path]:
    """Give a file beside the one that is wanted, and put it in its place when the block ends well."""
    part = out.with_name(f".{out.name}.part")
    try:
        yield part
        part.replace(out)
    except OSError as error:
        raise ConfigError(f"{out} cannot be written: {error}") from error
    finally:
        part.unlink(missing_ok=True)


def _content(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        typer.echo(f"gatehouse-central: {file} cannot be read: {error}", err=True)
        raise typer.Exit(1) from error


def _summed_up(done: ImportShown) -> str:
    what = f"{done.created} created, {done.changed} changed, {done.unchanged} as they were, {done.errors} with errors left out"
    return f"{done.state}{' (nothing was changed)' if done.dry_run else ''}: {what}{f'; {done.en}' if done.en else ''}"
