"""Kinds of sheets: one for each kind of record, its columns what may be set of it."""

import re
from abc import ABC, abstractmethod
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Generic, Literal, TypeVar
from uuid import UUID
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ValidationError

from central.errors import RegistryError
from central.files.columns import SheetColumn, column_of
from central.files.errors import SheetError
from central.files.flat import distinct
from central.files.printed import read_card
from central.files.references import Kind, Names, target_of
from central.files.sheets import Sheet
from central.files.value_words import code_of
from central.files.values import each_reference, item_of
from central.files.words import COUNTING, header_of, plain
from central.files.writing import Cell
from central.form_words import fault_in_words
from central.problem_words import in_chinese
from central.records.offers import OFFERS
from central.records.schemas import Asked, OfSiteShown, Page
from central.records.services import Put
from central.registry import Registry, Work
from central.tables import Site
from central.users.rights import Area, Role

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
class Heads:
    """Which columns a sheet has: by field its header and letter."""

    headers: Mapping[str, str]
    letters: Mapping[str, str]


class SheetKind(ABC, Generic[ReadyT]):
    """What a sheet can hold: its columns, how rows are read, and what is done with those that are right.

    `writers` may import it (None: all who may write in its areas). `rows_per_chunk` are one commit: an import goes on by whole
    chunks, so that another number would be wrong for those that have begun.
    """

    rows_per_chunk = 500
    writers: frozenset[Role] | None = None
    name: str
    columns: tuple[SheetColumn, ...]
    areas: tuple[Area, ...]
    asked: type[Asked]

    def ahead(self, registry: Registry, site_id: UUID, rows: Sequence[Cells]) -> AbstractContextManager[None]:
        """Do what takes long of these rows, before the block takes its turn to write; nothing, unless a subclass does."""
        del registry, site_id, rows
        return nullcontext()

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
            if column.is_required and column.field not in headers and self.is_for_new(headers):
                raise SheetError("the column {header} is missing", header=header_of(column.field, "zh", self.name))
        return Heads(headers, {name: sheet.letter(header) for name, header in headers.items()})

    def is_for_new(self, fields: Container[str]) -> bool:
        """Tell whether the rows of a sheet with these columns are new records, for which all must be there that is required."""
        del fields
        return True

    def headers(self, language: str) -> list[str]:
        """Return the headers, none of them twice."""
        fields = [column.field for column in self.columns]
        return distinct(fields, [header_of(name, language, self.name) for name in fields])


class ReferringSheet(SheetKind[ReadyT]):
    """A sheet whose cells name other records: by what these are known by, or by their id."""

    @abstractmethod
    def target(self, name: str) -> Kind | None:
        """Return the kind that a field of this name refers to; None for one that refers to none of these kinds."""

    def read(self, row: Cells, zone: ZoneInfo) -> tuple[dict[str, Any], Faults]:
        """Return the values of the cells in which something stands, references as texts; and what is wrong with them."""
        values: dict[str, Any] = {}
        faults: Faults = []
        for column in self.columns:
            text = row.get(column.field, "").strip()
            if text and not column.is_told:
                try:
                    values[column.field] = column.read(text, zone)
                except RegistryError as error:
                    faults.append(fault_of(error))
        return values, faults

    def find(self, names: Names, rows: Sequence[Mapping[str, Any]]) -> None:
        """Look up all that the rows refer to."""
        asked: dict[str, tuple[Kind, set[str]]] = {}

        def note(name: str, text: Any) -> Any:
            target = self.target(name)
            if target is not None and isinstance(text, str):
                asked.setdefault(target.kind, (target, set()))[1].add(text)
            return text

        for values in rows:
            for column in self._referring:
                each_reference(column.annotation, column.field, values.get(column.field), note)
        for target, texts in asked.values():
            names.find(target, texts)

    def resolve(self, names: Names, values: dict[str, Any], faults: Faults) -> None:
        """Put ids in the place of the names that were looked up.

        What is not there is added to the faults, and gets an id of nothing: so the rest of the row can be checked too.
        """
        unknown: list[tuple[str, RegistryError]] = []

        def found(name: str, text: Any) -> Any:
            target = self.target(name)
            try:
                return names.id_of(target, text) if target is not None and isinstance(text, str) else text
            except RegistryError as error:
                unknown.append((name, error))
                return UUID(int=len(unknown))

        for column in self._referring:
            value, item = values.get(column.field), item_of(column.annotation)
            is_list = item is not None and isinstance(value, list)
            each: list[Any] = []
            for n, one in enumerate(value or () if is_list else [value]):
                each.append(each_reference(item if is_list else column.annotation, column.field, one, found))
                for name, error in unknown:
                    where = [column.field, *[n] * is_list, *[name] * (name != column.field)]
                    faults.append(fault_at(where, error.chinese, error.message))
                unknown.clear()
            if value is not None:
                values[column.field] = each if is_list else each[0]

    def write(self, work: Work, site: Site, rows: Sequence[Mapping[str, Any]], language: str) -> list[list[Cell]]:
        """Return rows of values, as they are in JSON, as the cells of a sheet in a language; names in the place of ids."""
        zone, names = ZoneInfo(site.zone), Names(work, site)
        asked: dict[str, tuple[Kind, set[UUID]]] = {}

        def note(name: str, value: Any) -> Any:
            if (target := self.target(name)) is not None:
                asked.setdefault(target.kind, (target, set()))[1].add(UUID(value))
            return value

        def named(name: str, value: Any) -> Any:
            return names.text_of(UUID(value)) if self.target(name) is not None else value

        for values in rows:
            for column in self._referring:
                each_reference(column.annotation, column.field, values.get(column.field), note)
        for target, ids in asked.values():
            names.name(target, ids)

        def cell(column: SheetColumn, value: Any) -> Cell:
            if column.refers:
                value = each_reference(column.annotation, column.field, value, named)
            return column.write(value, zone, language)

        return [[cell(column, values.get(column.field)) for column in self.columns] for values in rows]

    @cached_property
    def _referring(self) -> Sequence[SheetColumn]:
        return [column for column in self.columns if column.refers]


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

    def target(self, name: str) -> Kind | None:
        """Return the kind that a field of this name refers to."""
        return self._targets[name] if name in self._targets else target_of(self.records, name)

    def _wanted(self, site: Site, names: Names, values: dict[str, Any], faults: Faults) -> Any:
        self.resolve(names, values, faults)
        return besides(faults, validated(self.records.wanted, {"site": site.id, **values}))

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

    def cells(self, work: Work, site: Site, shown: Sequence[Any], language: str) -> list[list[Cell]]:
        """Return the rows of a sheet that `ready` reads back; codes are left out, since whoever has their text can pass."""
        known = [each for each in shown if getattr(each, "medium", "") != "code"]
        settable = [self.settable(each) | self._hidden(each) for each in known]
        return self.write(work, site, settable, language)

    def _hidden(self, shown: Any) -> dict[str, str]:
        """Return in the place of what is kept as a hash its last characters, which nobody can take for the whole."""
        field, tail = TAILS.get(self.name, ("", ""))
        return {field: f"*{getattr(shown, tail)}"} if field and getattr(shown, tail) else {}


