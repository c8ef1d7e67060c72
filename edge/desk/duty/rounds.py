"""Patrol rounds as they stand: begun, points visited, ended; what is late or was missed. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import UUID

from pydantic import ValidationError

from access.contract.booth_records import RouteAtBooth, StopAtBooth
from edge.desk.book import Act, Pages

KIND = "round"
BEGIN, VISIT, END = "begin", "visit", "end"
STOPS_BYTES_MAX = 8 * 1024


@dataclass(frozen=True, slots=True)
class Point:
    """A point of a round: when it is due, and when it was visited first (None: not yet)."""

    code: str
    name: str
    place: str
    due_at: datetime
    visited_at: datetime | None = None

    def is_late(self, now: datetime) -> bool:
        """Whether it was visited too late, or should have been visited by now."""
        return (self.visited_at or now) > self.due_at


@dataclass(frozen=True, slots=True)
class Round:
    """A round on a route as it was when the round began; `ended_at` is None while somebody is on it.

    `is_known`: its points are; those of a route that is on record no more may not be.
    """

    id: str
    route: str
    guard: str
    guard_name: str
    begun_at: datetime
    points: tuple[Point, ...]
    is_known: bool = True
    ended_at: datetime | None = None
    remark: str = ""

    @property
    def left(self) -> tuple[Point, ...]:
        """The points that were not visited: missed, once it has ended."""
        return tuple(point for point in self.points if point.visited_at is None)

    @property
    def next(self) -> Point | None:
        """The point to go to next."""
        return next(iter(self.left), None)

    def point(self, code: str) -> Point | None:
        """Return the point with the tag of this number."""
        return next((point for point in self.points if point.code == code), None)


def rounds(pages: Pages) -> list[Round]:
    """Return the rounds of this gate, newest first."""
    routes = pages.all(RouteAtBooth)
    found = [made for identity in _begun(pages) if (made := _folded(pages.of(identity), routes))]
    return sorted(found, key=lambda one: one.begun_at, reverse=True)


def find(pages: Pages, identity: str) -> Round | None:
    """Return a round of this gate."""
    return _folded([act for act in pages.of(identity) if act.kind == KIND], pages.all(RouteAtBooth))


def _begun(pages: Pages) -> Mapping[str, None]:
    return dict.fromkeys(act.identity for act in pages.of_kind(KIND) if act.name == BEGIN)


def _folded(acts: Sequence[Act], routes: Mapping[UUID, RouteAtBooth]) -> Round | None:
    if not acts or acts[0].name != BEGIN:
        return None
    made = _began(acts[0], routes)
    for act in acts[1:]:
        if made.ended_at is not None:
            break
        if act.name == VISIT:
            made = _visited(made, str(act.values.get("code", "")), act.at)
        elif act.name == END:
            made = replace(made, ended_at=act.at, remark=act.words)
    return made


def _began(act: Act, routes: Mapping[UUID, RouteAtBooth]) -> Round:
    route = routes.get(_id(act.values.get("route")))
    written = _written(act)
    stops = written or (route.stops if route else ())
    points = tuple(Point(stop.code, stop.name, stop.place, act.at + timedelta(minutes=stop.minutes)) for stop in stops)
    return Round(act.identity, route.name if route else "", act.guard, act.guard_name, act.at, points, is_known=bool(stops))


def stops_told(route: RouteAtBooth) -> list[dict[str, object]]:
    """Return what a round keeps of its route: nobody has missed a point that was added afterwards. Of a huge one nothing."""
    stops = [stop.model_dump(mode="json") for stop in route.stops]
    return stops if len(repr(stops).encode()) <= STOPS_BYTES_MAX else []


def _written(act: Act) -> tuple[StopAtBooth, ...]:
    told = act.values.get("stops")
    try:
        return tuple(StopAtBooth.model_validate(stop) for stop in told) if isinstance(told, list | tuple) else ()
    except ValidationError:
        return ()


def _visited(made: Round, code: str, at: datetime) -> Round:
    """Take note of a visit; the first one of a point counts."""
    points = (replace(point, visited_at=point.visited_at or at) if point.code == code else point for point in made.points)
    return replace(made, points=tuple(points))


def _id(value: object) -> UUID:
    try:
        return UUID(str(value))
    except ValueError:
        return UUID(int=0)
