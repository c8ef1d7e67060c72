"""Sheets of what workflows move: a row opens a record; one with the number of a record that is there changes the notes on it."""

import hashlib
import hmac
import json
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Annotated, Any, Final
from uuid import UUID
from zoneinfo import ZoneInfo

from fastapi.exceptions import RequestValidationError
from pydantic import SecretStr, TypeAdapter, ValidationError
from pydantic.fields import FieldInfo
from typing_extensions import override

from central.contractors.schemas import PassWanted
from central.errors import RegistryError
from central.files import repository as imports
from central.files.acting import as_office
from central.files.columns import SheetColumn, column_made
from central.files.faults import Fault, Faults, besides, fault_at, fault_of, nobody, not_by_sheet, validated
from central.files.kinds import Act, Cells, Key, ReferringSheet
from central.files.marks import marked, steps
from central.files.opened import NESTED, as_opened, flat
from central.files.references import Kind, Names, id_in, kind_of
from central.files.tables import ImportedRow
from central.files.values import bare, fields_of
from central.files.words import header_of, plain
from central.files.writing import Cell
from central.form_words import fault_in_words
from central.masking.kinds import Sight
from central.masking.names import masked_facts
from central.people.services import persons
from central.records.offers import OFFERS
from central.records.schemas import Asked, Page
from central.registry import Work
from central.tables import Site
from central.workflows import repository
from central.workflows.routes import OPENINGS
from central.workflows.schemas import FlowAsked, FlowShown, Opening
from central.workflows.services import Flow
from central.workflows.tables import WorkflowRecord

NUMBER: Final = "number"
STATE: Final = "state"
NOT_SHOWN = frozenset({"id", "site_id", "version", "may", "record", "details", "expires_soon"})
FORM_ONLY = frozenset({"site", "details"})
# By field the workflow whose records it names, by their numbers.
NUMBERED: Mapping[str, str] = {"permit": "permit"}


# Who may be a person on record, or anybody by name.
ON_RECORD: Mapping[str, tuple[str, ...]] = {"permit": ("owner", "responsible"), "contractor_pass": ("responsible",)}


@dataclass(frozen=True, slots=True)
class Column(SheetColumn):
    """A column of such a sheet: a field of the form that opens a record, or a note on it (`is_note`), or what is only told.

    `form`, `takes`: the field, and what checks its value. `stands`: what is told is how the record stands, not when it came so.
    """

    form: FieldInfo | None = None
    takes: TypeAdapter[Any] | None = None
    is_note: bool = False
    stands: bool = False

    def value_of(self, value: Any) -> Any:
        """Return a value as the form takes it, its default in the place of none; ValidationError."""
        assert self.form is not None, "what is only told is of no form"
        assert self.takes is not None, "what is only told is of no form"
        if value is None and not self.form.is_required():
            value = self.form.get_default(call_default_factory=True)
        return self.takes.validate_python(value)


@dataclass(frozen=True, slots=True)
class ToOpen:
    """A row that opens a record; `known`: the one that such a row has opened before."""

    wanted: Opening
    digest: str
    known: UUID | None = None


@dataclass(frozen=True, slots=True)
class ToNote:
    """A row of a record that is there: which notes on it are to be otherwise."""

    record_id: UUID
    number: str
    notes: Mapping[str, Any]


Ready = ToOpen | ToNote


