"""Raw rows in big pages, past SQLAlchemy: it would look at each of ten million for longer than the walk does."""

import json
from collections.abc import Iterator, Sequence
from contextlib import closing
from itertools import count
from typing import Any, Final
from uuid import UUID

from sqlalchemy.orm import Session

PAGE: Final = 2_000
# Cursors that PostgreSQL keeps have names, and several may be open.
_names: Final = map("walk_{}".format, count())
Row = Sequence[Any]


def in_hex(session: Session, name: str) -> str:
    """Return the SQL for an id as SQLite stores it: a UUID for each of five ids of each row takes time."""
    return name if session.get_bind().dialect.name == "sqlite" else f"encode(uuid_send({name}), 'hex')"


def stream(session: Session, sql: str, values: Sequence[Any] = ()) -> Iterator[Row]:
    """Yield the rows that a question (with `?` for values) has, of millions too, as the driver gives them."""
    connection = session.connection()
    raw: Any = connection.connection
    if connection.dialect.name == "sqlite":
        with closing(raw.cursor()) as cursor:
            cursor.arraysize = PAGE
            cursor.execute(sql, [_for_sqlite(value) for value in values])
            while page := cursor.fetchmany(PAGE):
                yield from page
        return
    with raw.driver_connection.cursor(next(_names), binary=True) as cursor:
        cursor.itersize = PAGE
        cursor.execute(sql.replace("?", "%s"), values)
        while page := cursor.fetchmany(PAGE):
            yield from page


def as_uuid(value: Any) -> UUID | None:
    """Return an id as the driver gave it (SQLite: hex)."""
    return value if value is None or isinstance(value, UUID) else UUID(hex=value)


def as_json(value: Any) -> Any:
    """Return a JSON value as the driver gave it (SQLite: text)."""
    return json.loads(value) if isinstance(value, str) else value


def _for_sqlite(value: Any) -> Any:
    return value.hex if isinstance(value, UUID) else value
