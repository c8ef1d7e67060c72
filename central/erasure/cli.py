"""Erasing somebody at the machine."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated
from uuid import UUID

import typer

from central.at_machine import DEFAULT_DATA, AsJson, Data, Database, opened, operator, site_of, tell
from central.errors import RegistryError
from central.registry import Work

if TYPE_CHECKING:
    from central.erasure.subjects import Kind


@dataclass(frozen=True)
class _Who:
    subject: "Kind"
    record: UUID


def erase(
    site: Annotated[str, typer.Option("--site", help="Slug of the site.")],
    person: Annotated[UUID | None, typer.Option(help="Id of a person.")] = None,
    visit: Annotated[list[str] | None, typer.Option(help="Number of a visit; may be given several times.")] = None,
    contractor_pass: Annotated[list[str] | None, typer.Option("--pass", help="Number of a contractor pass.")] = None,
    reason: Annotated[str, typer.Option(help="Why; it stays, and names nobody.")] = "",
    database: Database = "",
    data: Data = DEFAULT_DATA,
    *,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only count what would go.")] = False,
    as_json: AsJson = False,
) -> None:
    """Erase somebody: fields, salts and pictures go, the chain and the outcome of each decision stay; see docs/erasure.md."""
    from central.erasure import services  # noqa: PLC0415 - all kinds of records: a second, which others need not wait
    from central.erasure.schemas import ErasureAsked, ErasureWanted  # noqa: PLC0415 - as above

    with opened(database, data) as registry:
        with registry.write(operator()) as work:
            whom = _whom(work, site, person, {"visit": visit or [], "pass": contractor_pass or []})
            asked = [ErasureAsked(subject=who.subject, record=who.record) for who in whom]
            if dry_run:
                counted = [services.counted(work, one).model_dump() for one in asked]
                tell(counted, "\n".join(map(str, counted)), as_json=as_json)
                return
            if not reason:
                raise typer.BadParameter("say why", param_hint="--reason")
            begun = [services.begin(work, ErasureWanted(**one.model_dump(), purpose=reason)).id for one in asked]
        services.finish(registry)
        with registry.read(operator()) as work:
            done = [services.get(work, one) for one in begun]
    lines = [f"{one.id}: {one.records} records, {one.entries} entries, {one.pictures} pictures; {one.digest}" for one in done]
    tell([one.model_dump(mode="json") for one in done], "\n".join(lines), as_json=as_json)


def _whom(work: Work, site: str, person: UUID | None, numbers: "dict[Kind, list[str]]") -> list[_Who]:
    """Return who is meant; RegistryError 404."""
    from central.erasure.subjects import numbered  # noqa: PLC0415 - as above

    site_id = site_of(work, site)
    if site_id is None:
        raise RegistryError("there is no site {site}", 404, "site", site=site)
    found = [_Who(kind, one) for kind, some in numbers.items() for one in numbered(work, site_id, kind, some)]
    if person is not None:
        found.append(_Who("person", person))
    if not found:
        raise typer.BadParameter("say who is to be erased", param_hint="--person, --visit or --pass")
    return found
