"""All shapes that the office's API replies with, and the texts in them."""

import dataclasses
from collections.abc import Iterator
from typing import Any, Literal, get_args, get_origin, get_type_hints

from fastapi import APIRouter
from fastapi.routing import APIRoute
from pydantic import BaseModel

from central.app import OFFICE_ROUTERS
from central.masking.walk import marks_of


def routes() -> list[APIRoute]:
    """Return all routes of the office's API."""
    return [route for router in OFFICE_ROUTERS for route in _routes(router)]


def _routes(router: APIRouter) -> Iterator[APIRoute]:
    for route in router.routes:
        if isinstance(route, APIRoute):
            yield route
        elif isinstance(included := getattr(route, "original_router", None), APIRouter):
            yield from _routes(included)


def texts() -> dict[str, bool]:
    """Return the fields of all shapes that hold texts or bytes, as `Shape.field`, and whether they are marked."""
    known: set[type] = set()
    found: dict[str, bool] = {}
    waiting: list[Any] = [route.response_model for route in routes()]
    while waiting:
        for shape in _shapes(waiting.pop()):
            if shape in known:
                continue
            known.add(shape)
            fields = _fields(shape)
            waiting += fields.values()
            marks = marks_of(shape)
            found |= {f"{shape.__name__}.{name}": marks[name] is not None for name, each in fields.items() if _has_text(each)}
    return found


def _fields(shape: Any) -> dict[str, Any]:
    if issubclass(shape, BaseModel):
        return {name: field.annotation for name, field in shape.model_fields.items()}
    hints = get_type_hints(shape)
    return {field.name: hints[field.name] for field in dataclasses.fields(shape)}


def _shapes(annotation: Any) -> Iterator[type]:
    if isinstance(annotation, type) and (issubclass(annotation, BaseModel) or dataclasses.is_dataclass(annotation)):
        yield annotation
    for part in get_args(annotation):
        yield from _shapes(part)


def _has_text(annotation: Any) -> bool:
    if get_origin(annotation) is Literal:
        return False
    return annotation in (str, bytes, Any) or any(_has_text(part) for part in get_args(annotation))
