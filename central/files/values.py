"""Cells and the values of a record: what a field's type makes of a text, and how a value is written."""

import json
import re
from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime, timedelta
from types import NoneType, UnionType
from typing import Annotated, Any, Union, get_args, get_origin, get_type_hints
from uuid import UUID
from zoneinfo import ZoneInfo

from pydantic import AwareDatetime, BaseModel

from central.errors import RegistryError
from central.files.marks import ITEMS, marked, split, unmarked
from central.files.value_words import BOOLEANS, NO, YES, Code, code_of, codes_of
from central.files.writing import Cell

_DATE = re.compile(
    r"(\d{4})\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})\s*日?(?:[T\s]+(\d{1,2}):(\d{2})(?::(\d{2})(?:\.(\d{1,6})\d*)?)?)?",
    re.ASCII,
)
Reader = Callable[[str, ZoneInfo], Any]
Writer = Callable[[Any, ZoneInfo, str], Cell]
_LISTS = (tuple, list, frozenset, set)


def bare(annotation: Any) -> Any:
    """Return the type without its bounds, and without None."""
    while True:
        if get_origin(annotation) is Annotated:
            annotation = get_args(annotation)[0]
        elif get_origin(annotation) in {Union, UnionType}:
            annotation = next(each for each in get_args(annotation) if each is not NoneType)
        else:
            return datetime if annotation is AwareDatetime else annotation


def item_of(annotation: Any) -> Any:
    """Return the type of a list's items; None for what is no list."""
    kind = bare(annotation)
    return bare(get_args(kind)[0]) if get_origin(kind) in _LISTS else None


def is_nested(annotation: Any) -> bool:
    """Tell whether it has parts of its own."""
    kind = item_of(annotation) or bare(annotation)
    return get_origin(kind) is dict or kind in {dict, Any} or item_of(kind) is not None or is_model(kind)


def is_model(kind: Any) -> bool:
    """Tell whether it is a form, or a dataclass."""
    return isinstance(kind, type) and (issubclass(kind, BaseModel) or hasattr(kind, "__dataclass_fields__"))


def is_worded(kind: Any) -> bool:
    """Tell whether it is words in both languages: a sheet shows those of its own."""
    return is_model(kind) and set(fields_of(kind)) == set(BOOLEANS)


def fields_of(model: Any) -> Mapping[str, Any]:
    """Return the types of the fields of a form or a dataclass."""
    if issubclass(model, BaseModel):
        return {name: each.annotation for name, each in model.model_fields.items()}
    return get_type_hints(model)


def parted(text: str) -> list[str]:
    """Return the items of a cell that lists several, each with its marks."""
    return [part for each in split(text, ITEMS) if (part := each.strip())]


def reader(annotation: Any, field: str, kind: str = "") -> Reader:
    """Return what makes of a cell's text a value for the check of a field of this type; it raises RegistryError 422.

    `kind`: of which sheet, or which column's part. References stay texts with their marks: they are parted where looked up.
    """
    item = item_of(annotation)
    if is_nested(annotation):
        return lambda text, _: read_json(text, field)
    if item is UUID:
        return lambda text, _: parted(text)
    if item is not None:
        read = _scalar_reader(item, field, kind)
        return lambda text, zone: [read(unmarked(part), zone) for part in parted(text)]
    return _scalar_reader(bare(annotation), field, kind)


def writer(annotation: Any, field: str, kind: str = "") -> Writer:
    """Return what writes a value in the form of JSON of such a field, so that `reader` reads it back; references are names."""
    item = item_of(annotation)
    if is_worded(item):
        return lambda value, _, language: None if value is None else "; ".join(marked(each[language]) for each in value)
    if is_nested(annotation):
        return lambda value, _zone, _language: _json(value) if value else None
    if item is UUID:
        return lambda value, _zone, _language: None if value is None else "; ".join(value)
    if item is not None:
        write = _scalar_writer(item, field, kind)
        return lambda value, zone, language: (
            None if value is None else "; ".join(marked(str(write(each, zone, language))) for each in value)
        )
    return _scalar_writer(bare(annotation), field, kind)


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)


def read_json(text: str, field: str) -> Any:
    """Return what a cell of JSON holds; RegistryError 422."""
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        raise RegistryError("the cell is to hold JSON", 422, field) from error


