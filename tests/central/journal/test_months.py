"""The journal in months on PostgreSQL: each entry is in its month's partition, wherever it was before; on SQLite in the table."""

from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from alembic import command
from sqlalchemy import MetaData, make_url, text

from access.entries import Observed
from central.database import Database
from central.journal import months
from central.journal.months import Month, drop, ensure, month_of
from central.migrations import alembic_config, migrate
from central.registry import Registry, Work
from tests.central.databases import POSTGRESQL
from tests.central.gate import BEGAN, Gate
from tests.central.journal.test_ingest import stored
from tests.central.test_migrations_with_data import Rows, row_of

ON_POSTGRESQL = pytest.mark.parametrize("database_url", [POSTGRESQL], indirect=True)


def partitions(work: Work) -> dict[int, str]:
    """Give of each entry (by its number) the table that it lies in."""
    rows = work.session.execute(text("SELECT seq, CAST(tableoid AS regclass) AS name FROM journal_entries"))
    return {row.seq: str(row.name) for row in rows}


@pytest.mark.parametrize(
    ("at", "later", "name"),
    [
        (datetime(2026, 11, 30, 23, 59, 59, tzinfo=UTC), 0, "journal_entries_y2026m11"),
        (datetime(2026, 12, 1, 0, 30, tzinfo=UTC).astimezone(), 1, "journal_entries_y2027m01"),
        (datetime(2026, 11, 1, tzinfo=UTC), 14, "journal_entries_y2028m01"),
    ],
)
def test_months_are_those_of_utc(at: datetime, later: int, name: str) -> None:
    month = month_of(at, later)
    assert month.name == name
    assert month_of(at, later + 1).from_us == month.until_us


@ON_POSTGRESQL
def test_what_came_before_its_month_moves_into_it_and_a_wrong_clock_keeps_nothing_out(gate: Gate, registry: Registry) -> None:
    at = BEGAN.replace(month=6)
    stamps = [BEGAN, at, at.replace(day=1, hour=0), datetime(1970, 1, 1, tzinfo=UTC), datetime(2400, 1, 1, tzinfo=UTC)]
    for stamp in stamps:
        gate.decide(after_s=(stamp - BEGAN).total_seconds())
    assert gate.send().acked_through == 5
    with registry.write() as work:
        made = ensure(work.session, at)
        assert [month.name[-5:] for month in made] == ["26m06", "26m07", "26m08"]
        assert ensure(work.session, at) == ()
        assert set(made) <= set(months.months(work.session))
        where = partitions(work)
    june = "journal_entries_y2026m06"
    assert where == {1: where[1], 2: june, 3: june, 4: "journal_entries_default", 5: "journal_entries_default"}
    assert where[1] != june
    gate.decide(after_s=(at - BEGAN).total_seconds() + 1)
    assert gate.send(6).acked_through == 6, "and is there for what comes"
    with registry.write() as work:
        assert partitions(work)[6] == june
        for month in made:
            assert drop(work.session, month)
            assert not drop(work.session, month)
    assert stored(registry) == [1, 4, 5]


@ON_POSTGRESQL
def test_an_id_is_held_once_in_its_month(gate: Gate, registry: Registry) -> None:
    with registry.write() as work:
        made = ensure(work.session, BEGAN)
    first = gate.decide(after_s=1)
    gate.send()
    gate.write(Observed("tailgating"), BEGAN + timedelta(days=3), entry_id=first)
    assert [entry.seq for entry in gate.send(2).quarantined] == [2]
    with registry.write() as work:
        for month in made:
            drop(work.session, month)


def test_sqlite_has_no_months(tmp_path: Path) -> None:
    with closing(Database(make_url(f"sqlite:///{tmp_path / 'x.db'}"))) as database, database.write() as session:
        assert months.months(session) == ensure(session, BEGAN) == ()
        assert not drop(session, Month("journal_entries_y2026m03", 0, 1))


@pytest.mark.postgres
def test_the_step_puts_each_entry_into_its_month(fresh_database: Callable[[], str]) -> None:
    with closing(Database(make_url(fresh_database()))) as database:
        with database.writer.begin() as connection:
            command.upgrade(alembic_config(connection), "0027")
        schema = MetaData()
        schema.reflect(database.writer, only=["sites", "gates", "edges", "journal_entries"])
        rows: Rows = {}
        for at in (BEGAN, datetime(2400, 1, 1, tzinfo=UTC), datetime(1970, 1, 1, tzinfo=UTC)):
            rows.pop("journal_entries", None)
            with database.writer.begin() as connection:
                for table in schema.sorted_tables:
                    if table.name not in rows:
                        row = row_of(table, rows, "postgresql")
                        rows[table.name] = [row | ({"at_us": round(at.timestamp() * 1e6)} if "at_us" in row else {})]
                        connection.execute(table.insert().values(rows[table.name]))
        migrate(database)
        with database.read() as session:
            found = session.execute(text("SELECT at_us, CAST(tableoid AS regclass) AS name FROM journal_entries ORDER BY at_us"))
            assert [str(row.name).rpartition("_")[2] for row in found] == ["default", "y2026m03", "default"]
            assert [month.name for month in months.months(session)] == ["journal_entries_y2026m03"]