class OpeningSheet(ReferringSheet[Ready]):
    """A sheet of what one workflow moves."""

    # To open a record takes some five milliseconds, and gates wait to write meanwhile.
    rows_per_chunk = 100
    columns: tuple[Column, ...]

    def __init__(self, flow: Flow[Any]) -> None:
        self._flow, self._opening = flow, OPENINGS[flow.kind]
        self.name = flow.kind
        self.areas = (OFFERS[flow.kind].area,)
        self.asked = OFFERS[flow.kind].asked
        self.columns = tuple(_columns(flow, self._opening.wanted))
        self._by_field = {column.field: column for column in self.columns}

    @override
    def target(self, name: str) -> Kind | None:
        return kind_of(name) or kind_of(name.rpartition("_")[2])

    @override
    def subjects(self, values: Mapping[str, Any]) -> Mapping[str, Kind]:
        """Return who stands there by an id, or as NAME/UNIT; other texts are names of people who are not on record."""
        given = {field: values.get(field) or "" for field in ON_RECORD.get(self.name, ())}
        return {field: persons for field, text in given.items() if id_in(text) or len(steps(text)) > 1}

    @override
    def resolve(self, names: Names, values: dict[str, Any], faults: Faults) -> None:
        super().resolve(names, values, faults)
        for field in values.keys() & ON_RECORD.get(self.name, ()):
            # The name of somebody who is not on record, its marks taken off.
            name, *others = steps(values[field])
            values[field] = values[field] if others else name

    @override
    def is_for_new(self, fields: Container[str]) -> bool:
        return NUMBER not in fields

    # --- in ---------------------------------------------------------------------------------------

    @override
    def ready(self, work: Work, site: Site, rows: Sequence[Cells]) -> list[Ready | Faults]:
        work, zone, names = as_office(work), ZoneInfo(site.zone), Names(work, site)
        read = [self.read(row, zone) for row in rows]
        self.find(names, [values for values, _ in read])
        self._find_numbers(work, site, read)
        numbers = [row.get(NUMBER, "").strip() for row in rows]
        standing = self._standing(work, site, {number for number in numbers if number})
        found: list[Ready | Faults] = []
        for row, number, (values, faults) in zip(rows, numbers, read, strict=True):
            self.resolve(names, values, faults)
            if not number:
                found.append(self._new(work, site, row, values, faults))
            elif number in standing:
                found.append(standing[number].noted(self.columns, row, values, faults))
            else:
                found.append([nobody(NUMBER)])
        digests = [each.digest for each in found if isinstance(each, ToOpen)]
        known = imports.opened_by(work.session, site.id, self.name, digests)
        return [replace(each, known=known.get(each.digest)) if isinstance(each, ToOpen) else each for each in found]

    def _find_numbers(self, work: Work, site: Site, read: Sequence[tuple[dict[str, Any], Faults]]) -> None:
        """Put ids in the place of the numbers of other workflows' records; what is not there is a fault."""
        for field in NUMBERED.keys() & self._by_field.keys():
            texts = {values[field] for values, _ in read if field in values}
            ids = {row.number: row.id for row in repository.numbered(work.session, site.id, NUMBERED[field], texts)}
            for values, faults in read:
                text = values.pop(field, None)
                if text in ids:
                    values[field] = ids[text]
                elif text is not None:
                    faults.append(nobody(field))

    def _standing(self, work: Work, site: Site, numbers: Iterable[str]) -> dict[str, "_Standing"]:
        """Return those that are there, by number, with what their sheet would show."""
        rows = repository.numbered(work.session, site.id, self._flow.workflow.name, sorted(numbers))
        facts = [self._facts(work, row) for row in rows]
        cells = self.write(work, site, facts, "en")
        fields = [column.field for column in self.columns]
        return {
            row.number: _Standing(row, own, dict(zip(fields, map(_text, written), strict=True)), ZoneInfo(site.zone))
            for row, own, written in zip(rows, facts, cells, strict=True)
        }

    def _new(self, work: Work, site: Site, row: Cells, values: dict[str, Any], faults: Faults) -> ToOpen | Faults:
        told = [each.field for each in self.columns if each.is_told and row.get(each.field, "").strip()]
        faults = [*faults, *map(not_by_sheet, told)]
        notes = {field: value for field, value in values.items() if self._by_field[field].is_note}
        form: dict[str, Any] = {field: value for field, value in values.items() if field not in notes}
        details = validated(self._flow.details, notes)
        wrong: Faults = details if isinstance(details, list) else []
        form |= {"site": site.id, "details": self._flow.details.model_construct() if wrong else details}
        wanted = validated(self._opening.wanted, form)
        wrong = [*wrong, *(wanted if isinstance(wanted, list) else [])]
        found: ToOpen | Faults = besides(faults, wrong or ToOpen(wanted, self._digest(work, wanted)))
        return found

    def _digest(self, work: Work, wanted: Opening) -> str:
        """Return by what a row is known again; keyed, so that nobody finds out by trying what stood in it."""
        secret = {name: value.get_secret_value() for name, value in wanted if isinstance(value, SecretStr)}
        content = json.dumps([self.name, wanted.model_dump(mode="json", exclude={"site"}) | secret], sort_keys=True)
        return hmac.new(work.hash_key, content.encode(), hashlib.sha256).hexdigest()

    @override
    def keys(self, ready: Ready) -> Iterator[tuple[str, Key]]:
        if isinstance(ready, ToNote):
            yield NUMBER, (self.name, ready.number)
            return
        yield "", (self.name, ready.digest)
        if isinstance(wanted := ready.wanted, PassWanted):
            # One person has one pass of a permit: found out on trial too, when the first row is not there to stand in the way.
            number = wanted.id_number.get_secret_value() if wanted.id_number else ""
            yield "id_number" if number else "person", (self.name, wanted.permit, number, wanted.person)

    @override
    def put(self, work: Work, site: Site, ready: Sequence[Ready]) -> list[Act | Faults]:
        """Open records and change notes, each for itself: one that is refused hinders no other."""
        work = as_office(work)
        return [self._put(work, site, each) for each in ready]

    def _put(self, work: Work, site: Site, ready: Ready) -> Act | Faults:
        try:
            with work.session.begin_nested():
                return self._open(work, site, ready) if isinstance(ready, ToOpen) else self._note(work, ready)
        except RegistryError as error:
            return [self._fault(error.field.split("."), error.chinese, error.message)]
        except RequestValidationError as error:
            return [self._fault(each["loc"], *_in_words(each)) for each in error.errors()]

    def _open(self, work: Work, site: Site, ready: ToOpen) -> Act:
        if ready.known is not None:
            return "unchanged"
        wanted = ready.wanted
        shown = self._flow.open(work, self._opening.event, wanted, self._opening.facts(wanted))
        work.session.add(ImportedRow(site_id=site.id, kind=self.name, digest=ready.digest, record_id=shown.id))
        work.session.flush()
        return "created"

    def _note(self, work: Work, ready: ToNote) -> Act:
        if not ready.notes:
            return "unchanged"
        row = repository.get(work, self._flow.workflow.name, ready.record_id, changing=True)
        was = row.version
        details = self._flow.details.model_validate(row.details).model_copy(update=dict(ready.notes))
        return "unchanged" if self._flow.change_details(work, row.id, details).version == was else "changed"

    def _fault(self, place: Sequence[Any], chinese: str, english: str) -> Fault:
        """Return a refusal by the column that it is about; a form knows more parts of its place than the sheet."""
        at = next((n for n, part in enumerate(place) if part in self._by_field), len(place))
        return fault_at(place[at:], chinese, english)

    # --- out --------------------------------------------------------------------------------------

    def page(self, work: Work, asked: Asked) -> Page[Any]:
        """Return one page of the list."""
        assert isinstance(asked, FlowAsked)
        return self._flow.page(as_office(work), asked)

    def cells(self, work: Work, site: Site, shown: Sequence[FlowShown], language: str) -> list[list[Cell]]:
        """Return the rows of a sheet that `ready` reads back; what the actor is not shown is left out."""
        office, sight = as_office(work), Sight(work.actor.role)
        rows = repository.of_ids(work.session, site.id, [each.id for each in shown])
        facts = [self._masked(self._facts(office, rows[each.id]), sight) for each in shown]
        return self.write(work, site, facts, language)

    def _masked(self, facts: dict[str, Any], sight: Sight) -> dict[str, Any]:
        """Return the facts as the one sees them who reads the sheet; references are masked as they are put in words."""
        referring = {column.field for column in self.columns if column.refers}
        return {name: value if name in referring else masked_facts({name: value}, sight)[name] for name, value in facts.items()}

    def _facts(self, work: Work, row: WorkflowRecord) -> dict[str, Any]:
        """Return what the columns hold of a record, as it is in JSON."""
        shown = self._flow.show(work, row)
        opened = as_opened(work, self.name, shown)
        known = self._flow.listed(shown).model_dump(mode="json")
        own = {name: known[name] for name in self._flow.shown.model_fields if name not in NOT_SHOWN}
        facts = {**flat(known["record"]), **opened, **known["details"], **own}
        # Where a record refers to nothing, its workflow says so by an empty text.
        return facts | {each.field: None for each in self.columns if each.refers and facts.get(each.field) == ""}

    @override
    def write(self, work: Work, site: Site, rows: Sequence[Mapping[str, Any]], language: str) -> list[list[Cell]]:
        for field in NUMBERED.keys() & self._by_field.keys():
            found = repository.of_ids(work.session, site.id, {UUID(row[field]) for row in rows})
            rows = [{**row, field: found[UUID(row[field])].number} for row in rows]
        for field in ON_RECORD.get(self.name, ()):
            # Nobody on record: marked, lest it be taken for NAME/UNIT.
            rows = [row if steps(row[field]) == [row[field]] else {**row, field: marked(row[field])} for row in rows]
        return super().write(work, site, rows, language)


