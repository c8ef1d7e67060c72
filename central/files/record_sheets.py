"""Sheets of plain records: a row for each, its columns what may be set of it."""

from collections.abc import Iterator, Mapping, Sequence
from operator import attrgetter, itemgetter
from typing import Any
from zoneinfo import ZoneInfo

from typing_extensions import override

from central.errors import RegistryError
from central.files.columns import SheetColumn, column_of, saying_nothing
from central.files.faults import Fault, Faults, besides, fault_of, validated
from central.files.kinds import Act, Cells, Key, ReferringSheet
from central.files.printed import read_card
from central.files.references import Kind, Names, kind_of, target_of
from central.files.values import item_of
from central.files.words import header_of
from central.files.writing import Cell
from central.form_words import fault_in_words
from central.people.companies import companies
from central.people.services import persons
from central.problem_words import in_chinese
from central.records.offers import OFFERS
from central.records.repository import find_many
from central.records.schemas import Asked, OfSiteShown, Page
from central.records.services import Put
from central.registry import Work
from central.tables import Site
from central.users.rights import Area

# Without these a record would not be known again, and be made twice: a star is refused instead.
TAILS = {"denied_visitors": ("phone", "phone_tail")}
HEX = "0x"
# By what else than the fields of their names records are known, and which fields tell who it is without the others.
KEPT_AS = {"folded": "name", "phone_hash": "phone"}
TELLING: Mapping[str, tuple[str, ...]] = {"persons": ("staff_number", "id_number")}
# When it was, which tells these apart: left out, the registry takes the present time, and the same sheet again is other records.
MOMENTS: Mapping[str, str] = {"notices": "valid_from", "whereabouts": "left_at", "applicants": "came_at"}


