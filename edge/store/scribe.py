"""Writes for the gate program: stamps and commits entries, holds back what cannot be written, tidies when the gate is quiet."""

import contextlib
import os
import time
from collections import deque
from collections.abc import Iterable, Sequence
from typing import Any

from access.entries import Body, Draft, Stamp, stamped
from edge.identity import Identity
from edge.places import Places
from edge.store.errors import StoreError
from edge.store.journal import Journal

TIDY_EVERY = 50  # commits; when the gate is quiet
TIDY_AT_LATEST = 5000  # commits; even if it never is, so that the write-ahead log does not fill the disk
HELD_MAX = 10_000
WRITE_AGAIN_S = 3.0  # a store that is held may take 2 s to say no; a passage must not wait for that all the time


class Scribe:
    """The one writer of the journal; lives in the consumer's thread. `now` is monotonic seconds."""

    def __init__(self, places: Places, identity: Identity, log: Any) -> None:
        """Open the journal. Raises StoreError."""
        self._log = log
        self._floor_us = 0
        self.journal = Journal(places.journal, identity.edge, self.stamp(), os.urandom)
        self._floor_us = max(self._floor_us, self.journal.newest_utc_us())
        self._held: deque[Draft] = deque(maxlen=HELD_MAX)
        self._write_again_at = 0.0
        self._commits = 0

    def stamp(self) -> Stamp:
        """Return both clocks; UTC that runs behind what is already written is marked as a floor."""
        utc = time.time()
        quality = "trusted" if round(utc * 1e6) >= self._floor_us else "floor"
        stamp = stamped(time.monotonic(), utc, quality)
        self._floor_us = max(self._floor_us, stamp.utc_us)
        return stamp

    def draft(self, body: Body, lane: str = "", passage: str = "") -> Draft:
        """Give a body an id of its own."""
        return self.journal.draft(body, self.stamp(), lane, passage)

    def commit(self, drafts: Sequence[Draft]) -> None:
        """Write `drafts`, after those that are held back. Raises StoreError, and then nothing is written."""
        self.journal.append([*self._held, *drafts], self.stamp())
        self._held.clear()
        self._commits += 1

    def hold_back(self, drafts: Iterable[Draft], now: float) -> None:
        """Keep what could not be written for when it can."""
        self._held.extend(drafts)
        self._write_again_at = now + WRITE_AGAIN_S

    def write_held_back(self, now: float) -> bool:
        """Try now and then to write what is held back, also where nothing new happens; tell whether that has succeeded."""
        if not self._held or now < self._write_again_at:
            return False
        self._write_again_at = now + WRITE_AGAIN_S
        with contextlib.suppress(StoreError):
            self.commit([])
        return not self._held

    def tidy_if_due(self, *, quiet: bool) -> None:
        """Move the write-ahead log while nothing happens: it takes as long as the disk likes, and nobody shall wait for it."""
        if self._commits >= TIDY_AT_LATEST or (self._commits >= TIDY_EVERY and quiet):
            self._commits = 0
            with contextlib.suppress(StoreError):
                self.journal.tidy()

    def close(self) -> None:
        """Close the journal."""
        self.journal.close()
