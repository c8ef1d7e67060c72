"""gatehouse-central import, export: sheets in and out at the machine."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Literal

import typer

from central.at_machine import DEFAULT_DATA, AsJson, Data, Database, opened, tell
from central.config import ConfigError

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
    from central.files import at_machine  # noqa: PLC0415 - all kinds of records, and their routes: seconds, for these two alone

    gc.set_threshold(GC_THRESHOLD)
    with opened(database, data) as registry:
        done, lines = at_machine.imported(
            registry, _content(file), kind, site, file.name, sheet, dry_run=dry_run, stop_on_error=stop_on_error
        )
        told = "\n".join([*lines[:FAULTS_TOLD], at_machine.summed_up(done)])
    tell(done.model_dump(mode="json") | {"faults": lines}, told, as_json=as_json)
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
    """Write all records of a kind to a sheet, which import reads back."""
    from central.files import at_machine  # noqa: PLC0415 - as above

    with opened(database, data) as registry, _written(out) as part, part.open("wb") as writing:
        writing.writelines(at_machine.exported(registry, kind, site, form, language))
    typer.echo(str(out))


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
