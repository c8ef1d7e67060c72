"""Reading a database that another may take the place of: a journal is made anew now and then, in a running gate too."""

import sqlite3
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from edge.store.database import open_reader
from edge.store.errors import StoreError


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
