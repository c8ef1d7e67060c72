"""gatehouse-central: run the registry, and what its administrator does at the machine."""

import json
import os
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Annotated, Any

import typer
import uvicorn

from access.identifiers import is_slug
from central.app import app_of
from central.config import ConfigError, Settings
from central.edges import repository as edges_repository
from central.edges import services as edges
from central.errors import RegistryError
from central.logs import configure_logs
from central.migrations import migrate as bring_up_to_date
from central.registry import Registry
from central.seeds import SeedError, put_seed, read_seed
from central.users import services as users
from central.users.schemas import ROLES, Role

PASSWORD_VARIABLE = "GATEHOUSE_PASSWORD"  # noqa: S105 - the name of a variable, no password
STOP_WAITS_S = 3

app = typer.Typer(no_args_is_help=True, help="The registry: records, rules, journals and the office's pages.")
users_app = typer.Typer(no_args_is_help=True, help="People of the office who may sign in.")
edges_app = typer.Typer(no_args_is_help=True, help="The gates' programs.")
app.add_typer(users_app, name="users")
app.add_typer(edges_app, name="edges")

Database = Annotated[
    str,
    typer.Option(
        "--database",
        envvar="GATEHOUSE_DATABASE",
        help="sqlite:///FILE or postgresql://USER@HOST/NAME; default: in --data.",
    ),
]
Data = Annotated[Path, typer.Option("--data", envvar="GATEHOUSE_DATA", help="Folder of the key, the pictures and the database.")]
AsJson = Annotated[bool, typer.Option("--json", help="Answer in JSON.")]
DEFAULT_DATA = Path("registry-data")


@app.command()
def serve(
    database: Database = "",
    data: Data = DEFAULT_DATA,
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="Port to listen on; 0: a free one.")] = 8800,
) -> None:
    """Bring the schema up to date and serve until stopped."""
    configure_logs()
    with _registry(database, data, visiting=False) as registry:
        uvicorn.run(
            app_of(registry),
            host=host,
            port=port,
            access_log=False,
            log_config=None,
            server_header=False,
            timeout_graceful_shutdown=STOP_WAITS_S,
        )


@app.command()
def migrate(database: Database = "", data: Data = DEFAULT_DATA) -> None:
    """Bring the database's schema up to date, and do nothing else."""
    with _registry(database, data, visiting=False):
        typer.echo("the schema is up to date")


@app.command()
def seed(
    file: Annotated[Path, typer.Argument(help="TOML or JSON; see docs/registry.md.")],
    database: Database = "",
    data: Data = DEFAULT_DATA,
) -> None:
    """Put a small estate in; what is there already by its natural key becomes what the file says."""
    with _registry(database, data) as registry, registry.write() as work:
        put_seed(work, read_seed(file))
    typer.echo("done")


@users_app.command("add")
def add_user(
    name: Annotated[str, typer.Argument(help="Name to sign in with.")],
    role: Annotated[str, typer.Option(help=f"One of: {', '.join(ROLES)}.")],
    database: Database = "",
    data: Data = DEFAULT_DATA,
    url: Annotated[str, typer.Option(help="Address of the office's pages, for the link.")] = "http://127.0.0.1:8800",
    password: Annotated[bool, typer.Option(help=f"Ask for a password (or take ${PASSWORD_VARIABLE}); no link.")] = False,
    as_json: AsJson = False,
) -> None:
    """Add a user; prints a link that signs them in once within 24 hours."""
    chosen = _chosen_password() if password else None
    with _registry(database, data) as registry, registry.write() as work:
        users.add_user(work, name, _role(role), chosen)
        token = None if chosen else users.new_link(work, name)
    _tell({"name": name, "link": token and _link(url, token)}, as_json, _link(url, token) if token else f"{name} may sign in")


@users_app.command("link")
def link_user(
    name: Annotated[str, typer.Argument(help="Name of the user.")],
    database: Database = "",
    data: Data = DEFAULT_DATA,
    url: Annotated[str, typer.Option(help="Address of the office's pages.")] = "http://127.0.0.1:8800",
    as_json: AsJson = False,
) -> None:
    """Make a new one-time link for a user; an earlier one ends."""
    with _registry(database, data) as registry, registry.write() as work:
        link = _link(url, users.new_link(work, name))
    _tell({"name": name, "link": link}, as_json, link)


@edges_app.command("token")
def edge_token(
    site: Annotated[str, typer.Option(help="Slug of the site.")],
    gate: Annotated[str, typer.Option(help="Slug of the gate; it is made at enrolment if it is new.")],
    name: Annotated[str, typer.Option(help="What to call this edge.")],
    database: Database = "",
    data: Data = DEFAULT_DATA,
    as_json: AsJson = False,
) -> None:
    """Print a token that enrols one edge at this gate, once, within 30 minutes."""
    with _registry(database, data) as registry, registry.write() as work:
        token = edges.new_enrolment_token(work, site, _slug(gate), name)
    _tell({"site": site, "gate": gate, "name": name, "token": token}, as_json, token)


@edges_app.command("list")
def list_edges(database: Database = "", data: Data = DEFAULT_DATA, as_json: AsJson = False) -> None:
    """List the edges with their state and the fingerprint of their key."""
    with _registry(database, data) as registry, registry.read() as work:
        listed = [edges.described(edge) for edge in edges_repository.edges(work.session)]
    lines = [" · ".join(str(edge[key]) for key in ("name", "status", "fingerprint", "last_seen_at", "note")) for edge in listed]
    _tell(listed, as_json, "\n".join(lines) or "no edges")


@contextmanager
def _registry(database: str, data: Path, *, visiting: bool = True) -> Iterator[Registry]:
    """Open the registry, its schema up to date; what goes wrong is told in a line, with exit status 1."""
    try:
        registry = Registry.open(Settings(data, database), visiting=visiting)
        with closing(registry):
            bring_up_to_date(registry.database)
            yield registry
    except (ConfigError, RegistryError, SeedError) as error:
        typer.echo(f"gatehouse-central: {error}", err=True)
        raise typer.Exit(1) from error


def _chosen_password() -> str:
    entered: str = os.environ.get(PASSWORD_VARIABLE) or typer.prompt("Password", hide_input=True, confirmation_prompt=True)
    return entered


def _role(text: str) -> Role:
    for role in ROLES:
        if role == text:
            return role
    raise RegistryError(f"the role is one of {', '.join(ROLES)}", 422, "role")


def _slug(text: str) -> str:
    if not is_slug(text):
        raise RegistryError("a gate's name is 1 to 64 of a-z, 0-9 and inner hyphens", 422, "gate")
    return text


def _link(url: str, token: str) -> str:
    return f"{url.rstrip('/')}/sign-in?link={token}"


def _tell(facts: Any, as_json: bool, text: str) -> None:
    typer.echo(json.dumps(facts, ensure_ascii=False, default=str) if as_json else text)


def main() -> None:
    """Run the command line."""
    app()