@dataclass(frozen=True, slots=True)
class _Standing:
    """A record that is there, with what the columns of its sheet hold: as in JSON, and as texts."""

    row: WorkflowRecord
    facts: Mapping[str, Any]
    texts: Mapping[str, str]
    zone: ZoneInfo

    def noted(self, columns: Iterable[Column], row: Cells, values: Mapping[str, Any], faults: Faults) -> ToNote | Faults:
        """Return the notes that a row of the sheet would change, or what is wrong with it."""
        other = [each for each in columns if each.field in row and not self._says(each, row[each.field].strip())]
        faults = [fault for fault in faults if fault.field in {each.field for each in other}]
        unread = {fault.field for fault in faults}
        notes: dict[str, Any] = {}
        for column in other:
            if column.is_told:
                faults += [_by_act(column.field)] * column.stands
            elif column.field not in unread:
                self._compare(column, values.get(column.field), notes, faults)
        return faults or ToNote(self.row.id, self.row.number, notes)

    def _says(self, column: Column, text: str) -> bool:
        """Tell whether a cell says what the record says, be it in other words: of the other language, a day in another form."""
        stands = self.texts[column.field]
        if text == stands or not (text and stands):
            return text == stands
        try:
            return _is_same(column.read(text, self.zone), column.read(stands, self.zone))
        except RegistryError:
            return False

    def _compare(self, column: Column, value: Any, notes: dict[str, Any], faults: Faults) -> None:
        """Add to the notes, or to what is wrong, a value that is another than the record has."""
        try:
            wanted = column.value_of(value)
        except ValidationError as error:
            faults += [fault_at((column.field, *each["loc"]), *_in_words(each)) for each in error.errors()]
            return
        if wanted == self._value(column):
            return
        if column.is_note:
            notes[column.field] = wanted
        else:
            faults.append(_by_act(column.field))

    def _value(self, column: Column) -> Any:
        try:
            return column.value_of(self.facts.get(column.field))
        except ValidationError:
            # It was taken when the form was another: nothing that is given now is the same.
            return self


