"""A database of each earlier schema, with rows in every table that it had, comes up to the newest and keeps them all."""

from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from alembic import command
from sqlalchemy import Connection, MetaData, Table, make_url, select
from sqlalchemy.types import JSON, Boolean, Date, DateTime, Integer, LargeBinary, Uuid

from central import migrations
from central.database import Database
from central.migrations import alembic_config
from central.schema import metadata
from central.tables import Base

# What steps give another value on purpose: the plate's key, the names of roles.
REWRITTEN = {("vehicles", "folded"), ("users", "role")}
AT = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)
# The schemas that databases out there may have: on PostgreSQL, where a step takes longer, the walk stops at these alone.
LANDED = ("0001", "0002", "0003", "0004", "0018", "0020", "0024")
# All that there are, the oldest first.
REVISIONS = tuple(sorted(each.stem.partition("_")[0] for each in (Path(migrations.__file__).parent / "versions").glob("0*.py")))
# The rows that were made, by their tables, the newest last.
Rows = dict[str, list[Mapping[str, Any]]]


def value_of(column: Any, dialect: str, table: str) -> Any:
    """Return some value that the column can hold, another each time where it may be a key."""
    kind = column.type
    if isinstance(kind, DateTime):
        return AT if dialect == "postgresql" else AT.replace(tzinfo=None)
    if isinstance(kind, Date):
        return AT.date()
    if isinstance(kind, Uuid):
        return uuid4()
    if isinstance(kind, JSON):
        return []
    if isinstance(kind, LargeBinary):
        return uuid4().bytes
    if isinstance(kind, Boolean):
        return True
    if isinstance(kind, Integer):
        return uuid4().int % 2**31
    if "CHAR(32)" in str(kind):
        return uuid4().hex
    return f"{table}-{column.name}-{uuid4().hex[:6]}"


def row_of(table: Table, rows: Rows, dialect: str) -> dict[str, Any]:
    """Return a row whose references lead to the rows made last; those that may be absent are left out."""
    row: dict[str, Any] = {}
    for column in table.columns:
        parent = next(iter(column.foreign_keys), None)
        if parent is None:
            row[column.name] = value_of(column, dialect, table.name)
        elif parent.column.table.name in rows:
            row[column.name] = rows[parent.column.table.name][-1][parent.column.name]
    return row


def fill(connection: Connection, schema: MetaData, rows: Rows) -> None:
    """Put a row, with all columns that there are by now, into each table but those that steps have filled themselves."""
    for table in schema.sorted_tables:
        if table.name in rows or connection.execute(select(table)).first() is None:
            row = row_of(table, rows, connection.dialect.name)
            connection.execute(table.insert().values(row))
            rows.setdefault(table.name, []).append(row)


def kept(connection: Connection, schema: MetaData, rows: Rows) -> Iterator[str]:
    """Yield each value that is another than it was, or the table that lost a row or has one more."""
    for name, made in rows.items():
        table = schema.tables[name]
        keys = [column.name for column in table.primary_key]
        stored = {tuple(row[key] for key in keys): row for row in connection.execute(select(table)).mappings()}
        if stored.keys() != {tuple(row[key] for key in keys) for row in made}:
            yield name
            continue
        for row in made:
            found = stored[tuple(row[key] for key in keys)]
            for column, value in row.items():
                if column in found and (name, column) not in REWRITTEN and found[column] != value:
                    yield f"{name}.{column}: {value!r} became {found[column]!r}"


def read_by_the_registry(database: Database, rows: Rows) -> None:
    """Read all with the registry's own classes, and from each record all that it refers to."""
    assert rows.keys() <= metadata.tables.keys()
    with database.read() as session:
        for mapper in Base.registry.mappers:
            records = session.scalars(select(mapper.class_)).all()
            assert len(records) >= len(rows.get(mapper.local_table.description, ())), mapper
            for record in records:
                for each in mapper.attrs:
                    getattr(record, each.key)


def walk(url: str, stops: Collection[str]) -> None:
    """Bring a database up by these stops, and put rows in at each: what was there at any of them is there at the end."""
    rows: Rows = {}
    with closing(Database(make_url(url))) as database:
        for stop in stops:
            with database.writer.begin() as connection:
                command.upgrade(alembic_config(connection), stop)
            with database.writer.begin() as connection:
                schema = MetaData()
                # What lies in a partition is read in the whole, what a trigger keeps with what it is made of.
                schema.reflect(connection, only=lambda name, _: not name.startswith(("journal_entries_", "log_plate_parts")))
                assert list(kept(connection, schema, rows)) == [], f"at {stop}"
                fill(connection, schema, rows)
        assert len(rows) > 60
        read_by_the_registry(database, rows)


def test_all_that_was_stored_is_kept_on_sqlite(tmp_path: Path) -> None:
    walk(f"sqlite:///{tmp_path / 'registry.db'}", REVISIONS)


@pytest.mark.postgres
def test_all_that_was_stored_is_kept_on_postgresql(fresh_database: Callable[[], str]) -> None:
    walk(fresh_database(), (*LANDED, "head"))
