"""gatehouse-central log export: the log as a sheet, at the machine."""

from datetime import datetime
from pathlib import Path
from typing import Annotated, Literal

import typer

from central.at_machine import DEFAULT_DATA, Data, Database, SiteSlug, opened
from central.config import ConfigError

log_app = typer.Typer(no_args_is_help=True, help="The entry log.")
FORMATS = ["%Y-%m-%d", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%dT%H:%M:%S%z"]


@log_app.callback()
def _log() -> None:
    """Let `export` be named, though it is the only one."""


@log_app.command("export")
def export_log(
    out: Annotated[Path, typer.Option("--out", help="File to write: .csv or .xlsx.")],
    site: SiteSlug = "",
    since: Annotated[datetime | None, typer.Option(formats=FORMATS, help="From this time on; with no zone: the site's.")] = None,
    until: Annotated[datetime | None, typer.Option(formats=FORMATS, help="Before this time.")] = None,
    purpose: Annotated[str, typer.Option(help="What it is for; needed for more than 1,000 rows.")] = "",
    language: Annotated[Literal["zh", "en"], typer.Option(help="Language of the sheet.")] = "zh",
    database: Database = "",
    data: Data = DEFAULT_DATA,
) -> None:
    """Write the log to a file; who did so, and what for, goes into the audit."""
    from central.log_export import at_machine  # noqa: PLC0415 - all that the log is made of, for this command alone

    with opened(database, data) as registry:
        try:
            rows = at_machine.exported(registry, out, site, since, until, purpose, language)
        except OSError as error:
            raise ConfigError(f"{out} cannot be written: {error}") from error
    typer.echo(f"{out}: {rows}")
