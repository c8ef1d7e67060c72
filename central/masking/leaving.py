"""Where replies leave the office's API: whatever an operation returns, or refuses with, goes through the mask first."""

import inspect
from collections.abc import Callable, Iterable, Iterator
from functools import wraps
from typing import Any, Final

from fastapi import APIRouter
from fastapi.routing import APIRoute

from central.errors import RegistryError
from central.masking.kinds import Sight
from central.masking.names import masked_facts
from central.masking.walk import masked

MASKED: Final = "__gatehouse_masked__"


def leave_masked(routers: Iterable[APIRouter]) -> None:
    """Let all operations of these routers reply as the role of who asks may see it; those that do already stay as they are."""
    for router in routers:
        for route in _routes(router):
            if not hasattr(route.endpoint, MASKED):
                route.endpoint = _leaving_masked(route.endpoint)


def is_masked(endpoint: Callable[..., Any]) -> bool:
    """Tell whether what this function of a route returns goes through the mask."""
    return hasattr(endpoint, MASKED)


def _routes(router: APIRouter) -> Iterator[APIRoute]:
    for route in router.routes:
        if isinstance(route, APIRoute):
            yield route
        elif isinstance(included := getattr(route, "original_router", None), APIRouter):
            yield from _routes(included)


def _leaving_masked(endpoint: Callable[..., Any]) -> Callable[..., Any]:
    if inspect.iscoroutinefunction(endpoint):

        @wraps(endpoint)
        async def waiting(**given: Any) -> Any:
            sight = sight_of(given)
            try:
                return masked(await endpoint(**given), sight)
            except RegistryError as error:
                error.facts = masked_facts(error.facts, sight)
                raise

        act: Callable[..., Any] = waiting
    else:

        @wraps(endpoint)
        def at_once(**given: Any) -> Any:
            sight = sight_of(given)
            try:
                return masked(endpoint(**given), sight)
            except RegistryError as error:
                error.facts = masked_facts(error.facts, sight)
                raise

        act = at_once
    setattr(act, MASKED, True)
    return act


def sight_of(given: dict[str, Any]) -> Sight:
    """Return what the one sees who asks, by the desk or visitor that the operation is given; without either nothing."""
    for each in given.values():
        visitor = getattr(each, "visitor", each)
        if hasattr(visitor, "actor"):
            return Sight(visitor.actor.role)
    return Sight("")
