"""The rules as the registry told them last, for the booth's pages: read where the courier keeps them."""

import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from edge.store.database import open_reader
from edge.store.errors import StoreError


class LivingReader:
    """Reads on a connection of its own; one thread at a time. Every method may raise StoreError."""

    def __init__(self, path: Path) -> None:
        """Open an existing database read-only."""
        self._path = path
        self._db = open_reader(path)

    def close(self) -> None:
        """Close the connection."""
        self._db.close()

    def revision(self) -> int:
        """Return the revision of the installed rules, 0 where there are none yet."""
        return next((int(value) for (value,) in self._query("SELECT value FROM progress WHERE name = 'revision'")), 0)

    def records(self, kind: str) -> list[str]:
        """Return the living records of a kind as JSON."""
        return [data for (data,) in self._query("SELECT data FROM living WHERE kind = ? ORDER BY id", (kind,))]

    def persons_of(self, unit: str, limit: int) -> list[str]:
        """Return the persons of a unit as JSON."""
        query = """
            SELECT data FROM rules WHERE unit = ? AND unit IS NOT NULL AND to_revision IS NULL AND kind = 'person' LIMIT ?
        """
        return [data for (data,) in self._query(query, (unit, limit))]

    def _query(self, sql: str, values: tuple[Any, ...] = ()) -> Iterator[Any]:
        try:
            yield from self._db.execute(sql, values)
        except sqlite3.Error as error:
            raise StoreError(f"{self._path} cannot be read: {error}") from error
