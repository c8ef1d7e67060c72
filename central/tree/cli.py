"""gatehouse-central audit: look whether anything was rewritten, prove an entry, publish the head."""

import os
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Annotated
from uuid import UUID

import typer

from central.at_machine import DEFAULT_DATA, AsJson, Data, Database, opened, tell
from central.config import ConfigError, Settings
from central.tree import publishing, services
from central.tree.outlets import outlets_of
from central.tree.proving import prove
from central.tree.walk.everything import Asked, walk
from central.tree.walk.findings import Seen

SHOWS_EVERY_S = 1.0
audit_app = typer.Typer(no_args_is_help=True, help="Whether anything was rewritten: look, prove, publish.")


@audit_app.command("verify")
def verify(
    published: Annotated[
        Path | None,
        typer.Option(help="Folder of heads that were published: the copy that is elsewhere.", exists=True, file_okay=False),
    ] = None,
    quiet: Annotated[bool, typer.Option("--quiet", help="Show no progress.")] = False,
    database: Database = "",
    data: Data = DEFAULT_DATA,
    as_json: AsJson = False,
) -> None:
    """Walk over every journal, checkpoint, the audit and the tree; exit status 1 where anything does not fit."""
    with opened(database, data) as registry:
        key = registry.key.public_key().public_bytes_raw()
        now_us = round(registry.calendar().timestamp() * 1e6)
        asked = Asked(Settings(data, database).database_url(), key, now_us, published)
        seen = walk(asked, (lambda _done, _all: None) if quiet else _progress())
    tell(_facts(seen), _text(seen), as_json=as_json)
    if seen.findings:
        raise typer.Exit(1)


def _facts(seen: Seen) -> dict[str, object]:
    return {"counts": seen.counts, "findings": [finding.facts() for finding in seen.findings]}


def _text(seen: Seen) -> str:
    counts = ", ".join(f"{number} {what}" for what, number in sorted(seen.counts.items())) or "nothing is stored"
    lines = [finding.line() for finding in seen.findings]
    return "\n".join([*lines, f"{counts}: {len(lines) or 'nothing'} found"])


def _progress() -> Callable[[int, int], None]:
    began = told = time.monotonic()

    def show(done: int, total: int) -> None:
        nonlocal told
        now = time.monotonic()
        if now - told >= SHOWS_EVERY_S or done == total:
            told = now
            typer.echo(f"{done} of {total} entries, {done / max(now - began, 0.001):.0f} a second", err=True)
            sys.stderr.flush()

    return show


@audit_app.command("prove")
def prove_entry(
    edge: Annotated[UUID, typer.Option(help="Id of the edge.")],
    epoch: Annotated[UUID, typer.Option(help="Epoch of its journal.")],
    seq: Annotated[int, typer.Option(help="Number of the entry.", min=1)],
    out: Annotated[Path | None, typer.Option(help="File to write, in place of the terminal.")] = None,
    database: Database = "",
    data: Data = DEFAULT_DATA,
) -> None:
    """Write a proof (JSON) that an entry stood in its place when the head of now was signed."""
    with opened(database, data) as registry:
        services.take_up(registry)
        with registry.read() as work:
            proof = prove(work, registry.key, (edge, epoch, seq))
    if out is None:
        typer.echo(proof.model_dump_json(indent=1))
    else:
        out.write_text(proof.model_dump_json(indent=1) + "\n", "utf-8")
        typer.echo(f"{out}: entry {seq}, checkpoint {proof.checkpoint.checkpoint.seq}, leaf {proof.leaf} of {proof.head.size}")


@audit_app.command("publish")
def publish(
    folder: Annotated[str, typer.Option(envvar="GATEHOUSE_PUBLISH_FOLDER", help="Folder to write the head into.")] = "",
    webhook: Annotated[str, typer.Option(envvar="GATEHOUSE_PUBLISH_WEBHOOK", help="Address to post the head to.")] = "",
    mail: Annotated[str, typer.Option(envvar="GATEHOUSE_PUBLISH_MAIL", help="Mailbox to send it to (GATEHOUSE_SMTP_...).")] = "",
    allow_private: Annotated[
        bool, typer.Option("--allow-private", help="Post to private addresses too (GATEHOUSE_PUBLISH_PRIVATE=yes).")
    ] = False,
    database: Database = "",
    data: Data = DEFAULT_DATA,
    as_json: AsJson = False,
) -> None:
    """Publish the signed head outside, now; exit status 1 where it could not be."""
    named = {"GATEHOUSE_PUBLISH_FOLDER": folder, "GATEHOUSE_PUBLISH_WEBHOOK": webhook, "GATEHOUSE_PUBLISH_MAIL": mail}
    private = {"GATEHOUSE_PUBLISH_PRIVATE": "yes"} if allow_private else {}
    with opened(database, data) as registry:
        outlets = outlets_of({**os.environ, **named, **private})
        if not outlets:
            raise ConfigError("nowhere to publish: name --folder, --webhook or --mail")
        rows = publishing.publish(registry, outlets)
    facts = [{"target": row.target, "size": row.size, "root": row.root.hex(), "fault": row.fault} for row in rows]
    tell(facts, "\n".join(f"{row.target}: {row.fault or f'{row.size} leaves'}" for row in rows), as_json=as_json)
    if any(row.fault for row in rows):
        raise typer.Exit(1)
