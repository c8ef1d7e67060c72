"""Kinds of sheets: one for each kind of record, its columns what may be set of it."""

from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, Literal, TypeVar
from uuid import UUID
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ValidationError

from central.errors import RegistryError
from central.files.errors import SheetError
from central.files.flat import distinct
from central.files.printed import read_card
from central.files.references import Kind, Names, target_of
from central.files.sheets import Sheet
from central.files.values import Reader, bare, each_reference, item_of, reader, refers_in, written
from central.files.words import COUNTING, header_of, names_of, plain
from central.files.writing import Cell
from central.form_words import fault_in_words
from central.problem_words import in_chinese
from central.records.offers import OFFERS
from central.records.schemas import Asked, OfSiteShown, Page
from central.records.services import Put
from central.registry import Work
from central.tables import Site
from central.users.rights import Area

Act = Literal["created", "changed", "unchanged"]
Cells = Mapping[str, str]
Key = tuple[object, ...]
ReadyT = TypeVar("ReadyT")
# Without these a record would not be known again, and be made twice: a star is refused instead.
TAILS = {"denied_visitors": ("phone", "phone_tail")}


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with a row, in both languages; `field`: of which column (empty: of the row)."""

    field: str
    zh: str
    en: str


Faults = list[Fault]


@dataclass(frozen=True, slots=True)
class SheetColumn:
    """A column: the field that it is, of which type, and whether it must be there."""

    field: str
    annotation: Any
    read: Reader
    is_required: bool = False
    names: frozenset[str] = frozenset()
    refers: bool = False


@dataclass(frozen=True, slots=True)
class Heads:
    """Which columns a sheet has: by field its header and letter."""

    headers: Mapping[str, str]
    letters: Mapping[str, str]


class SheetKind(ABC, Generic[ReadyT]):
    """What a sheet can hold: its columns, how rows are read, and what is done with those that are right."""

    name: str
    columns: tuple[SheetColumn, ...]
    areas: tuple[Area, ...]
    asked: type[Asked]

    @abstractmethod
    def ready(self, work: Work, site: Site, rows: Sequence[Cells]) -> list[ReadyT | Faults]:
        """Return of each row (texts by field) what is wanted by it, or what is wrong with it; changes nothing."""

    @abstractmethod
    def keys(self, ready: ReadyT) -> Iterable[tuple[str, Key]]:
        """Yield what may stand in one row of a sheet only, each with its field."""

    @abstractmethod
    def put(self, work: Work, site: Site, ready: Sequence[ReadyT]) -> list[Act | Faults]:
        """Do what is wanted; RegistryError where some of it hinders all: then each is to be tried by itself."""

    def heads(self, sheet: Sheet) -> Heads:
        """Return which columns a sheet has; SheetError for one that nobody knows, that is there twice, or that is missing."""
        headers: dict[str, str] = {}
        for header in sheet.headers:
            column = next((each for each in self.columns if plain(header) in each.names), None)
            if column is None:
                if plain(header) in COUNTING:
                    continue
                raise SheetError("{header} is no column of such a sheet", None, sheet.letter(header), header=header)
            if column.field in headers:
                raise SheetError(
                    "the columns {other} and {header} are the same",
                    None,
                    sheet.letter(header),
                    header=header,
                    other=headers[column.field],
                )
            headers[column.field] = header
        for column in self.columns:
            if column.is_required and column.field not in headers:
                raise SheetError("the column {header} is missing", header=header_of(column.field, "zh", self.name))
        return Heads(headers, {name: sheet.letter(header) for name, header in headers.items()})

    def headers(self, language: str) -> list[str]:
        """Return the headers, none of them twice."""
        fields = [column.field for column in self.columns]
        return distinct(fields, [header_of(name, language, self.name) for name in fields])


# When it was, which tells these apart: left out, the registry takes the present time, and the same sheet again is other records.
MOMENTS: Mapping[str, str] = {"notices": "valid_from", "whereabouts": "left_at", "applicants": "came_at"}


class RecordsSheet(SheetKind[Any]):
    """A sheet of one kind of record, a row for each. A column that is not there leaves what is; an empty cell empties it."""

    def __init__(self, records: Kind, areas: tuple[Area, ...]) -> None:
        self.records = records
        self.name = records.kind
        self.areas = areas
        self.asked = OFFERS[records.kind].asked
        self.columns = tuple(_columns(records))
        self._referring = tuple(column for column in self.columns if column.refers)
        self._targets = {each.field: target_of(records, each.field) for each in self._referring}

    def ready(self, work: Work, site: Site, rows: Sequence[Cells]) -> list[Any]:
        """Return of each row the wanted record, or what is wrong."""
        zone, names = ZoneInfo(site.zone), Names(work, site)
        read_rows = [self._read(row, zone) for row in rows]
        self._find(names, [values for values, _ in read_rows])
        wanted = [self._wanted(site, names, values, faults) for values, faults in read_rows]
        return self._merged(work, site, rows, wanted)

    def _read(self, row: Cells, zone: ZoneInfo) -> tuple[dict[str, Any], Faults]:
        values: dict[str, Any] = {}
        faults: Faults = []
        for column in self.columns:
            text = row.get(column.field, "").strip()
            if text:
                try:
                    values[column.field] = column.read(text, zone)
                except RegistryError as error:
                    faults.append(fault_of(error))
        moment = MOMENTS.get(self.name)
        if moment is not None and not row.get(moment, "").strip():
            faults.append(Fault(moment, *fault_in_words("missing", {})))
        if "raw" in values and "bits" not in values and self.has("bits"):
            try:
                number = read_card(values["raw"])
            except ValueError as error:
                faults.append(Fault("raw", in_chinese(str(error), {}), str(error)))
            else:
                values["raw"], values["bits"] = number.raw.hex().upper(), number.bits
        return values, faults

    def has(self, name: str) -> bool:
        """Tell whether there is such a column."""
        return any(column.field == name for column in self.columns)

    def _target(self, name: str) -> Kind | None:
        return self._targets[name] if name in self._targets else target_of(self.records, name)

    def _find(self, names: Names, rows: Sequence[dict[str, Any]]) -> None:
        """Look up all that the rows refer to."""
        asked: dict[str, tuple[Kind, set[str]]] = {}

        def note(name: str, text: Any) -> Any:
            target = self._target(name)
            if target is not None and isinstance(text, str):
                asked.setdefault(target.kind, (target, set()))[1].add(text)
            return text

        for values in rows:
            for column in self._referring:
                each_reference(column.annotation, column.field, values.get(column.field), note)
        for target, texts in asked.values():
            names.find(target, texts)

    def _wanted(self, site: Site, names: Names, values: dict[str, Any], faults: Faults) -> Any:
        def found(name: str, text: Any) -> Any:
            target = self._target(name)
            return names.id_of(target, text) if target is not None and isinstance(text, str) else text

        for column in self._referring:
            if column.field in values:
                try:
                    values[column.field] = each_reference(column.annotation, column.field, values[column.field], found)
                except RegistryError as error:
                    faults.append(Fault(column.field, error.chinese, error.message))
        return faults or validated(self.records.wanted, {"site": site.id, **values})

    def _merged(self, work: Work, site: Site, rows: Sequence[Cells], wanted: list[Any]) -> list[Any]:
        """Let what is there already keep what the sheet has no columns for."""
        given = set(rows[0]) if rows else set()
        if all(column.field in given for column in self.columns):
            return wanted
        right = [each for each in wanted if not isinstance(each, list)]
        standing = iter(self.records.standing(work, site, right))
        return [each if isinstance(each, list) else self.over(work, each, next(standing), given) for each in wanted]

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

    def cells(self, work: Work, site: Site, shown: Sequence[Any]) -> list[list[Cell]]:
        """Return the rows of a sheet that `ready` reads back; codes are left out, since whoever has their text can pass."""
        zone, names = ZoneInfo(site.zone), Names(work, site)
        known = [each for each in shown if getattr(each, "medium", "") != "code"]
        settable = [self.settable(each) | self._hidden(each) for each in known]
        asked: dict[str, tuple[Kind, set[UUID]]] = {}

        def note(name: str, value: Any) -> Any:
            if (target := self._target(name)) is not None:
                asked.setdefault(target.kind, (target, set()))[1].add(UUID(value))
            return value

        def named(name: str, value: Any) -> Any:
            return names.text_of(UUID(value)) if self._target(name) is not None else value

        for values in settable:
            for column in self._referring:
                each_reference(column.annotation, column.field, values.get(column.field), note)
        for target, ids in asked.values():
            names.name(target, ids)
        return [[self._cell(column, values.get(column.field), zone, named) for column in self.columns] for values in settable]

    def _hidden(self, shown: Any) -> dict[str, str]:
        """Return in the place of what is kept as a hash its last characters, which nobody can take for the whole."""
        field, tail = TAILS.get(self.name, ("", ""))
        return {field: f"*{getattr(shown, tail)}"} if field and getattr(shown, tail) else {}

    def _cell(self, column: SheetColumn, value: Any, zone: ZoneInfo, named: Any) -> Cell:
        if value is not None and bare(column.annotation) is datetime:
            value = datetime.fromisoformat(value)
        if column.refers:
            value = each_reference(column.annotation, column.field, value, named)
        if item_of(column.annotation) is UUID and value is not None:
            return "; ".join(value)
        return written(value, zone)


def _columns(records: Kind) -> Iterator[SheetColumn]:
    for name, each in records.wanted.model_fields.items():
        if name != "site":
            yield SheetColumn(
                name,
                each.annotation,
                reader(each.annotation, name),
                each.is_required() or name == MOMENTS.get(records.kind),
                names_of(name),
                refers_in(each.annotation),
            )


def validated(model: type[BaseModel], values: dict[str, Any]) -> Any:
    """Return the model of these values, or what is wrong with them."""
    try:
        return model.model_validate(values)
    except ValidationError as error:
        return [_of_form(fault) for fault in error.errors(include_url=False, include_input=False)]


def _of_form(fault: Any) -> Fault:
    where = fault["loc"]
    zh, en = fault_in_words(fault["type"], {**fault.get("ctx", {}), "place": where[-1] if where else ""})
    return Fault(str(where[0]) if where else "", zh, en)


def fault_of(error: RegistryError) -> Fault:
    """Return a refusal as what is wrong with a row."""
    return Fault(error.field, error.chinese, error.message)
