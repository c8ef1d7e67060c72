"""Every refusal as problem+json (RFC 9457) that names the field."""

import structlog
from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from sqlalchemy.exc import IntegrityError, SQLAlchemyError
from starlette.exceptions import HTTPException

from central.errors import RegistryError
from central.logs import database_fault, place_of
from central.wire import is_of_edges

MEDIA_TYPE = "application/problem+json"
RETRY_AFTER_S = 2
log = structlog.get_logger("central.problems")


def problem(status: int, detail: str, *, field: str = "", retry_after_s: int = 0, **facts: object) -> JSONResponse:
    """Return a problem reply; the `field` at fault, where there is one, and `facts` stand beside the detail."""
    wait_s = retry_after_s or (RETRY_AFTER_S if status == 503 else 0)
    headers = {"Retry-After": str(wait_s)} if wait_s else None
    named = {"field": field} if field else {}
    return JSONResponse({"status": status, "detail": detail, **named, **facts}, status, headers, media_type=MEDIA_TYPE)


def install(app: FastAPI) -> None:
    """Let every error of the application be answered as a problem, but for those of a request's form (see `invalid`)."""
    app.add_exception_handler(RegistryError, _refused)
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(IntegrityError, _conflict)
    app.add_exception_handler(SQLAlchemyError, _unavailable)
    app.add_exception_handler(Exception, _fault)


def _refused(_request: Request, error: Exception) -> Response:
    assert isinstance(error, RegistryError)
    return problem(error.status_code, error.message, field=error.field, retry_after_s=error.retry_after_s, **error.facts)


def invalid(_request: Request, error: Exception) -> Response:
    """Refuse what of a request is not of its form, and name it."""
    assert isinstance(error, RequestValidationError)
    errors = [{"field": ".".join(map(str, fault["loc"][1:])), "detail": fault["msg"]} for fault in error.errors()]
    first = errors[0]
    return problem(422, f"{first['field']}: {first['detail']}", field=first["field"], errors=errors)


def _http(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    # Not to a gate: what is named to it is believed for good, and nobody has looked yet whether it is the gate that asks.
    field = "body" if error.status_code == 413 and not is_of_edges(request.scope) else ""
    return problem(error.status_code, str(error.detail), field=field)


def _conflict(_request: Request, _error: Exception) -> Response:
    return problem(409, "this conflicts with another record, or one that it refers to is gone")


def _unavailable(request: Request, error: Exception) -> Response:
    assert isinstance(error, SQLAlchemyError)
    log.error("the database failed", route=_route(request), **database_fault(error))
    return problem(503, "the database cannot be reached now")


def _fault(request: Request, error: Exception) -> Response:
    log.error("a fault of ours", route=_route(request), fault=place_of(error))
    return problem(500, "a fault of the registry; it has been written down")


def _route(request: Request) -> str:
    """Name what was asked for, without what stands in the address: it may be a link that signs in."""
    return str(getattr(request.scope.get("route"), "path", ""))
