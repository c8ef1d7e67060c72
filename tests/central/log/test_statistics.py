"""By which index the log is searched, and what the database knows to choose it."""

from typing import Any

import httpx
from sqlalchemy import event, text

from central.log import statistics
from central.registry import Registry
from tests.central.databases import ON_ONE
from tests.central.gate import Gate


def plans(registry: Registry, admin: httpx.Client, **wanted: Any) -> str:
    """Search, and return SQLite's plans for what was asked of the journal."""
    asked = []

    @event.listens_for(registry.database.reader, "before_cursor_execute")
    def keep(connection: Any, cursor: Any, sql: str, values: Any, *more: Any) -> None:
        if "FROM journal_entries" in sql:
            asked.append((sql, values))

    admin.get("/log", params=wanted).raise_for_status()
    event.remove(registry.database.reader, "before_cursor_execute", keep)
    with registry.database.reader.connect() as connection:
        steps = [row for sql, values in asked for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {sql}", values)]
    return "\n".join(row[3] for row in steps)


@ON_ONE
def test_indexes_of_what_is_logged_answer(gate: Gate, registry: Registry, admin: httpx.Client) -> None:
    gate.decide("粤B12D45", 0)
    gate.send()
    if registry.database.form != "sqlite":
        return
    lanes = [str(lane) for lane in gate.enrolled.lanes.values()]
    for wanted, index in (
        ({}, "ix_journal_log"),
        ({"gate": str(gate.enrolled.gate)}, "ix_journal_gate"),
        ({"lane": lanes}, "ix_journal_lane"),
        ({"plate": "粤", "plate_match": "part"}, "ix_journal_log"),
    ):
        plan = plans(registry, admin, **wanted)
        assert index in plan, wanted
        assert "SCAN journal_entries" not in plan, wanted


def test_statistics(gate: Gate, registry: Registry, admin: httpx.Client) -> None:
    gate.decide("粤B12D45", 0)
    gate.decide("粤B12D46", 1)
    gate.send()
    statistics.take(registry)
    of = {
        "sqlite": "SELECT count(*) FROM sqlite_stat1 WHERE idx = 'ix_journal_log'",
        "postgresql": "SELECT count(*) FROM pg_stats WHERE tablename = 'journal_entries' AND attname = 'kind' AND inherited",
    }
    with registry.read() as work:
        assert work.session.scalar(text(of[registry.database.form])) == 1
    assert len(admin.get("/log").json()["rows"]) == 2
