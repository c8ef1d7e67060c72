"""Entries that could not be written: each with the stamp of when it happened, in a ring that counts what it lets go."""

import threading
from collections import OrderedDict
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import islice
from typing import Self
from uuid import UUID

from access.entries import Draft, GapDeclared, Stamp
from edge.store.journal import Journal

HELD_MAX = 10_000
CHUNK = 500  # entries in one commit as they are written at last


@dataclass(frozen=True, slots=True)
class Unwritten:
    """An entry whose commit failed: as it is to be written later (None: not at all).

    Its commit may have failed only in being confirmed: `if_stored` says then what it does not say itself.
    """

    id: UUID
    later: Draft | None
    if_stored: Draft | None = None

    @classmethod
    def unchanged(cls, draft: Draft) -> Self:
        """Return an entry that is to be written later as it is."""
        return cls(draft.id, draft)


class Held:
    """The ring; one thread writes from it while another may keep more. What is being written is still in it."""

    def __init__(self, limit: int = HELD_MAX) -> None:
        self._limit = limit
        self._ring: OrderedDict[UUID, tuple[Unwritten, Stamp]] = OrderedDict()
        self._lost = 0
        self._lock = threading.Lock()

    def __len__(self) -> int:
        return len(self._ring)

    def keep(self, entries: Iterable[Unwritten], stamp: Stamp) -> None:
        """Keep entries; where there is no room, the oldest go and are counted."""
        with self._lock:
            for entry in entries:
                if len(self._ring) == self._limit:
                    self._ring.popitem(last=False)
                    self._lost += 1
                self._ring[entry.id] = entry, stamp

    def write(self, journal: Journal, stamp: Stamp) -> None:
        """Write what is held now, the oldest first, then how many are lost. Raises StoreError: what is not written stays.

        What is kept meanwhile waits for the next time: its own commit may be under way behind this.
        """
        left = len(self._ring)
        while chunk := self._oldest(min(CHUNK, left)):
            stored = journal.newest_ids()
            journal.append_stamped([(draft, at) for entry, at in chunk if (draft := _to_write(entry, stored)) is not None])
            self._let_go(chunk)
            left -= len(chunk)
        if lost := self._lost:
            gap = GapDeclared(journal.epoch.hex, 0, 0, "held_overflow", lost)
            journal.append([journal.draft(gap, stamp)], stamp)
            with self._lock:
                self._lost -= lost

    def _oldest(self, count: int) -> list[tuple[Unwritten, Stamp]]:
        with self._lock:
            return list(islice(self._ring.values(), count))

    def _let_go(self, written: Iterable[tuple[Unwritten, Stamp]]) -> None:
        with self._lock:
            for entry, _ in written:
                if self._ring.pop(entry.id, None) is None:
                    self._lost -= 1  # it went for want of room while it was being written


def _to_write(entry: Unwritten, stored: frozenset[bytes]) -> Draft | None:
    """Return what is to be written of an entry, if anything: its commit may have failed only in being confirmed."""
    draft = entry.if_stored if entry.id.bytes in stored else entry.later
    return None if draft is None or draft.id.bytes in stored else draft
