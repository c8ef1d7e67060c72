"""Routes of visitors: found, taken down, let in and out, cards lent. What tells a person stands in no address."""

import os
from collections import defaultdict
from dataclasses import replace
from datetime import timedelta
from typing import Annotated, Any
from urllib.parse import urlencode
from uuid import UUID, uuid4, uuid5

from fastapi import APIRouter, Depends, Form, HTTPException, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from access.contract.booth_records import CardAtBooth, UnitAtBooth
from access.identifiers import uuid7
from access.workflows.refusals import Refusal
from access.workflows.visit import UNANNOUNCED
from edge.booth_messages import GuardReply
from edge.desk import recording
from edge.desk.booth import Booth
from edge.desk.captures import told
from edge.desk.doors import BoothHere, Guard, Language, OwnForm
from edge.desk.passes.words import SCANNED
from edge.desk.scan import TEXT_MAX, go_to, read
from edge.desk.sessions import Session
from edge.desk.visitors import finding, scanning, standing, words
from edge.desk.visitors.doing import (
    ACTS,
    CARD_NOT_IN_STOCK,
    DENIED,
    LANE,
    LETTING_IN,
    Doing,
    do,
    lane_of,
    may_let_in,
    open_lane,
    register,
    stands_there,
)
from edge.desk.visitors.forms import Deed, WalkIn, faults_of
from edge.desk.visitors.looking import look
from edge.desk.visitors.standing import Standing, categories_of, category_of
from edge.desk.words import catalogue

# Beside which field of a walk-in a refusal of the workflow is shown.
FIELDS = {"category_turned_away": "category", "no_standing_rule": "means", "obligations_open": "met", "party_full": "people"}

OWN_REFUSALS = {CARD_NOT_IN_STOCK: words.CARD_MISSING, DENIED: words.DENIED}
PHOTO_COMES = timedelta(minutes=1)

router = APIRouter(prefix="/visitors")
Taken = Annotated[WalkIn, Depends()]
Done = Annotated[Deed, Depends()]


def _is_piece(http: Request) -> bool:
    """Tell whether the page's script asks for a piece of it."""
    return "hx-request" in http.headers


# --- finding --------------------------------------------------------------------------------------


@router.get("")
async def first(booth: BoothHere, guard: Guard, language: Language) -> HTMLResponse:
    """Show who waits, who is inside, who is expected."""
    await booth.book.read()
    return _first(booth, guard, language)


def _first(booth: Booth, guard: Session, language: str, *, asked: str = "", said: str = "", status: int = 200) -> HTMLResponse:
    fitting = finding.visits(look(booth).found.values(), asked) if asked else []
    page = booth.page("visitors/first", language, guard, asked=asked, found=fitting, said=said)
    return HTMLResponse(page, status)


@router.post("/found", dependencies=[OwnForm])
async def found(
    http: Request, booth: BoothHere, guard: Guard, language: Language, asked: Annotated[str, Form(max_length=80)] = ""
) -> HTMLResponse:
    """Show the visits that were asked for: a piece of the page as it is typed, else the page."""
    await booth.book.read()
    if not _is_piece(http):
        return _first(booth, guard, language, asked=asked)
    fitting = finding.visits(look(booth).found.values(), asked)
    return HTMLResponse(booth.page("visitors/found", language, guard, asked=asked, found=fitting))


@router.post("/scan", dependencies=[OwnForm])
async def scan(
    booth: BoothHere,
    guard: Guard,
    language: Language,
    text: Annotated[str, Form(max_length=TEXT_MAX)] = "",
    visit: Annotated[str, Form(max_length=40)] = "",
) -> Response:
    """Show the visit of what was scanned, by its code or the card that it was lent; what is no visitor's opens its own place."""
    pages = await booth.book.read()
    found = await read(booth, text)
    if found.kind == "card" and found.id:
        return _of_card(booth, guard, language, found.id, standing.one(pages, visit, recording.now(booth)) if visit else None)
    if found.fault:
        return _first(booth, guard, language, said=_text(SCANNED[found.fault], language), status=422)
    return await _visit_page(booth, guard, language, found.alone, code=text.strip()) if found.alone else go_to(found)


