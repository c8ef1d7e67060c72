"""Rows into the journal's table by the fastest way that each driver has: executemany on SQLite, binary COPY on PostgreSQL."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from operator import itemgetter
from typing import Any, Final

from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError

from central.tables import JournalEntry

Row = Mapping[str, Any]

# As `_for_sqlite` puts them in order: ids, which SQLite keeps as text, then the time, then what it takes as it is.
_IDS: Final = ("edge_id", "epoch", "id", "site_id", "gate_id", "lane_id", "person_id")
_OTHERS: Final = tuple(column.name for column in JournalEntry.__table__.columns if column.name not in {*_IDS, "received_at"})
_COLUMNS: Final = (*_IDS, "received_at", *_OTHERS)
_NAMES: Final = ", ".join(_COLUMNS)
_INSERT: Final = f"INSERT INTO journal_entries ({_NAMES}) VALUES ({', '.join('?' * len(_COLUMNS))})"  # noqa: S608 - our own words
_COPY: Final = f"COPY journal_entries ({_NAMES}) FROM STDIN (FORMAT BINARY)"
_TYPE_OF: Final = dict.fromkeys(_IDS, "uuid") | {
    "received_at": "timestamptz",
    "seq": "bigint",
    "at_us": "bigint",
    "canonical": "bytea",
    "personal": "bytea",
    "chain_hash": "bytea",
}
_TYPES: Final = [_TYPE_OF.get(name, "text") for name in _COLUMNS]

_ids, _all = itemgetter(*_IDS), itemgetter(*_COLUMNS)
_others = itemgetter(*_OTHERS)


def insert_rows(connection: Connection, rows: Sequence[Row]) -> None:
    """Insert these rows, which name every column of the table; raises SQLAlchemy's errors."""
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql(_INSERT, [_for_sqlite(row) for row in rows])
    else:
        _copy(connection, rows)


def _for_sqlite(row: Row) -> tuple[Any, ...]:
    """Return the row's values as SQLAlchemy stores them: ids as hex, the time as UTC without its zone."""
    received: datetime = row["received_at"]
    ids = [identity and identity.hex for identity in _ids(row)]
    return (*ids, received.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S.%f"), *_others(row))


def _copy(connection: Connection, rows: Sequence[Row]) -> None:
    driver = connection.dialect.loaded_dbapi
    raw: Any = connection.connection
    try:
        with raw.cursor() as cursor, cursor.copy(_COPY) as copy:
            copy.set_types(_TYPES)
            for row in rows:
                copy.write_row(_all(row))
    except driver.Error as error:
        raise DBAPIError.instance(_COPY, None, error, driver.Error, dialect=connection.dialect) from error
