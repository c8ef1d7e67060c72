"""Reading a database that another may take the place of: a journal is made anew now and then, in a running gate too."""

import sqlite3
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any
from uuid import UUID

from edge.store.database import open_reader
from edge.store.errors import StoreError


class Bookmark:
    """The rowid through which a reader has come. The rowids of a tail that the journal has lost are given again.

    But only to the entries of an epoch that begins: as soon as one does, the bookmark is put back to before its first entry.
    """

    def __init__(self, reader: "Following", at: int = 0) -> None:
        """All epochs that are there are known. Raises StoreError."""
        self._reader = reader
        self._known = set(reader.epochs())
        self.at = at

    def look(self) -> bool:
        """Look whether an epoch has begun; tell whether the bookmark was put back. To be called before each reading on."""
        before = self.at
        for epoch in set(self._reader.epochs()) - self._known:
            self.at = self._reader.before(epoch, self.at)
            self._known.add(epoch)
        return self.at < before


class Following:
    """Reads on a connection of its own; one thread at a time. Where another file bears the name now, that one is read."""

    def __init__(self, path: Path) -> None:
        """Open an existing database read-only. Raises StoreError."""
        self._path = path
        self._file = self._file_there()
        self._db = open_reader(path)

    def close(self) -> None:
        """Close the connection."""
        self._db.close()

    def epochs(self, edge: UUID | None = None) -> list[UUID]:
        """Return the epochs in the order they began; with `edge` only those that were written under its id. Raises StoreError."""
        rows = self._query("SELECT epoch, edge FROM epochs ORDER BY rowid")
        return [UUID(bytes=epoch) for epoch, of in rows if edge is None or of == edge.bytes]

    def before(self, epoch: UUID, rowid: int) -> int:
        """Return this rowid, or the last one before all entries of an epoch where that is lower. Raises StoreError."""
        query = "SELECT min(:rowid, coalesce(min(rowid) - 1, :rowid)) FROM entries WHERE epoch = :epoch"
        return next(int(at) for (at,) in self._query(query, {"rowid": rowid, "epoch": epoch.bytes}))

    def _query(self, sql: str, values: Sequence[Any] | dict[str, Any] = ()) -> Iterator[Any]:
        """Yield the rows. Raises StoreError."""
        self._follow()
        try:
            yield from self._db.execute(sql, values)
        except sqlite3.Error as error:
            raise StoreError(f"{self._path} cannot be read: {error}") from error

    def _follow(self) -> None:
        there = self._file_there()
        if there != self._file:
            db = open_reader(self._path)
            self._db.close()
            self._db, self._file = db, there

    def _file_there(self) -> tuple[int, int]:
        """Tell which file bears the name. Raises StoreError where none does: amid a change, or before the first start."""
        try:
            found = self._path.stat()
        except OSError as error:
            raise StoreError(f"{self._path} cannot be read: {error}") from error
        return found.st_dev, found.st_ino
