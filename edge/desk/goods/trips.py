"""Routes of what a guard does with a slip that is shown: pictures, a trip, hold, collect, and the lines of a paper."""

from collections.abc import Awaitable, Callable
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Form, Request
from fastapi.responses import RedirectResponse, Response

from access.plate import normalise
from access.workflows.refusals import Refusal
from edge.booth_messages import GuardReply
from edge.desk import words as booth_words
from edge.desk.booth import Booth
from edge.desk.doors import BoothHere, Guard, Language, OwnForm
from edge.desk.goods import codes, words
from edge.desk.goods.doing import Doing
from edge.desk.goods.finding import slip_at
from edge.desk.goods.sheet import Sheet, slip_page
from edge.desk.goods.standing import Standing
from edge.desk.goods.typed import Carried, Pressed, chosen, lines_of, rows_of
from edge.desk.goods.vehicles import ask_lane, vehicle_named, vehicle_with
from edge.desk.recording import is_done, now
from edge.desk.sessions import Session

router = APIRouter()

Press = Annotated[Pressed, Depends()]
Step = Callable[[Doing, Standing], Awaitable[GuardReply | Refusal]]


@router.post("/{slip}/release", dependencies=[OwnForm])
async def release(
    slip: UUID,
    http: Request,
    booth: BoothHere,
    guard: Guard,
    language: Language,
    press: Press,
    carried: Annotated[Carried, Depends()],
) -> Response:
    """Let a trip out, and have the lane where its vehicle stands decide again."""
    form = await http.form()
    sheet = Sheet(sent=form, carried=carried, form="release")
    typed = normalise(carried.plate) if carried.vehicle == "plate" else ""
    vehicle = vehicle_named(booth, carried.at_lane) or vehicle_with(booth, typed)
    plate, rules = typed or (vehicle.plate if vehicle else ""), codes.rules_of(booth)

    async def let_out(doing: Doing, standing: Standing) -> GuardReply | Refusal:
        subject = (vehicle.subject if vehicle else "") or codes.subject(plate, rules)
        gone, _ = chosen(standing, form)
        return await doing.release(standing, gone, carried.carrier.strip(), plate, subject, booth.config.booth.camera)

    def look_through(standing: Standing) -> dict[str, tuple[str, str]]:
        faults = chosen(standing, form)[1]
        if missing := _missing(carried, is_known=bool(plate or (vehicle and vehicle.subject))):
            faults["plate"] = (missing, "")
        elif not codes.names_vehicle(standing, plate, rules):
            faults["plate"] = (words.OTHER_VEHICLE, "")
        return faults | ({"top": (words.TOO_EARLY, "")} if standing.early(now(booth)) else {})

    done = await _do(booth, guard, language, slip, press, sheet, let_out, look_through)
    if done is not None or vehicle is None or not vehicle.is_asked:
        return done or _back(slip, press)
    asked = await ask_lane(booth, guard, vehicle, "decide_again", press.request, press.pressed)
    return RedirectResponse(f"/goods/{slip}?asked={press.request}&lane={asked.request}", 303)


@router.post("/{slip}/picture/{line}", dependencies=[OwnForm])
async def take_picture(
    slip: UUID,
    line: int,
    http: Request,
    booth: BoothHere,
    guard: Guard,
    language: Language,
    press: Press,
    carried: Annotated[Carried, Depends()],
) -> Response:
    """Take a picture of what a line says; what was typed of the trip stays on the page."""
    sheet = Sheet(sent=await http.form(), carried=carried)

    async def take(doing: Doing, standing: Standing) -> GuardReply | Refusal:
        known = line if any(one.number == line for one in standing.lines) else 0
        return await doing.present(standing, line=known, camera=booth.config.booth.camera)

    done = await _do(booth, guard, language, slip, press, sheet, take)
    return done or slip_page(booth, guard, language, slip, sheet)


@router.post("/{slip}/lines", dependencies=[OwnForm])
async def compare(slip: UUID, http: Request, booth: BoothHere, guard: Guard, language: Language, press: Press) -> Response:
    """Compare the lines on a paper with what its code was made for, and take them for the slip's where they are the same."""
    form = await http.form()
    lines = lines_of(rows_of(form))

    def look_through(standing: Standing) -> dict[str, tuple[str, str]]:
        if isinstance(lines, str):
            return {"lines": (lines, "")}
        if standing.lines:
            return {"top": (booth_words.REFUSALS["changed_meanwhile"], "")}
        return {} if codes.are_approved(lines, standing.digest) else {"lines": (words.LINES_DIFFER, "")}

    async def take(doing: Doing, standing: Standing) -> GuardReply | Refusal:
        return await doing.present(standing, lines=() if isinstance(lines, str) else lines)

    return await _do(booth, guard, language, slip, press, Sheet(sent=form, form="lines"), take, look_through) or _back(
        slip, press
    )


@router.post("/{slip}/hold", dependencies=[OwnForm])
async def hold(
    slip: UUID,
    http: Request,
    booth: BoothHere,
    guard: Guard,
    language: Language,
    press: Press,
    what: Annotated[str, Form(max_length=400)] = "",
) -> Response:
    """Hold the slip: what is carried does not match it."""
    sheet = Sheet(sent=await http.form(), form="hold")

    async def keep(doing: Doing, standing: Standing) -> GuardReply | Refusal:
        return await doing.hold(standing, what.strip(), booth.config.booth.camera)

    return await _do(booth, guard, language, slip, press, sheet, keep) or _back(slip, press)


@router.post("/{slip}/collect", dependencies=[OwnForm])
async def collect(slip: UUID, booth: BoothHere, guard: Guard, language: Language, press: Press) -> Response:
    """Take the paper."""

    async def take(doing: Doing, standing: Standing) -> GuardReply | Refusal:
        return await doing.collect(standing)

    return await _do(booth, guard, language, slip, press, Sheet(form="collect"), take) or _back(slip, press)


def _missing(carried: Carried, *, is_known: bool) -> str:
    """Return what is missing of what a trip goes out with, "" where nothing is; `is_known`: it is known which vehicle."""
    if not carried.vehicle:
        return words.NO_VEHICLE
    if is_known or carried.vehicle == "foot":
        return ""
    return words.VEHICLE_GONE if carried.at_lane else words.NO_PLATE


def _nothing_wrong(_standing: Standing) -> dict[str, tuple[str, str]]:
    return {}


async def _do(
    booth: Booth,
    guard: Session,
    language: str,
    slip: UUID,
    press: Pressed,
    sheet: Sheet,
    step: Step,
    look_through: Callable[[Standing], dict[str, tuple[str, str]]] = _nothing_wrong,
) -> Response | None:
    """Do a step once; return the page that says what is wrong, None where it is done."""
    if await is_done(booth, press.request, str(slip)):  # the same press once more
        return None
    standing = slip_at(booth, slip)
    if standing is None:
        return slip_page(booth, guard, language, slip, sheet)
    if faults := look_through(standing):
        return slip_page(booth, guard, language, slip, sheet.with_faults(faults, language))
    result = await step(Doing(booth, guard, press.request, press.pressed, press.after), standing)
    refused = sheet.refused(booth, press.request, result, language)
    return slip_page(booth, guard, language, slip, refused) if refused.faults else None


def _back(slip: UUID, press: Pressed) -> Response:
    return RedirectResponse(f"/goods/{slip}?asked={press.request}", 303)
