"""gatehouse-central subject: a copy of all that is kept of somebody."""

from pathlib import Path
from typing import Annotated
from uuid import UUID

import typer

from central.at_machine import DEFAULT_DATA, Data, Database, opened, operator


def export_subject(
    out: Annotated[Path, typer.Option(help="File to write (ZIP).")],
    purpose: Annotated[str, typer.Option(help="Why; it stays in the audit.")],
    person: Annotated[UUID | None, typer.Option(help="Id of a person.")] = None,
    visit: Annotated[UUID | None, typer.Option(help="Id of a visit.")] = None,
    contractor_pass: Annotated[UUID | None, typer.Option("--pass", help="Id of a contractor pass.")] = None,
    database: Database = "",
    data: Data = DEFAULT_DATA,
) -> None:
    """Write all that is kept of somebody into a ZIP file: as JSON, as a page to read, with the pictures."""
    from central.privacy import subject  # noqa: PLC0415 - all kinds of records: a second, which others need not wait
    from central.privacy.schemas import SubjectWanted  # noqa: PLC0415 - as above

    named = {"person": person, "visit": visit, "pass": contractor_pass}
    given = [SubjectWanted(subject=kind, record=one, purpose=purpose) for kind, one in named.items() if one is not None]
    if len(given) != 1:
        raise typer.BadParameter("say whose data: one person, visit or pass", param_hint="--person, --visit or --pass")
    with opened(database, data) as registry:
        copy = subject.export(registry, operator(), given[0])
    out.write_bytes(copy.archive)
    out.chmod(0o600)
    typer.echo(f"{out}: {len(copy.facts['entries'])} entries, {len(copy.facts['pictures'])} pictures")
