"""The schema that the steps lead to is the schema that the code speaks of."""

import re
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection, column, inspect, make_url, select, table

from access.plate_index import folded
from central.database import Database
from central.migrations import alembic_config, migrate
from central.schema import metadata
from central.tables import JournalEntry, RuleChange, Site, Vehicle

# The columns of the first schema.
SITE = ("id", "slug", "name", "zone", "card_key", "revision")
VEHICLE = ("id", "site_id", "plate", "colour", "vehicle_class", "status", "valid_from", "valid_until", "person_id")


# What a step makes by the database's own means: the index of trigrams, on SQLite as a table with its own tables behind it.
# On PostgreSQL partitions, each of which has the key that the whole cannot have (`central.journal.months`).
BESIDE = re.compile("log_plate_parts.*|ix_log_plates_parts|journal_entries_.*")
IN_PARTS = "uq_journal_entries_id"


def is_of_schema(name: str | None, _kind: str, _of: object) -> bool:
    return BESIDE.fullmatch(name or "") is None


def is_whole(_object: object, name: str | None, _kind: str, _reflected: object, _found: object) -> bool:
    return name != IN_PARTS


def check_steps(url: str) -> None:
    with closing(Database(make_url(url))) as database:
        migrate(database)
        migrate(database)
        with database.writer.connect() as connection:
            parted = {"include_object": is_whole} if database.form == "postgresql" else {}
            opts = {"include_name": is_of_schema, **parted}
            differences: list[Any] = compare_metadata(MigrationContext.configure(connection, opts=opts), metadata)
            if parted:
                check_keys_of_partitions(connection)
    assert differences == []


def check_keys_of_partitions(connection: Connection) -> None:
    inspector = inspect(connection)
    parts = [name for name in inspector.get_table_names() if name.startswith("journal_entries_")]
    assert "journal_entries_default" in parts
    for name in parts:
        assert ["id"] in [index["column_names"] for index in inspector.get_indexes(name) if index["unique"]], name
    assert set(inspector.get_pk_constraint("journal_entries")["constrained_columns"]) == {
        *(key.name for key in inspect(JournalEntry).primary_key),
        "at_us",
        "site_id",
    }


def check_records_of_the_first_schema(url: str) -> None:
    site = uuid4()
    sites = table("sites", *(Site.__table__.columns[name]._copy() for name in SITE))
    vehicles = table("vehicles", *(Vehicle.__table__.columns[name]._copy() for name in VEHICLE))
    rules = table("rule_changes", *map(column, ("site_id", "kind", "record_id", "from_revision", "gate_id")))
    gate = uuid4()
    change = {"site_id": site.hex, "kind": "lane", "record_id": uuid4().hex, "from_revision": 1, "gate_id": gate.hex}
    car = {"id": uuid4(), "site_id": site, "plate": "粤B8D2Z5", "colour": "", "vehicle_class": "car", "status": "active"}
    with closing(Database(make_url(url))) as database:
        with database.writer.begin() as connection:
            command.upgrade(alembic_config(connection), "0001")
            lakeside = {"id": site, "slug": "s", "name": "s", "zone": "Asia/Shanghai", "card_key": b"k", "revision": 0}
            connection.execute(sites.insert().values(lakeside))
            connection.execute(vehicles.insert().values(car))
            connection.execute(rules.insert().values(change))
        migrate(database)
        with database.writer.connect() as connection:
            assert connection.scalars(select(Vehicle.folded)).all() == [folded("粤B8D2Z5")]
            assert connection.scalars(select(RuleChange.audience)).all() == [gate.hex]


def test_records_of_the_first_schema_are_what_they_were_on_sqlite(tmp_path: Path) -> None:
    check_records_of_the_first_schema(f"sqlite:///{tmp_path / 'registry.db'}")


@pytest.mark.postgres
def test_records_of_the_first_schema_are_what_they_were_on_postgresql(fresh_database: Callable[[], str]) -> None:
    check_records_of_the_first_schema(fresh_database())


def test_up_from_nothing_on_sqlite(tmp_path: Path) -> None:
    check_steps(f"sqlite:///{tmp_path / 'new' / 'registry.db'}")


@pytest.mark.postgres
def test_up_from_nothing_on_postgresql(fresh_database: Callable[[], str]) -> None:
    check_steps(fresh_database())
