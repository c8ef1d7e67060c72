"""Entries that could not be written: each with the stamp of when it happened, in a ring that counts what it lets go."""

from collections import deque
from collections.abc import Iterable

from access.entries import Draft, GapDeclared, Stamp
from edge.store.errors import StoreError
from edge.store.journal import Journal

HELD_MAX = 10_000
CHUNK = 500  # entries in one commit as they are written at last


class Held:
    """The ring; one thread writes from it while another may keep more."""

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

    def _put_back(self, chunk: list[tuple[Draft, Stamp]]) -> None:
        over = max(0, len(self._ring) + len(chunk) - (self._ring.maxlen or 0))
        self._lost += over  # of the oldest: others have come meanwhile
        self._ring.extendleft(reversed(chunk[over:]))

    def write(self, journal: Journal, stamp: Stamp) -> None:
        """Write all, the oldest first, then how many are lost. Raises StoreError: what is not written stays."""
        known = journal.newest_ids()  # some may be there: their commit failed only in being confirmed
        while self._ring:
            chunk = [self._ring.popleft() for _ in range(min(CHUNK, len(self._ring)))]
            try:
                journal.append_stamped([(draft, at) for draft, at in chunk if draft.id.bytes not in known])
            except StoreError:
                self._put_back(chunk)
                raise
        if self._lost:
            gap = GapDeclared(journal.epoch.hex, 0, 0, "held_overflow", self._lost)
            journal.append([journal.draft(gap, stamp)], stamp)
            self._lost = 0