def _scalar_reader(kind: Any, field: str, sheet: str) -> Reader:
    coded = code_of(sheet, field, codes_of(kind))
    if coded is not None:
        return lambda text, _: coded.code(text)
    if kind is datetime:
        ends = field.endswith(("until", "before"))
        return lambda text, zone: _moment(text, zone, ends=ends)
    if kind is date:
        return lambda text, _: _day(text)
    if kind is bool:
        return lambda text, _: _boolean(text)
    return lambda text, _: text


def _scalar_writer(kind: Any, field: str, sheet: str) -> Writer:
    coded = code_of(sheet, field, codes_of(kind))
    if kind is datetime:
        ends = field.endswith(("until", "before"))
        return lambda value, zone, _: None if value is None else written_moment(value, zone, ends=ends)
    return lambda value, _, language: written(value, coded, language)


def written(value: Any, coded: Code | None, language: str) -> Cell:
    """Return what a cell shows of a value without parts."""
    if value is None:
        return None
    if isinstance(value, bool):
        return BOOLEANS[language][not value]
    if isinstance(value, list | tuple | dict):
        # A field that says nothing of parts, and has some.
        flat = not isinstance(value, dict) and all(isinstance(each, str | int) for each in value)
        return "; ".join(marked(str(written(each, coded, language))) for each in value) if flat else _json(value)
    if coded is not None:
        value = coded.word(value, language)
    return value if isinstance(value, str | int) else str(value)


def _day(text: str) -> str:
    found = _DATE.fullmatch(text)
    return "-".join(part.zfill(2) for part in found.groups()[:3]) if found and not found[4] else text


def _boolean(text: str) -> bool | str:
    return True if text.casefold() in YES else False if text.casefold() in NO else text


def _moment(text: str, zone: ZoneInfo, *, ends: bool) -> datetime | str:
    """Return a time of the site's zone; a day alone is meant whole, to its end where something lasts until it."""
    found = _DATE.fullmatch(text)
    if found is None:
        return text
    year, month, day, hour, minute, second, fraction = found.groups(default="")
    try:
        at = datetime(int(year), int(month), int(day), int(hour or 0), int(minute or 0), int(second or 0), tzinfo=zone)
        at += timedelta(microseconds=int(fraction.ljust(6, "0") or 0))
        return at + timedelta(days=1) if ends and not hour else at
    except (ValueError, OverflowError):
        return text


def written_moment(value: datetime | str, zone: ZoneInfo, *, ends: bool = False) -> str:
    """Return a time on the clock of the site, as spreadsheets know it: midnight as a day, an end as the last whole day.

    What `reader` would take for another time, as in the hour that a clock shows twice, is ISO with its offset.
    """
    at = (datetime.fromisoformat(value) if isinstance(value, str) else value).astimezone(zone)
    day = at - timedelta(days=1) if ends else at
    text = f"{at:%Y-%m-%d %H:%M:%S}" if at.time().replace(microsecond=0).isoformat() != "00:00:00" else f"{day:%Y-%m-%d}"
    read = _moment(text, zone, ends=ends)
    return text if isinstance(read, datetime) and read.timestamp() == at.timestamp() else at.isoformat()


def tell_time(value: Any, zone: ZoneInfo, language: str) -> Cell:
    """Write a time that is only told: to the second, on the clock of the site."""
    del language
    return None if value is None else f"{datetime.fromisoformat(value).astimezone(zone):%Y-%m-%d %H:%M:%S}"


def refers_in(annotation: Any) -> bool:
    """Tell whether a value of this type may have ids of other records in it."""
    kind = bare(annotation)
    if (item := item_of(kind)) is not None:
        return refers_in(item)
    if isinstance(kind, type) and issubclass(kind, BaseModel):
        return any(refers_in(each.annotation) for each in kind.model_fields.values())
    return kind is UUID


def each_reference(annotation: Any, name: str, value: Any, replaced: Callable[[str, Any], Any]) -> Any:
    """Return the value with everything in it that is the id of another record `replaced(name of its field, id)`."""
    kind = bare(annotation)
    if value is None:
        return None
    if kind is UUID:
        return replaced(name, value)
    if (item := item_of(kind)) is not None:
        if not isinstance(value, Iterable) or isinstance(value, str | dict):
            return value
        return [each_reference(item, name, each, replaced) for each in value]
    if isinstance(kind, type) and issubclass(kind, BaseModel) and isinstance(value, dict):
        fields = kind.model_fields
        return {
            key: each_reference(fields[key].annotation, key, part, replaced) if key in fields else part
            for key, part in value.items()
        }
    return value
