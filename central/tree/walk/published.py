"""The heads that were published, as they are noted here and as they are kept outside, against the tree as it is now."""

from pathlib import Path

from pydantic import ValidationError
from sqlalchemy import select
from sqlalchemy.orm import Session

from access.contract.heads import TreeHead
from access.contract.signature import SignatureError, verify_bytes
from central.tree.outlets import FILES, Statement
from central.tree.services import head_of
from central.tree.tables import PublishedHead
from central.tree.walk.evidence import Evidence, head_faults

PART = "published"


def walk(session: Session, known: Evidence, outside: Path | None) -> None:
    """Compare each published head with the tree that was made again; `outside`: the folder where copies are kept."""
    noted = {head_of(row) for row in session.scalars(select(PublishedHead))}
    for head in sorted(noted, key=lambda each: (each.size, each.at_us)):
        _check(known, head, "the head noted as published")
    kept = sorted(outside.glob(FILES)) if outside else []
    if outside and not kept:
        known.add(PART, "gap", None, None, f"{outside}: no published head ({FILES}) is kept here: is this the folder?")
    for path in kept:
        try:
            statement = Statement.model_validate_json(path.read_bytes())
        except (ValidationError, OSError):
            known.add(PART, "edit", None, None, f"{path.name} is no published head")
            continue
        if statement.head not in noted:
            known.add(PART, "gap", None, None, f"{path.name}: that this was published is not noted any more")
        _check(known, statement.head, path.name)


def _check(known: Evidence, head: TreeHead, name: str) -> None:
    known.seen.count("published heads")
    what = f"{name} ({head.size} leaves)"
    try:
        verify_bytes(known.registry_key, bytes.fromhex(head.signature), head.signed_bytes())
    except SignatureError:
        known.add(PART, "wrong_key", None, None, f"{what} is not signed by the registry's key")
        return
    for kind, _, leaf, words in head_faults(known.tree, head):
        known.add(PART, kind, None, leaf, f"{what}: {words}")