@router.get("/cards/{card}")
async def card(booth: BoothHere, guard: Guard, language: Language, card: UUID) -> Response:
    """Show the visit that a visitor card is lent with, else that it is in stock."""
    await booth.book.read()
    return _of_card(booth, guard, language, card, None)


def _of_card(booth: Booth, guard: Session, language: str, card: UUID, here: Standing | None) -> Response:
    """Show the visit that a card is lent with; one in stock is chosen on the page of a visit whose visitors are `here`."""
    pages = booth.book.pages
    found, visit = pages.find(CardAtBooth, card), scanning.lent_with(pages, card)
    if visit and standing.one(pages, visit, recording.now(booth)):
        return RedirectResponse(f"/visitors/{visit}#cards", 303)
    if found and here and here.is_inside:
        return RedirectResponse(f"/visitors/{here.identity}?{urlencode({'card': found.id})}#cards", 303)
    said = _text(words.CARD_FREE, language) % {"card": found.printed} if found else _text(words.CARD_MISSING, language)
    return _first(booth, guard, language, said=said, status=422)


# --- walk-ins -------------------------------------------------------------------------------------


@router.get("/new")
async def walk_in(booth: BoothHere, guard: Guard, language: Language, lane: str = "", passage: str = "") -> HTMLResponse:
    """Ask who stands there; the plate is that which the lane has read."""
    await booth.book.read()
    here = lane_of(booth, lane)
    seen = here.view if here and here.view and stands_there(here, passage) else None
    form = WalkIn(
        request=uuid4(),
        visit=uuid7(recording.now(booth), os.urandom(10)),
        category=_usual(booth),
        plate=seen.plate if seen else "",
        lane=here.id if here else "",
        passage=passage[:64] or (seen.passage if seen else ""),
        opens="yes" if here else "",
    )
    return await _walk_in_page(booth, guard, language, form)


def _usual(booth: Booth) -> str:
    """Return the category that is chosen until the guard chooses another: the ordinary visitor, where the site has that."""
    codes = [one.code for one in categories_of(booth.book.pages.settings)]
    return UNANNOUNCED.code if UNANNOUNCED.code in codes else ""


@router.post("/new/look", dependencies=[OwnForm])
async def look_up(http: Request, booth: BoothHere, guard: Guard, language: Language, form: Taken) -> HTMLResponse:
    """Show which unit is meant, and who lives there; no more is done."""
    await booth.book.read()
    if not _is_piece(http):
        return await _walk_in_page(booth, guard, language, form)
    return HTMLResponse(
        booth.page("visitors/destination", language, guard, **await _destination(booth, form), faults=defaultdict(str))
    )


@router.post("/new", dependencies=[OwnForm])
async def take_down(booth: BoothHere, guard: Guard, language: Language, form: Taken) -> Response:
    """Take a walk-in down with the host's answer, and open the lane that they stand at."""
    if await recording.is_done(booth, form.request, str(form.visit)):  # the same press once more
        return _reply_at(form.visit, form.request, form.lane if form.opens and form.do == "agreed" else "")
    pages = booth.book.pages
    settings = pages.settings
    if faults := faults_of(form, settings):
        return await _walk_in_page(booth, guard, language, form, {name: _text(said, language) for name, said in faults.items()})
    doing = Doing(booth, guard, recording.now(booth))
    unit = finding.unit(pages.all(UnitAtBooth).values(), form.wanted)
    came_of = await register(doing, form, unit)
    if isinstance(came_of, Refusal):
        said = recording.refusal_in_words(booth, came_of, language)
        return await _walk_in_page(booth, guard, language, form, {FIELDS.get(came_of.code, "form"): said})
    if not came_of.accepted:
        return await _not_taken_down(booth, guard, language, form, came_of)
    opened = await _opened(doing, form, came_of) if form.do == "agreed" else ""
    return _reply_at(form.visit, form.request, opened)


