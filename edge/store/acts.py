"""What guards did with records, and what the presence says of those: for the booth's pages."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import cbor2

from access.acts import ActedUpon
from access.entries import EntryError, Expired
from access.kinds import KINDS
from access.presence import Value
from access.projection import Changing, facts_in
from access.sealing import Opened, unseal
from edge.store.errors import StoreError
from edge.store.following import Following

# In these very words: they are those of the index.
_KINDS = "'visit', 'pass', 'slip', 'vehicle', 'shift', 'incident', 'round', 'duty', 'count', 'acknowledgement'"
_ACTS = f"FROM entries WHERE kind IN ({_KINDS})"
_NEWS = ", ".join(f"'{kind}'" for kind, body in KINDS.items() if issubclass(body, Changing | Expired))
_NEWS_OF = f"SELECT canonical FROM entries WHERE rowid > ? AND rowid <= ? AND kind IN ({_NEWS}) LIMIT ?"  # noqa: S608 - our own
NEWS_MAX = 2000  # entries
ERASED = "fields"


@dataclass(frozen=True, slots=True)
class StoredAct:
    """An act with a record as it stands in the journal; `personal` is how many bytes its personal fields have."""

    rowid: int
    entry: Opened
    body: ActedUpon
    personal: int


@dataclass(frozen=True, slots=True)
class News:
    """What entries through `through` say: facts that they changed (None: nobody can tell), and whether somebody was erased."""

    through: int
    names: frozenset[str] | None
    erased: bool


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

    def last(self) -> int:
        """Return the rowid of the newest entry of any kind, 0 where there is none."""
        [(rowid,)] = self._query("SELECT max(rowid) FROM entries")
        return rowid or 0

    def since(self, utc_us: int, limit: int) -> int:
        """Return the rowid behind which all acts since a time (UTC us) lie, the newest `limit` at most."""
        query = f"SELECT rowid, utc_us {_ACTS} ORDER BY rowid DESC LIMIT ?"
        return min((rowid - 1 for rowid, at_us in self._query(query, (limit,)) if at_us >= utc_us), default=self.newest())

    def after(self, rowid: int, limit: int) -> tuple[list[StoredAct], int]:
        """Return acts behind `rowid` in the order they were written, and through which rowid; what cannot be read is left out."""
        rows = self._query(f"SELECT rowid, canonical, personal {_ACTS} AND rowid > ? ORDER BY rowid LIMIT ?", (rowid, limit))
        found = list(rows)
        return [act for row in found if (act := _act(*row)) is not None], found[-1][0] if found else rowid

    def at(self, rowid: int) -> StoredAct | None:
        """Return one act, None where it is gone or cannot be read."""
        rows = list(self._query(f"SELECT rowid, canonical, personal {_ACTS} AND rowid = ?", (rowid,)))
        return _act(*rows[0]) if rows else None

    def sizes(self, rowid: int) -> dict[int, int]:
        """Return the rowids of all acts from one on, each with how many bytes its personal fields have."""
        return dict(self._query(f"SELECT rowid, length(personal) {_ACTS} AND rowid >= ?", (rowid,)))

    def news(self, rowid: int) -> News:
        """Return what the entries behind `rowid` say; to be asked before the facts are, which may be newer then."""
        through = self.last()
        rows = list(self._query(_NEWS_OF, (rowid, through, NEWS_MAX)))
        try:
            bodies = [unseal(canonical).body() for (canonical,) in rows]
        except EntryError:
            return News(through, None, erased=True)
        erased = any(isinstance(body, Expired) and body.what == ERASED for body in bodies)
        names = frozenset(name for body in bodies for _, name, *_ in facts_in(body))
        return News(through, None if len(rows) == NEWS_MAX else names, erased or len(rows) == NEWS_MAX)

    def facts(self, families: Iterable[str]) -> dict[str, Value]:
        """Return the facts of these families by name, as `held` for `held:<pass>`."""
        found: dict[str, Value] = {}
        for family in families:
            rows = self._query("SELECT name, value FROM facts WHERE name > ? AND name < ?", (f"{family}:", f"{family};"))
            found |= {name: value for name, data in rows if (value := _value(data)) is not None}
        return found

    def named(self, names: Iterable[str]) -> dict[str, Value]:
        """Return the facts of these names, as far as they are known."""
        query = "SELECT name, value FROM facts WHERE name IN (SELECT value FROM json_each(?))"
        found = ((name, _value(data)) for name, data in self._query(query, (json.dumps(list(names)),)))
        return {name: value for name, value in found if value is not None}

    def vehicles_at(self, plates: Iterable[str]) -> dict[str, Value]:
        """Return where the vehicles with these plates are that are inside, and since when, by plate."""
        query = """
            SELECT plate, value FROM plates_inside JOIN facts ON name = 'at:' || subject
            WHERE plate IN (SELECT value FROM json_each(?))
        """
        rows = self._query(query, (json.dumps(list(plates)),))
        return {plate: value for plate, data in rows if (value := _value(data)) is not None}

    def plates_inside(self) -> dict[str, str]:
        """Return the plates of the vehicles inside, by subject."""
        return dict(self._query("SELECT subject, plate FROM plates_inside"))

    def vehicles_inside(self) -> list[tuple[str, Value | None]]:
        """Return the plates of the vehicles inside, each with the fact of where and since when it is (None: not known)."""
        query = "SELECT plate, value FROM plates_inside LEFT JOIN facts ON name = 'at:' || subject"
        return [(plate, _value(value) if value is not None else None) for plate, value in self._query(query)]


def _act(rowid: int, canonical: bytes, personal: bytes) -> StoredAct | None:
    try:
        entry = unseal(canonical, personal)
        body = entry.body()
    except EntryError:
        return None  # whoever walks the chain tells of it
    return StoredAct(rowid, entry, body, len(personal)) if isinstance(body, ActedUpon) else None


def _value(data: bytes) -> Value | None:
    try:
        value: Value | None = cbor2.loads(data)
    except (cbor2.CBORError, ValueError) as error:
        raise StoreError(f"a fact of the journal cannot be read: {error}") from error
    return value
