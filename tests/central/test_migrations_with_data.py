"""A database of each earlier schema, with rows in every table that it had, comes up to the newest and keeps them all."""

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from alembic import command
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, MetaData, Table, make_url, select
from sqlalchemy.types import JSON, Boolean, Date, DateTime, Integer, LargeBinary, Uuid

from central.database import Database
from central.migrations import alembic_config

# What steps give another value on purpose: the plate's key, the names of roles.
REWRITTEN = {("vehicles", "folded"), ("users", "role")}
AT = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)
# The schemas that databases out there may have; what lies between two of them was never anybody's.
LANDED = ("0001", "0002", "0003", "0004", "0018")
Rows = dict[str, Mapping[str, Any]]


def value_of(column: Any, dialect: str, table: str) -> Any:
    """Return some value that the column can hold."""
    kind = column.type
    if isinstance(kind, DateTime):
        return AT if dialect == "postgresql" else AT.replace(tzinfo=None)
    if isinstance(kind, Date):
        return AT.date()
    if isinstance(kind, Uuid):
        return uuid4()
    if isinstance(kind, JSON) or column.name in ("details", "before", "after"):
        return [] if dialect == "postgresql" else json.loads("[]")
    if isinstance(kind, LargeBinary):
        return uuid4().bytes
    if isinstance(kind, Boolean):
        return True
    if isinstance(kind, Integer):
        return 7
    if "CHAR(32)" in str(kind):
        return uuid4().hex
    return f"{table}-{column.name}-{uuid4().hex[:6]}"


def row_of(table: Table, rows: Rows, dialect: str) -> dict[str, Any]:
    """Return a row whose references lead to the rows made before; those that may be absent are left out."""
    row: dict[str, Any] = {}
    for column in table.columns:
        parent = next(iter(column.foreign_keys), None)
        if parent is None:
            row[column.name] = value_of(column, dialect, table.name)
        elif parent.column.table.name in rows:
            row[column.name] = rows[parent.column.table.name][parent.column.name]
    return row


def fill(connection: Connection, rows: Rows) -> None:
    """Put a row into each table that has none yet."""
    schema = MetaData()
    schema.reflect(connection)
    for table in schema.sorted_tables:
        if table.name not in rows and connection.execute(select(table)).first() is None:
            rows[table.name] = row_of(table, rows, connection.dialect.name)
            connection.execute(table.insert().values(rows[table.name]))


def kept(connection: Connection, rows: Rows) -> Iterator[str]:
    """Yield each value that is another than it was, or the table that lost its row."""
    schema = MetaData()
    schema.reflect(connection)
    for name, row in rows.items():
        found = connection.execute(select(schema.tables[name])).mappings().one_or_none()
        if found is None:
            yield name
            continue
        for column, value in row.items():
            if column in found and (name, column) not in REWRITTEN and found[column] != value:
                yield f"{name}.{column}: {value!r} became {found[column]!r}"


def walk(url: str) -> None:
    rows: Rows = {}
    with closing(Database(make_url(url))) as database:
        with database.writer.begin() as connection:
            steps = [step.revision for step in ScriptDirectory.from_config(alembic_config(connection)).walk_revisions()]
        for step in (*LANDED, steps[0]):
            with database.writer.begin() as connection:
                command.upgrade(alembic_config(connection), step)
            with database.writer.begin() as connection:
                assert list(kept(connection, rows)) == [], f"at {step}"
                fill(connection, rows)
    assert len(rows) > 30


def test_all_that_was_stored_is_kept_on_sqlite(tmp_path: Path) -> None:
    walk(f"sqlite:///{tmp_path / 'registry.db'}")


@pytest.mark.postgres
def test_all_that_was_stored_is_kept_on_postgresql(fresh_database: Callable[[], str]) -> None:
    walk(fresh_database())
