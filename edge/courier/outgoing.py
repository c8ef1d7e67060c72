"""The journal as the courier reads it: what of it is to be sent under this edge's id."""

from uuid import UUID

from edge.store.reader import JournalReader, StoredEntry


class Outgoing(JournalReader):
    """A reader's end; one thread at a time."""

    def alarms_after(self, rowid: int, limit: int) -> list[tuple[int, UUID, StoredEntry]]:
        """Return (rowid, epoch, entry) of alarms written after `rowid`, oldest first."""
        query = """
            SELECT rowid, epoch, seq, canonical, personal, hash, utc_us FROM entries
            WHERE rowid > ? AND kind = 'alarm' ORDER BY rowid LIMIT ?
        """
        return [(at, UUID(bytes=epoch), StoredEntry(*row)) for at, epoch, *row in self._query(query, (rowid, limit))]

    def last_rowid(self) -> int:
        """Return the place of the newest entry, 0 in an empty journal."""
        return max((row[0] or 0 for row in self._query("SELECT max(rowid) FROM entries")), default=0)

    def place(self, epoch: UUID, seq: int) -> int:
        """Return the rowid of the last entry of an epoch through `seq`; where there is none, the one before its first entry."""
        query = """
            SELECT coalesce(
                (SELECT rowid FROM entries WHERE epoch = :epoch AND seq <= :seq ORDER BY seq DESC LIMIT 1),
                (SELECT rowid - 1 FROM entries WHERE epoch = :epoch ORDER BY seq LIMIT 1),
                0
            )
        """
        return next(int(place) for (place,) in self._query(query, {"epoch": epoch.bytes, "seq": seq}))

    def waiting_since_us(self, epoch: UUID, seq: int) -> int:
        """Return the time (UTC microseconds) of the first entry of an epoch after `seq`, 0 where there is none."""
        query = "SELECT utc_us FROM entries WHERE epoch = ? AND seq > ? ORDER BY seq LIMIT 1"
        return next((utc_us for (utc_us,) in self._query(query, (epoch.bytes, seq))), 0)