async def _not_taken_down(booth: Booth, guard: Session, language: str, form: WalkIn, came_of: GuardReply) -> HTMLResponse:
    """Show what was typed with why it was not done; where only the answer is missing, in the visit's own form of that."""
    again, said = recording.request_again(form.request, came_of), _said_of(booth, came_of, language)
    standing_now = standing.one(booth.book.pages, str(form.visit), recording.now(booth))
    if standing_now is None:
        return await _walk_in_page(booth, guard, language, replace(form, request=again), {"form": said})
    fault = ({"agreed": "agree", "refused": "refuse"}.get(form.do, form.do), said)
    return await _visit_page(booth, guard, language, standing_now, fault=fault, sent=form.answer(again))


async def _walk_in_page(
    booth: Booth, guard: Session, language: str, form: WalkIn, faults: dict[str, str] | None = None
) -> HTMLResponse:
    letters = words.CATEGORY_LETTERS
    categories = [(one, letters[at : at + 1]) for at, one in enumerate(categories_of(booth.book.pages.settings))]
    values: dict[str, Any] = {"categories": categories, "lane": lane_of(booth, form.lane)}
    values["standing_rules"] = any(one.standing_rule for one, _ in categories)
    values |= await _destination(booth, form)
    page = booth.page("visitors/new", language, guard, **values, faults=defaultdict(str, faults or {}), again=bool(faults))
    return HTMLResponse(page, 422 if faults else 200)


async def _destination(booth: Booth, form: WalkIn) -> dict[str, Any]:
    """Return the unit that is meant, else those that may be, and who lives there."""
    known = booth.book.pages.all(UnitAtBooth).values()
    unit = finding.unit(known, form.wanted)
    persons = await booth.book.persons_of(unit.label) if unit else []
    units = [] if unit else finding.units(known, form.wanted)
    return {"form": form, "unit": unit, "units": units, "persons": persons}


async def _opened(doing: Doing, form: WalkIn | Deed, came_of: GuardReply) -> str:
    """Open the lane where the guard wants that and what came first is written down; return whose reply is to be told."""
    lane = lane_of(doing.booth, form.lane)
    if lane is None or not form.opens or not came_of.accepted:
        return ""
    if stands_there(lane, form.passage):
        await open_lane(doing, form.request, lane, form.passage)
    return lane.id


def _reply_at(visit: UUID | str, request: UUID, lane: str) -> RedirectResponse:
    told = {"asked": request} | ({"lane": lane} if lane else {})
    return RedirectResponse(f"/visitors/{visit}?{urlencode(told)}", 303)


# --- one visit ------------------------------------------------------------------------------------


@router.get("/{visit}")
async def show(
    booth: BoothHere,
    guard: Guard,
    language: Language,
    visit: UUID,
    asked: UUID | None = None,
    lane: str = "",
    card: UUID | None = None,
) -> HTMLResponse:
    """Show a visit, and what can be done with it now; with `asked` what became of that."""
    pages = await booth.book.read()
    found = standing.one(pages, str(visit), recording.now(booth))
    if found is None:
        raise HTTPException(404, _text(words.NOT_FOUND, language))
    replies = _replies(booth, language, asked, lane_of(booth, lane)) if asked else []
    return await _visit_page(booth, guard, language, found, replies=replies, scanned=str(card or ""))


def _replies(booth: Booth, language: str, asked: UUID, lane: Any) -> list[tuple[bool, str]]:
    """Return what became of a form's requests: of what was written down, and of the lane."""
    reply = booth.asks.reply(str(asked))
    told = [(reply.accepted, _said_of(booth, reply, language))]
    if lane is not None:
        opened = booth.asks.reply(str(uuid5(asked, LANE)))
        colon = catalogue(language).gettext(": ")
        told.append((opened.accepted, f"{lane.name}{colon}{recording.reply_in_words(booth, opened, language)}"))
    return told


