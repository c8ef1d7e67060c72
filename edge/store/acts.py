"""What guards did with records, and what the presence says of those: for the booth's pages."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import cbor2

from access.acts import ActedUpon
from access.entries import EntryError
from access.presence import Value
from access.sealing import Opened, unseal
from edge.store.following import Following

# In these very words: they are those of the index.
_KINDS = "'visit', 'pass', 'slip', 'vehicle', 'shift', 'incident', 'round', 'duty', 'count', 'acknowledgement'"
_ACTS = f"FROM entries WHERE kind IN ({_KINDS})"


@dataclass(frozen=True, slots=True)
class StoredAct:
    """An act with a record as it stands in the journal."""

    rowid: int
    entry: Opened
    body: ActedUpon


class ActsReader(Following):
    """Reads on a connection of its own; one thread at a time. Every method may raise StoreError."""

    def version(self) -> tuple[Any, ...]:
        """Return what is another whenever something was committed, or another file bears the name."""
        [(number,)] = self._query("PRAGMA data_version")
        return (*self._file, number)

    def newest(self) -> int:
        """Return the rowid of the newest act, 0 where there is none."""
        [(rowid,)] = self._query(f"SELECT max(rowid) {_ACTS}")
        return rowid or 0

    def since(self, utc_us: int, limit: int) -> int:
        """Return the rowid behind which all acts since a time (UTC us) lie, the newest `limit` at most."""
        query = f"SELECT rowid, utc_us {_ACTS} ORDER BY rowid DESC LIMIT ?"
        return min((rowid - 1 for rowid, at_us in self._query(query, (limit,)) if at_us >= utc_us), default=self.newest())

    def after(self, rowid: int, limit: int) -> list[StoredAct]:
        """Return acts behind `rowid` in the order they were written; one that cannot be read is left out."""
        rows = self._query(f"SELECT rowid, canonical, personal {_ACTS} AND rowid > ? ORDER BY rowid LIMIT ?", (rowid, limit))
        return [act for row in list(rows) if (act := _act(*row)) is not None]

    def facts(self, families: Iterable[str]) -> dict[str, Value]:
        """Return the facts of these families by name, as `held` for `held:<pass>`."""
        found: dict[str, Value] = {}
        for family in families:
            rows = self._query("SELECT name, value FROM facts WHERE name > ? AND name < ?", (f"{family}:", f"{family};"))
            found |= {name: value for name, data in rows if (value := cbor2.loads(data)) is not None}
        return found

    def plates_inside(self) -> dict[str, str]:
        """Return the plates of the vehicles inside, by subject."""
        return dict(self._query("SELECT subject, plate FROM plates_inside"))

    def vehicles_inside(self) -> list[tuple[str, Value | None]]:
        """Return the plates of the vehicles inside, each with the fact of where and since when it is (None: not known)."""
        query = "SELECT plate, value FROM plates_inside LEFT JOIN facts ON name = 'at:' || subject"
        return [(plate, cbor2.loads(value) if value is not None else None) for plate, value in self._query(query)]


def _act(rowid: int, canonical: bytes, personal: bytes) -> StoredAct | None:
    try:
        entry = unseal(canonical, personal)
        body = entry.body()
    except EntryError:
        return None  # whoever walks the chain tells of it
    return StoredAct(rowid, entry, body) if isinstance(body, ActedUpon) else None
