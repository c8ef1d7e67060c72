"""Sheets of duty: rosters, the duty log, what patrol readers have stored, and the rounds; and of guards, whose PINs take long."""

from collections.abc import Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import replace
from datetime import date, datetime
from typing import Any, Final
from uuid import UUID
from zoneinfo import ZoneInfo

from pydantic import BaseModel
from typing_extensions import override

from central.access_rules.direct import MACHINE
from central.duty import pins, roster_rows, rounds
from central.duty.log import duty_log
from central.duty.log_schemas import DutyEntryShown, EntriesAsked, EntryWanted
from central.duty.patrol_schemas import PointVisitShown, ReadingWanted, RoundsAsked, RoundShown
from central.duty.patrols import routes
from central.duty.posts import names_now
from central.duty.roster_rows import Assignment, RowWanted
from central.duty.services import badge_of, guards, known_as
from central.duty.shift_schemas import ShiftsAsked, ShiftShown
from central.duty.shifts import PLANNERS, shifts
from central.errors import RegistryError
from central.files.columns import column_of
from central.files.flat import distinct
from central.files.kinds import Act, Cells, Fault, Faults, Key, RecordsSheet, SheetKind, fault_of, validated
from central.files.words import header_of
from central.files.writing import Cell
from central.form_words import fault_in_words
from central.records.schemas import Asked, Page
from central.records.services import Put
from central.registry import Registry, Work
from central.tables import Site
from central.users.rights import Area

CANCELLED: Final = "cancelled"
# What became of a point of a round.
RESULTS: Final = {
    "on_time": ("按时", "on time"),
    "late": ("迟到", "late"),
    "missed": ("漏检", "missed"),
    "left": ("未到", "not yet"),
}


class _DutySheet(SheetKind[Any]):
    """A sheet whose rows are read one by one into a form."""

    areas: tuple[Area, ...] = ("duty",)

    def read(self, row: Cells, zone: ZoneInfo) -> tuple[dict[str, Any], Faults]:
        """Return the values of the cells in which something stands, and what is missing or cannot be read."""
        values: dict[str, Any] = {}
        faults: Faults = []
        for column in self.columns:
            text = row.get(column.field, "").strip()
            if not text and column.is_required:
                faults.append(Fault(column.field, *fault_in_words("missing", {})))
            elif text:
                try:
                    values[column.field] = column.read(text, zone)
                except RegistryError as error:
                    faults.append(fault_of(error))
        return values, faults

    def form(self, model: type[BaseModel], row: Cells, zone: ZoneInfo, **more: Any) -> Any:
        """Return the form that a row fills in, or all that is wrong with it."""
        values, faults = self.read(row, zone)
        found = validated(model, {**values, **more})
        if not isinstance(found, list):
            return faults or found
        missing = {fault.field for fault in faults}
        return [*faults, *(fault for fault in found if fault.field not in missing)]

    def keys(self, ready: Any) -> Iterable[tuple[str, Key]]:
        """Yield nothing: the same row again finds done what it wants."""
        del ready
        return ()

    def write(self, rows: Sequence[Mapping[str, Any]], zone: ZoneInfo, language: str) -> list[list[Cell]]:
        """Return rows of values as the cells of a sheet."""
        return [[column.write(row.get(column.field), zone, language) for column in self.columns] for row in rows]


