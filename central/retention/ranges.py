"""Ranges of the journals that went in their time: declared with the hash at both ends, and signed: so the chain still holds."""

import hashlib
import json
from collections.abc import Sequence
from typing import Any
from uuid import UUID

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from sqlalchemy import select
from sqlalchemy.orm import Session

from access.contract.signature import SignatureError, verify_bytes
from central.retention.tables import ForgottenRange


def signed_bytes(row: ForgottenRange) -> bytes:
    """Return the bytes that the registry signs."""
    told = hashlib.sha256(json.dumps(row.told, separators=(",", ":")).encode()).hexdigest()
    ends = (str(row.first), str(row.last), row.follows.hex(), row.head.hex())
    return "\n".join(("gatehouse-forgotten-1", str(row.edge_id), str(row.epoch), *ends, told, str(row.run_id))).encode()


def sign(row: ForgottenRange, key: Ed25519PrivateKey) -> None:
    """Sign a range as it is now."""
    row.signature = key.sign(signed_bytes(row))


def is_signed(row: ForgottenRange, key: Ed25519PublicKey) -> bool:
    """Tell whether the registry has declared this."""
    try:
        verify_bytes(key, row.signature, signed_bytes(row))
    except SignatureError:
        return False
    return True


def facts(row: ForgottenRange) -> dict[str, Any]:
    """Return a range as a proof has it."""
    return {
        "edge": str(row.edge_id),
        "epoch": str(row.epoch),
        "first": row.first,
        "last": row.last,
        "follows": row.follows.hex(),
        "head": row.head.hex(),
    }


def covering(session: Session, edge_id: UUID, epoch: UUID, seq: int) -> ForgottenRange | None:
    """Return the range that an entry went with, None where it did not."""
    row = ForgottenRange
    query = select(row).where(row.edge_id == edge_id, row.epoch == epoch, row.first <= seq).order_by(row.first.desc()).limit(1)
    found = session.scalars(query).one_or_none()
    return found if found is not None and found.last >= seq else None


def chain_hash(session: Session, edge_id: UUID, epoch: UUID, seq: int) -> bytes | None:
    """Return the chain hash at the last entry of a range, None where none ends there."""
    row = ForgottenRange
    return session.scalars(select(row.head).where(row.edge_id == edge_id, row.epoch == epoch, row.last == seq)).one_or_none()


def of_run(session: Session, run_id: UUID) -> Sequence[ForgottenRange]:
    """Return the ranges of a run, in order."""
    row = ForgottenRange
    return session.scalars(select(row).where(row.run_id == run_id).order_by(row.edge_id, row.epoch, row.first)).all()
