"""Routes of the pages that show, and of the language.

All are coroutines: the event loop owns what they read.
"""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, HTTPException, Query
from fastapi.responses import HTMLResponse, RedirectResponse, Response, StreamingResponse

from access.snapshot import SnapshotError
from access.words import LANGUAGES
from edge.desk import live, words
from edge.desk.booth import Booth
from edge.desk.doors import BoothHere, Guard, Language, OwnCookie, SignedIn
from edge.desk.features import FEATURES
from edge.desk.look import CHOICES
from edge.desk.notices import Board, board_of
from edge.desk.presentation import LaneShown, days_left, lane_shown
from edge.desk.renderings import Parts

LANGUAGE_COOKIE_S = 365 * 24 * 3600
BACK = ("/", "/devices", "/emergency", "/alarms", "/patterns", "/sign-in", *(f"/{feature.name}" for feature in FEATURES))

router = APIRouter()


@router.get("/")
async def lanes(booth: BoothHere, guard: Guard, language: Language) -> HTMLResponse:
    """Show the lanes, what waits for the guard, and what just happened."""
    return HTMLResponse(booth.page("lanes", language, guard))


@router.get("/devices")
async def devices(booth: BoothHere, guard: Guard, language: Language) -> HTMLResponse:
    """Show every device with what its wire has carried and refused, the alarms, and the programs' state."""
    return HTMLResponse(booth.page("devices", language, guard))


@router.get("/patterns")
async def patterns(booth: BoothHere, guard: Guard, language: Language) -> HTMLResponse:
    """Show every component in every state, in both themes side by side."""
    return HTMLResponse(booth.page("patterns", language, guard))


@router.get("/live")
async def stay_live(
    booth: BoothHere, cookie: OwnCookie, language: Language, page: Annotated[str, Query(max_length=40)] = "lanes"
) -> Response:
    """Stream what changes; a browser whose guard is not signed in is told so, not refused, lest it ask for ever."""

    def look() -> Parts | None:
        guard = booth.guard_of(cookie)
        return booth.parts(page, language, guard) if guard else None

    return _stream(booth, look, live.STREAMS_MAX)


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
    return HTMLResponse(booth.renderer.display(lane, language, _board(booth, lane), _days_left(booth, lane)))


@router.get("/display/{lane}/live")
async def keep_display(booth: BoothHere, lane: DisplayAt, language: Language) -> Response:
    """Stream what the driver is told."""

    def render() -> Parts:
        now = display_at(booth, lane.id)
        return booth.renderer.display_parts(now, language, _board(booth, now), _days_left(booth, now))

    def look() -> Parts:
        return booth.renderings.shared(("display", language, lane.id), render)

    return _stream(booth, look, live.DISPLAY_STREAMS_MAX)


@router.get("/cameras/{camera}.jpg", dependencies=[SignedIn])
async def picture(camera: str, booth: BoothHere) -> Response:
    """Return a camera's newest picture, or nothing (204) where there is none now."""
    newest = await booth.pictures.newest(camera)
    return Response(newest, 200, media_type="image/jpeg") if newest else Response(status_code=204)


@router.get("/language/{code}")
async def choose_language(booth: BoothHere, code: str, back: str = "/") -> Response:
    """Remember this browser's language and go back to where it was."""
    response = RedirectResponse(back if back in BACK else "/", 303)
    if code in LANGUAGES:
        response.set_cookie("lang", code, max_age=LANGUAGE_COOKIE_S, samesite="strict", httponly=True, secure=booth.secure)
    return response


@router.get("/look/{name}/{value}")
async def choose_look(booth: BoothHere, name: str, value: str, back: str = "/") -> Response:
    """Remember how this browser's pages look and sound, and go back to where it was."""
    response = RedirectResponse(back if back in BACK else "/", 303)
    if value in CHOICES.get(name, ()):
        response.set_cookie(name, value, max_age=LANGUAGE_COOKIE_S, samesite="strict", httponly=True, secure=booth.secure)
    return response


def _board(booth: Booth, lane: LaneShown) -> Board:
    return board_of(booth.config, booth.book.pages, lane.id, booth.clock.utc())


def _days_left(booth: Booth, lane: LaneShown) -> int | None:
    rules, who = booth.roll.rules, lane.view.registered if lane.view else None
    if rules is None or who is None:
        return None
    try:
        credential = rules.credential_of(UUID(who.credential))
    except (ValueError, SnapshotError):
        return None
    return days_left(credential, datetime.fromtimestamp(booth.clock.utc(), rules.zone)) if credential else None


def _stream(booth: Booth, look: live.Look, streams_max: int) -> Response:
    if booth.streams >= streams_max:
        return Response("Too many open pages.", 503)
    return StreamingResponse(live.stream(booth, look), media_type="text/event-stream")
