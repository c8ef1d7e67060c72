"""gatehouse-central pass-keys: the keys by which the codes of visits, passes and slips are signed."""

from typing import Annotated
from uuid import UUID

import typer

from central.at_machine import DEFAULT_DATA, AsJson, Data, Database, opened, operator, site_of, tell
from central.codes import keys
from central.codes.schemas import PassKeyShown
from central.errors import RegistryError
from central.registry import Work

pass_keys_app = typer.Typer(no_args_is_help=True, help="The keys that sign the codes of visits, passes and slips.")
Site = Annotated[str, typer.Option(help="Slug of the site.")]
KidNamed = Annotated[str, typer.Argument(help="Short name of the key, as `list` shows it.")]


@pass_keys_app.command("list")
def list_keys(site: Site, database: Database = "", data: Data = DEFAULT_DATA, as_json: AsJson = False) -> None:
    """List the keys of a site, oldest first."""
    with opened(database, data) as registry, registry.read() as work:
        listed = keys.keys_of(work, _site(work, site))
    shown = [key.model_dump(mode="json") for key in listed]
    tell(shown, "\n".join(map(_in_a_line, listed)) or "no keys: the first is made with the first code", as_json=as_json)


@pass_keys_app.command("rotate")
def rotate(
    site: Site,
    after: Annotated[int, typer.Option(min=0, max=24 * 90, help="Hours until the new key signs; gates hear of it at once.")] = 0,
    database: Database = "",
    data: Data = DEFAULT_DATA,
    as_json: AsJson = False,
) -> None:
    """Make another key; the former goes on being good until it is retired or revoked."""
    with opened(database, data) as registry, registry.write(operator()) as work:
        made = keys.rotate(work, _site(work, site), after)
    tell(made.model_dump(mode="json"), _in_a_line(made), as_json=as_json)


@pass_keys_app.command("retire")
def retire(
    kid: KidNamed,
    site: Site,
    force: Annotated[bool, typer.Option("--force", help="Also where codes under it are still good: print those anew.")] = False,
    database: Database = "",
    data: Data = DEFAULT_DATA,
    as_json: AsJson = False,
) -> None:
    """Let gates forget a key under which no code is good any more."""
    with opened(database, data) as registry:
        with registry.write(operator()) as work:
            ended = keys.retire(work, _site(work, site), kid, force=force)
        registry.pass_keys.drop(ended.site_id, kid)
    tell(ended.model_dump(mode="json"), _in_a_line(ended), as_json=as_json)


@pass_keys_app.command("revoke")
def revoke(
    kid: KidNamed,
    site: Site,
    reason: Annotated[str, typer.Option(help="Why; it is written down.")],
    database: Database = "",
    data: Data = DEFAULT_DATA,
    as_json: AsJson = False,
) -> None:
    """Let every code under a key be refused, at once: it was stolen, or may have been."""
    with opened(database, data) as registry:
        with registry.write(operator()) as work:
            ended = keys.revoke(work, _site(work, site), kid, reason)
        registry.pass_keys.drop(ended.site_id, kid)
    tell(ended.model_dump(mode="json"), _in_a_line(ended), as_json=as_json)


def _site(work: Work, slug: str) -> UUID:
    found = site_of(work, slug)
    if found is None:
        raise RegistryError("there is no site {site}", 404, "site", site=slug)
    return found


def _in_a_line(key: PassKeyShown) -> str:
    signs = "signs" if key.signs else f"signs from {key.signs_from:%Y-%m-%d %H:%M} UTC" if key.status == "active" else ""
    lost = "PRIVATE HALF LOST" if key.status == "active" and not key.is_here else ""
    parts = (key.kid, key.status, signs, lost, f"{key.codes} codes", f"made {key.made_at:%Y-%m-%d} by {key.made_by}", key.reason)
    return " · ".join(part for part in parts if part)
