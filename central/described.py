"""What the OpenAPI file says beyond what FastAPI knows: the area of each operation, how one authenticates, what a problem is."""

from collections.abc import Iterator, Sequence
from typing import Any

from fastapi.dependencies.models import Dependant
from fastapi.routing import iter_route_contexts
from starlette.routing import BaseRoute

from central.records.openapi import ProblemShown
from central.users.access import Allowed
from central.users.rights import Area

AREA = "x-area"
SCHEME = "token"


def described(document: dict[str, Any], routes: Sequence[BaseRoute]) -> dict[str, Any]:
    """Add it to the document, from the very checks that the routes make; a second time changes nothing."""
    components = document.setdefault("components", {})
    components.setdefault("schemas", {})["ProblemShown"] = ProblemShown.model_json_schema()
    components["securitySchemes"] = {SCHEME: {"type": "http", "scheme": "bearer"}}
    for path, method, area in _areas(routes):
        operation = document["paths"].get(path, {}).get(method)
        if operation is not None:
            operation |= {AREA: area, "security": [{SCHEME: []}]}
    return document


def _areas(routes: Sequence[BaseRoute]) -> Iterator[tuple[str, str, Area]]:
    for route in iter_route_contexts(routes):
        dependant: Dependant | None = getattr(route, "dependant", None)
        for check in dependant.dependencies if dependant else ():
            if isinstance(check.call, Allowed):
                yield from ((str(route.path_format), method.lower(), check.call.area) for method in route.methods or ())
