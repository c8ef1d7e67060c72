"""Routes of the pages that show, of signing in and out, and of the language.

All are coroutines: the event loop owns what they read.
"""

import math
from collections.abc import Mapping
from typing import Annotated

from fastapi import APIRouter, Depends, Form, HTTPException, Query
from fastapi.responses import HTMLResponse, RedirectResponse, Response, StreamingResponse

from access.words import LANGUAGES
from edge.desk import live, words
from edge.desk.booth import Booth
from edge.desk.doors import BoothHere, Guard, Language, OwnCookie, OwnForm, SignedIn
from edge.desk.features import FEATURES
from edge.desk.guards import Refused
from edge.desk.presentation import LaneShown, lane_shown
from edge.desk.sessions import SESSION_S

LANGUAGE_COOKIE_S = 365 * 24 * 3600
BACK = ("/", "/devices", "/emergency", "/sign-in", *(f"/{feature.name}" for feature in FEATURES))

router = APIRouter()


@router.get("/")
async def lanes(booth: BoothHere, guard: Guard, language: Language) -> HTMLResponse:
    """Show the lanes, what waits for the guard, and what just happened."""
    return HTMLResponse(booth.page("lanes", language, guard))


@router.get("/devices")
async def devices(booth: BoothHere, guard: Guard, language: Language) -> HTMLResponse:
    """Show every device with what its wire has carried and refused, the alarms, and the programs' state."""
    return HTMLResponse(booth.page("devices", language, guard))


@router.get("/live")
async def stay_live(
    booth: BoothHere, cookie: OwnCookie, language: Language, page: Annotated[str, Query(max_length=40)] = "lanes"
) -> Response:
    """Stream what changes; a browser whose guard is not signed in is told so, not refused, lest it ask for ever."""

    def look() -> Mapping[str, str] | None:
        return booth.parts(page, language) if booth.guard_of(cookie) else None

    return _stream(booth, look, live.STREAMS_MAX)


@router.get("/emergency")
async def emergency(booth: BoothHere, guard: Guard, language: Language) -> HTMLResponse:
    """Show whether the site is evacuated and which lanes stand open; the page itself opens nothing."""
    return HTMLResponse(booth.page("emergency", language, guard))


def display_at(booth: BoothHere, lane: str) -> LaneShown:
    """Return the lane whose display it is."""
    found = lane_shown(booth.config, booth.situation, lane)
    if found is None:
        raise HTTPException(404, words.NO_SUCH_LANE)
    return found


DisplayAt = Annotated[LaneShown, Depends(display_at)]


@router.get("/display/{lane}")
async def display(booth: BoothHere, lane: DisplayAt, language: Language) -> HTMLResponse:
    """Show what the driver is told; no sign-in, for it names nobody."""
    return HTMLResponse(booth.renderer.display(lane, language))


@router.get("/display/{lane}/live")
async def keep_display(booth: BoothHere, lane: DisplayAt, language: Language) -> Response:
    """Stream what the driver is told."""

    def look() -> Mapping[str, str]:
        return booth.renderer.display_parts(display_at(booth, lane.id), language)

    return _stream(booth, look, live.DISPLAY_STREAMS_MAX)


@router.get("/cameras/{camera}.jpg", dependencies=[SignedIn])
async def picture(camera: str, booth: BoothHere) -> Response:
    """Return a camera's newest picture, or nothing (204) where there is none now."""
    newest = await booth.pictures.newest(camera)
    return Response(newest, 200, media_type="image/jpeg") if newest else Response(status_code=204)


@router.get("/sign-in")
async def sign_in_form(booth: BoothHere, cookie: OwnCookie, language: Language) -> Response:
    """Ask for badge and PIN."""
    return _sign_in_page(booth, cookie or booth.sessions.cookie(), language)


@router.post("/sign-in", dependencies=[OwnForm])
async def sign_in(
    booth: BoothHere,
    cookie: OwnCookie,
    language: Language,
    badge: Annotated[str, Form(max_length=20)] = "",
    pin: Annotated[str, Form(max_length=64)] = "",
) -> Response:
    """Sign a guard in, with a new cookie."""
    result = await booth.sign_in.check(badge.strip(), pin, booth.clock.now())
    if isinstance(result, Refused):
        return _sign_in_page(booth, cookie, language, refused=True, wait_s=math.ceil(result.wait_s), status=403)
    session = booth.sessions.begin(str(result.id), result.badge, result.name, booth.clock.now(), leader=result.leader)
    response = RedirectResponse("/", 303)
    _set_cookie(booth, response, session.cookie)
    return response


@router.post("/sign-out", dependencies=[OwnForm])
async def sign_out(booth: BoothHere, cookie: OwnCookie) -> Response:
    """End the guard's session."""
    booth.sessions.end(cookie)
    response = RedirectResponse("/sign-in", 303)
    response.delete_cookie(booth.cookie)
    return response


@router.get("/language/{code}")
async def choose_language(code: str, back: str = "/") -> Response:
    """Remember this browser's language and go back to where it was."""
    response = RedirectResponse(back if back in BACK else "/", 303)
    if code in LANGUAGES:
        response.set_cookie("lang", code, max_age=LANGUAGE_COOKIE_S, samesite="strict", httponly=True)
    return response


def _stream(booth: Booth, look: live.Look, streams_max: int) -> Response:
    if booth.streams >= streams_max:
        return Response("Too many open pages.", 503)
    return StreamingResponse(live.stream(booth, look), media_type="text/event-stream")


def _sign_in_page(
    booth: Booth, cookie: str, language: str, *, refused: bool = False, wait_s: int = 0, status: int = 200
) -> Response:
    token = booth.sessions.token(cookie)
    page = booth.renderer.page("sign_in", language, token=token, roll=booth.roll, refused=refused, wait_s=wait_s)
    response = HTMLResponse(page, status)
    _set_cookie(booth, response, cookie)
    return response


def _set_cookie(booth: Booth, response: Response, cookie: str) -> None:
    response.set_cookie(booth.cookie, cookie, max_age=int(SESSION_S), httponly=True, samesite="strict")
