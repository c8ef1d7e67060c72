"""The signed head kept beside the journal: what the journal must at least hold at its next start, whoever changed its file."""

from pathlib import Path
from uuid import UUID

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from pydantic import ValidationError

from access.contract.checkpoints import Checkpoint
from edge.identity import write_private

UNSIGNED = "0" * 128


def sign_head(key: Ed25519PrivateKey, edge: UUID, epoch: UUID, seq: int, head: bytes, at_us: int) -> Checkpoint:
    """Return the checkpoint of an epoch's chain at `seq`, signed by the gate's key. `at_us`: UTC microseconds."""
    checkpoint = Checkpoint(edge=edge, epoch=epoch, seq=seq, head=head.hex(), at_us=at_us, signature=UNSIGNED)
    return checkpoint.model_copy(update={"signature": key.sign(checkpoint.signed_bytes()).hex()})


def keep_head(path: Path, checkpoint: Checkpoint) -> None:
    """Keep the checkpoint, whole or not at all, synced; raises OSError."""
    write_private(path, checkpoint.model_dump_json().encode())


def kept_head(path: Path, key: Ed25519PrivateKey, edge: UUID) -> Checkpoint | None:
    """Return the checkpoint that was kept; None where there is none, or it is not of this edge and key."""
    try:
        checkpoint = Checkpoint.model_validate_json(path.read_bytes())
        key.public_key().verify(bytes.fromhex(checkpoint.signature), checkpoint.signed_bytes())
    except (OSError, ValidationError, InvalidSignature):
        return None
    return checkpoint if checkpoint.edge == edge else None
