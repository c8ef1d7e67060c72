"""How much went on: sums of the counts that are kept with the entries, never of the entries themselves."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Annotated, Any, Final, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import ColumnElement, Row, func, select
from sqlalchemy.orm import InstrumentedAttribute

from central.errors import RegistryError
from central.log.schemas import PLACES_MAX
from central.log.searching import sites_in_sight
from central.log.tables import HOURS, NO_LANE, LogCount
from central.records.repository import check_in_sight
from central.records.repository import site as check_site
from central.records.schemas import Line
from central.registry import Work
from central.tables import Gate, Lane

DAYS_MAX: Final = 3660
GROUPS_MAX: Final = 20_000
CountedBy = Literal["hour", "day", "month", "hour_of_day", "site", "gate", "lane", "outcome", "category", "guard"]
_COLUMNS: Final[Mapping[str, InstrumentedAttribute[Any]]] = {
    "hour": LogCount.day,
    "day": LogCount.day,
    "month": LogCount.day,
    "site": LogCount.site_id,
    "gate": LogCount.gate_id,
    "lane": LogCount.lane_id,
    "outcome": LogCount.outcome,
    "category": LogCount.category,
    "guard": LogCount.guard,
}
_HOURLY: Final = ("hour", "hour_of_day")


class CountsAsked(BaseModel):
    """Which days (by the clock of each site, both included), and by what to count; all that is given must fit."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    since: date
    until: date
    by: Annotated[list[CountedBy], Field(min_length=1, max_length=3)] = ["day"]
    site: UUID | None = None
    gate: Annotated[list[UUID], Field(max_length=PLACES_MAX)] = []
    lane: Annotated[list[UUID], Field(max_length=PLACES_MAX)] = []
    outcome: Annotated[Line, Field(max_length=60)] = ""
    category: Annotated[Line, Field(max_length=60)] = ""
    guard: Annotated[Line, Field(max_length=60)] = ""


class Counted(BaseModel):
    """How many of one group; `group` has a value for each of `by`, in that order: a day, an hour, an id, a code."""

    group: list[str]
    count: int


class Counts(BaseModel):
    """The counts, in the order of their groups, and how many in all."""

    by: list[CountedBy]
    items: list[Counted]
    total: int


def counts(work: Work, asked: CountsAsked) -> Counts:
    """Count; RegistryError 422 for a time that is none or too long, a place beyond the actor's bounds, or too many groups."""
    _check(work, asked)
    hourly = any(by in _HOURLY for by in asked.by)
    columns = {by: _COLUMNS[by] for by in asked.by if by != "hour_of_day"}
    sums = [func.sum(getattr(LogCount, name)) for name in (HOURS if hourly else ("total",))]
    grouping = list(dict.fromkeys(columns.values()))
    query = select(*grouping, *sums).where(*_where(work, asked)).group_by(*grouping).limit(GROUPS_MAX + 1)
    rows = work.session.execute(query).all()
    found: dict[tuple[str, ...], int] = {}
    for row in rows:
        for group, count in _groups(asked.by, grouping, row):
            if count:
                found[group] = found.get(group, 0) + count
    if len(rows) > GROUPS_MAX or len(found) > GROUPS_MAX:
        raise RegistryError("more than {most} groups: ask for less at once", 422, "by", most=GROUPS_MAX)
    items = [Counted(group=list(group), count=count) for group, count in sorted(found.items())]
    return Counts(by=asked.by, items=items, total=sum(found.values()))


def _check(work: Work, asked: CountsAsked) -> None:
    if not timedelta() <= asked.until - asked.since < timedelta(days=DAYS_MAX):
        raise RegistryError("the last day must not be before the first, nor more than ten years after it", 422, "until")
    if asked.site is not None:
        check_site(work, asked.site)
    for gate in asked.gate:
        check_in_sight(work, Gate, gate, "gate")
    for lane in asked.lane:
        check_in_sight(work, Lane, lane, "lane")


def _where(work: Work, asked: CountsAsked) -> Sequence[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = [
        LogCount.site_id.in_(sites_in_sight(work, asked.site)),
        LogCount.day.between(asked.since, asked.until),
    ]
    for column, values in ((LogCount.gate_id, asked.gate), (LogCount.lane_id, asked.lane)):
        if values:
            conditions.append(column.in_(values))
    for code, wanted in ((LogCount.outcome, asked.outcome), (LogCount.category, asked.category), (LogCount.guard, asked.guard)):
        if wanted:
            conditions.append(code == wanted)
    return conditions


def _groups(by: Sequence[str], grouping: Sequence[Any], row: Row[Any]) -> Sequence[tuple[tuple[str, ...], int]]:
    """Return the groups that a row is of, each with its count: where it is by the hour, one for each of them."""
    values = dict(zip(grouping, row, strict=False))
    sums = row[len(grouping) :]
    hours = range(len(HOURS)) if len(sums) > 1 else (None,)
    return [
        (tuple(_text(each, None if each == "hour_of_day" else values[_COLUMNS[each]], hour) for each in by), int(count or 0))
        for hour, count in zip(hours, sums, strict=True)
    ]


def _text(by: str, value: Any, hour: int | None) -> str:
    match by:
        case "hour":
            return f"{value.isoformat()}T{hour:02}"
        case "hour_of_day":
            return f"{hour:02}"
        case "month":
            return str(value.isoformat()[:7])
        case "lane" if value == NO_LANE:
            return ""
    return str(value)
