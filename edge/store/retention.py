"""Which of the oldest entries may be forgotten: the registry has them, and they are old enough or space is short."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

from edge.store.errors import StoreError
from edge.store.following import Following
from edge.store.received import Kept, kept_in, reading


@dataclass(frozen=True, slots=True)
class Forgettable:
    """The oldest entries of an epoch, through `through`."""

    epoch: UUID
    through: int


@dataclass(frozen=True, slots=True)
class Room:
    """The bytes of the journal's file that are in use, and those in it that are free: its next entries take them first."""

    used: int
    free: int


class OldEntries(Following):
    """Reads on a connection of its own; one thread at a time. Every method may raise StoreError."""

    def forgettable(self, acked: Mapping[UUID, int], before_us: int | None, percent: int) -> Forgettable | None:
        """Find entries that the registry has, older than `before_us` (None: of any age), at most so much of the journal."""
        (rows,) = next(self._query("SELECT coalesce(max(rowid) - min(rowid) + 1, 0) FROM entries"))
        limit = max(1, rows * percent // 100)
        epochs = list(self._query("SELECT epoch FROM epochs ORDER BY rowid"))
        found = (self._oldest(UUID(bytes=epoch), acked, before_us, limit) for (epoch,) in epochs)
        return next((run for run in found if run is not None), None)

    def room(self) -> Room:
        """Return how much of the file is in use: what has been forgotten does not make it smaller."""
        size, pages, free = (next(self._query(f"PRAGMA {what}"))[0] for what in ("page_size", "page_count", "freelist_count"))
        return Room((pages - free) * size, free * size)

    def _oldest(self, epoch: UUID, acked: Mapping[UUID, int], before_us: int | None, limit: int) -> Forgettable | None:
        query = "SELECT seq, utc_us FROM entries WHERE epoch = ? AND seq <= ? ORDER BY seq LIMIT ?"
        through = 0
        for seq, utc_us in self._query(query, (epoch.bytes, acked.get(epoch, 0), limit)):
            if before_us is not None and utc_us >= before_us:
                break
            through = seq
        return Forgettable(epoch, through) if through else None


def sync_kept(courier: Path) -> Kept:
    """Return how far sync has come by the courier's database: never further than it has; nothing where it cannot be read."""
    try:
        with reading(courier) as (db, _):
            return kept_in(db)
    except StoreError:
        return Kept({})
