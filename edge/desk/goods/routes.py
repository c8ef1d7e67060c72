"""Routes of goods: who waits for their check, finding a slip, looking at it; and the check of a vehicle without one."""

from typing import Annotated
from uuid import UUID, uuid4

from fastapi import APIRouter, Depends, Form, Query, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from access.acts import VehicleActed
from access.plate import normalise
from edge.booth_messages import GuardReply
from edge.desk.booth import Booth
from edge.desk.captures import told
from edge.desk.doors import BoothHere, Guard, Language, OwnForm, SignedIn
from edge.desk.goods import codes, night, trips, words
from edge.desk.goods.finding import Found, find, slip_for
from edge.desk.goods.sheet import Faults, Sheet, answered, in_words, lane_answered, slip_page
from edge.desk.goods.typed import Pressed
from edge.desk.goods.vehicles import ask_lane, vehicle_named, vehicle_with
from edge.desk.recording import record, reply_in_words, request_again
from edge.desk.sessions import Session

TEXT_MAX = 2000

router = APIRouter(prefix="/goods")


@router.get("")
async def first(
    booth: BoothHere,
    guard: Guard,
    language: Language,
    asked: UUID | None = None,
    lane: Annotated[str, Query(max_length=64)] = "",
) -> Response:
    """Show who waits for the check of goods, and the slips by what is to be done with them; of a `lane` its vehicle's slip."""
    await booth.book.read()
    if lane and (slip := slip_for(booth, lane)):
        return RedirectResponse(f"/goods/{slip}", 303)
    return _first(booth, guard, language, said=answered(booth, asked, language))


@router.post("/find", dependencies=[OwnForm])
async def look_for(
    http: Request, booth: BoothHere, guard: Guard, language: Language, text: Annotated[str, Form(max_length=TEXT_MAX)] = ""
) -> Response:
    """Go to the slip that is meant, or list those that fit; while it is being typed they are only listed."""
    await booth.book.read()
    found = await find(booth, guard, text, language)
    if found.slip is not None and not http.headers.get("hx-request"):
        return RedirectResponse(f"/goods/{found.slip}", 303)
    return _first(booth, guard, language, found=found, typed="" if found.was_code else text)


@router.post("/vehicle", dependencies=[OwnForm])
async def check_vehicle(
    booth: BoothHere,
    guard: Guard,
    language: Language,
    press: Annotated[Pressed, Depends()],
    act: Annotated[str, Form(pattern="^(nothing_carried|mark_loading)$")],
    at_lane: Annotated[str, Form(max_length=200)] = "",
    plate: Annotated[str, Form(max_length=20)] = "",
) -> Response:
    """Note that a vehicle carries nothing, or that it loads: one that stands at a lane, or one by its plate."""
    vehicle = vehicle_named(booth, at_lane) if at_lane else vehicle_with(booth, normalise(plate))
    if at_lane and vehicle is None:
        return _first(booth, guard, language, faults=in_words({"top": (words.VEHICLE_GONE, "")}, language))
    if vehicle is not None and vehicle.subject:
        reply = await ask_lane(booth, guard, vehicle, act, press.request, press.pressed)
        return _done(booth, guard, language, reply, uuid4(), plate)
    rules = codes.rules_of(booth)
    subject = codes.subject(vehicle.plate if vehicle else plate, rules)
    if not subject:
        faults = in_words({"vehicle": (words.NO_PLATE if rules else words.NO_RULES, "")}, language)
        return _first(booth, guard, language, faults=faults, plate=plate)
    reply = await record(booth, guard, press.request, VehicleActed.kind, subject, act, pressed=press.pressed)
    return _done(booth, guard, language, reply, request_again(press.request, reply), plate)


router.include_router(night.router)
router.include_router(trips.router)


@router.get("/{slip}")
async def look(
    slip: UUID, booth: BoothHere, guard: Guard, language: Language, asked: UUID | None = None, lane: UUID | None = None
) -> HTMLResponse:
    """Show a slip: its lines, how far it has gone, its trips, and what may be done with it now."""
    await booth.book.read()
    sheet = Sheet(said=answered(booth, asked, language), lane_said=lane_answered(booth, lane, language))
    return slip_page(booth, guard, language, slip, sheet)


@router.get("/{slip}/pictures/{capture}.jpg", dependencies=[SignedIn])
async def picture(slip: UUID, capture: str, booth: BoothHere) -> Response:
    """Return a picture that was taken for a slip, or nothing (204)."""
    if all(act.capture != capture for act in booth.book.pages.of(str(slip)) if capture):
        return told(b"")
    return told(await booth.pictures.capture(capture) or await booth.kept.picture(capture))


def _done(booth: Booth, guard: Session, language: str, reply: GuardReply, again: UUID, plate: str) -> Response:
    """Go where it is said that it is done; else show the plate that was typed, in a form that bears the id `again`."""
    if reply.accepted or not plate:
        return RedirectResponse(f"/goods?asked={reply.request}", 303)
    return _first(booth, guard, language, faults={"vehicle": reply_in_words(booth, reply, language)}, plate=plate, request=again)


def _first(
    booth: Booth,
    guard: Session,
    language: str,
    *,
    said: tuple[bool, str] | None = None,
    found: Found | None = None,
    typed: str = "",
    faults: dict[str, str] | None = None,
    plate: str = "",
    request: UUID | None = None,
) -> HTMLResponse:
    page = booth.page(
        "goods/first",
        language,
        guard,
        said=said,
        found=found,
        typed=typed,
        faults=Faults(faults or {}),
        plate=plate,
        request=request or uuid4(),
        lane_request=uuid4(),
    )
    return HTMLResponse(page, 422 if faults else 200)
