"""The stream of entries up to the registry: reads the journal, sends, believes only what fits the journal's own chain."""

import functools
from pathlib import Path
from uuid import UUID

import cbor2
from pydantic import ValidationError

from access.contract.sync import BatchAck, EntryBatch
from edge.courier.errors import RegistryError, SyncError
from edge.courier.outbox import Outbox, goes_back, make_batch
from edge.courier.progress import Progress
from edge.courier.registry import Registry
from edge.courier.surroundings import Surroundings
from edge.store.journal import JournalReader

IDLE_S = 2.0


class EntriesStream:
    """Sends entries epoch by epoch, in order."""

    name = "entries"

    def __init__(
        self,
        journal: Path,
        edge: UUID,
        registry: Registry,
        progress: Progress,
        around: Surroundings,
    ) -> None:
        self._path = journal
        self._edge = edge
        self._registry = registry
        self._progress = progress
        self._clock = around.clock
        self._calendar = around.calendar
        self._outbox = Outbox(around.jitter)
        self._outbox.restore(progress.acked)

    def step(self) -> float:
        """Send one batch where one waits; return the seconds until there may be more. Raises SyncError, StoreError."""
        for epoch in self._journal.epochs():
            if self._outbox.due(epoch, self._clock()) and (batch := self._next_batch(epoch)):
                self._send(batch)
                return 0.0
        return IDLE_S

    @functools.cached_property
    def _journal(self) -> JournalReader:
        # Opened at the first use: the gate may not have made it yet.
        return JournalReader(self._path)

    def _next_batch(self, epoch: UUID) -> EntryBatch | None:
        after, limit = self._outbox.window(epoch, self._clock())
        stored = self._journal.after(epoch, after, limit)
        if limit and not stored:
            return None
        follows = self._journal.hash_at(self._edge, epoch, after)
        if follows is None:
            self._dispute(epoch, f"the registry has entries through {after}, this journal does not")
            return None
        return make_batch(self._edge, epoch, follows, stored)

    def _send(self, batch: EntryBatch) -> None:
        body = cbor2.dumps(batch.model_dump())
        try:
            answer = self._registry.ask("POST", "/entries", body, content_type="application/cbor")
            self._take(BatchAck.model_validate_json(answer), batch)
        except SyncError:
            self._outbox.unanswered(batch)
            raise
        except RegistryError as error:
            self._progress.contact(self._calendar().timestamp())
            self._take_refusal(error, batch)
        except ValidationError as error:
            self._dispute(batch.epoch, f"an acknowledgement of another version: {error.errors()[0]['msg']}")
        self._progress.entries_acked(self._outbox.acked)
        self._progress.fault(self.name, self._outbox.fault)

    def _take_refusal(self, error: RegistryError, batch: EntryBatch) -> None:
        if (ack := goes_back(error, batch.epoch)) is not None:
            self._take(ack, batch)
        else:
            self._outbox.refused(batch, error, self._clock())

    def _take(self, ack: BatchAck, batch: EntryBatch) -> None:
        epoch = batch.epoch
        self._progress.contact(self._calendar().timestamp())
        head = self._journal.hash_at(self._edge, epoch, ack.acked_through)
        if ack.epoch != epoch or head is None:
            self._dispute(epoch, f"the registry has epoch {ack.epoch} through {ack.acked_through}, this journal does not")
        elif head.hex() != ack.head:
            self._dispute(epoch, f"the registry's chain differs from this journal's at entry {ack.acked_through}")
        else:
            self._outbox.acknowledged(batch, ack.acked_through, self._clock())

    def _dispute(self, epoch: UUID, why: str) -> None:
        self._outbox.disputed(epoch, why, self._clock())
        self._progress.fault(self.name, self._outbox.fault)
