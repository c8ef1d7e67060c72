"""The web application of the booth: its routes, static files, and plain pages for what goes wrong."""

from pathlib import Path

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from fastapi.staticfiles import StaticFiles
from starlette.exceptions import HTTPException

from edge.desk import acts, alarms, captures, emergency, entrance, pages, scan, words
from edge.desk.booth import Booth
from edge.desk.doors import FrontDoor, NotSignedIn
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
    app.add_exception_handler(HTTPException, _explain)
    app.add_exception_handler(RequestValidationError, _explain)
    app.add_middleware(FrontDoor, hosts=hosts_of(booth.config.booth), secure=booth.secure)
    return app


async def _sign_in_first(_request: Request, _error: Exception) -> Response:
    return RedirectResponse("/sign-in", 303)


async def _explain(request: Request, error: Exception) -> Response:
    booth: Booth = request.app.state.booth
    status = error.status_code if isinstance(error, HTTPException) else 422
    said = error.detail if isinstance(error, HTTPException) else words.NOT_UNDERSTOOD
    return HTMLResponse(booth.renderer.page("fault", words.chosen(request.cookies.get("lang")), said=said), status)
