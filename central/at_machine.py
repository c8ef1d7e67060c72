"""What all commands at the machine have in common: their options, the open registry, and who acts."""

import getpass
import json
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Annotated, Any, NamedTuple
from uuid import UUID

import typer
from sqlalchemy.exc import OperationalError

from central.actors import Actor
from central.config import ConfigError, Settings
from central.errors import RegistryError, SeedError
from central.migrations import migrate
from central.registry import Registry, Work
from central.sites.repository import site_by_slug

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
SiteSlug = Annotated[str, typer.Option("--site", help="Slug of the one site that is seen; all, if none is named.")]
DEFAULT_DATA = Path("registry-data")
AT_THE_MACHINE = "command line"


class Standby(NamedTuple):
    """A standby of the database that the log is looked up on, and how far it may be behind."""

    url: str = ""
    lag_max_s: float = 10


NO_STANDBY = Standby()


@contextmanager
def opened(database: str, data: Path, *, visiting: bool = True, standby: Standby = NO_STANDBY) -> Iterator[Registry]:
    """Open the registry, its schema up to date; what goes wrong is told in a line, with exit status 1."""
    try:
        registry = Registry.open(Settings(data, database, *standby), visiting=visiting)
        with closing(registry):
            migrate(registry.database)
            yield registry
    except (ConfigError, RegistryError, SeedError) as error:
        typer.echo(f"gatehouse-central: {error}", err=True)
        raise typer.Exit(1) from error
    except OperationalError as error:
        why, *_ = str(error.orig).splitlines()
        typer.echo(f"gatehouse-central: the database cannot be used: {why}", err=True)
        raise typer.Exit(1) from error


@contextmanager
def at_work(database: str, data: Path) -> Iterator[Work]:
    """Open the registry for one piece of work of who is signed in to the machine; it is committed when the block ends well."""
    with opened(database, data) as registry, registry.write(operator()) as work:
        yield work


def operator() -> Actor:
    """Return who acts: the name that this machine knows the person by."""
    try:
        name = getpass.getuser()
    except (KeyError, OSError):  # a container may run as a number that nobody has a name for
        name = "?"
    return Actor(name, "machine", origin=AT_THE_MACHINE)


def site_of(work: Work, slug: str) -> UUID | None:
    """Return the site of this slug, None for an empty one; RegistryError 404."""
    if not slug:
        return None
    site = site_by_slug(work.session, slug)
    if site is None:
        raise RegistryError("there is no site {site}", 404, "site", site=slug)
    return site.id


def tell(facts: Any, text: str, *, as_json: bool) -> None:
    """Answer in words, or in JSON."""
    typer.echo(json.dumps(facts, ensure_ascii=False, default=str) if as_json else text)
