"""gatehouse-central retention: what would go, what went and the proofs of it, and the clock."""

import json
from typing import Annotated, Any

import typer
from sqlalchemy import select

from central.at_machine import DEFAULT_DATA, AsJson, Data, Database, SiteSlug, opened, operator, site_of, tell
from central.registry import Registry

retention_app = typer.Typer(no_args_is_help=True, help="What is kept how long: delete, count, look at the proofs.")


@retention_app.command("run")
def run(
    site: SiteSlug = "",
    cap: Annotated[int | None, typer.Option(min=1, help="At most so many rows of each class at each site.")] = None,
    database: Database = "",
    data: Data = DEFAULT_DATA,
    *,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only count what would go.")] = False,
    as_json: AsJson = False,
) -> None:
    """Let go of what is past its time, as the serving process does by itself; exit status 1 where the clock has jumped."""
    from central.retention import runs  # noqa: PLC0415 - all kinds of records: a second, which others need not wait

    with opened(database, data) as registry:
        if dry_run:
            found = _due(registry, site)
            tell(found, "\n".join(map(_line, found)) or "no site has chosen what it keeps", as_json=as_json)
            return
        with registry.read(operator()) as work:
            only = site_of(work, site)
        done = runs.run(registry, only=only, cap=cap)
    facts = {"fault": done.fault, "runs": list(map(str, done.runs)), "counts": done.counts}
    fault = f"the clock is {done.fault}: nothing was deleted; compare it, then: gatehouse-central retention confirm-clock"
    tell(facts, fault if done.fault else _line(done.counts) or "nothing is past its time", as_json=as_json)
    if done.fault:
        raise typer.Exit(1)


def _due(registry: Registry, slug: str) -> list[dict[str, Any]]:
    from central.retention import due  # noqa: PLC0415 - as above
    from central.retention.tables import RetentionProfile  # noqa: PLC0415 - as above

    with registry.read(operator()) as work:
        only = site_of(work, slug)
        chosen = work.session.scalars(select(RetentionProfile.site_id).order_by(RetentionProfile.site_id)).all()
        return [due.count(work, one).model_dump(mode="json") for one in chosen if only in (None, one)]


def _line(counts: dict[str, Any]) -> str:
    return ", ".join(f"{name}: {value}" for name, value in counts.items())


@retention_app.command("proofs")
def proofs(database: Database = "", data: Data = DEFAULT_DATA, as_json: AsJson = False) -> None:
    """List the runs in which something went, each proof checked; exit status 1 where one does not hold."""
    from central.retention import proofs as proving  # noqa: PLC0415 - as above
    from central.retention.tables import RetentionRun  # noqa: PLC0415 - as above

    with opened(database, data) as registry, registry.read(operator()) as work:
        rows = work.session.scalars(select(RetentionRun).order_by(RetentionRun.id)).all()
        found = [proving.shown(work, registry.key.public_key(), row) for row in rows]
    lines = [f"{one.id} {one.state} {one.ended_at or one.started_at:%Y-%m-%d %H:%M} {json.dumps(one.counts)}: "
             f"{'; '.join(one.faults) or 'holds'}" for one in found]  # fmt: skip
    tell([one.model_dump(mode="json") for one in found], "\n".join(lines) or "nothing went yet", as_json=as_json)
    if any(one.faults for one in found):
        raise typer.Exit(1)


@retention_app.command("confirm-clock")
def confirm_clock(
    reason: Annotated[str, typer.Option(help="What the clock was compared with.")],
    database: Database = "",
    data: Data = DEFAULT_DATA,
) -> None:
    """Say that the clock is right, so that deletion goes on after a jump."""
    from central.retention import clock  # noqa: PLC0415 - as above
    from central.retention.schemas import ClockWanted  # noqa: PLC0415 - as above

    with opened(database, data) as registry, registry.write(operator()) as work:
        shown = clock.confirm(work, ClockWanted(reason=reason))
    typer.echo(f"{shown.at.isoformat()} is taken for right")
