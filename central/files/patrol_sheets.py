"""Sheets of patrols: the rounds that guards began and what became of them, and what patrol readers have stored."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final, TypeVar
from uuid import UUID
from zoneinfo import ZoneInfo

from central.duty import rounds
from central.duty.patrol_schemas import PointVisitShown, ReadingWanted, RoundsAsked, RoundShown, RoundWanted
from central.duty.patrols import routes
from central.duty.services import badge_of, known_as
from central.duty.tables import PatrolRoute
from central.errors import RegistryError
from central.files.columns import column_of
from central.files.duty_sheets import DutySheet
from central.files.faults import Faults, fault_of, nobody, not_by_sheet
from central.files.kinds import Act, Cells
from central.files.writing import Cell
from central.records import repository
from central.records.schemas import Asked, Moment, Name, Page, Wanted
from central.registry import Work
from central.tables import Site

# What became of a point of a round.
RESULTS: Final = {
    "on_time": ("按时", "on time"),
    "late": ("迟到", "late"),
    "missed": ("漏检", "missed"),
    "left": ("未到", "not yet"),
}


class ReadingsSheet(DutySheet):
    """What patrol readers have stored: who was at which point and when; each is a visit on that guard's round."""

    name = "patrol_readings"
    asked = RoundsAsked

    def __init__(self) -> None:
        fields = ReadingWanted.model_fields
        self.columns = tuple(column_of(self.name, name, each.annotation, is_required=True) for name, each in fields.items())

    def ready(self, work: Work, site: Site, rows: Sequence[Cells]) -> list[Any]:
        """Return of each row the reading, under the guard's badge, or what is wrong."""
        zone = ZoneInfo(site.zone)
        return [_by_badge(work, site, self.form(ReadingWanted, row, zone), row["guard"].strip()) for row in rows]

    def put(self, work: Work, site: Site, ready: Sequence[ReadingWanted]) -> list[Act | Faults]:
        """Note the visits."""
        return [_read_out(work, site, each) for each in ready]

    def page(self, work: Work, asked: Asked) -> Page[Any]:
        """Return one page of the rounds."""
        assert isinstance(asked, RoundsAsked)
        return rounds.page(work, asked)

    def cells(self, work: Work, site: Site, shown: Sequence[RoundShown], language: str) -> list[list[Cell]]:
        """Return the rows of a sheet that `ready` reads back: the points that were visited."""
        names = known_as(work.session, site.id)
        rows = [
            {"code": visit.code, "guard": names.get(each.guard, each.guard), "at": visit.visited_at}
            for each in shown
            for visit in each.visits
            if visit.visited_at is not None
        ]
        return self.write(rows, ZoneInfo(site.zone), language)


class RoundWritten(Wanted):
    """A round as a row names it: the route by its name, the guard by badge or name, and when it was begun."""

    route: Name
    guard: Name
    begun_at: Moment

    @property
    def at(self) -> datetime:
        """When the guard was on duty."""
        return self.begun_at


WrittenT = TypeVar("WrittenT", ReadingWanted, RoundWritten)


@dataclass(frozen=True, slots=True)
class ToBegin:
    """A round that is to be there; `told`: which columns of the row say what became of it, as only one that is there has."""

    wanted: RoundWanted
    told: Sequence[str]


class RoundsSheet(DutySheet):
    """Patrol rounds: a row begins one; a round that is there is known again, and goes out with a row for each of its points."""

    name = rounds.KIND
    asked = RoundsAsked
    fields = (
        "round",
        "day",
        "route",
        "guard",
        "begun_at",
        "ended_at",
        "code",
        "point",
        "due_at",
        "visited_at",
        "result",
        "remark",
    )

    def __init__(self) -> None:
        self.columns = tuple(self._column(name) for name in self.fields)

    def _column(self, name: str) -> Any:
        is_set = name in RoundWritten.model_fields
        annotation = datetime if name.endswith("_at") else str
        return column_of(self.name, name, annotation, is_required=is_set, is_told=not is_set)

    def ready(self, work: Work, site: Site, rows: Sequence[Cells]) -> list[Any]:
        """Return of each row the round that is to be there, or what is wrong."""
        zone = ZoneInfo(site.zone)
        return [self._round(work, site, row, zone) for row in rows]

    def _round(self, work: Work, site: Site, row: Cells, zone: ZoneInfo) -> ToBegin | Faults:
        found = _by_badge(work, site, self.form(RoundWritten, row, zone), row["guard"].strip())
        if isinstance(found, list):
            return found
        route = repository.find(work.session, PatrolRoute, site_id=site.id, name=found.route)
        if route is None:
            return [nobody("route")]
        told = [each.field for each in self.columns if each.is_told and row.get(each.field, "").strip()]
        return ToBegin(RoundWanted(site=site.id, route=route.id, guard=found.guard, at=found.begun_at), told)

    def put(self, work: Work, site: Site, ready: Sequence[ToBegin]) -> list[Act | Faults]:
        """Begin the rounds that are not there."""
        return [_begun(work, site, each) for each in ready]

    def page(self, work: Work, asked: Asked) -> Page[Any]:
        """Return one page of the rounds."""
        assert isinstance(asked, RoundsAsked)
        return rounds.page(work, asked)

    def cells(self, work: Work, site: Site, shown: Sequence[RoundShown], language: str) -> list[list[Cell]]:
        """Return the rows of a sheet that `ready` reads back."""
        names, on = known_as(work.session, site.id), _routes(work, {each.route_id for each in shown})
        rows = [
            {
                **each.model_dump(mode="json"),
                **visit.model_dump(mode="json"),
                "round": each.id,
                "route": on.get(each.route_id, ""),
                "guard": names.get(each.guard, each.guard),
                "begun_at": each.begun_at.replace(microsecond=0).isoformat(),
                "point": visit.name,
                "result": RESULTS[_result(visit)][language != "zh"],
            }
            for each in shown
            for visit in each.visits
        ]
        return self.write(rows, ZoneInfo(site.zone), language)


def _by_badge(work: Work, site: Site, form: WrittenT | Faults, named: str) -> WrittenT | Faults:
    """Return what was written under the guard's badge, or all that is wrong with it."""
    faults: Faults = form if isinstance(form, list) else []
    at = work.at if isinstance(form, list) else form.at
    try:
        badge = badge_of(work.session, site.id, named, at, "guard") if named else ""
    except RegistryError as error:
        return [*faults, fault_of(error)]
    return form if isinstance(form, list) else form.model_copy(update={"guard": badge})


def _read_out(work: Work, site: Site, reading: ReadingWanted) -> Act | Faults:
    try:
        return rounds.read_out(work, site, reading.code, reading.guard, reading.at)
    except RegistryError as error:
        return [fault_of(error)]


def _begun(work: Work, site: Site, ready: ToBegin) -> Act | Faults:
    wanted = ready.wanted
    try:
        if rounds.is_begun(work, site, wanted):
            return "unchanged"
        if ready.told:
            return [not_by_sheet(field) for field in ready.told]
        rounds.begin(work, wanted)
    except RegistryError as error:
        fault = fault_of(error)
        return [replace(fault, field="begun_at") if fault.field == "at" else fault]
    return "created"


def _routes(work: Work, ids: Iterable[UUID]) -> dict[UUID, str]:
    return {route: routes.get(work, route).name for route in ids}


def _result(visit: PointVisitShown) -> str:
    if visit.visited_at is None:
        return "missed" if visit.is_missed else "left"
    return "late" if visit.is_late else "on_time"
