"""Who was counted at booths where no reader is."""

from datetime import date, timedelta
from typing import Final

from sqlalchemy import func, select

from central.booth.schemas import CountsAsked, CountShown, CountsShown
from central.booth.tables import BoothCount
from central.records.repository import check_in_sight, in_sight
from central.registry import Work
from central.tables import Gate

ROWS_MAX: Final = 20_000


def counts(work: Work, asked: CountsAsked) -> CountsShown:
    """Sum up by day, hour, what and direction; RegistryError 422 for a gate beyond the actor's bounds."""
    check_in_sight(work, Gate, asked.gate, "gate")
    row = BoothCount
    by = (row.day, row.hour, row.what, row.direction)
    query = select(*by, func.sum(row.number)).where(in_sight(work, row.site_id))
    query = query.where(row.day >= asked.day.isoformat(), row.day <= _last(asked).isoformat())
    given = {row.site_id: asked.site, row.gate_id: asked.gate, row.what: asked.what, row.direction: asked.direction}
    for column, value in given.items():
        query = query if value is None else query.where(column == value)
    rows = work.session.execute(query.group_by(*by).order_by(*by).limit(ROWS_MAX))
    items = [
        CountShown(day=date.fromisoformat(day), hour=hour, what=what, direction=way, number=int(number))
        for day, hour, what, way, number in rows
    ]
    return CountsShown(items=items)


def _last(asked: CountsAsked) -> date:
    return asked.day + timedelta(days=min(asked.days - 1, (date.max - asked.day).days))