def _columns(flow: Flow[Any], wanted: type[Opening]) -> Iterator[Column]:
    """Yield the number and how the record stands, the forms of opening and details, and what else is told of the record."""
    shown = flow.shown.model_fields
    own = {name: each.annotation for name, each in shown.items() if name not in NOT_SHOWN}
    asked = {name: each for name, each in wanted.model_fields.items() if name not in FORM_ONLY}
    forms = asked | flow.details.model_fields
    record = {name: kind for name, kind in _fields(shown["record"].annotation) if name not in own.keys() | forms.keys()}
    first = [name for name in own if name in FlowShown.model_fields]
    fields = [*first, *forms, *record, *(name for name in own if name not in first)]
    heads = {name: {plain(name), plain(header_of(name, "zh", flow.kind))} for name in fields}
    for name in fields:
        if name in forms:
            form, is_note = forms[name], name not in asked
            required = form.is_required() and not is_note
            more: dict[str, Any] = {"form": form, "takes": _taking(form), "is_note": is_note, "is_required": required}
            column = column_made(Column, flow.kind, name, form.annotation, **more)
        else:
            stands = name == STATE or name in record
            column = column_made(Column, flow.kind, name, (own | record)[name], is_told=True, stands=stands)
        # What another column is called is not read as this one.
        others = {head for other, called in heads.items() if other != name for head in called} - heads[name]
        yield replace(column, names=column.names - others)


def _fields(record: Any) -> Iterator[tuple[str, Any]]:
    """Yield the fields of a record with their types, in the place of the nested ones their parts."""
    for name, kind in fields_of(bare(record)).items():
        yield from fields_of(bare(kind)).items() if name in NESTED else ((name, kind),)


def _taking(form: FieldInfo) -> TypeAdapter[Any]:
    """Return what checks a field's value by itself."""
    kind: Any = form.annotation
    return TypeAdapter(Annotated[kind, *form.metadata] if form.metadata else kind)


def _text(cell: Cell) -> str:
    return "" if cell is None else str(cell).lower() if isinstance(cell, bool) else str(cell).strip()


def _is_same(told: Any, stands: Any) -> bool:
    """Tell whether two values are the same; a time without seconds may be one from which Excel took them."""
    if isinstance(told, datetime) and isinstance(stands, datetime) and not told.second:
        stands = stands.replace(second=0, microsecond=0)
    return bool(told == stands)


def _by_act(field: str) -> Fault:
    return fault_of(RegistryError("this is changed by an act, and not by a sheet", 422, field))


def _in_words(fault: Any) -> tuple[str, str]:
    place = fault["loc"][-1] if fault["loc"] else ""
    return fault_in_words(fault["type"], {**fault.get("ctx", {}), "place": place})
