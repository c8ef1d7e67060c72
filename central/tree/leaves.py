"""What the leaves of the tree are over; pure.

A leaf is canonical CBOR, made once and stored:
* of a checkpoint: ["checkpoint", edge, epoch, seq, head, at_us, signature, agrees, received_us, countersignature], ids as 16
  bytes, `agrees` true, false or null: all that was countersigned, with both signatures;
* of the audit: ["audit", seq, chain_hash, at_us]: that its chain had this hash at this entry when it was taken up.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final
from uuid import UUID

import cbor2

from access.cbor import CborError, loads_canonical
from access.contract.checkpoints import Checkpoint, Countersigned
from central.sync_tables import JournalCheckpoint

CHECKPOINT: Final = "checkpoint"
AUDIT: Final = "audit"
_ID_BYTES: Final = 16
_NUMBER_MAX: Final = 2**63 - 1
# The types of the parts of each kind; None: true, false or null.
_PARTS: Final[Mapping[str, Sequence[type | None]]] = {
    CHECKPOINT: (str, bytes, bytes, int, bytes, int, bytes, None, int, bytes),
    AUDIT: (str, int, bytes, int),
}


def of_checkpoint(row: JournalCheckpoint) -> bytes:
    """Return the bytes of a checkpoint's leaf."""
    place = [CHECKPOINT, row.edge_id.bytes, row.epoch.bytes, row.seq, row.head, row.at_us, row.signature]
    return cbor2.dumps([*place, row.agrees, row.received_us, row.countersignature], canonical=True)


def of_countersigned(answer: Countersigned) -> bytes:
    """Return the bytes of the leaf of a checkpoint as it was countersigned."""
    return of_checkpoint(row_of(answer))


def of_audit(seq: int, chain_hash: bytes, at_us: int) -> bytes:
    """Return the bytes of the leaf of a head of the audit."""
    return cbor2.dumps([AUDIT, seq, chain_hash, at_us], canonical=True)


def parts(data: bytes) -> list[Any] | None:
    """Return the parts of a leaf, None where the bytes are none of ours."""
    try:
        found = loads_canonical(data)
        types = _PARTS[found[0]]
    except (CborError, TypeError, LookupError):
        return None
    is_ours = isinstance(found, list) and len(found) == len(types) and all(map(_is_of, found, types))
    return found if is_ours and (found[0] != CHECKPOINT or len(found[1]) == len(found[2]) == _ID_BYTES) else None


def _is_of(part: Any, wanted: type | None) -> bool:
    if wanted is None:
        return part is None or isinstance(part, bool)
    return type(part) is wanted and (not isinstance(part, int) or 0 <= part <= _NUMBER_MAX)


def countersigned(row: JournalCheckpoint) -> Countersigned:
    """Return a stored checkpoint as it was sent and countersigned."""
    told = Checkpoint(
        edge=row.edge_id, epoch=row.epoch, seq=row.seq, head=row.head.hex(), at_us=row.at_us, signature=row.signature.hex()
    )
    signature = row.countersignature.hex()
    return Countersigned(checkpoint=told, agrees=row.agrees, received_us=row.received_us, signature=signature)


def row_of(answer: Countersigned) -> JournalCheckpoint:
    """Return a countersigned checkpoint as it is stored."""
    told = answer.checkpoint
    return JournalCheckpoint(
        edge_id=told.edge,
        epoch=told.epoch,
        seq=told.seq,
        head=bytes.fromhex(told.head),
        at_us=told.at_us,
        signature=bytes.fromhex(told.signature),
        agrees=answer.agrees,
        received_us=answer.received_us,
        countersignature=bytes.fromhex(answer.signature),
    )


def checkpoint_of(found: list[Any]) -> JournalCheckpoint:
    """Return the checkpoint that the parts of a leaf are of, as a row that belongs to no session."""
    _, edge, epoch, seq, head, at_us, signature, agrees, received_us, countersignature = found
    return JournalCheckpoint(
        edge_id=UUID(bytes=edge),
        epoch=UUID(bytes=epoch),
        seq=seq,
        head=head,
        at_us=at_us,
        signature=signature,
        agrees=agrees,
        received_us=received_us,
        countersignature=countersignature,
    )
