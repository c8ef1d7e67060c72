"""Shapes of patrols: points, routes and the rounds made on them."""

from datetime import date, datetime
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from central.duty.schemas import Badge, Day
from central.masking.kinds import Personal
from central.records.schemas import Asked, Line, Moment, Name, OfSiteShown, OfSiteWanted, Prose, Wanted

STOPS_MAX = 100
Code = Annotated[str, Field(pattern=r"^[0-9A-Za-z:-]{1,64}$")]


class PointWanted(OfSiteWanted):
    """A point that guards visit; `code` is the number of its tag, `position` its place in lists."""

    name: Name
    code: Code
    place: Line = ""
    position: Annotated[int, Field(ge=0, le=100_000)] = 0


class PointsAsked(Asked):
    """Which points are wanted."""

    code: Code | None = None
    place: Line | None = None


class PointShown(OfSiteShown):
    """A point."""

    name: str
    code: str
    place: str
    position: int


class Stop(Wanted):
    """A point of a route, to be visited within so many minutes of the round's beginning."""

    model_config = ConfigDict(from_attributes=True, extra="forbid", frozen=True)

    point: UUID
    minutes: Annotated[int, Field(ge=1, le=1440)]


class RouteWanted(OfSiteWanted):
    """The points of a round, in order, each once."""

    name: Name
    stops: Annotated[tuple[Stop, ...], Field(min_length=1, max_length=STOPS_MAX)]
    is_used: bool = True


class RoutesAsked(Asked):
    """Which routes are wanted."""

    name: Line | None = None
    is_used: bool | None = None


class RouteShown(OfSiteShown):
    """A route."""

    name: str
    stops: list[Stop]
    is_used: bool


class RoundWanted(OfSiteWanted):
    """A guard begins a round (without `at`: now); without `guard` it is the one who is signed in."""

    route: UUID
    guard: Badge | None = None
    at: Moment | None = None


class PointVisited(Wanted):
    """A tag was read at a point (without `at`: now)."""

    code: Code
    at: Moment | None = None


class ReadingWanted(Wanted):
    """What a patrol reader has stored: the point's code, who carried the reader (badge or name), and when."""

    code: Code
    guard: Name
    at: Moment


class RoundEnded(Wanted):
    """The round is over (without `at`: now); a point that was missed may need a word."""

    at: Moment | None = None
    remark: Prose = ""


class RoundsAsked(Asked):
    """Which rounds are wanted; `running`: those not ended, `missed` and `late`: those with such points."""

    day: Day | None = None
    guard: Badge | None = None
    route_id: UUID | None = None
    running: bool | None = None
    missed: bool | None = None
    late: bool | None = None


class PointVisitShown(BaseModel):
    """A point of a round and when it was visited; `is_missed` once the round is over without it."""

    point: UUID
    code: str
    name: str
    due_at: datetime
    visited_at: datetime | None
    is_late: bool
    is_missed: bool


class RoundShown(OfSiteShown):
    """A round: `left` counts the points not visited so far, `missed` those at its end, `late` those visited after their time."""

    route_id: UUID
    guard: str
    day: date
    begun_at: datetime
    ended_at: datetime | None
    remark: Annotated[str, Personal("report")]
    left: int
    missed: int
    late: int
    visits: list[PointVisitShown]
