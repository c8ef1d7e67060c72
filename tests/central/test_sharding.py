"""What a cluster that divides the tables by site needs of them, as far as PostgreSQL itself can show it."""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
from sqlalchemy import Connection, event, inspect, make_url, text

from central.actors import Actor
from central.database import Database
from central.journal import months
from central.journal.months import REST, ensure
from central.log import services as log
from central.log.counts import CountsAsked, counts
from central.log.schemas import Search
from central.registry import Registry, Work
from central.schema import metadata
from central.sharding import BY, DIVIDED, everywhere, keys, place_of, placing
from central.tables import Site
from tests.central.databases import POSTGRESQL
from tests.central.gate import BEGAN, Gate

ON_POSTGRESQL = pytest.mark.parametrize("database_url", [POSTGRESQL], indirect=True)
GUIDE = Path(__file__).parents[2] / "docs" / "many-machines.md"


def unique_keys(connection: Connection, table: str) -> list[set[str | None]]:
    inspector = inspect(connection)
    indexes = [{*index["column_names"]} for index in inspector.get_indexes(table) if index["unique"]]
    return [{*inspector.get_pk_constraint(table)["constrained_columns"]}, *indexes]


@pytest.mark.postgres
def test_what_is_divided_has_the_site_in_each_key(migrated_postgres: str) -> None:
    with closing(Database(make_url(migrated_postgres))) as database, database.writer.connect() as connection:
        for name in DIVIDED:
            assert all(BY in key for key in unique_keys(connection, name)), name
        # A partition's own key is made anew, and that of months to come like it.
        with database.write() as session:
            parts = [REST, *(month.name for month in months.months(session))]
            for statement in keys(parts):
                session.execute(text(statement))
            made = ensure(session, BEGAN.replace(year=2031))
            for name in [*parts, *(month.name for month in made)]:
                assert all(BY in key for key in unique_keys(session.connection(), name)), name
            session.rollback()


def test_references_lead_to_what_is_everywhere_and_none_to_what_is_divided() -> None:
    for table in metadata.sorted_tables:
        for key in table.foreign_keys:
            there = place_of(key.column.table)
            assert there != "divided", f"{table.name} refers to {key.column.table.name}"
            assert there == "everywhere" or place_of(table) == "coordinator", f"{table.name} refers to {key.column.table.name}"


def test_the_guide_says_what_is_to_be_said_to_a_cluster() -> None:
    guide = GUIDE.read_text(encoding="utf-8")
    for statement in (*placing(metadata), *keys([REST])):
        assert f"{statement};\n" in guide
    for name in (*DIVIDED, *everywhere(metadata)):
        assert f"`{name}`" in guide


@contextmanager
def asked(work: Work) -> Iterator[list[str]]:
    """Give what the database is asked of divided tables in the block."""
    found: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        if any(f" {name}" in statement for name in DIVIDED):
            found.append(statement)

    engine = work.session.get_bind()
    event.listen(engine, "before_cursor_execute", note)
    yield found
    event.remove(engine, "before_cursor_execute", note)


@ON_POSTGRESQL
@pytest.mark.parametrize(
    "wanted",
    [{}, {"plate": "粤B12D45"}, {"plate": "D45", "plate_match": "part"}, {"reason": "access_ok"}, {"card": "0A0063E9AE"}],
    ids=str,
)
def test_who_acts_for_a_site_asks_for_its_rows_alone(gate: Gate, registry: Registry, wanted: dict[str, str]) -> None:
    entry = gate.decide(passage="p-1")
    gate.send()
    with registry.read() as work:
        site = work.session.query(Site).one()
    with registry.read(Actor("wang.min", "site_manager", site.id)) as work, asked(work) as questions:
        log.search(work, Search.model_validate(wanted))
        counts(work, CountsAsked(since=BEGAN.date(), until=BEGAN.date()))
        log.show_entry(work, entry)
    assert len(questions) > 3
    for question in questions:
        # A place in a gate's chain is asked for by its key: each server is asked, and one has it.
        assert BY in question.partition("WHERE")[2] or "epoch = " in question, question