class RecordsSheet(ReferringSheet[Any]):
    """A sheet of one kind of record, a row for each. A column that is not there leaves what is; an empty cell empties it."""

    def __init__(self, records: Kind, areas: tuple[Area, ...]) -> None:
        self.records = records
        self.name = records.kind
        self.areas = areas
        self.asked = OFFERS[records.kind].asked
        self.columns = tuple(_columns(records))
        self._targets = {each.field: target_of(records, each.field) for each in self.columns if each.refers}

    def ready(self, work: Work, site: Site, rows: Sequence[Cells]) -> list[Any]:
        """Return of each row the wanted record, or what is wrong."""
        zone, names = ZoneInfo(site.zone), Names(work, site)
        read_rows = [self.read(row, zone) for row in rows]
        self.find(names, [values for values, _ in read_rows])
        wanted = [self._wanted(site, names, values, faults) for values, faults in read_rows]
        return self._merged(work, site, rows, wanted)

    def read(self, row: Cells, zone: ZoneInfo) -> tuple[dict[str, Any], Faults]:
        """Return what stands in a row, a card's printed number as it is read; and what is wrong with that."""
        values, faults = super().read(row, zone)
        moment = MOMENTS.get(self.name)
        if moment is not None and not row.get(moment, "").strip():
            faults.append(Fault(moment, *fault_in_words("missing", {})))
        tail, _ = TAILS.get(self.name, ("", ""))
        if str(values.get(tail, "")).startswith("*"):
            del values[tail]
            faults.append(
                fault_of(RegistryError("of this only the end is kept: write the whole, or leave the row out", 422, tail))
            )
        if "raw" in values and "bits" in values:
            values["raw"] = values["raw"].removeprefix(HEX)
        elif "raw" in values:
            self._read_card(values, faults)
        return values, faults

    def _read_card(self, values: dict[str, Any], faults: Faults) -> None:
        try:
            number = read_card(values["raw"])
        except ValueError as error:
            faults.append(Fault("raw", in_chinese(str(error), {}), str(error)))
        else:
            values["raw"], values["bits"] = number.raw.hex().upper(), number.bits

    def has(self, name: str) -> bool:
        """Tell whether there is such a column."""
        return any(column.field == name for column in self.columns)

    def target(self, name: str) -> Kind | None:
        """Return the kind that a field of this name refers to."""
        return self._targets[name] if name in self._targets else target_of(self.records, name)

    @override
    def subjects(self, values: Mapping[str, Any]) -> Mapping[str, Kind]:
        """Return whose a document is, where that has a name."""
        target = kind_of(values.get("subject_kind", "")) if self.name == "documents" and values.get("subject") else None
        return {"subject": target} if target in (persons, companies) else {}

    def _wanted(self, site: Site, names: Names, values: dict[str, Any], faults: Faults) -> Any:
        self.resolve(names, values, faults)
        return besides(faults, validated(self.records.wanted, {"site": site.id, **values}))

    def _merged(self, work: Work, site: Site, rows: Sequence[Cells], wanted: list[Any]) -> list[Any]:
        """Let what is there already keep what the sheet has no columns for; what may be there already is at fault."""
        given = set(rows[0]) if rows else set()
        if all(column.field in given for column in self.columns):
            return wanted
        right = [each for each in wanted if not isinstance(each, list)]
        standing = self.records.standing(work, site, right)
        unsure = self._unsure(work, site, [each for each, rows in zip(right, standing, strict=True) if not rows], given)
        merged = iter(
            [unsure.get(id(each)) or self.over(work, each, rows, given) for each, rows in zip(right, standing, strict=True)]
        )
        return [each if isinstance(each, list) else next(merged) for each in wanted]

    def _unsure(self, work: Work, site: Site, new: Sequence[Any], given: set[str]) -> dict[int, Faults]:
        """Return what is wrong with new records, by their `id`, that only a column left out tells from one that is there."""
        alike: dict[tuple[str, ...], list[tuple[Any, dict[str, object]]]] = {}
        for each in new:
            key = self.records.key(each)
            names = tuple(name for name in key if _field(name) in given)
            if names and not any(getattr(each, name) for name in TELLING.get(self.name, ())):
                alike.setdefault(names, []).append((each, key))
        unsure: dict[int, Faults] = {}
        for names, some in alike.items():
            of_key, of_row = itemgetter(*names), attrgetter(*names)
            rows = find_many(work.session, self.records.table, site.id, [{name: key[name] for name in names} for _, key in some])
            there = {of_row(row): row for row in reversed(rows)}
            for each, key in some:
                row = there.get(of_key(key))
                others = () if row is None else (_field(name) for name in key if getattr(row, name) != key[name])
                unsure |= {id(each): [self._told_apart(names, field)] for field in others if self.has(field)}
        return unsure

    def _told_apart(self, names: Sequence[str], field: str) -> Fault:
        words = "another record is told from this one by {header} only: the sheet needs that column"
        return fault_of(RegistryError(words, 422, _field(names[0]), header=header_of(field, "zh", self.name)))

    def over(self, work: Work, wanted: Any, standing: Sequence[Any], given: set[str]) -> Any:
        """Return what is wanted, with all but the given fields as they stand."""
        if len(standing) != 1:
            return wanted
        shown = self.records.show(work, standing[0])
        kept = {name: value for name, value in self.settable(shown).items() if name not in given}
        return validated(type(wanted), {**{name: getattr(wanted, name) for name in type(wanted).model_fields}, **kept})

    def settable(self, shown: OfSiteShown) -> dict[str, Any]:
        """Return what may be set of a record, as it is; without what is never shown."""
        dumped = shown.model_dump(mode="json")
        fields = (column.field for column in self.columns)
        names = ((name, name if name in dumped else f"{name}_id") for name in fields)
        return {name: dumped[at] for name, at in names if at in dumped}

    def keys(self, ready: Any) -> Iterator[tuple[str, Key]]:
        """Yield the natural key."""
        key = self.records.key(ready)
        fields = (name.removesuffix("_id") for name in key)
        shown = next((name for name in fields if self.has(name)), "")
        yield shown, (self.name, *key.items())

    def put(self, work: Work, site: Site, ready: Sequence[Any]) -> list[Act | Faults]:
        """Create or change the records."""
        return [each.act if isinstance(each, Put) else [fault_of(each)] for each in self.records.put_many(work, site, ready)]

    def page(self, work: Work, asked: Asked) -> Page[Any]:
        """Return one page of the list."""
        return self.records.page(work, asked)

    def cells(self, work: Work, site: Site, shown: Sequence[Any], language: str) -> list[list[Cell]]:
        """Return the rows of a sheet that `ready` reads back; codes are left out, since whoever has their text can pass."""
        known = [each for each in shown if getattr(each, "medium", "") != "code"]
        settable = [self.settable(each) | self._told(each) for each in known]
        return self.write(work, site, settable, language)

    def _told(self, shown: Any) -> dict[str, str]:
        """Return what is written otherwise than it is shown: hex as such, and of what is kept as a hash the last characters.

        No spreadsheet takes the one for a number, and nobody the other for the whole.
        """
        field, tail = TAILS.get(self.name, ("", ""))
        told = {field: f"*{getattr(shown, tail)}"} if field and getattr(shown, tail) else {}
        return told | {"raw": f"{HEX}{self.settable(shown)['raw']}"} if getattr(shown, "raw", None) else told


def _field(name: str) -> str:
    """Return the field that is set where a record is known by a column of this name."""
    return KEPT_AS.get(name, name.removesuffix("_id"))


def _columns(records: Kind) -> Iterator[SheetColumn]:
    own = records.wanted.__annotations__
    # What tells records of this kind apart comes first, what all kinds have alike comes last.
    for name, each in sorted(records.wanted.model_fields.items(), key=lambda field: field[0] not in own):
        if name != "site":
            is_required = each.is_required() or name == MOMENTS.get(records.kind)
            column = column_of(records.kind, name, each.annotation, is_required=is_required)
            has_usual = item_of(each.annotation) is not None and not is_required and each.get_default(call_default_factory=True)
            yield saying_nothing(column) if has_usual else column
