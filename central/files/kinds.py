"""What a kind of sheet is: its columns, how rows are read, and what is done with them."""

from abc import ABC, abstractmethod
from collections.abc import Container, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Generic, Literal, TypeVar
from uuid import UUID
from zoneinfo import ZoneInfo

from central.errors import RegistryError
from central.files.columns import SheetColumn
from central.files.errors import SheetError
from central.files.faults import Faults, fault_at, fault_of
from central.files.flat import distinct
from central.files.references import Kind, Names, id_in
from central.files.sheets import Sheet
from central.files.values import each_reference, item_of
from central.files.words import COUNTING, header_of, plain
from central.files.writing import Cell
from central.records.schemas import Asked, Page
from central.registry import Registry, Work
from central.tables import Site
from central.users.rights import Area, Role

Act = Literal["created", "changed", "unchanged"]
Cells = Mapping[str, str]
Key = tuple[object, ...]
ReadyT = TypeVar("ReadyT")


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

    @abstractmethod
    def page(self, work: Work, asked: Asked) -> Page[Any]:
        """Return one page of the list."""

    @abstractmethod
    def cells(self, work: Work, site: Site, shown: Sequence[Any], language: str) -> list[list[Cell]]:
        """Return the rows of a sheet that `ready` reads back."""

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

    def subjects(self, values: Mapping[str, Any]) -> Mapping[str, Kind]:
        """Return the fields of a row, no references by their types, in which an id or a name of such a record may stand."""
        del values
        return {}

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
            for field, target in self.subjects(values).items():
                asked.setdefault(target.kind, (target, set()))[1].add(values[field])
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
        for field, target in self.subjects(values).items():
            try:
                values[field] = str(names.id_of(target, values[field]))
            except RegistryError as error:
                faults.append(fault_at([field], error.chinese, error.message))

    def write(self, work: Work, site: Site, rows: Sequence[Mapping[str, Any]], language: str) -> list[list[Cell]]:
        """Return rows of values, as they are in JSON, as the cells of a sheet in a language; names in the place of ids."""
        zone, names = ZoneInfo(site.zone), self._named(work, site, rows)

        def named(name: str, value: Any) -> Any:
            target = self.target(name)
            return value if target is None else names.told(target, UUID(value))

        def cell(column: SheetColumn, value: Any) -> Cell:
            if column.refers:
                value = each_reference(column.annotation, column.field, value, named)
            return column.write(value, zone, language)

        def told(values: Mapping[str, Any]) -> Mapping[str, Any]:
            found = {field: (kind, id_in(values[field])) for field, kind in self.subjects(values).items()}
            return {**values, **{field: names.told(kind, each) for field, (kind, each) in found.items() if each}}

        return [[cell(column, values.get(column.field)) for column in self.columns] for values in map(told, rows)]

    def _named(self, work: Work, site: Site, rows: Sequence[Mapping[str, Any]]) -> Names:
        """Return the names of all that the rows refer to."""
        names = Names(work, site)
        asked: dict[str, tuple[Kind, set[UUID]]] = {}

        def note(target: Kind | None, value: Any) -> Any:
            if target is not None and (record_id := id_in(value)):
                asked.setdefault(target.kind, (target, set()))[1].add(record_id)
            return value

        for values in rows:
            for column in self._referring:
                each_reference(
                    column.annotation, column.field, values.get(column.field), lambda name, value: note(self.target(name), value)
                )
            for field, target in self.subjects(values).items():
                note(target, values[field])
        for target, ids in asked.values():
            names.name(target, ids)
        return names

    @cached_property
    def _referring(self) -> Sequence[SheetColumn]:
        return [column for column in self.columns if column.refers]
