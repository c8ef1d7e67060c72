"""Checkpoints up to the registry: each signed head of the journal is countersigned there, and kept here."""

import threading
from collections.abc import Callable
from typing import Any
from uuid import UUID

from access.contract.checkpoints import Checkpoint, Countersigned
from access.contract.signature import SignatureError, verify_bytes
from edge.courier.answers import read_answer
from edge.courier.clock import compared
from edge.courier.errors import RefusalError, SyncError
from edge.courier.progress import Progress
from edge.courier.registry import Registry
from edge.courier.surroundings import Surroundings
from edge.identity import Identity
from edge.messages import RaiseAlarm
from edge.store.received import Received
from edge.store.witnesses import CHECKPOINT

IDLE_S = 2.0


class CheckpointsStream:
    """Sends the newest checkpoint that the gate has made; `tell` takes messages to the gate."""

    name = "checkpoints"

    def __init__(
        self,
        identity: Identity,
        registry: Registry,
        received: Received,
        progress: Progress,
        around: Surroundings,
        tell: Callable[[Any], object],
    ) -> None:
        self._identity = identity
        self._registry = registry
        self._received = received
        self._progress = progress
        self._calendar = around.calendar
        self._tell = tell
        self._lock = threading.Lock()
        self._newest = ""
        self._disputed: UUID | None = None  # the epoch of which people were told

    def made(self, checkpoint: str) -> None:
        """Take a checkpoint from the gate; a newer one takes the place of one that was not sent."""
        with self._lock:
            self._newest = checkpoint

    def step(self) -> float:
        """Send it; return the seconds until there may be another. Raises SyncError, RefusalError, StoreError."""
        with self._lock:
            sent = self._newest
        if sent:
            self._send(sent)
            with self._lock:
                self._newest = "" if self._newest == sent else self._newest
        return IDLE_S

    def _send(self, sent: str) -> None:
        asked = self._calendar().timestamp()
        try:
            answer = self._registry.ask("POST", "/checkpoints", sent.encode(), content_type="application/json")
        except RefusalError as error:
            if not error.is_for_good:
                raise
            self._progress.fault(self.name, str(error))
            return
        countersigned = self._verified(answer, sent)
        self._tell(compared(asked, self._calendar().timestamp(), countersigned.received_us))
        self._progress.fault(self.name, "")
        if countersigned.agrees is False:
            self._dispute(countersigned.checkpoint)
        self._received.keep_text(CHECKPOINT, "newest", answer.decode())

    def _dispute(self, told: Checkpoint) -> None:
        """Show it, and raise an alarm once an epoch: an alarm is an entry, and so makes a checkpoint due that is disputed too."""
        self._progress.fault(self.name, f"the registry's chain is not this journal's at entry {told.seq}")
        if self._disputed != told.epoch:
            self._disputed = told.epoch
            self._tell(RaiseAlarm("checkpoint_disputed", f"{told.epoch} {told.seq}"))

    def _verified(self, answer: bytes, sent: str) -> Countersigned:
        """Return the registry's signature over this very checkpoint; what is none counts as no answer."""
        countersigned = read_answer(Countersigned, answer, "a countersignature")
        if countersigned.checkpoint != Checkpoint.model_validate_json(sent):  # one that the registry could read
            raise SyncError("the registry countersigned another checkpoint")
        try:
            verify_bytes(self._identity.registry_key, bytes.fromhex(countersigned.signature), countersigned.signed_bytes())
        except SignatureError as error:
            raise SyncError(f"the countersignature: {error}") from error
        return countersigned
