"""Sheets of duty: rosters, the duty log; and of guards, whose PINs take long. Those of patrols are in `patrol_sheets`."""

from collections.abc import Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import date, datetime
from typing import Any, Final
from uuid import UUID
from zoneinfo import ZoneInfo

from pydantic import BaseModel
from typing_extensions import override

from central.duty import pins, roster_rows
from central.duty.log import duty_log
from central.duty.log_schemas import DutyEntryShown, EntriesAsked, EntryWanted
from central.duty.posts import names_now
from central.duty.roster_rows import Assignment, RowWanted
from central.duty.services import badge_of, guards, known_as
from central.duty.shift_schemas import ShiftsAsked, ShiftShown
from central.duty.shifts import PLANNERS, shifts
from central.errors import RegistryError
from central.files.acting import as_office
from central.files.columns import column_of
from central.files.faults import Fault, Faults, besides, fault_of, validated
from central.files.kinds import Act, Cells, Key, SheetKind
from central.files.record_sheets import RecordsSheet
from central.files.writing import Cell
from central.form_words import fault_in_words
from central.records.schemas import Asked, Page
from central.records.services import Put
from central.registry import Registry, Work
from central.tables import Site
from central.users.rights import Area

CANCELLED: Final = "cancelled"


class DutySheet(SheetKind[Any]):
    """A sheet whose rows are read one by one into a form."""

    areas: tuple[Area, ...] = ("duty",)

    def read(self, row: Cells, zone: ZoneInfo) -> tuple[dict[str, Any], Faults]:
        """Return the values of the cells in which something stands, and what is missing or cannot be read."""
        values: dict[str, Any] = {}
        faults: Faults = []
        for column in self.columns:
            text = "" if column.is_told else row.get(column.field, "").strip()
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
        return besides(faults, validated(model, {**values, **more}))

    def keys(self, ready: Any) -> Iterable[tuple[str, Key]]:
        """Yield nothing: the same row again finds done what it wants."""
        del ready
        return ()

    def write(self, rows: Sequence[Mapping[str, Any]], zone: ZoneInfo, language: str) -> list[list[Cell]]:
        """Return rows of values as the cells of a sheet."""
        return [[column.write(row.get(column.field), zone, language) for column in self.columns] for row in rows]


class RostersSheet(DutySheet):
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
        done = roster_rows.put(as_office(work), site, ready)
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


class DutyLogSheet(DutySheet):
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


class GuardsSheet(RecordsSheet):
    """Guards; their PINs are hashed before the turn to write is taken."""

    def __init__(self) -> None:
        super().__init__(guards, ("guards",))

    @override
    def ahead(self, registry: Registry, site_id: UUID, rows: Sequence[Cells]) -> AbstractContextManager[None]:
        return pins.ahead(registry, site_id, {row.get("badge", "").strip(): row.get("pin", "").strip() for row in rows})


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
