"""Cells and the values of a record: what a field's type makes of a text, and how a value is written."""

import json
import re
from collections.abc import Callable, Iterable
from datetime import date, datetime, timedelta
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin
from uuid import UUID
from zoneinfo import ZoneInfo

from pydantic import AwareDatetime, BaseModel

from central.errors import RegistryError
from central.files.words import NO, VALUES, YES

_SEPARATORS = re.compile(r"(?<!\\)[;；、\n]")
_SLASH = re.compile(r"(?<!\\)/")
_MARKED = re.compile(r"([\\/;；、\n])")
_DATE = re.compile(
    r"(\d{4})\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})\s*日?(?:[T\s]+(\d{1,2}):(\d{2})(?::(\d{2})(?:\.(\d{1,6})\d*)?)?)?",
    re.ASCII,
)
Reader = Callable[[str, ZoneInfo], Any]
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
    """Tell whether it has parts of its own: in a cell it is JSON."""
    kind = item_of(annotation) or bare(annotation)
    return get_origin(kind) is dict or kind in {dict, Any} or item_of(kind) is not None or _is_model(kind)


def _is_model(kind: Any) -> bool:
    return isinstance(kind, type) and (issubclass(kind, BaseModel) or hasattr(kind, "__dataclass_fields__"))


def parted(text: str) -> list[str]:
    """Return the items of a cell that lists several; `written_list` reversed."""
    return [part for each in _SEPARATORS.split(text) if (part := each.strip())]


def steps(text: str) -> list[str]:
    """Return the parts of a name as GATE/LANE, each as it is."""
    return [re.sub(r"\\(.)", r"\1", part, flags=re.DOTALL).strip() for part in _SLASH.split(text)]


def marked(text: str) -> str:
    """Return a part of a name so that `steps` and `parted` take it for one."""
    return _MARKED.sub(r"\\\1", text)


def reader(annotation: Any, field: str) -> Reader:
    """Return what makes of a cell's text a value for the check of a field of this type; it raises RegistryError 422.

    References stay texts.
    """
    if is_nested(annotation):
        return lambda text, _: _json(text, field)
    item = item_of(annotation)
    if item is None:
        kind = bare(annotation)
        return lambda text, zone: _one(kind, field, text, zone)
    if item is UUID:
        # A name keeps its marks: it is parted further where it is looked up.
        return lambda text, _: parted(text)
    return lambda text, zone: [_one(item, field, _unmarked(part), zone) for part in parted(text)]


def _json(text: str, field: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        raise RegistryError("the cell is to hold JSON", 422, field) from error


def _unmarked(text: str) -> str:
    return re.sub(r"\\(.)", r"\1", text, flags=re.DOTALL)


def _one(kind: Any, field: str, text: str, zone: ZoneInfo) -> Any:
    if kind is datetime:
        return _moment(text, zone, ends=field.endswith(("until", "before")))
    if kind is date:
        found = _DATE.fullmatch(text)
        return "-".join(part.zfill(2) for part in found.groups()[:3]) if found and not found[4] else text
    if get_origin(kind) is Literal:
        return _listed(text, get_args(kind))
    if kind is bool:
        return True if text.casefold() in YES else False if text.casefold() in NO else text
    return text


def _listed(text: str, values: tuple[Any, ...]) -> str:
    if text in values:
        return text
    return next((value for value in (*VALUES.get(text, ()), text.casefold()) if value in values), text)


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


def written(value: Any, zone: ZoneInfo) -> str | int | bool | None:
    """Return what a cell shows of a value in the form of JSON; times in the site's zone."""
    if isinstance(value, list | tuple):
        flat = all(isinstance(each, str | int) for each in value)
        return "; ".join(marked(str(each)) for each in value) if flat else json.dumps(value, ensure_ascii=False)
    if isinstance(value, dict):
        return json.dumps(value, ensure_ascii=False)
    if isinstance(value, datetime):
        return value.astimezone(zone).isoformat()
    return value if isinstance(value, str | int | bool) else None if value is None else str(value)


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