def _columns(records: Kind) -> Iterator[SheetColumn]:
    for name, each in records.wanted.model_fields.items():
        if name != "site":
            is_required = each.is_required() or name == MOMENTS.get(records.kind)
            yield column_of(records.kind, name, each.annotation, is_required=is_required)


def validated(model: type[BaseModel], values: dict[str, Any]) -> Any:
    """Return the model of these values, or what is wrong with them."""
    try:
        return model.model_validate(values)
    except ValidationError as error:
        return [_of_form(fault) for fault in error.errors(include_url=False, include_input=False)]


MISSING = fault_in_words("missing", {})


def besides(faults: Faults, found: Any) -> Any:
    """Return what was found, or the faults known before and what is wrong besides.

    That a field in fault is missing, and what is wrong with the row as a whole, may be no more than what a fault brings with it.
    """
    if not faults:
        return found
    said = {fault.field for fault in faults}
    others = [each for each in (found if isinstance(found, list) else ()) if each.field]
    return [*faults, *(each for each in others if each.field not in said or (each.zh, each.en) != MISSING)]


def _of_form(fault: Any) -> Fault:
    where, values = fault["loc"], dict(fault.get("ctx", {}))
    zh, en = fault_in_words(fault["type"], {**values, "place": where[-1] if where else ""})
    if fault["type"] == "literal_error":
        zh, _ = fault_in_words(fault["type"], {"expected": _in_chinese(where, values["expected"])})
    return fault_at(where, zh, en)


def _in_chinese(where: Sequence[Any], expected: str) -> str:
    """Return as a clerk writes them what pydantic names as 'in', 'out' or 'both'."""
    [*_, field] = (part for part in where if isinstance(part, str))
    known = code_of("", field, tuple(re.findall("'([^']*)'", expected)))
    return expected if known is None else "、".join(known.written["zh"].values())


def fault_of(error: RegistryError) -> Fault:
    """Return a refusal as what is wrong with a row."""
    return fault_at([int(part) if part.isdecimal() else part for part in error.field.split(".")], error.chinese, error.message)


def fault_at(where: Sequence[Any], zh: str, en: str) -> Fault:
    """Return what is wrong at a place: the column, then in it the item of a list (from 0) or the field of a part."""
    field, *inner = map(str, where or [""])
    if not inner:
        return Fault(field, zh, en)
    items = [f"第 {int(part) + 1} 项" if part.isdecimal() else header_of(part, "zh", field) for part in inner]
    parts = [f"item {int(part) + 1}" if part.isdecimal() else part for part in inner]
    return Fault(field, f"{','.join(items)}:{zh}", f"{', '.join(parts)}: {en}")
