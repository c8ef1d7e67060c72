"""Rows into the journal's table by the fastest way that each driver has: many rows a statement on SQLite, COPY on PostgreSQL."""

from collections.abc import Iterable
from contextlib import closing
from functools import cache
from itertools import chain, islice
from typing import Any, Final

from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError

from central.journal.forms import NAMES, Place, row_for_copy, row_for_sqlite
from central.journal.reading import Arrived

_NAMES: Final = ", ".join(NAMES)
_COPY: Final = f"COPY journal_entries ({_NAMES}) FROM STDIN (FORMAT BINARY)"
# PostgreSQL, COPY, "Binary Format": what stands before the first row and behind the last.
_COPY_BEGINS: Final = b"PGCOPY\n\xff\r\n\x00" + bytes(8)
_COPY_ENDS: Final = b"\xff\xff"
# A statement of several rows costs SQLite less for each of them; with more than these it does not get any less.
_AT_ONCE: Final = 16


def insert_rows(connection: Connection, place: Place, entries: Iterable[Arrived]) -> None:
    """Insert the entries of one batch as they come; raises SQLAlchemy's errors."""
    if connection.dialect.name == "sqlite":
        _insert(connection, place, entries)
    else:
        _copy(connection, place, entries)


def _insert(connection: Connection, place: Place, entries: Iterable[Arrived]) -> None:
    driver = connection.dialect.loaded_dbapi
    raw: Any = connection.connection
    row = row_for_sqlite(place)
    rows = (row(entry.lane, entry.columns, entry[:3]) for entry in entries)
    # Past SQLAlchemy, which would look at each statement as long as it takes to insert a row.
    with closing(raw.cursor()) as cursor:
        try:
            while portion := list(islice(rows, _AT_ONCE)):
                if len(portion) == _AT_ONCE:
                    cursor.execute(_statement(_AT_ONCE), tuple(chain.from_iterable(portion)))
                else:
                    cursor.executemany(_statement(1), portion)
        except driver.Error as error:
            raise DBAPIError.instance(_statement(1), None, error, driver.Error, dialect=connection.dialect) from error


@cache
def _statement(rows: int) -> str:
    marks = f"({', '.join('?' * len(NAMES))})"
    return f"INSERT INTO journal_entries ({_NAMES}) VALUES {', '.join([marks] * rows)}"  # noqa: S608 - our own words


def _copy(connection: Connection, place: Place, entries: Iterable[Arrived]) -> None:
    driver = connection.dialect.loaded_dbapi
    raw: Any = connection.connection
    row = row_for_copy(place)
    try:
        with raw.cursor() as cursor, cursor.copy(_COPY) as copy:
            copy.write(_COPY_BEGINS)
            for entry in entries:
                copy.write(row(entry.lane, entry.columns, entry[:3]))
            copy.write(_COPY_ENDS)
    except driver.Error as error:
        raise DBAPIError.instance(_COPY, None, error, driver.Error, dialect=connection.dialect) from error
