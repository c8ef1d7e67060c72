"""Many rows at once, by the way that is quick on each database."""

import json
from collections.abc import Collection, Mapping, Sequence
from typing import Any, cast

from sqlalchemy import ARRAY, JSON, ColumnElement, Table, func, insert, literal, select
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from central.tables import Base

Row = Mapping[str, Any]


def insert_many(session: Session, kind: type[Base], rows: Sequence[Row]) -> None:
    """Insert rows that all have the same columns, and that no object of the session is; raises SQLAlchemy's errors."""
    table = cast("Table", kind.__table__)
    connection = session.connection()
    if connection.dialect.name == "sqlite":
        connection.execute(insert(table), rows)
        return
    driver: Any = connection.dialect.loaded_dbapi
    names = ", ".join(f'"{name}"' for name in rows[0])
    copying = f"COPY {table.name} ({names}) FROM STDIN"
    as_json = {name for name in rows[0] if isinstance(table.columns[name].type, JSON)}
    raw: Any = connection.connection
    try:
        with raw.cursor() as cursor, cursor.copy(copying) as copy:
            for row in rows:
                copy.write_row([_in_text(value) if name in as_json else value for name, value in row.items()])
    except driver.Error as error:
        raise DBAPIError.instance(copying, None, error, driver.Error, dialect=connection.dialect) from error


def among(session: Session, column: Any, values: Collection[Any]) -> ColumnElement[bool]:
    """Return the condition that a column has one of these values, none of them NULL: of hundreds of them, too, quick to look at.

    PostgreSQL is given them as rows of their own, to be joined: of a list it may compare each value with each row.
    """
    if session.get_bind().dialect.name == "sqlite":
        return cast("ColumnElement[bool]", column.in_(values))
    return cast("ColumnElement[bool]", column.in_(select(func.unnest(literal(list(values), ARRAY(column.type))))))


def _in_text(value: Any) -> str | None:
    return None if value is None else json.dumps(value)
