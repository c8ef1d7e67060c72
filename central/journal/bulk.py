"""Rows into the journal's table by the fastest way that each driver has: many rows a statement on SQLite, COPY on PostgreSQL."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from functools import cache
from itertools import chain, islice
from operator import itemgetter
from typing import Any, Final

from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError

from central.tables import JournalEntry

Row = Mapping[str, Any]

# What all rows of a batch have in common, the ids that each has for itself, and what every driver takes as it is.
_COMMON: Final = ("edge_id", "epoch", "site_id", "gate_id", "received_at")
_IDS: Final = ("id", "lane_id", "person_id")
_PLAIN: Final = tuple(column.name for column in JournalEntry.__table__.columns if column.name not in {*_COMMON, *_IDS})
_COLUMNS: Final = (*_COMMON, *_IDS, *_PLAIN)
_NAMES: Final = ", ".join(_COLUMNS)
_COPY: Final = f"COPY journal_entries ({_NAMES}) FROM STDIN (FORMAT BINARY)"
_TYPE_OF: Final = dict.fromkeys((*_COMMON, *_IDS), "uuid") | {
    "received_at": "timestamptz",
    "seq": "bigint",
    "at_us": "bigint",
    "canonical": "bytea",
    "personal": "bytea",
    "chain_hash": "bytea",
}
_TYPES: Final = [_TYPE_OF.get(name, "text") for name in _COLUMNS]
# SQLite runs a statement without Python's lock: the more rows it has, the more another thread reads of the next batch meanwhile.
_AT_ONCE: Final = (64, 16, 4, 1)

_ids, _plain, _all = itemgetter(*_IDS), itemgetter(*_PLAIN), itemgetter(*_COLUMNS)


def insert_rows(connection: Connection, rows: Iterable[Row]) -> None:
    """Insert the rows of one batch, which name every column of the table, as they come; raises SQLAlchemy's errors."""
    if connection.dialect.name == "sqlite":
        _insert(connection, iter(rows))
    else:
        _copy(connection, rows)


def _insert(connection: Connection, rows: Iterator[Row]) -> None:
    while portion := _for_sqlite(list(islice(rows, _AT_ONCE[0]))):
        at = 0
        for size in _AT_ONCE:
            while len(portion) - at >= size:
                values = tuple(chain.from_iterable(portion[at : at + size]))
                connection.exec_driver_sql(_statement(size), values)
                at += size


@cache
def _statement(rows: int) -> str:
    marks = f"({', '.join('?' * len(_COLUMNS))})"
    return f"INSERT INTO journal_entries ({_NAMES}) VALUES {', '.join([marks] * rows)}"  # noqa: S608 - our own words


def _for_sqlite(rows: Sequence[Row]) -> list[tuple[Any, ...]]:
    """Return the rows' values as SQLAlchemy stores them: ids as hex, the time as UTC without its zone."""
    if not rows:
        return []
    *ids, received = itemgetter(*_COMMON)(rows[0])
    common = (*(identity.hex for identity in ids), _time(received))
    return [(*common, *(identity and identity.hex for identity in _ids(row)), *_plain(row)) for row in rows]


def _time(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S.%f")


def _copy(connection: Connection, rows: Iterable[Row]) -> None:
    driver = connection.dialect.loaded_dbapi
    raw: Any = connection.connection
    try:
        with raw.cursor() as cursor, cursor.copy(_COPY) as copy:
            copy.set_types(_TYPES)
            for row in rows:
                copy.write_row(_all(row))
    except driver.Error as error:
        raise DBAPIError.instance(_COPY, None, error, driver.Error, dialect=connection.dialect) from error
