"""Entries that could not be written: each with the stamp of when it happened, in a ring that counts what it lets go."""

from collections import deque
from collections.abc import Iterable
from itertools import islice

from access.entries import Draft, GapDeclared, Stamp
from edge.store.journal import Journal

HELD_MAX = 10_000
CHUNK = 500  # entries in one commit as they are written at last


class Held:
    """The ring; lives in the consumer's thread."""

    def __init__(self, limit: int = HELD_MAX) -> None:
        self._ring: deque[tuple[Draft, Stamp]] = deque(maxlen=limit)
        self._lost = 0

    def __len__(self) -> int:
        return len(self._ring)

    def keep(self, drafts: Iterable[Draft], stamp: Stamp) -> None:
        """Keep drafts; where there is no room, the oldest go and are counted."""
        for draft in drafts:
            self._lost += len(self._ring) == self._ring.maxlen
            self._ring.append((draft, stamp))

    def write(self, journal: Journal, stamp: Stamp) -> None:
        """Write all, the oldest first, then how many are lost. Raises StoreError: what is not written stays."""
        while self._ring:
            chunk = list(islice(self._ring, CHUNK))
            # One may be there already: its commit failed only in being confirmed.
            journal.append_stamped([held for held in chunk if not journal.holds(held[0])])
            for _ in chunk:
                self._ring.popleft()
        if self._lost:
            gap = GapDeclared(journal.epoch.hex, 0, 0, "held_overflow", self._lost)
            journal.append([journal.draft(gap, stamp)], stamp)
            self._lost = 0
