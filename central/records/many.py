"""Many rows at once, by the way that is quick on each database."""

import json
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from typing import Any, cast

from sqlalchemy import ARRAY, JSON, Column, ColumnElement, Table, Text, func, insert, inspect, literal, select
from sqlalchemy import cast as cast_to
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import RelationshipProperty, Session, make_transient_to_detached

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


def add_many(session: Session, rows: Sequence[Base]) -> None:
    """Insert new rows of one kind with all that belongs to them, as the session would, but quickly; raises SQLAlchemy's errors.

    The session holds them then as if it had read them. A column that only the database knows a default of must be set.
    """
    if not rows:
        return
    mapper = inspect(type(rows[0]))
    defaults = {each.key: _default(each) for each in mapper.columns}
    insert_many(session, mapper.class_, [_values(row, defaults) for row in rows])
    for relation in mapper.relationships:
        add_many(session, [part for row in rows for part in _parts(relation, row)])
    for row in rows:
        make_transient_to_detached(row)
    session.add_all(rows)


def _default(column: Column[Any]) -> Callable[[], Any]:
    default: Any = column.default
    if default is None:
        return lambda: None
    return (lambda: default.arg(None)) if default.is_callable else lambda: default.arg


def _values(row: Base, defaults: Mapping[str, Callable[[], Any]]) -> Row:
    given = vars(row)
    for name, default in defaults.items():
        if name not in given:
            given[name] = default()
    return {name: given[name] for name in defaults}


def _parts(relation: RelationshipProperty[Any], row: Base) -> Iterator[Base]:
    """Yield what belongs to a row, with its key."""
    for part in getattr(row, relation.key):
        for own, theirs in relation.local_remote_pairs or ():
            setattr(part, str(theirs.key), getattr(row, str(own.key)))
        yield part


def among(session: Session, column: Any, values: Collection[Any]) -> ColumnElement[bool]:
    """Return the condition that a column has one of these values, none of them NULL: of hundreds of them, too, quick to look at.

    PostgreSQL is given them as rows of their own, to be joined: of a list it may compare each value with each row.
    """
    if session.get_bind().dialect.name == "sqlite":
        return cast("ColumnElement[bool]", column.in_(values))
    return cast("ColumnElement[bool]", column.in_(select(func.unnest(literal(list(values), ARRAY(column.type))))))


def says(column: Any, text: str) -> ColumnElement[bool]:
    """Return the condition that a text, or any text in JSON, has this one in it."""
    if isinstance(column.type, JSON):
        column, text = cast_to(column, Text), json.dumps(text)[1:-1]
    return cast("ColumnElement[bool]", column.contains(text, autoescape=True))


def _in_text(value: Any) -> str | None:
    return None if value is None else json.dumps(value)
