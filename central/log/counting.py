"""The counts of the log, kept in the transaction that stores the entries."""

from collections import defaultdict
from datetime import date
from functools import cache
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Executable
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from central.log import plates
from central.log.tables import HOURS, LogCount
from central.log.tally import Told, lane_of

_KEY: Final = tuple(column.name for column in LogCount.__table__.primary_key)
_COUNTERS: Final = ("total", *HOURS)


def note(session: Session, site_id: UUID, gate_id: UUID, told: Told) -> None:
    """Add what a batch of a gate told."""
    plates.note(session, site_id, told.plates)
    rows: dict[tuple[Any, ...], dict[str, int]] = defaultdict(lambda: dict.fromkeys(_COUNTERS, 0))
    for cell, count in told.cells.items():
        key = (site_id, date.fromisoformat(cell.day), gate_id, lane_of(cell), cell.outcome, cell.category, cell.guard)
        rows[key][HOURS[cell.hour]] += count
        rows[key]["total"] += count
    if rows:
        connection = session.connection()
        # In one order, so that two batches never wait for one another.
        values = [dict(zip(_KEY, key, strict=True)) | counted for key, counted in sorted(rows.items(), key=str)]
        connection.execute(_adding(connection.dialect.name), values)


@cache
def _adding(dialect: str) -> Executable:
    insert = sqlite.insert if dialect == "sqlite" else postgresql.insert
    statement = insert(LogCount)
    now = {name: getattr(LogCount, name) + statement.excluded[name] for name in _COUNTERS}
    return statement.on_conflict_do_update(index_elements=_KEY, set_=now)