class RostersSheet(_DutySheet):
    """Shifts, a row for each: who serves at which post. Those planned before are known again, and may be given to others."""

    name = "rosters"
    writers = PLANNERS
    asked = ShiftsAsked

    def __init__(self) -> None:
        self.columns = tuple(
            column_of(self.name, name, date if name == "day" else str, is_required=name != "note")
            for name in ("day", "shift", "post", "guard", "note")
        )

    def ready(self, work: Work, site: Site, rows: Sequence[Cells]) -> list[Any]:
        """Return of each row who is to serve when and where, or what is wrong."""
        zone = ZoneInfo(site.zone)
        # An empty cell takes a note away; where there is no such column it stays.
        forms = [self.form(RowWanted, row, zone, **({"note": row["note"].strip()} if "note" in row else {})) for row in rows]
        reading = roster_rows.Reading(work, site, {form.day for form in forms if isinstance(form, RowWanted)})
        return [_assigned(reading, form) if isinstance(form, RowWanted) else form for form in forms]

    @override
    def keys(self, ready: Assignment) -> Iterable[tuple[str, Key]]:
        yield "shift", (self.name, *ready.slot)

    def put(self, work: Work, site: Site, ready: Sequence[Assignment]) -> list[Act | Faults]:
        """Plan shifts, or give them to others."""
        # Who is at the machine plans as the office does.
        acting = replace(work, actor=replace(work.actor, role="site_manager")) if work.actor.role == MACHINE else work
        done = roster_rows.put(acting, site, ready)
        return [[fault_of(each)] if isinstance(each, RegistryError) else each for each in done]

    def page(self, work: Work, asked: Asked) -> Page[Any]:
        """Return one page of the shifts."""
        assert isinstance(asked, ShiftsAsked)
        return shifts.page(work, asked)

    def cells(self, work: Work, site: Site, shown: Sequence[ShiftShown], language: str) -> list[list[Cell]]:
        """Return the rows of a sheet that `ready` reads back: cancelled shifts are left out, or they would be planned anew."""
        posts, names = names_now(work.session, site.id), known_as(work.session, site.id)
        rows = [
            {
                "day": shift.day,
                "shift": shift.name,
                "post": posts.get(shift.post_id, shift.post),
                "guard": names.get(shift.guard, shift.guard),
                "note": each.details.note,
            }
            for each in shown
            if (shift := each.record).state != CANCELLED
        ]
        return self.write(rows, ZoneInfo(site.zone), language)


class DutyLogSheet(_DutySheet):
    """Entries of the duty log; one that says the very same is known again, none is ever changed."""

    name = duty_log.kind
    asked = EntriesAsked

    def __init__(self) -> None:
        fields, required = EntryWanted.model_fields, ("at", "post", "entry_kind", "text")
        self.columns = tuple(
            # An entry that is set right has no name but its id.
            column_of(self.name, name, str if name == "corrects" else fields[name].annotation, is_required=name in required)
            for name in ("at", "post", "guard", "entry_kind", "text", "told", "pictures", "corrects")
        )

    def ready(self, work: Work, site: Site, rows: Sequence[Cells]) -> list[Any]:
        """Return of each row the entry, or what is wrong."""
        zone = ZoneInfo(site.zone)
        return [self._entry(work, site, row, zone) for row in rows]

    def _entry(self, work: Work, site: Site, row: Cells, zone: ZoneInfo) -> Any:
        named = row.get("guard", "").strip()
        entry = self.form(EntryWanted, {**row, "guard": ""}, zone, site=site.id)
        at = (entry.at if isinstance(entry, EntryWanted) else None) or work.at
        try:
            guard = _author(work, site, entry, named, at)
        except RegistryError as error:
            return [*(entry if isinstance(entry, list) else ()), fault_of(error)]
        return entry if isinstance(entry, list) else entry.model_copy(update={"guard": guard})

    def put(self, work: Work, site: Site, ready: Sequence[EntryWanted]) -> list[Act | Faults]:
        """Add the entries that are not there."""
        return [each.act if isinstance(each, Put) else [fault_of(each)] for each in duty_log.put_many(work, site, ready)]

    def page(self, work: Work, asked: Asked) -> Page[Any]:
        """Return one page of the duty log."""
        return duty_log.page(work, asked)

    def cells(self, work: Work, site: Site, shown: Sequence[DutyEntryShown], language: str) -> list[list[Cell]]:
        """Return the rows of a sheet that `ready` reads back."""
        names = known_as(work.session, site.id)
        rows = [
            each.model_dump(mode="json") | {"guard": names.get(each.guard, each.guard), "corrects": each.corrects_id}
            for each in shown
        ]
        return self.write(rows, ZoneInfo(site.zone), language)


