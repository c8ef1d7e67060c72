"""The one place where what leaves is masked: a walk over a shape and all that is in it, by the marks on its fields. Pure."""

import dataclasses
from collections.abc import Callable, Iterator, Mapping
from copy import copy
from functools import cache
from typing import Any, TypeVar

from pydantic import BaseModel

from central.errors import RegistryError
from central.masking.kinds import Personal, Sight, mark_of
from central.masking.names import masked_facts, seen
from central.masking.of_workflows import MARKS

AnyT = TypeVar("AnyT")


def masked(value: AnyT, sight: Sight) -> AnyT:
    """Return a shape, or a list or table of such, as this role sees it; the one that was given stays as it is."""
    return value if sight.is_whole else _masked(value, sight)


def _masked(value: Any, sight: Sight) -> Any:
    if isinstance(value, BaseModel):
        changes = _changes(value, sight)
        return value.model_copy(update=changes) if changes else value
    if dataclasses.is_dataclass(value):
        return _replaced(value, _changes(value, sight))
    if isinstance(value, Mapping):
        return {key: _masked(each, sight) for key, each in value.items()}
    if type(value) in (list, tuple, set, frozenset):
        return type(value)(_masked(each, sight) for each in value)
    return value


def _changes(shape: Any, sight: Sight) -> dict[str, Any]:
    """Return the fields that are seen otherwise than they are."""
    changes = {}
    shape_class: Any = type(shape)
    for name, mark in marks_of(shape_class).items():
        value = getattr(shape, name)
        if mark is None:
            then = _masked(value, sight)
        elif mark.kind == "facts":
            then = masked_facts(value, sight, str(getattr(shape, "kind", "")))
        else:
            then = seen(value, sight, mark)
        if then is not value:
            changes[name] = then
    return changes


def _replaced(shape: Any, changes: Mapping[str, Any]) -> Any:
    """Return a copy with other values; it is not checked again, since a mask need not be of the form of what it hides."""
    if not changes:
        return shape
    made = copy(shape)
    for name, value in changes.items():
        object.__setattr__(made, name, value)
    return made


@cache
def marks_of(shape: Any) -> Mapping[str, Personal | None]:
    """Return the marks of a shape by field; None: what the field holds has marks of its own, or is personal to nobody."""
    if issubclass(shape, BaseModel):
        return {name: mark_of(field.metadata) for name, field in shape.model_fields.items()}
    own = MARKS.get(shape, {})
    declared: Any = shape
    return {field.name: own.get(field.name) for field in dataclasses.fields(declared)}


def personal_values(shape: Any, path: str = "") -> Iterator[tuple[str, Personal, Any]]:
    """Yield each personal field of a shape: its place in it (`details.phone`), its mark and its value."""
    shape_class: Any = type(shape)
    for name, mark in marks_of(shape_class).items():
        value, at = getattr(shape, name), f"{path}{name}"
        if mark is not None:
            yield at, mark, value
        elif isinstance(value, BaseModel) or dataclasses.is_dataclass(value):
            yield from personal_values(value, f"{at}.")


def shows_somebody(shape: Any, sight: Sight) -> bool:
    """Tell whether this role is shown, in full, who somebody is or how to reach or know him."""
    telling = {"name", "phone", "id", "plate", "card", "credential"}
    return any(mark.kind in telling and value and sight.level(mark) == "full" for _, mark, value in personal_values(shape))


def check_no_mask(sight: Sight, shown_now: Callable[[], BaseModel], wanted: Mapping[str, Any]) -> None:
    """Raise RegistryError 422 where a mask is sent back in the place of the value behind it, as by who changes what he read."""
    if sight.is_whole:
        return
    shown = shown_now()
    for name, mark in marks_of(type(shown)).items():
        value = getattr(shown, name)
        if mark is None or not value or name not in wanted:
            continue
        then = seen(value, sight, mark)
        if then != value and wanted[name] in (then, list(then) if isinstance(then, tuple) else then):
            raise RegistryError("this is a mask, not the value: reveal it first, or leave the record as it is", 422, name)
