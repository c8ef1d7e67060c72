"""Rows into the journal's table by the fastest way that each driver has: many rows a statement on SQLite, COPY on PostgreSQL."""

from collections.abc import Iterable
from contextlib import closing
from functools import cache
from typing import Any, Final

from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError

from central.journal.forms import NAMES
from central.journal.reading import Portion

_NAMES: Final = ", ".join(NAMES)
_COPY: Final = f"COPY journal_entries ({_NAMES}) FROM STDIN (FORMAT BINARY)"
# PostgreSQL, COPY, "Binary Format": what stands before the first row and behind the last.
_COPY_BEGINS: Final = b"PGCOPY\n\xff\r\n\x00" + bytes(8)
_COPY_ENDS: Final = b"\xff\xff"


def insert_rows(connection: Connection, portions: Iterable[Portion]) -> None:
    """Insert the rows of the portions as they come; raises SQLAlchemy's errors. Nothing else is asked of it meanwhile."""
    if connection.dialect.name == "sqlite":
        _insert(connection, portions)
    else:
        _copy(connection, portions)


def _insert(connection: Connection, portions: Iterable[Portion]) -> None:
    driver = connection.dialect.loaded_dbapi
    raw: Any = connection.connection
    # Past SQLAlchemy, which would look at each statement as long as it takes to insert a row.
    with closing(raw.cursor()) as cursor:
        try:
            for portion in portions:
                if portion.size:
                    cursor.execute(_statement(portion.size), portion.rows)
        except driver.Error as error:
            raise DBAPIError.instance(_statement(1), None, error, driver.Error, dialect=connection.dialect) from error


@cache
def _statement(rows: int) -> str:
    marks = f"({', '.join('?' * len(NAMES))})"
    return f"INSERT INTO journal_entries ({_NAMES}) VALUES {', '.join([marks] * rows)}"  # noqa: S608 - our own words


def _copy(connection: Connection, portions: Iterable[Portion]) -> None:
    driver = connection.dialect.loaded_dbapi
    raw: Any = connection.connection
    try:
        with raw.cursor() as cursor, cursor.copy(_COPY) as copy:
            copy.write(_COPY_BEGINS)
            for portion in portions:
                copy.write(portion.rows)
            copy.write(_COPY_ENDS)
    except driver.Error as error:
        raise DBAPIError.instance(_COPY, None, error, driver.Error, dialect=connection.dialect) from error
