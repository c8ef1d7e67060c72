"""What the journal says of pictures: for the courier, who sends them, and for the gate, who lets them go when space is short."""

from dataclasses import dataclass
from uuid import UUID

from access.entries import EntryError, EvidenceKept
from access.sealing import Opened, unseal
from edge.store.following import Following

PASSAGE_ENTRIES_MAX = 200
LOOKED_THROUGH_MAX = 2000  # entries at a time: there may be no picture among them
Place = tuple[UUID, int]
"""Epoch and seq of an entry: what has had this place once, no other entry has ever."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """A picture's entry in its place in the journal."""

    rowid: int
    entry: Opened
    picture: EvidenceKept

    @property
    def place(self) -> Place:
        """Where its entry is in its chain."""
        return self.entry.epoch, self.entry.seq


class EvidenceReader(Following):
    """Reads on a connection of its own; one thread at a time. Every method may raise StoreError."""

    def after(self, rowid: int, limit: int) -> tuple[list[Evidence], int]:
        """Return pictures entered after `rowid`, oldest first, and how far (rowid) that was looked through."""
        query = f"{_SELECT} AND rowid > ? ORDER BY rowid LIMIT ?"
        rows = list(self._query(query, (rowid, limit)))
        return _pictures(rows), rows[-1][0] if rows else rowid

    def through(self, epoch: UUID, seq: int, after: int, limit: int) -> tuple[list[Evidence], int]:
        """Return pictures of an epoch after seq `after` through `seq`, newest first, and down to which seq these are all."""
        query = "SELECT rowid, canonical, seq FROM entries WHERE kind = 'evidence' AND epoch = ? AND seq <= ? AND seq > ?"
        down_to = max(after, seq - LOOKED_THROUGH_MAX)
        rows = list(self._query(f"{query} ORDER BY seq DESC LIMIT ?", (epoch.bytes, seq, down_to, limit)))
        return _pictures([row[:2] for row in rows]), rows[-1][2] - 1 if len(rows) == limit else down_to

    def newest(self) -> int:
        """Return the rowid of the newest picture's entry, 0 where there is none."""
        rows = list(self._query("SELECT max(rowid) FROM entries WHERE kind = 'evidence'"))
        return rows[0][0] or 0

    def about(self, passage: str) -> list[Opened]:
        """Return the decisions, alarms and guard's acts of a passage, the first of many."""
        query = """
            SELECT canonical FROM entries
            WHERE passage = ? AND kind IN ('decision', 'alarm', 'guard') AND passage <> '' ORDER BY rowid LIMIT ?
        """
        found = []
        for (canonical,) in self._query(query, (passage, PASSAGE_ENTRIES_MAX)):
            try:
                found.append(unseal(canonical))
            except EntryError:
                continue  # whoever walks the chain tells of it
        return found


_SELECT = "SELECT rowid, canonical FROM entries WHERE kind = 'evidence'"


def _pictures(rows: list[tuple[int, bytes]]) -> list[Evidence]:
    """Leave out what cannot be read: nobody could find its picture either."""
    found = []
    for rowid, canonical in rows:
        try:
            entry = unseal(canonical)
            body = entry.body()
        except EntryError:
            continue
        if isinstance(body, EvidenceKept):
            found.append(Evidence(rowid, entry, body))
    return found
