"""The signed head kept beside the journal: what the journal must at least hold at its next start, whoever changed its file."""

from pathlib import Path
from uuid import UUID

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from pydantic import ValidationError

from access.contract.checkpoints import Checkpoint
from edge.identity import write_private
from edge.store.journal import Journal

UNSIGNED = "0" * 128
EVERY_ENTRIES = 500
EVERY_S = 60.0
WAITS_FOR_QUIET_S = 4.0


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


class HeadKeeper:
    """Signs and keeps the head now and then, outside any passage. `now` is monotonic seconds."""

    def __init__(self, path: Path, key: Ed25519PrivateKey, journal: Journal, now: float) -> None:
        self._path = path
        self._key = key
        self._journal = journal
        self._kept_at = now
        self._due_since: float | None = None
        self._has_failed = False
        self.newest = kept_head(path, key, journal.edge)

    def is_due(self, now: float, *, quiet: bool) -> bool:
        """Tell whether it should be kept now: enough is new, and nobody waits, or has not for long enough."""
        new = self._new_entries()
        is_much = (new >= EVERY_ENTRIES or self._is_of_former_epoch()) and not self._has_failed
        if not is_much and not (new and now - self._kept_at >= EVERY_S):
            self._due_since = None
            return False
        self._due_since = now if self._due_since is None else self._due_since
        return quiet or now - self._due_since >= WAITS_FOR_QUIET_S

    def keep(self, now: float, at_us: int) -> None:
        """Sign and keep the head as it is; raises OSError."""
        self._kept_at, self._has_failed = now, True
        journal = self._journal
        checkpoint = sign_head(self._key, journal.edge, journal.epoch, journal.seq, journal.head, at_us)
        keep_head(self._path, checkpoint)
        self.newest, self._has_failed = checkpoint, False

    def _is_of_former_epoch(self) -> bool:
        """Tell whether the kept head would not miss the epoch that is being written, were all of it lost."""
        return self.newest is not None and self.newest.epoch != self._journal.epoch

    def _new_entries(self) -> int:
        newest = self.newest
        return self._journal.seq - (0 if newest is None or self._is_of_former_epoch() else newest.seq)
