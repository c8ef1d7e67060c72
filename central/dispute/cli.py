"""gatehouse-central dispute: one passage with its proofs as a file."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, BinaryIO
from uuid import UUID

import typer

from central.at_machine import DEFAULT_DATA, AsJson, Data, Database, opened, operator, tell
from central.errors import RegistryError

dispute_app = typer.Typer(no_args_is_help=True, help="One passage with its proofs, as a file for a dispute.")


@dispute_app.callback()
def dispute() -> None:
    """Hold the commands together."""


@dispute_app.command("export")
def export_dispute(
    out: Annotated[Path, typer.Option("--out", help="The ZIP to write; there must be none of this name.")],
    purpose: Annotated[str, typer.Option("--purpose", help="What it is for; it is written down in the audit.")],
    passage: Annotated[str, typer.Argument(help="The passage's id as the log shows it, or the id of one of its entries.")] = "",
    entry: Annotated[str, typer.Option("--entry", help="EDGE/EPOCH/SEQ of an entry, in place of the passage.")] = "",
    edge: Annotated[str, typer.Option("--edge", help="The edge's id, where gates have passages of the same name.")] = "",
    database: Database = "",
    data: Data = DEFAULT_DATA,
    as_json: AsJson = False,
) -> None:
    """Write the entries of a passage with decision, pictures, signatures and proofs, and a verifier, into one file."""
    from central.dispute import gathering, services  # noqa: PLC0415 - the office's words: a second, which others need not wait

    with opened(database, data) as registry:
        if bool(passage) == bool(entry):
            raise RegistryError("name either a passage or an entry", 422, "passage")
        place, whose = _place(entry) if entry else None, _uuid(edge) if edge else None
        with _kept(out) as file:
            packed = services.export(
                registry,
                operator(),
                lambda work: gathering.rows_at(work, place) if place else gathering.rows_of(work, passage, whose),
                purpose,
            )
            file.write(packed.data)
    facts = {"file": str(out), "passage": packed.passage, "entries": packed.entries, "pictures": packed.pictures}
    lines = [f"{out}: {packed.entries} entries, {packed.pictures} pictures", *(f"not available: {one}" for one in packed.missing)]
    tell({**facts, "missing": packed.missing}, "\n".join(lines), as_json=as_json)


@contextmanager
def _kept(out: Path) -> Iterator[BinaryIO]:
    """Give the file, which only this user may read; it is gone where the block fails."""
    try:
        handle = os.open(out, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError as error:
        raise RegistryError("{file} is there already: choose another name", 409, "out", file=out.name) from error
    except OSError as error:
        raise RegistryError("{file} cannot be written", 422, "out", file=out.name) from error
    try:
        with os.fdopen(handle, "wb") as file:
            yield file
    except BaseException:
        out.unlink(missing_ok=True)
        raise


def _place(text: str) -> tuple[UUID, UUID, int]:
    try:
        edge, epoch, seq = text.split("/")
        return UUID(edge), UUID(epoch), int(seq)
    except ValueError as error:
        raise RegistryError("an entry is named as EDGE/EPOCH/SEQ", 422, "entry") from error


def _uuid(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError as error:
        raise RegistryError("an edge is named by its id", 422, "edge") from error
