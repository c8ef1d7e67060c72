"""The web application of the booth: its routes, static files, and plain pages for what goes wrong."""

from http import HTTPStatus
from pathlib import Path

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from fastapi.staticfiles import StaticFiles
from starlette.exceptions import HTTPException

from edge.desk import acts, alarms, captures, emergency, entrance, pages, scan, words
from edge.desk.booth import Booth
from edge.desk.doors import ForeignForm, FrontDoor, NotSignedIn, cookie_of
from edge.desk.kept import kept_of, unfit
from edge.desk.tls import hosts_of

STATIC = Path(__file__).parent / "static"


def create_app(booth: Booth) -> FastAPI:
    """Return the application that serves one booth."""
    app = FastAPI(openapi_url=None, docs_url=None, redoc_url=None)
    app.state.booth = booth
    app.mount("/static", StaticFiles(directory=STATIC), "static")
    app.include_router(entrance.router)
    app.include_router(pages.router)
    app.include_router(alarms.router)
    app.include_router(emergency.router)
    app.include_router(captures.router)
    app.include_router(acts.router)
    app.include_router(scan.router)
    for feature in booth.features.values():
        app.include_router(feature.router)
    app.add_exception_handler(NotSignedIn, _sign_in_first)
    app.add_exception_handler(ForeignForm, _send_again)
    app.add_exception_handler(HTTPException, _explain)
    app.add_exception_handler(RequestValidationError, _name_fields)
    app.add_middleware(FrontDoor, hosts=hosts_of(booth.config.booth), secure=booth.secure)
    return app


async def _sign_in_first(request: Request, _error: Exception) -> Response:
    booth: Booth = request.app.state.booth
    kept = await kept_of(request, booth.sessions)
    if kept is None or not kept.by or not kept.request:
        return RedirectResponse("/sign-in", 303)
    if kept.is_ours:
        booth.waiting.keep(kept.by, kept)
    cookie = cookie_of(request, booth) or booth.sessions.cookie()
    return entrance.sign_in_page(booth, cookie, words.chosen(request.cookies.get("lang")), status=401, kept=kept)


async def _send_again(request: Request, error: Exception) -> Response:
    """Say of a form that is older than the guard's session that nothing was done, with what was typed: to who typed it alone."""
    booth: Booth = request.app.state.booth
    guard, kept = booth.guard_of(cookie_of(request, booth)), await kept_of(request, booth.sessions)
    if kept is None or not kept.by:
        return await _explain(request, error)
    if guard is None:
        return await _sign_in_first(request, error)
    if kept.by != guard.badge:
        if kept.is_ours and kept.request:
            booth.waiting.keep(kept.by, kept)
        return await _explain(request, HTTPException(409, words.OTHERS_FORM))
    page = booth.page("kept", words.chosen(request.cookies.get("lang")), guard, forms=[kept], unfit=())
    return HTMLResponse(page, 409)


async def _name_fields(request: Request, error: Exception) -> Response:
    """Say which fields hold what they may not, with what was typed; an address that holds nothing of ours is no page."""
    booth: Booth = request.app.state.booth
    guard, kept = booth.guard_of(cookie_of(request, booth)), await kept_of(request, booth.sessions)
    if not isinstance(error, RequestValidationError) or guard is None:
        return await _explain(request, error)
    if any(fault["loc"][0] == "path" for fault in error.errors()):
        return await _explain(request, HTTPException(404))
    forms = [kept] if kept and kept.by == guard.badge else []
    page = booth.page("kept", words.chosen(request.cookies.get("lang")), guard, forms=forms, unfit=unfit(error))
    return HTMLResponse(page, 422)


async def _explain(request: Request, error: Exception) -> Response:
    booth: Booth = request.app.state.booth
    status = error.status_code if isinstance(error, HTTPException) else 422
    said = error.detail if isinstance(error, HTTPException) else words.NOT_UNDERSTOOD
    if said == HTTPStatus(status).phrase:  # the framework's own
        said = words.NO_SUCH_PAGE if status in (404, 405) else words.NOT_UNDERSTOOD
    return HTMLResponse(booth.renderer.page("fault", words.chosen(request.cookies.get("lang")), said=said), status)
