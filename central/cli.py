"""gatehouse-central: run the registry, and what its administrator does at the machine."""

from datetime import timedelta
from pathlib import Path
from typing import Annotated

import typer

from central.at_machine import DEFAULT_DATA, Data, Database, Standby, at_work, opened
from central.codes.cli import pass_keys_app
from central.config import ConfigError
from central.dispute.cli import dispute_app
from central.edges.cli import edges_app
from central.erasure.cli import erase
from central.files.cli import export_sheet, import_sheet
from central.log_export.cli import log_app
from central.oidc.settings import OidcFlags, OidcSettings
from central.privacy.cli import export_subject
from central.retention.cli import retention_app
from central.tree.cli import audit_app
from central.users.cli import tokens_app, users_app

app = typer.Typer(no_args_is_help=True, help="The registry: records, rules, journals and the office's pages.")
for part, name in (
    (users_app, "users"),
    (tokens_app, "tokens"),
    (edges_app, "edges"),
    (dispute_app, "dispute"),
    (log_app, "log"),
    (pass_keys_app, "pass-keys"),
    (audit_app, "audit"),
    (retention_app, "retention"),
):
    app.add_typer(part, name=name)
app.command("import")(import_sheet)
app.command("export")(export_sheet)
app.command()(erase)
app.command("subject")(export_subject)


@app.command()
def serve(
    database: Database = "",
    data: Data = DEFAULT_DATA,
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="Port to listen on; 0: a free one.")] = 8800,
    keep_days: Annotated[
        int,
        typer.Option(
            envvar="GATEHOUSE_KEEP_DAYS",
            min=30,
            help="How long commands, counts, used tokens and facts that ended are kept.",
        ),
    ] = 90,
    replica: Annotated[
        str, typer.Option(envvar="GATEHOUSE_REPLICA", help="A standby of a PostgreSQL --database: the log is looked up there.")
    ] = "",
    replica_lag: Annotated[
        float, typer.Option(envvar="GATEHOUSE_REPLICA_LAG", min=1, help="Seconds that it may be behind; else it is not asked.")
    ] = 10,
    oidc_issuer: Annotated[
        str,
        typer.Option(envvar="GATEHOUSE_OIDC_ISSUER", help="An OpenID provider by which people may sign in; see docs/rights.md."),
    ] = "",
    oidc_client: Annotated[
        str, typer.Option(envvar="GATEHOUSE_OIDC_CLIENT", help="What the provider knows this registry as.")
    ] = "",
    oidc_secret_file: Annotated[
        Path | None, typer.Option(envvar="GATEHOUSE_OIDC_SECRET_FILE", help="File with the secret shared with the provider.")
    ] = None,
    oidc_rules: Annotated[
        Path | None, typer.Option(envvar="GATEHOUSE_OIDC_RULES", help="JSON: whoever has which claim is a user of which role.")
    ] = None,
) -> None:
    """Bring the schema up to date and serve until stopped."""
    from central import server  # noqa: PLC0415 - all routes: they take seconds to make, and no other command needs them

    try:
        oidc = OidcSettings.read(OidcFlags(oidc_issuer, oidc_client, oidc_secret_file, oidc_rules))
    except ConfigError as error:
        typer.echo(f"gatehouse-central: {error}", err=True)
        raise typer.Exit(1) from error
    server.serve(database, data, host, port, timedelta(days=keep_days), Standby(replica, replica_lag), oidc)


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
    from central.seeds import put_seed, read_seed  # noqa: PLC0415 - all kinds of records: a second, which others need not wait

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
    from access.contract.deny import signed_list  # noqa: PLC0415 - as above
    from central.deny.services import deny_list_of  # noqa: PLC0415 - as above

    with opened(database, data) as registry, registry.read() as work:
        denied = deny_list_of(work, site)
    out.write_bytes(signed_list(registry.key, denied))
    typer.echo(f"{out}: {len(denied.denied) + len(denied.gone)} records as of revision {denied.revision}")


def main() -> None:
    """Run the command line."""
    app()