class ReadingsSheet(_DutySheet):
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


class RoundsSheet:
    """Patrol rounds, a row for each point: to be read by people, not to be imported."""

    name = rounds.KIND
    areas: tuple[Area, ...] = ("duty",)
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
        self.columns = tuple(
            column_of(self.name, name, datetime if name.endswith("_at") else str, is_told=True) for name in self.fields
        )

    def headers(self, language: str) -> list[str]:
        """Return the headers, none of them twice."""
        return distinct(self.fields, [header_of(name, language, self.name) for name in self.fields])

    def page(self, work: Work, asked: Asked) -> Page[Any]:
        """Return one page of the rounds."""
        assert isinstance(asked, RoundsAsked)
        return rounds.page(work, asked)

    def cells(self, work: Work, site: Site, shown: Sequence[RoundShown], language: str) -> list[list[Cell]]:
        """Return the rows of a sheet."""
        zone, names = ZoneInfo(site.zone), known_as(work.session, site.id)
        on = _routes(work, {each.route_id for each in shown})
        rows = [
            {
                **each.model_dump(mode="json"),
                **visit.model_dump(mode="json"),
                "round": each.id,
                "route": on.get(each.route_id, ""),
                "guard": names.get(each.guard, each.guard),
                "point": visit.name,
                "result": RESULTS[_result(visit)][language != "zh"],
            }
            for each in shown
            for visit in each.visits
        ]
        return [[column.write(row[column.field], zone, language) for column in self.columns] for row in rows]


class GuardsSheet(RecordsSheet):
    """Guards; their PINs are hashed before the turn to write is taken."""

    def __init__(self) -> None:
        super().__init__(guards, ("guards",))

    @override
    def ahead(self, registry: Registry, site_id: UUID, rows: Sequence[Cells]) -> AbstractContextManager[None]:
        return pins.ahead(registry, site_id, {row.get("badge", "").strip(): row.get("pin", "").strip() for row in rows})


DutySheet = RostersSheet | DutyLogSheet | ReadingsSheet | GuardsSheet


def duty_sheets() -> dict[str, DutySheet]:
    """Return the sheets of duty that can be imported, by name."""
    made = (RostersSheet(), DutyLogSheet(), ReadingsSheet(), GuardsSheet())
    return {each.name: each for each in made}


def _assigned(reading: roster_rows.Reading, row: RowWanted) -> Assignment | Faults:
    found, faults = reading.read(row)
    return found if found is not None else [fault_of(each) for each in faults]


def _author(work: Work, site: Site, entry: EntryWanted | Faults, named: str, at: datetime) -> str | None:
    """Return under which badge an entry is to stand; None where it stands there already under a user's name."""
    if not named:
        return None
    try:
        return badge_of(work.session, site.id, named, at, "guard")
    except RegistryError:
        known = duty_log.known(work, entry) if isinstance(entry, EntryWanted) else None
        if known is not None and known.guard == named:
            return None
        raise


def _by_badge(work: Work, site: Site, reading: ReadingWanted | Faults, named: str) -> ReadingWanted | Faults:
    faults = reading if isinstance(reading, list) else []
    at = reading.at if isinstance(reading, ReadingWanted) else work.at
    try:
        badge = badge_of(work.session, site.id, named, at, "guard") if named else ""
    except RegistryError as error:
        return [*faults, fault_of(error)]
    return reading.model_copy(update={"guard": badge}) if isinstance(reading, ReadingWanted) else faults


def _read_out(work: Work, site: Site, reading: ReadingWanted) -> Act | Faults:
    try:
        return rounds.read_out(work, site, reading.code, reading.guard, reading.at)
    except RegistryError as error:
        return [fault_of(error)]


def _routes(work: Work, ids: Iterable[UUID]) -> dict[UUID, str]:
    return {route: routes.get(work, route).name for route in ids}


def _result(visit: PointVisitShown) -> str:
    if visit.visited_at is None:
        return "missed" if visit.is_missed else "left"
    return "late" if visit.is_late else "on_time"
