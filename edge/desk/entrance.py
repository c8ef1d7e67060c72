"""Routes of signing in and out: by badge and PIN, or once by the sealed code; both stand in the journal."""

import asyncio
import math
from typing import Annotated
from uuid import uuid4

from fastapi import APIRouter, Form, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from access.acts import BREAK_GLASS
from edge.desk import words
from edge.desk.booth import Booth
from edge.desk.break_glass import digits_of, sealed, use_up
from edge.desk.doors import BoothHere, Guard, Language, OwnCookie, OwnForm
from edge.desk.duty.posts import post_of
from edge.desk.guards import Refused
from edge.desk.handover.standing import to_take
from edge.desk.kept import Kept, carried_by
from edge.desk.recording import record
from edge.desk.sessions import SESSION_S, Session
from edge.messages import RaiseAlarm
from edge.places import Places

NAME_MAX = 40

router = APIRouter()


@router.get("/sign-in")
async def sign_in_form(booth: BoothHere, cookie: OwnCookie, language: Language) -> Response:
    """Ask for badge and PIN."""
    return sign_in_page(booth, cookie or booth.sessions.cookie(), language)


@router.post("/sign-in", dependencies=[OwnForm])
async def sign_in(
    http: Request,
    booth: BoothHere,
    cookie: OwnCookie,
    language: Language,
    badge: Annotated[str, Form(max_length=20)] = "",
    pin: Annotated[str, Form(max_length=64)] = "",
) -> Response:
    """Sign a guard in, with a new cookie; who has a shift to take is asked about that first."""
    kept = await carried_by(http)
    failures = booth.sign_in.failures(badge.strip())
    result = await booth.sign_in.check(badge.strip(), pin, booth.clock.now())
    if isinstance(result, Refused):
        return sign_in_page(booth, cookie, language, words.WRONG_PIN, wait_s=math.ceil(result.wait_s), status=403, kept=kept)
    await _leave(booth, cookie)
    session = booth.sessions.begin(str(result.id), result.badge, result.name, booth.clock.now(), leader=result.leader)
    await record(booth, session, uuid4(), "duty", "", "sign_in", values={"post": post_of(booth), "failures": failures})
    if kept is not None and kept.by == session.badge:
        booth.waiting.keep(session.badge, kept)
    if booth.waiting.of(session.badge):
        return _in(booth, session, "/kept")
    has_shift = to_take(booth.book.pages, session.badge, booth.clock.utc())
    return _in(booth, session, "/duty/shift" if has_shift or failures else "/")


@router.get("/kept")
async def waiting(booth: BoothHere, guard: Guard, language: Language) -> Response:
    """Show what this guard had typed when their session ended, to look through it and send it."""
    forms = booth.waiting.of(guard.badge)
    if not forms:
        return RedirectResponse("/", 303)
    return HTMLResponse(booth.page("kept", language, guard, forms=forms, unfit=()))


@router.post("/break-glass", dependencies=[OwnForm])
async def break_glass(
    booth: BoothHere,
    cookie: OwnCookie,
    language: Language,
    code: Annotated[str, Form(max_length=100)] = "",
    name: Annotated[str, Form(max_length=NAME_MAX)] = "",
) -> Response:
    """Sign in by the sealed code, once: written down and alarmed before it is good for anything."""
    if not name.strip():
        return sign_in_page(booth, cookie, language, words.NAME_MISSING, status=422)
    places = Places(booth.config.gate.data)
    async with booth.sign_in.sealed_code:
        hashed = sealed(places)
        refused = await booth.sign_in.proved(BREAK_GLASS, hashed, digits_of(code), booth.clock.now())
        if refused:
            return sign_in_page(booth, cookie, language, words.WRONG_CODE, wait_s=math.ceil(refused.wait_s), status=403)
        session = booth.sessions.begin(BREAK_GLASS, BREAK_GLASS, BREAK_GLASS, booth.clock.now())
        if refusal := await _taken_down(booth, session, name, hashed):
            booth.sessions.end(session.cookie)
            return sign_in_page(booth, cookie, language, words.REFUSALS.get(refusal, words.REFUSALS["gate_away"]), status=503)
    await _leave(booth, cookie)
    return _in(booth, session, "/")


@router.post("/sign-out", dependencies=[OwnForm])
async def sign_out(booth: BoothHere, cookie: OwnCookie) -> Response:
    """End the guard's session."""
    await _leave(booth, cookie)
    response = RedirectResponse("/sign-in", 303)
    response.delete_cookie(booth.cookie)
    return response


async def _leave(booth: Booth, cookie: str) -> None:
    """End the session of a cookie, where there is one, and write that down once."""
    session = booth.guard_of(cookie)
    booth.sessions.end(cookie)
    if session:
        await record(booth, session, uuid4(), "duty", "", "sign_out", values={"post": post_of(booth)})


async def _taken_down(booth: Booth, session: Session, name: str, hashed: str) -> str:
    """Write down who comes in by the sealed code, raise the alarm and use the code up; return why not, "" where it is done.

    A crash before the end has let nobody in, for sessions end with the program: the code stays good then.
    """
    values = {"post": post_of(booth), "how": BREAK_GLASS}
    reply = await record(booth, session, uuid4(), "duty", "", "sign_in", values=values, said=name)
    if not reply.accepted:
        return reply.refusal
    if not booth.asks.tell(RaiseAlarm("break_glass")):
        return "gate_away"
    try:
        await asyncio.to_thread(use_up, Places(booth.config.gate.data), hashed)
    except OSError:
        return "not_written"
    return ""


def _in(booth: Booth, session: Session, where: str) -> Response:
    response = RedirectResponse(where, 303)
    _set_cookie(booth, response, session.cookie)
    return response


def sign_in_page(
    booth: Booth, cookie: str, language: str, fault: str = "", *, wait_s: int = 0, status: int = 200, kept: Kept | None = None
) -> Response:
    """Return the page of signing in; `fault` is not translated, and where one must wait that is what is said.

    `kept` is what somebody has sent who was not signed in any more: it is shown to them again when they are.
    """
    translated = words.catalogue(language).gettext
    said = translated(words.TOO_MANY_TRIES) % {"seconds": wait_s} if wait_s else translated(fault) if fault else ""
    page = booth.renderer.page(
        "sign_in",
        language,
        token=booth.sessions.token(cookie),
        roll=booth.roll,
        said=said,
        lacks_pepper=booth.sign_in.lacks_pepper,
        kept=kept,
        has_sealed_code=bool(sealed(Places(booth.config.gate.data))),
    )
    response = HTMLResponse(page, status)
    _set_cookie(booth, response, cookie)
    return response


def _set_cookie(booth: Booth, response: Response, cookie: str) -> None:
    response.set_cookie(booth.cookie, cookie, max_age=int(SESSION_S), httponly=True, samesite="strict", secure=booth.secure)
