"""Routes of what a guard does: the form of an act, freshly made, and its one press."""

from typing import Annotated
from urllib.parse import quote
from uuid import UUID, uuid4

from fastapi import APIRouter, Depends, HTTPException, Request
from fastapi.responses import HTMLResponse, JSONResponse, RedirectResponse, Response

from access.on_record import GuardFacts
from edge.booth_messages import GuardReply
from edge.desk import offers, words
from edge.desk.booth import Booth
from edge.desk.doors import BoothHere, Guard, Language, OwnForm
from edge.desk.forms import Fault, Press, Subject, fault_of, request_of, second_person, whys_of
from edge.desk.presentation import lane_shown
from edge.desk.sessions import Session

router = APIRouter()


def subject_of(booth: BoothHere, http: Request, act: str, passage: str = "", choice: str = "") -> Subject:
    """Return what the address names; a lane that is not here is not found."""
    slug = http.path_params.get("lane")
    if act not in (offers.GATE_ACTS if slug is None else offers.LANE_ACTS):
        raise HTTPException(422, words.NOT_UNDERSTOOD)
    if act == "direct" and choice not in offers.HEADING_LETTERS:
        raise HTTPException(422, words.NOT_UNDERSTOOD)
    lane = None if slug is None else lane_shown(booth.config, booth.situation, slug)
    if slug is not None and lane is None:
        raise HTTPException(404, words.NO_SUCH_LANE)
    return Subject(lane, act, passage[:64], choice[:64])


SubjectHere = Annotated[Subject, Depends(subject_of)]
Pressed = Annotated[Press, Depends()]


@router.get("/lanes/{lane}/{act}")
@router.get("/gate/{act}")
async def act_form(booth: BoothHere, guard: Guard, language: Language, subject: SubjectHere) -> HTMLResponse:
    """Show what will be done and recorded, and ask why; the form bears the id that makes it happen once."""
    return _form(booth, guard, language, subject)


@router.post("/lanes/{lane}/{act}", dependencies=[OwnForm])
@router.post("/gate/{act}", dependencies=[OwnForm])
async def press_act(
    http: Request, booth: BoothHere, guard: Guard, language: Language, subject: SubjectHere, press: Pressed
) -> Response:
    """Ask the gate, and tell what became of it: as JSON to the page's script, else on a page of its own."""
    now = booth.clock.now()
    wants_json = "application/json" in http.headers.get("accept", "")
    whys = whys_of(subject, booth.book.pages.settings, language)
    second = fault_of(subject, press, whys) or await _second(booth, guard, subject, press, now)
    if isinstance(second, Fault):
        if wants_json:
            told = {"accepted": False, "asked": False, "said": second.said(language), "field": second.field}
            return JSONResponse(told)
        return _form(booth, guard, language, subject, press, second)
    of_site = next((why.site for why in whys if why.code == press.reason), "")
    reply = await booth.asks.ask(request_of(subject, press, guard, second, now, of_site))
    if wants_json:
        return JSONResponse({"accepted": reply.accepted, "asked": True, "said": _said(reply, subject, booth, language)})
    return RedirectResponse(f"{subject.address}/{press.request}?choice={quote(subject.choice)}", 303)


@router.get("/lanes/{lane}/{act}/{request}")
@router.get("/gate/{act}/{request}")
async def show_reply(booth: BoothHere, guard: Guard, language: Language, subject: SubjectHere, request: UUID) -> HTMLResponse:
    """Show what became of an act; loading this page again does nothing again."""
    reply = booth.asks.reply(str(request))
    said = _said(reply, subject, booth, language)
    return HTMLResponse(booth.page("reply", language, guard, accepted=reply.accepted, said=said, back=subject.back))


async def _second(booth: Booth, guard: Session, subject: Subject, press: Press, now: float) -> GuardFacts | Fault | None:
    """Return the second person where one must sign."""
    if not offers.needs_second(subject.act, press.minutes):
        return None
    return await second_person(press, guard, booth.sign_in, now)


def _form(
    booth: Booth, guard: Session, language: str, subject: Subject, sent: Press | None = None, fault: Fault | None = None
) -> HTMLResponse:
    said = fault.said(language) if fault else ""
    whys = whys_of(subject, booth.book.pages.settings, language)
    page = booth.page("act", language, guard, subject=subject, request=uuid4(), sent=sent, fault=said, whys=whys)
    return HTMLResponse(page, 422 if fault else 200)


def _said(reply: GuardReply, subject: Subject, booth: Booth, language: str) -> str:
    """Return the gate's reply in words, with lane and act."""
    translated = words.catalogue(language).gettext
    where = subject.lane.name if subject.lane else booth.config.gate.name
    what = f"{where} · {translated(words.act(subject.name, is_door=subject.is_door))}{translated(': ')}"
    if reply.accepted:
        return f"{what}{translated(words.HELD if reply.held else words.DONE)}"
    return f"{what}{translated(words.REFUSALS.get(reply.refusal, words.REFUSED))}".replace("{code}", reply.refusal)
