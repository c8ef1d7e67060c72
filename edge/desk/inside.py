"""Who is inside, as far as this gate knows: for an evacuation, on the screen and on paper. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from uuid import UUID

from access.contract.booth_records import PassAtBooth, VisitAtBooth
from access.presence import Value, is_inside
from edge.desk.book import Pages
from edge.desk.came_in import since_of


@dataclass(frozen=True, slots=True)
class VehicleInside:
    """A vehicle by its plate, and since when (UTC seconds, 0: not known)."""

    plate: str
    since_utc: float


@dataclass(frozen=True, slots=True)
class WorkerInside:
    """A contractor's worker whose duplicate lies at a post."""

    number: str
    name: str
    firm: str
    units: str
    since_utc: float


@dataclass(frozen=True, slots=True)
class VisitorsInside:
    """How many of a visit are inside; a number only where the registry has told of it."""

    number: str
    name: str
    unit: str
    people: int


@dataclass(frozen=True, slots=True)
class Inside:
    """Vehicles oldest last, workers and visitors by number."""

    vehicles: tuple[VehicleInside, ...] = ()
    workers: tuple[WorkerInside, ...] = ()
    visitors: tuple[VisitorsInside, ...] = ()

    @property
    def people(self) -> int:
        """How many people are known by name or number; who sits in the vehicles nobody has counted."""
        return len(self.workers) + sum(visit.people for visit in self.visitors)


def inside(pages: Pages, vehicles: Iterable[tuple[str, float]]) -> Inside:
    """Return who is inside by the presence; `vehicles` are plates with since when."""
    seen = sorted((VehicleInside(plate, since) for plate, since in vehicles), key=lambda one: (-one.since_utc, one.plate))
    workers = [_worker(pages, UUID(name.removeprefix("held:")), value) for name, value in _inside(pages.facts, "held:")]
    visitors = [_visitors(pages, UUID(name.removeprefix("party:")), value) for name, value in _inside(pages.facts, "party:")]
    return Inside(
        tuple(seen),
        tuple(sorted(workers, key=lambda one: one.number)),
        tuple(sorted(visitors, key=lambda one: (one.number, one.name))),
    )


def _inside(facts: Mapping[str, Value], family: str) -> list[tuple[str, Value]]:
    told = [(name, value) for name, value in facts.items() if name.startswith(family) and _is_uuid(name.removeprefix(family))]
    return [(name, value) for name, value in told if is_inside(value) or (isinstance(value, int) and value > 0)]


def _is_uuid(text: str) -> bool:
    try:
        UUID(text)
    except ValueError:
        return False
    return True


def _worker(pages: Pages, identity: UUID, value: Value) -> WorkerInside:
    since = since_of(value)
    known = pages.find(PassAtBooth, identity)
    if known is None:
        return WorkerInside("", "", "", "", since)
    return WorkerInside(known.number, known.name, known.firm, ", ".join(known.units), since)


def _visitors(pages: Pages, identity: UUID, value: Value) -> VisitorsInside:
    people = value if isinstance(value, int) else 1
    known = pages.find(VisitAtBooth, identity)
    return VisitorsInside(known.number, known.name, known.unit, people) if known else VisitorsInside("", "", "", people)
