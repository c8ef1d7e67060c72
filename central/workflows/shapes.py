"""Requests made of the events of the state machines: what an act's body may hold, and the event that it stands for."""

import dataclasses
import types
from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from functools import cache
from typing import Annotated, Any, Union, get_args, get_origin, get_type_hints

from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, Field, TypeAdapter, ValidationError, create_model

from access.workflows.events import ITEMS_MAX, Event, Who
from central.records.schemas import Moment, Prose, Wanted

# Who did it and when is never the sender's to say.
_OURS = frozenset({"at", "by"})
Quantity = Annotated[Decimal, Field(ge=0, max_digits=9, decimal_places=3)]
Number = Annotated[int, Field(ge=0, le=1_000_000_000)]
_SIMPLE: Mapping[Any, Any] = {str: Prose, datetime: Moment, Decimal: Quantity, int: Number}


def body_of(declared: Any) -> type[BaseModel]:
    """Return the form of what a client may send for this event, or this part of one: its fields, bounded, and no others."""
    return _body_of(declared)


def adapter(declared: Any) -> TypeAdapter[Any]:
    """Return what reads and writes this dataclass as JSON."""
    return _adapter(declared)


@cache
def _body_of(declared: Any) -> type[BaseModel]:
    hints = get_type_hints(declared)
    fields: dict[str, Any] = {}
    for field in dataclasses.fields(declared):
        if field.name not in _OURS:
            fields[field.name] = (_form(hints[field.name]), _default(field))
    model: type[BaseModel] = create_model(
        f"{declared.__name__}Wanted", __base__=Wanted, __doc__=declared.__doc__, __module__=__name__, **fields
    )
    return model


def event_of(declared: type[Event], facts: Mapping[str, Any], at: datetime, by: Who) -> Event:
    """Return the event that a body stands for; RequestValidationError naming the field that no event of this kind can have."""
    try:
        event: Event = adapter(declared).validate_python({**facts, "at": at, "by": by})
    except ValidationError as error:
        faults = [{**fault, "loc": ("body", *fault["loc"])} for fault in error.errors(include_url=False)]
        raise RequestValidationError(faults) from error
    return event


@cache
def _adapter(declared: Any) -> TypeAdapter[Any]:
    return TypeAdapter(declared)


def _form(hint: Any) -> Any:
    if hint in _SIMPLE:
        return _SIMPLE[hint]
    if dataclasses.is_dataclass(hint):
        assert isinstance(hint, type)
        return body_of(hint)
    origin, parts = get_origin(hint), get_args(hint)
    if origin in (Union, types.UnionType):
        [only] = [part for part in parts if part is not types.NoneType]
        return _form(only) | None
    if origin is tuple:
        assert parts[1] is Ellipsis, "lists have parts of one kind"
        part: Any = _form(parts[0])
        return Annotated[tuple[part, ...], Field(max_length=ITEMS_MAX)]
    return hint


def _default(field: "dataclasses.Field[Any]") -> Any:
    if field.default_factory is not dataclasses.MISSING:
        return Field(default_factory=field.default_factory)
    return ... if field.default is dataclasses.MISSING else field.default