@router.get("/{visit}/photos/{capture}.jpg")
async def photo(booth: BoothHere, _guard: Guard, visit: UUID, capture: str) -> Response:
    """Return a photo that was taken of a visit's visitors here, or nothing (204)."""
    is_of_it = any(act.capture == capture for act in booth.book.pages.of(str(visit)) if capture)
    return told(await _picture(booth, capture) if is_of_it else b"")


@router.post("/{visit}/{act}", dependencies=[OwnForm])
async def act_on(booth: BoothHere, guard: Guard, language: Language, visit: UUID, act: str, deed: Done) -> Response:
    """Do something with a visit, once, and show it as it is then."""
    if act not in ACTS:
        raise HTTPException(404, _text(words.NOT_FOUND, language))
    if await recording.is_done(booth, deed.request, str(visit)):  # the same press once more
        return _reply_at(visit, deed.request, deed.lane if deed.opens else "")
    found = standing.one(booth.book.pages, str(visit), recording.now(booth))
    if found is None and deed.code:
        found = (await read(booth, deed.code)).alone
    if found is None or found.identity != str(visit):
        raise HTTPException(404, _text(words.NOT_FOUND, language))
    doing = Doing(booth, guard, recording.now(booth))
    came_of = await do(doing, found, act, deed)
    if isinstance(came_of, Refusal) or not came_of.accepted:
        sent = replace(deed, request=recording.request_again(deed.request, came_of))
        fault = (act, _said_of(booth, came_of, language))
        found = standing.one(booth.book.pages, str(visit), recording.now(booth)) or found
        return await _visit_page(booth, guard, language, found, fault=fault, sent=sent, code=deed.code)
    opened = await _opened(doing, deed, came_of) if act in LETTING_IN else ""
    return _reply_at(visit, deed.request, opened)


def _said_of(booth: Booth, reply: GuardReply | Refusal, language: str) -> str:
    """Return what became of an act, in the words of this place."""
    if isinstance(reply, Refusal):
        said = OWN_REFUSALS.get(reply.code, "")
        return _text(said, language) if said else recording.refusal_in_words(booth, reply, language)
    if reply.refusal == "changed_meanwhile":
        return _text(words.SEEN_BEFORE, language)
    return recording.reply_in_words(booth, reply, language)


async def _visit_page(
    booth: Booth,
    guard: Session,
    language: str,
    visit: Standing,
    *,
    replies: list[tuple[bool, str]] | None = None,
    fault: tuple[str, str] = ("", ""),
    sent: Deed | None = None,
    scanned: str = "",
    code: str = "",
) -> HTMLResponse:
    pages = booth.book.pages
    values: dict[str, Any] = {
        "visit": visit,
        "lets_in": may_let_in(visit, guard),
        "persons": await booth.book.persons_of(unit) if (unit := visit.visit.terms.unit) and visit.visit.state == "asked" else [],
        "category": category_of(pages.settings, visit.visit.terms.category.code),
        "free_cards": standing.free_cards(pages),
        "replies": replies or [],
        "fault": fault,
        "sent": sent,
        "lane": lane_of(booth, sent.lane) if sent else None,
        "scanned": scanned,
        "code": code,
        "requests": uuid4,
        "photo": await _photo(booth, visit),
    }
    return HTMLResponse(booth.page("visitors/visit", language, guard, **values), 422 if fault[0] else 200)


async def _photo(booth: Booth, visit: Standing) -> str:
    """Return how the photo of a visit stands ("": none was taken): there, coming, or gone as all pictures go some day."""
    if not visit.photo:
        return ""
    if await _picture(booth, visit.photo):
        return "there"
    return "coming" if visit.photo_at and abs(recording.now(booth) - visit.photo_at) < PHOTO_COMES else "gone"


async def _picture(booth: Booth, capture: str) -> bytes:
    return await booth.pictures.capture(capture) or await booth.kept.picture(capture)


def _text(text: str, language: str) -> str:
    return catalogue(language).gettext(text)
