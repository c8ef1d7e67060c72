"""gatehouse-central: run the registry, and what its administrator does at the machine."""

import gc
import sys
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import Annotated

import typer
import uvicorn

from access.contract.deny import signed_list
from central.app import app_of
from central.at_machine import DEFAULT_DATA, Data, Database, at_work, opened
from central.cards.services import cards
from central.deny.services import deny_list_of
from central.duty.services import guards
from central.edges.cli import edges_app
from central.files.cli import export_sheet, import_sheet
from central.flows import FLOWS
from central.journal.reader import Readers, cores
from central.logs import configure_logs
from central.retention.job import retention
from central.seeds import put_seed, read_seed
from central.users.cli import tokens_app, users_app
from central.visits.denied import denied_visitors
from central.workflows.clock import clock

STOP_WAITS_S = 3
GC_THRESHOLD = 20_000  # a batch is made of about so many objects, and all of them go with it
TURN_S = 0.001

app = typer.Typer(no_args_is_help=True, help="The registry: records, rules, journals and the office's pages.")
for part, name in ((users_app, "users"), (tokens_app, "tokens"), (edges_app, "edges")):
    app.add_typer(part, name=name)
app.command("import")(import_sheet)
app.command("export")(export_sheet)


@app.command()
def serve(
    database: Database = "",
    data: Data = DEFAULT_DATA,
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="Port to listen on; 0: a free one.")] = 8800,
    keep_days: Annotated[
        int,
        typer.Option(envvar="GATEHOUSE_KEEP_DAYS", min=30, help="How long commands, used tokens and facts that ended are kept."),
    ] = 90,
) -> None:
    """Bring the schema up to date and serve until stopped."""
    configure_logs()
    keep = timedelta(days=keep_days)
    with (
        opened(database, data, visiting=False) as registry,
        closing(Readers()) as readers,
        retention(registry, keep),
        clock(registry, (*FLOWS, guards, cards, denied_visitors)),
    ):
        served = app_of(registry, readers.read) if cores() > 1 else app_of(registry)
        _settle()
        with served.state.importer.working():
            uvicorn.run(
                served,
                host=host,
                port=port,
                http="h11",  # httptools, which uvicorn would take where it is installed, sets no limit to headers
                access_log=False,
                log_config=None,
                server_header=False,
                timeout_graceful_shutdown=STOP_WAITS_S,
            )


@app.command()
def migrate(database: Database = "", data: Data = DEFAULT_DATA) -> None:
    """Bring the database's schema up to date, and do nothing else."""
    with opened(database, data, visiting=False):
        typer.echo("the schema is up to date")


@app.command()
def seed(
    file: Annotated[Path, typer.Argument(help="TOML or JSON; see docs/registry.md.")],
    database: Database = "",
    data: Data = DEFAULT_DATA,
) -> None:
    """Put a small estate in; what is there already by its natural key becomes what the file says."""
    with at_work(database, data) as work:
        put_seed(work, read_seed(file))
    typer.echo("done")


@app.command("deny-list")
def write_deny_list(
    site: Annotated[str, typer.Option(help="Slug of the site.")],
    out: Annotated[Path, typer.Option(help="File to write, such as on a memory stick.")],
    database: Database = "",
    data: Data = DEFAULT_DATA,
) -> None:
    """Write who may not pass any more as a signed file, for a gate that is cut off: `gatehouse-edge deny-list` takes it."""
    with opened(database, data) as registry, registry.read() as work:
        denied = deny_list_of(work, site)
    out.write_bytes(signed_list(registry.key, denied))
    typer.echo(f"{out}: {len(denied.denied) + len(denied.gone)} records as of revision {denied.revision}")


def _settle() -> None:
    """Suit Python to batches: what lives as long as the program is never looked through again, and threads take shorter turns."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(GC_THRESHOLD, 20, 20)
    sys.setswitchinterval(TURN_S)


def main() -> None:
    """Run the command line."""
    app()
