"""gatehouse-central: run the registry, and what its administrator does at the machine."""

import gc
import json
import os
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Any

import typer
import uvicorn
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from access.contract.deny import signed_list
from access.identifiers import is_slug
from central.app import app_of
from central.config import ConfigError, Settings
from central.deny.services import deny_list_of
from central.edges import directory, trust
from central.edges import services as edges
from central.edges.schemas import EdgeShown
from central.errors import RegistryError
from central.flows import FLOWS
from central.journal.reader import Readers, cores
from central.logs import configure_logs
from central.migrations import migrate as bring_up_to_date
from central.registry import Registry
from central.retention.job import retention
from central.seeds import SeedError, put_seed, read_seed
from central.users import services as users
from central.users.rights import ROLES, Role, named_role
from central.workflows.clock import clock

PASSWORD_VARIABLE = "GATEHOUSE_PASSWORD"  # noqa: S105 - the name of a variable, no password
STOP_WAITS_S = 3
GC_THRESHOLD = 20_000  # a batch is made of about so many objects, and all of them go with it
TURN_S = 0.001

app = typer.Typer(no_args_is_help=True, help="The registry: records, rules, journals and the office's pages.")
users_app = typer.Typer(no_args_is_help=True, help="People of the office who may sign in.")
edges_app = typer.Typer(no_args_is_help=True, help="Who may speak for a gate.")
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
EdgeNamed = Annotated[str, typer.Argument(help="Name or id of the edge.")]
DEFAULT_DATA = Path("registry-data")
AT_THE_MACHINE = "command line"


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
        _registry(database, data, visiting=False) as registry,
        closing(Readers()) as readers,
        retention(registry, keep),
        clock(registry, FLOWS),
    ):
        served = app_of(registry, readers.read) if cores() > 1 else app_of(registry)
        _settle()
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


@app.command("deny-list")
def write_deny_list(
    site: Annotated[str, typer.Option(help="Slug of the site.")],
    out: Annotated[Path, typer.Option(help="File to write, such as on a memory stick.")],
    database: Database = "",
    data: Data = DEFAULT_DATA,
) -> None:
    """Write who may not pass any more as a signed file, for a gate that is cut off: `gatehouse-edge deny-list` takes it."""
    with _registry(database, data) as registry, registry.read() as work:
        denied = deny_list_of(work, site)
    out.write_bytes(signed_list(registry.key, denied))
    typer.echo(f"{out}: {len(denied.denied) + len(denied.gone)} records as of revision {denied.revision}")


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


@edges_app.command("enrol")
def enrol_edge(
    site: Annotated[str, typer.Option(help="Slug of the site.")],
    gate: Annotated[str, typer.Option(help="Slug of the gate; it is made at enrolment if it is new.")],
    name: Annotated[str, typer.Option(help="What to call this edge.")],
    ca_file: Annotated[
        Path | None, typer.Option(help="Authority (PEM) of this registry's certificate: the box shall trust no other.")
    ] = None,
    database: Database = "",
    data: Data = DEFAULT_DATA,
    as_json: AsJson = False,
) -> None:
    """Print a token that enrols one edge at this gate, once, within 30 minutes; carry it to the box as a file."""
    authority = _authority(ca_file) if ca_file else ""
    with _registry(database, data) as registry, registry.write() as work:
        token = edges.new_enrolment_token(work, site, _slug(gate), name)
    _tell({"site": site, "gate": gate, "name": name, "token": token, "ca": authority}, as_json, f"{token}\n{authority}".strip())


@edges_app.command("list")
def list_edges(database: Database = "", data: Data = DEFAULT_DATA, as_json: AsJson = False) -> None:
    """List the edges with their state, the fingerprint of their key, and what they said last of how they are."""
    with _registry(database, data) as registry, registry.read() as work:
        listed = directory.edges(work)
    _tell([edge.model_dump(mode="json") for edge in listed], as_json, "\n".join(map(directory.in_a_line, listed)) or "no edges")


@edges_app.command("approve")
def approve_edge(
    edge: EdgeNamed,
    fingerprint: Annotated[str, typer.Option(help="As it stands on the box; asked for if not given.")] = "",
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask; needs --fingerprint.")] = False,
    database: Database = "",
    data: Data = DEFAULT_DATA,
    as_json: AsJson = False,
) -> None:
    """Let a box that waits speak for its gate, once its fingerprint here and on its own screen is the same."""
    with _registry(database, data) as registry:
        with registry.read() as work:
            waiting = directory.shown(work, directory.named(work, edge))
        seen = fingerprint or _compared(waiting, sure=yes)
        if not yes:
            typer.confirm(f"Let {waiting.name} speak for its gate from now on?", abort=True)
        with registry.write() as work:
            approved = directory.shown(work, trust.approve(work, waiting.id, seen, AT_THE_MACHINE))
    _tell(approved.model_dump(mode="json"), as_json, f"{approved.name} is {approved.status}")


@edges_app.command("revoke")
def revoke_edge(
    edge: EdgeNamed,
    reason: Annotated[str, typer.Option(help="Why; it is written down and told to the box.")],
    database: Database = "",
    data: Data = DEFAULT_DATA,
    as_json: AsJson = False,
) -> None:
    """Let an edge speak no more: its box was stolen, sold or broken. Its key stays refused for ever."""
    with _registry(database, data) as registry, registry.write() as work:
        revoked = directory.shown(work, trust.revoke(work, directory.named(work, edge).id, reason, AT_THE_MACHINE))
    _tell(revoked.model_dump(mode="json"), as_json, f"{revoked.name} is {revoked.status}")


def _compared(waiting: EdgeShown, *, sure: bool) -> str:
    """Let the person compare what stands on both screens; returns the fingerprint that they have seen."""
    if sure:
        raise RegistryError("--yes needs --fingerprint: somebody must have read it on the box", 422, "fingerprint")
    typer.echo(f"{waiting.name} has the fingerprint {waiting.fingerprint}")
    if not typer.confirm("Does the box show the same?"):
        raise RegistryError("then this is another box: do not approve it, ask who enrolled it", 409, "fingerprint")
    return waiting.fingerprint


def _settle() -> None:
    """Suit Python to batches: what lives as long as the program is never looked through again, and threads take shorter turns."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(GC_THRESHOLD, 20, 20)
    sys.setswitchinterval(TURN_S)


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
    role = named_role(text)
    if role is None:
        raise RegistryError("the role is one of {roles}", 422, "role", roles=", ".join(ROLES))
    return role


def _authority(path: Path) -> str:
    try:
        certificates = x509.load_pem_x509_certificates(path.read_bytes())
    except (OSError, ValueError) as error:
        raise ConfigError(f"{path} holds no certificate: {error}") from error
    return "".join(certificate.public_bytes(Encoding.PEM).decode() for certificate in certificates).strip()


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
