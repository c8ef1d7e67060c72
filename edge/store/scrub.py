"""The scrub: a slow walk through the journal, for ever, that finds rows which no longer fit their hash."""

from dataclasses import dataclass
from uuid import UUID

from access.chain import link
from access.entries import EntryError
from access.sealing import unseal
from edge.store.sqlite import Database

KEPT_EVERY = 10  # steps; the position is written no more often, for the disk's sake


@dataclass(frozen=True, slots=True)
class Rotten:
    """The place of a row that does not fit its hash, or the chain, or has lost what its personal fields were."""

    epoch: UUID
    seq: int


class Scrub:
    """One walk after the other, a few rows at each step; lives in the thread that writes. Raises sqlite3.Error."""

    def __init__(self, db: Database) -> None:
        row = db.execute("SELECT value FROM notes WHERE name = 'scrubbed'").fetchone()
        self._db = db
        self._at = int(row[0]) if row else 0
        self._steps = 0
        self._before: dict[tuple[bytes, int], bytes] = {}  # the hash of the row before, where it holds

    def step(self, limit: int) -> list[Rotten]:
        """Look at the next rows, at most `limit`; return those newly found rotten, which are flagged then."""
        rows = self._db.execute(_NEXT, (self._at, limit)).fetchall()
        found = [Rotten(UUID(bytes=row[1]), row[2]) for row in rows if not self._holds(row)]
        known = "SELECT 1 FROM rotten WHERE epoch = ? AND seq = ?"
        fresh = [one for one in found if self._db.execute(known, (one.epoch.bytes, one.seq)).fetchone() is None]
        self._at = rows[-1][0] if len(rows) == limit else 0
        self._steps += 1
        if fresh or self._steps % KEPT_EVERY == 0:
            self._keep(fresh)
        return fresh

    def _holds(self, row: "_Row") -> bool:
        """Tell whether a row fits itself, and the one before it where that does."""
        _, epoch, seq, _, _, _, previous, chained = row
        holds = _fits_itself(row) and self._before.get((epoch, seq - 1), previous) == previous
        self._before = {(epoch, seq): chained} if holds else {}
        return holds

    def _keep(self, fresh: list[Rotten]) -> None:
        with self._db.atomic():
            for one in fresh:
                self._db.execute("INSERT INTO rotten VALUES (?, ?)", (one.epoch.bytes, one.seq))
            self._db.execute("INSERT OR REPLACE INTO notes VALUES ('scrubbed', ?)", (str(self._at),))


_Row = tuple[int, bytes, int, bytes, bytes, bytes, bytes, bytes]
_NEXT = """
    SELECT rowid, epoch, seq, id, canonical, personal, previous, hash FROM entries WHERE rowid > ? ORDER BY rowid LIMIT ?
"""


def _fits_itself(row: _Row) -> bool:
    _, epoch, seq, identity, canonical, personal, previous, chained = row
    if link(previous, canonical) != chained:
        return False
    try:
        opened = unseal(canonical, personal)
    except EntryError:
        return False
    return (opened.epoch.bytes, opened.seq, opened.id.bytes) == (epoch, seq, identity)
