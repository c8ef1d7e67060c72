"""Ranges that went in their time: each declared by the registry's own signature, and what went with them that others hang on."""

from collections.abc import Iterator
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from central.retention import ranges
from central.retention.tables import ForgottenRange
from central.tree.walk.columns import told
from central.tree.walk.evidence import Evidence
from central.tree.walk.findings import Place
from central.tree.walk.journal import Declared

PART: Final = "journal"


def walk(session: Session, known: Evidence) -> None:
    """Look whether it was the registry that declared each range."""
    for row in session.scalars(select(ForgottenRange)):
        if not ranges.is_signed(row, known.registry_key):
            words = f"that entries {row.first} to {row.last} went in their time is not signed by the registry's key"
            known.seen.add(PART, "wrong_key", Place(edge=row.edge_id, epoch=row.epoch, seq=row.first), words)


def declared(session: Session) -> Iterator[Declared]:
    """Yield what entries that went have said of other epochs."""
    for row in session.scalars(select(ForgottenRange)):
        for canonical in row.told:
            entry = told(bytes.fromhex(canonical))
            if entry is not None:
                yield Declared(row.edge_id, row.epoch, entry.seq, entry.kind, entry.body)
