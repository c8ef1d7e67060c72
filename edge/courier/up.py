"""The stream of entries up to the registry: reads the journal, sends, believes only what fits the journal's own chain."""

import functools
from collections.abc import Callable, Sequence
from itertools import accumulate, islice, takewhile
from pathlib import Path
from typing import Any
from uuid import UUID

import cbor2
from pydantic import ValidationError

from access.chain import link
from access.contract.sync import BatchAck, EntryBatch
from edge.courier.errors import RefusalError, SyncError
from edge.courier.outbox import Outbox, goes_back, make_batch
from edge.courier.precedence import Precedence
from edge.courier.progress import Progress
from edge.courier.registry import Registry
from edge.courier.surroundings import Surroundings
from edge.messages import JournalBehind
from edge.store.reader import JournalReader, StoredEntry

IDLE_S = 2.0
NOT_KNOWN = bytes(32)  # what a batch follows that only asks


class EntriesStream:
    """Sends entries epoch by epoch, in order; `tell` takes messages to the gate."""

    name = "entries"

    def __init__(
        self,
        journal: Path,
        edge: UUID,
        registry: Registry,
        progress: Progress,
        around: Surroundings,
        precedence: Precedence,
        tell: Callable[[Any], object],
    ) -> None:
        self._path = journal
        self._edge = edge
        self._registry = registry
        self._progress = progress
        self._clock = around.clock
        self._calendar = around.calendar
        self._precedence = precedence
        self._tell = tell
        self._outbox = Outbox(around.jitter)
        self._outbox.restore(progress.acked)

    def step(self) -> float:
        """Send one batch where one waits; return the seconds until there may be more. Raises SyncError, StoreError."""
        if self._outbox.losses > self._progress.losses:
            self._tell_progress()  # it could not be kept; nothing goes before it is
        batch = self._first(self._next_batch) or self._first(self._batch_behind_hole)
        if batch is None:
            self._precedence.rests(self.name)
            return IDLE_S
        if batch.entries:
            self._precedence.waits(self.name)
        self._send(batch)
        return 0.0

    def _first(self, find: Callable[[UUID], EntryBatch | None]) -> EntryBatch | None:
        """Return the batch of the oldest epoch that has one."""
        due = (epoch for epoch in self._journal.epochs(self._edge) if self._outbox.due(epoch, self._clock()))
        return next(filter(None, map(find, due)), None)

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
        if follows is None and not self._is_in_hole(epoch, after):
            self._fall_behind(epoch, after)
            return None
        return self._sound_batch(epoch, follows or NOT_KNOWN, stored)

    def _batch_behind_hole(self, epoch: UUID) -> EntryBatch | None:
        """Return what lies behind the next hole; it comes last: by then the word of the hole, in a later epoch, has arrived."""
        after, limit = self._outbox.window(epoch, self._clock())
        found = self._journal.next_after(epoch, after) if limit else None
        if found is None:
            return None
        follows = self._journal.hash_at(self._edge, epoch, found - 1)
        return self._sound_batch(epoch, follows or NOT_KNOWN, self._journal.after(epoch, found - 1, limit))

    def _sound_batch(self, epoch: UUID, follows: bytes, stored: Sequence[StoredEntry]) -> EntryBatch | None:
        """Return a batch up to the first entry that has rotted: what does not fit its hash here spoils the chain there."""
        hashes = islice(accumulate((entry.canonical for entry in stored), link, initial=follows), 1, None)
        sound = [entry for entry, _ in takewhile(lambda pair: pair[0].hash == pair[1], zip(stored, hashes, strict=True))]
        if stored and not sound:
            self._dispute(epoch, f"entry {stored[0].seq} has rotted in this journal")
            return None
        return make_batch(self._edge, epoch, follows, sound)

    def _is_in_hole(self, epoch: UUID, seq: int) -> bool:
        """Tell whether entries before and behind this one may be here, and it is not."""
        return seq < self._journal.length(epoch)

    def _send(self, batch: EntryBatch) -> None:
        body = cbor2.dumps(batch.model_dump())
        began = self._clock()
        try:
            answer = self._registry.ask("POST", "/entries", body, content_type="application/cbor")
            self._take(BatchAck.model_validate_json(answer), batch, self._clock() - began)
            self._precedence.goes_on(self.name)
        except SyncError:
            self._outbox.unanswered(batch)
            raise
        except RefusalError as error:
            self._progress.contact(self._calendar().timestamp())
            self._take_refusal(error, batch)
        except ValidationError as error:
            self._dispute(batch.epoch, f"an acknowledgement of another version: {error.errors()[0]['msg']}")
        self._tell_progress()

    def _tell_progress(self) -> None:
        self._progress.entries_acked(self._outbox.acked, self._outbox.losses)
        self._progress.fault(self.name, self._outbox.fault)

    def _take_refusal(self, error: RefusalError, batch: EntryBatch) -> None:
        if (ack := goes_back(error, batch.epoch)) is not None:
            self._take(ack, batch, is_refusal=True)
        else:
            self._outbox.refused(batch, error, self._clock())

    def _take(self, ack: BatchAck, batch: EntryBatch, took_s: float = 0.0, *, is_refusal: bool = False) -> None:
        """Believe an acknowledgement where it fits the journal; what the registry asks for again is sent again."""
        epoch, seq = batch.epoch, min([ack.acked_through, *(first - 1 for first, _ in ack.gaps)])
        head = self._journal.hash_at(self._edge, epoch, ack.acked_through)
        self._progress.contact(self._calendar().timestamp())
        if ack.epoch != epoch:
            self._dispute(epoch, f"the registry answered for another epoch, {ack.epoch}")
        elif head is None and not self._is_in_hole(epoch, ack.acked_through):
            self._outbox.heard(epoch, seq)
            taken = 0 if is_refusal or not batch.entries else batch.entries[-1].seq
            self._fall_behind(epoch, ack.acked_through, taken, is_refused=is_refusal)
        elif head is not None and head.hex() != ack.head:
            self._dispute(epoch, f"the registry's chain differs from this journal's at entry {ack.acked_through}")
        else:
            self._outbox.acknowledged(batch, seq, self._clock(), took_s)

    def _fall_behind(self, epoch: UUID, seq: int, taken: int = 0, *, is_refused: bool = False) -> None:
        """Hold the epoch of which the registry has more than this journal, which must begin a new one: it was put back.

        Once it has, what the journal holds of the former is settled as soon as the registry has `taken` the last of it for what
        it knows. Where it refuses what should be a repetition, the two histories are of one box and its copy.
        """
        epochs, length = self._journal.epochs(self._edge), self._journal.length(epoch)
        if not epochs or epoch == epochs[-1]:
            self._tell(JournalBehind(epoch.hex, seq))
            self._dispute(epoch, f"the registry has entries through {seq}, this journal does not")
        elif is_refused:
            self._dispute(epoch, "the registry has other entries of this epoch than this journal")
        elif taken == length or self._outbox.is_settled(epoch, length) or not self._journal.after(epoch, length - 1, 1):
            self._outbox.settled(epoch, length, self._clock())
        else:
            self._outbox.repeats(epoch, length, self._clock())

    def _dispute(self, epoch: UUID, why: str) -> None:
        self._outbox.disputed(epoch, why, self._clock())
        self._progress.fault(self.name, self._outbox.fault)
