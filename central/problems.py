"""Every refusal as problem+json (RFC 9457) in Chinese and English that names the field."""

import re
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

import structlog
from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from sqlalchemy.exc import DataError, IntegrityError, SQLAlchemyError
from starlette.exceptions import HTTPException
from starlette.routing import Match, Mount

from central.errors import RegistryError
from central.form_words import fault_in_words
from central.logs import database_fault, place_of
from central.wire import body_bytes_max, is_of_edges

MEDIA_TYPE = "application/problem+json"
RETRY_AFTER_S = 2
IF_MATCH = "If-Match"
METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE")
# A body of a thousand faults is told enough of them, and a name that nobody knows is told short and plain.
FAULTS_MAX = 50
NAME_MAX = 80
# An accepted language without its region, and how much it is wanted.
_ACCEPTED = re.compile(r"^\s*([a-z]+)[a-z0-9-]*\s*(?:;\s*q=(\d(?:\.\d+)?)\s*)?$", re.IGNORECASE)
log = structlog.get_logger("central.problems")


def install(app: FastAPI) -> None:
    """Let every error of the application be answered as a problem, but for those of a request's form (see `invalid`)."""
    app.add_exception_handler(RegistryError, refused)
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(IntegrityError, _conflict)
    app.add_exception_handler(DataError, _unfit)
    app.add_exception_handler(UnicodeEncodeError, _unfit)
    app.add_exception_handler(SQLAlchemyError, _unavailable)
    app.add_exception_handler(Exception, _fault)


def refused(request: Request, error: Exception) -> Response:
    """Tell a refusal in both languages, with its field, facts and when to ask again."""
    assert isinstance(error, RegistryError)
    wait_s = error.retry_after_s or (RETRY_AFTER_S if error.status_code == 503 else 0)
    headers = {"Retry-After": str(wait_s)} if wait_s else {}
    return _problem(request, error.status_code, (error.chinese, error.message), error.field, error.facts, headers)


def invalid(request: Request, error: Exception) -> Response:
    """Refuse what of a request is not of its form, and name it; who changes a record must say which version he has read."""
    assert isinstance(error, RequestValidationError)
    faults = error.errors()
    errors = [_fault_told(request, fault) for fault in faults[:FAULTS_MAX]]
    if any(_is_unconditional(fault) for fault in faults):
        words = "read the record first and send its ETag in If-Match"
        return refused(request, RegistryError(words, 428, IF_MATCH, {"errors": errors}))
    first = errors[0]
    said = (f"{first['field']}：{first['zh']}", f"{first['field']}: {first['en']}")
    return _problem(request, 422, said, first["field"], {"errors": errors})


def language_of(request: Request) -> str:
    """Return the language that the request prefers of those that there are: zh, or en also where it prefers none."""
    preferred, most = "en", 0.0
    for accepted in ",".join(request.headers.getlist("Accept-Language")).split(","):
        found = _ACCEPTED.match(accepted)
        wanted = float(found[2] or 1) if found else 0.0
        if found and found[1].lower() in {"zh", "en"} and wanted > most:
            preferred, most = found[1].lower(), wanted
    return preferred


def _problem(
    request: Request,
    status: int,
    words: tuple[str, str],
    field: str = "",
    facts: Mapping[str, object] | None = None,
    headers: Mapping[str, str] | None = None,
) -> Response:
    named = {"field": field} if field else {}
    content = {
        "type": "about:blank",
        "title": HTTPStatus(status).phrase,
        "status": status,
        **_said(request, words),
        **named,
        **(facts or {}),
    }
    return JSONResponse(content, status, headers, media_type=MEDIA_TYPE)


def _said(request: Request, words: tuple[str, str]) -> dict[str, str]:
    chinese, english = words
    return {"detail": chinese if language_of(request) == "zh" else english, "zh": chinese, "en": english}


def _fault_told(request: Request, fault: Mapping[str, Any]) -> dict[str, str]:
    values = {**fault.get("ctx", {}), "place": fault["loc"][-1]}
    kind = fault["type"]
    # A text that is checked once it is trimmed is told as a list would be.
    if kind in ("too_short", "too_long") and isinstance(fault.get("input"), str):
        kind = f"string_{kind}"
    return {"field": field_of(fault), **_said(request, fault_in_words(kind, values))}


def field_of(fault: Mapping[str, Any]) -> str:
    """Return the name of what is at fault as the request has it; the part of the request that it is, where it is the whole."""
    part, *inner = fault["loc"]
    if not inner or fault["type"] == "json_invalid":
        return str(part)
    name = ".".join(map(str, inner))
    if part == "header":
        wired = name.replace("_", "-")
        return wired.title() if wired.islower() else wired
    return "".join(character if character.isprintable() else "?" for character in name[:NAME_MAX])


def _is_unconditional(fault: Mapping[str, Any]) -> bool:
    return fault["type"] == "missing" and fault["loc"][0] == "header" and field_of(fault) == IF_MATCH


def _http(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    status = error.status_code
    headers = {**(error.headers or {}), "Allow": _allowed(request)} if status == 405 else error.headers
    # Not to a gate: what is named to it is believed for good, and nobody has looked yet whether it is the gate that asks.
    field = "" if is_of_edges(request.scope) else "body"
    if status == 413:
        told = RegistryError("the body is over {limit} bytes", status, field, limit=body_bytes_max(request.scope))
    elif status == 400 and field:
        # As what is no JSON is refused: these bytes are no text.
        told = RegistryError("the body cannot be read", 422, field)
    else:
        told = RegistryError(_OF_HTTP.get(status, str(error.detail)), status)
    return _problem(request, told.status_code, (told.chinese, told.message), told.field, headers=headers)


_OF_HTTP = {
    400: "the body cannot be read",
    404: "there is nothing at this address",
    405: "this address does not take this method",
}


def _allowed(request: Request) -> str:
    """Return the methods of all routes at this address: the error names only those of the first."""
    routes = [route for route in request.app.routes if not isinstance(route, Mount)]
    scope = {"type": "http", "path": request.scope["path"], "root_path": request.app.root_path, "headers": []}
    found = [name for name in METHODS if any(route.matches(scope | {"method": name})[0] is Match.FULL for route in routes)]
    return ", ".join(found or METHODS[:2])


def _conflict(request: Request, _error: Exception) -> Response:
    return refused(request, RegistryError("this conflicts with another record, or one that it refers to is gone", 409))


def _unfit(request: Request, error: Exception) -> Response:
    """Refuse what got past the form and fits no database, as a NUL or half a character; to a gate it stays a fault of ours."""
    if is_of_edges(request.scope):
        return _unavailable(request, error) if isinstance(error, SQLAlchemyError) else _fault(request, error)
    log.warning("a request does not fit the database", route=_route(request), fault=place_of(error))
    return refused(request, RegistryError("the request has a text or number that cannot be kept", 422))


def _unavailable(request: Request, error: Exception) -> Response:
    assert isinstance(error, SQLAlchemyError)
    log.error("the database failed", route=_route(request), **database_fault(error))
    return refused(request, RegistryError("the database cannot be reached now", 503))


def _fault(request: Request, error: Exception) -> Response:
    if isinstance(error, SQLAlchemyError):  # while another error was being answered
        return _unavailable(request, error)
    log.error("a fault of ours", route=_route(request), fault=place_of(error))
    return refused(request, RegistryError("a fault of the registry; it has been written down", 500))


def _route(request: Request) -> str:
    """Name what was asked for, without what stands in the address: it may be a link that signs in."""
    return str(getattr(request.scope.get("route"), "path", ""))
