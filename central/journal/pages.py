"""Pages of what is kept of gates' journals: it has no id, so they begin behind a place (EDGE:EPOCH:SEQ), or a time and place."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any, TypeVar
from uuid import UUID

from pydantic import AfterValidator, BaseModel, ConfigDict, Field
from sqlalchemy import BigInteger, Select, and_, or_, tuple_
from sqlalchemy.orm import InstrumentedAttribute

from central.edges.services import SEQUENCE_MAX
from central.journal.projection import AT_US_MAX
from central.records.repository import check_in_sight, in_sight
from central.records.schemas import Limit, Moment
from central.registry import Work
from central.tables import Edge, Gate

AnySelect = TypeVar("AnySelect", bound=Select[*tuple[Any, ...]])
Time = InstrumentedAttribute[int] | InstrumentedAttribute[datetime]
BEGINNING = datetime(1970, 1, 1, tzinfo=UTC)
_UUID = "[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"
_PLACE = f"{_UUID}:{_UUID}:[0-9]{{1,19}}"
_EXAMPLE = "0192f1f0-0000-7000-8000-0000000000e1:0192f1f0-0000-7000-8000-0000000000e2:4711"


def place_of(text: str) -> tuple[UUID, UUID, int]:
    """Return edge, epoch and seq of a place; raises ValueError."""
    edge, epoch, seq = text.split(":")
    if not 0 < int(seq) <= SEQUENCE_MAX:
        raise ValueError("an entry has a number of its journal")
    return UUID(edge), UUID(epoch), int(seq)


def moment_of(text: str) -> tuple[datetime, tuple[UUID, UUID, int]]:
    """Return time and place; raises ValueError."""
    at_us, _, place = text.partition(":")
    if int(at_us) > AT_US_MAX:
        raise ValueError("is no time of these centuries")
    return BEGINNING + timedelta(microseconds=int(at_us)), place_of(place)


def _as_place(text: str) -> str:
    place_of(text)
    return text


def _as_moment(text: str) -> str:
    moment_of(text)
    return text


Place = Annotated[str, Field(pattern=f"^{_PLACE}$", examples=[_EXAMPLE]), AfterValidator(_as_place)]
TimeAndPlace = Annotated[
    str, Field(pattern=f"^[0-9]{{1,18}}:{_PLACE}$", examples=[f"1794556800000000:{_EXAMPLE}"]), AfterValidator(_as_moment)
]


class JournalsAsked(BaseModel):
    """Of which site, gate or edge it is wanted, and of what time."""

    model_config = ConfigDict(extra="forbid")

    site: UUID | None = None
    gate: UUID | None = None
    edge: UUID | None = None
    since: Moment | None = None
    until: Moment | None = None
    limit: Limit = 100


class PlacesAsked(JournalsAsked):
    """Which page is wanted of what is listed by its place."""

    after: Place | None = None


class NewestAsked(JournalsAsked):
    """Which page is wanted of what is listed newest first."""

    after: TimeAndPlace | None = None


def narrowed(work: Work, query: AnySelect, asked: JournalsAsked, time: Time) -> AnySelect:
    """Return a query, joined with the edges, of what is asked and in the actor's sight; RegistryError 422 for what is not."""
    check_in_sight(work, Gate, asked.gate, "gate")
    check_in_sight(work, Edge, asked.edge, "edge")
    query = query.where(in_sight(work, Edge.site_id)).limit(asked.limit + 1)
    for column, wanted in ((Edge.site_id, asked.site), (Edge.gate_id, asked.gate), (Edge.id, asked.edge)):
        query = query if wanted is None else query.where(column == wanted)
    if asked.since is not None:
        query = query.where(time >= _kept(time, asked.since))
    if asked.until is not None:
        query = query.where(time < _kept(time, asked.until))
    return query


def by_place(work: Work, query: AnySelect, asked: PlacesAsked, time: Time, place: Sequence[Any]) -> AnySelect:
    """Return the query of one page in the order of the places; `place` are the columns of edge, epoch and seq."""
    query = narrowed(work, query, asked, time).order_by(*place)
    return query if asked.after is None else query.where(tuple_(*place) > place_of(asked.after))


def newest_first(work: Work, query: AnySelect, asked: NewestAsked, time: Time, place: Sequence[Any]) -> AnySelect:
    """Return the query of one page, newest first, of one time in the order of the places."""
    query = narrowed(work, query, asked, time).order_by(time.desc(), *place)
    if asked.after is None:
        return query
    moment, behind = moment_of(asked.after)
    at = _kept(time, moment)
    return query.where(or_(time < at, and_(time == at, tuple_(*place) > behind)))


def place_text(edge: UUID, epoch: UUID, seq: int) -> str:
    """Return a place as people and programs name it."""
    return f"{edge}:{epoch}:{seq}"


def moment_text(time: int | datetime, edge: UUID, epoch: UUID, seq: int) -> str:
    """Return a time (UTC microseconds, or a moment) and place, behind which the next page begins."""
    return f"{time if isinstance(time, int) else _us(time)}:{place_text(edge, epoch, seq)}"


def _kept(time: Time, moment: datetime) -> Any:
    """Return the moment as the column keeps it."""
    return _us(moment) if isinstance(time.type, BigInteger) else moment


def _us(moment: datetime) -> int:
    return (moment - BEGINNING) // timedelta(microseconds=1)
