"""The journal as all but its writer have it: read-only, followed as it grows."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from uuid import UUID

from access.chain import genesis
from access.sealing import Opened, unseal
from edge.store.errors import StoreError
from edge.store.following import Following


@dataclass(frozen=True, slots=True)
class StoredEntry:
    """An entry as it lies in the journal."""

    seq: int
    canonical: bytes
    personal: bytes
    hash: bytes
    utc_us: int

    def read(self) -> Opened:
        """Read it back; raises EntryError."""
        return unseal(self.canonical, self.personal)


class JournalReader(Following):
    """A reader's end, for the other programs; one thread at a time."""

    def head(self) -> tuple[UUID, int]:
        """Return the newest epoch and its highest seq. Raises StoreError where the journal is empty."""
        for epoch, seq in self._query("SELECT epoch, seq FROM entries ORDER BY rowid DESC LIMIT 1"):
            return UUID(bytes=epoch), seq
        raise StoreError("the journal is empty")

    def length(self, epoch: UUID) -> int:
        """Return the highest seq that an epoch has had, 0 where there is none."""
        query = """
            SELECT max(coalesce((SELECT max(seq) FROM entries WHERE epoch = :epoch), 0), coalesce(max(anchor_seq), 0))
            FROM epochs WHERE epoch = :epoch
        """
        return next(int(seq) for (seq,) in self._query(query, {"epoch": epoch.bytes}))

    def after(self, epoch: UUID, seq: int, limit: int) -> list[StoredEntry]:
        """Return at most `limit` entries of an epoch that follow `seq`, in order, up to the first that is missing."""
        query = "SELECT seq, canonical, personal, hash, utc_us FROM entries WHERE epoch = ? AND seq > ? ORDER BY seq LIMIT ?"
        rows = self._query(query, (epoch.bytes, seq, limit))
        return [StoredEntry(*row) for expected, row in enumerate(rows, seq + 1) if row[0] == expected]

    def through(self, epoch: UUID, utc_us: int, back: int) -> int:
        """Return the seq of an epoch behind which all entries since this time (UTC us) lie, of the last `back` entries."""
        query = """
            SELECT coalesce(min(CASE WHEN utc_us >= :since THEN seq END) - 1, max(seq), 0)
            FROM (SELECT seq, utc_us FROM entries WHERE epoch = :epoch ORDER BY seq DESC LIMIT :back)
        """
        return next(int(seq) for (seq,) in self._query(query, {"epoch": epoch.bytes, "since": utc_us, "back": back}))

    def next_after(self, epoch: UUID, seq: int) -> int | None:
        """Return the seq of the first entry of an epoch that follows `seq`, however far behind a hole; None where none does."""
        query = "SELECT min(seq) FROM entries WHERE epoch = ? AND seq > ?"
        return next((found for (found,) in self._query(query, (epoch.bytes, seq))), None)

    def hash_at(self, edge: UUID, epoch: UUID, seq: int) -> bytes | None:
        """Return the chain hash at `seq` of an epoch (0: what its first entry follows), or None where it is not known.

        Of an entry that is missing here the one behind it knows.
        """
        if seq == 0:
            return genesis(edge, epoch)
        query = """
            SELECT hash FROM entries WHERE epoch = :epoch AND seq = :seq
            UNION ALL SELECT anchor_hash FROM epochs WHERE epoch = :epoch AND anchor_seq = :seq
            UNION ALL SELECT previous FROM entries WHERE epoch = :epoch AND seq = :seq + 1
        """
        return next((found for (found,) in self._query(query, {"epoch": epoch.bytes, "seq": seq})), None)

    def totals(self, names: Iterable[tuple[UUID, str]]) -> dict[tuple[UUID, str], tuple[int, int]]:
        """Return what epochs have added to shared sums, by epoch and name, and through which entry. Raises StoreError."""
        query = "SELECT total, seq FROM heard WHERE epoch = ? AND name = ?"
        return {key: row for key in names for row in self._query(query, (key[0].hex, key[1]))}

    def every(self) -> Iterator[Opened]:
        """Read all entries in the order they were written."""
        for canonical, personal in self._query("SELECT canonical, personal FROM entries ORDER BY rowid"):
            yield unseal(canonical, personal)
