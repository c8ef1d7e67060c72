"""The scrub: a slow walk through the journal, for ever, that finds rows which no longer fit their hash."""

from dataclasses import dataclass
from uuid import UUID

from access.chain import link
from access.entries import EntryError
from access.sealing import unseal
from edge.store.rows import COLUMNS, Row
from edge.store.sqlite import Database

KEPT_EVERY = 10  # steps; the position is written no more often, for the disk's sake


@dataclass(frozen=True, slots=True)
class Rotten:
    """The place of a row that does not fit its hash, the chain or what stands beside it, or whose personal fields are damaged."""

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
        rows = [Row._make(row) for row in self._db.execute(_NEXT, (self._at, limit))]
        found = [Rotten(UUID(bytes=row.epoch), row.seq) for row in rows if not self._holds(row)]
        known = "SELECT 1 FROM rotten WHERE epoch = ? AND seq = ?"
        fresh = [one for one in found if self._db.execute(known, (one.epoch.bytes, one.seq)).fetchone() is None]
        self._at = rows[-1].rowid if len(rows) == limit else 0
        self._steps += 1
        if fresh or self._steps % KEPT_EVERY == 0:
            self._keep(fresh)
        return fresh

    def _holds(self, row: Row) -> bool:
        """Tell whether a row fits itself, and the one before it where that does."""
        holds = _fits_itself(row) and self._before.get((row.epoch, row.seq - 1), row.previous) == row.previous
        self._before = {(row.epoch, row.seq): row.hash} if holds else {}
        return holds

    def _keep(self, fresh: list[Rotten]) -> None:
        with self._db.atomic():
            for one in fresh:
                self._db.execute("INSERT INTO rotten VALUES (?, ?)", (one.epoch.bytes, one.seq))
            self._db.execute("INSERT OR REPLACE INTO notes VALUES ('scrubbed', ?)", (str(self._at),))


_NEXT = f"SELECT {COLUMNS} FROM entries WHERE rowid > ? ORDER BY rowid LIMIT ?"  # noqa: S608 - our own words


def _fits_itself(row: Row) -> bool:
    if link(row.previous, row.canonical) != row.hash:
        return False
    try:
        opened = unseal(row.canonical, row.personal)
    except EntryError:
        return False
    return (opened.epoch.bytes, opened.seq) == (row.epoch, row.seq) and not row.changed(opened)
