"""gatehouse-central edges: who may speak for a gate."""

from pathlib import Path
from typing import Annotated

import typer
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from access.identifiers import is_slug
from central.at_machine import AT_THE_MACHINE, DEFAULT_DATA, AsJson, Data, Database, opened, operator, tell
from central.config import ConfigError
from central.edges import directory, trust
from central.edges import services as edges
from central.edges.schemas import EdgeShown
from central.errors import RegistryError

EdgeNamed = Annotated[str, typer.Argument(help="Name or id of the edge.")]
edges_app = typer.Typer(no_args_is_help=True, help="Who may speak for a gate.")


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
    with opened(database, data) as registry, registry.write(operator()) as work:
        token = edges.new_enrolment_token(work, site, _slug(gate), name)
    tell(
        {"site": site, "gate": gate, "name": name, "token": token, "ca": authority},
        f"{token}\n{authority}".strip(),
        as_json=as_json,
    )


@edges_app.command("list")
def list_edges(database: Database = "", data: Data = DEFAULT_DATA, as_json: AsJson = False) -> None:
    """List the edges with their state, the fingerprint of their key, and what they said last of how they are."""
    with opened(database, data) as registry, registry.read() as work:
        listed = directory.edges(work)
    tell(
        [edge.model_dump(mode="json") for edge in listed],
        "\n".join(map(directory.in_a_line, listed)) or "no edges",
        as_json=as_json,
    )


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
    with opened(database, data) as registry:
        with registry.read() as work:
            waiting = directory.shown(work, directory.named(work, edge))
        seen = fingerprint or _compared(waiting, sure=yes)
        if not yes:
            typer.confirm(f"Let {waiting.name} speak for its gate from now on?", abort=True)
        with registry.write(operator()) as work:
            approved = directory.shown(work, trust.approve(work, waiting.id, seen, AT_THE_MACHINE))
    tell(approved.model_dump(mode="json"), f"{approved.name} is {approved.status}", as_json=as_json)


@edges_app.command("revoke")
def revoke_edge(
    edge: EdgeNamed,
    reason: Annotated[str, typer.Option(help="Why; it is written down and told to the box.")],
    database: Database = "",
    data: Data = DEFAULT_DATA,
    as_json: AsJson = False,
) -> None:
    """Let an edge speak no more: its box was stolen, sold or broken. Its key stays refused for ever."""
    with opened(database, data) as registry, registry.write(operator()) as work:
        revoked = directory.shown(work, trust.revoke(work, directory.named(work, edge).id, reason, AT_THE_MACHINE))
    tell(revoked.model_dump(mode="json"), f"{revoked.name} is {revoked.status}", as_json=as_json)


def _compared(waiting: EdgeShown, *, sure: bool) -> str:
    """Let the person compare what stands on both screens; returns the fingerprint that they have seen."""
    if sure:
        raise RegistryError("--yes needs --fingerprint: somebody must have read it on the box", 422, "fingerprint")
    typer.echo(f"{waiting.name} has the fingerprint {waiting.fingerprint}")
    if not typer.confirm("Does the box show the same?"):
        raise RegistryError("then this is another box: do not approve it, ask who enrolled it", 409, "fingerprint")
    return waiting.fingerprint


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
