"""Routes of bikes and foot: counting, taking a count back, looking somebody up, and what came of a check."""

from dataclasses import dataclass, replace
from typing import Annotated
from uuid import UUID, uuid4, uuid5

from fastapi import APIRouter, Depends, Form, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from access.acts import CountActed
from access.contract.booth_records import ParkingAtBooth
from edge.booth_messages import GuardReply
from edge.desk.booth import Booth
from edge.desk.doors import BoothHere, Guard, Language, OwnForm
from edge.desk.foot import words
from edge.desk.foot.checks import Known, look_up, of_permit
from edge.desk.foot.counts import CHECK, COUNT, UNDO_S, undoable
from edge.desk.recording import is_done, now, record, reply_in_words, request_again
from edge.desk.sessions import Session
from edge.desk.words import catalogue

TEXT_MAX = 200
UNDOES = UUID("6f0a1d6e-4f1c-5c55-9d0e-0d8a4a7be1a5")

router = APIRouter(prefix="/foot")

Pressed = Annotated[float, Form()]
Text = Annotated[str, Form(max_length=TEXT_MAX)]


@dataclass(frozen=True, slots=True)
class Checked:
    """What the form of a check sends: who was looked up by which `text`, what came of it, and why."""

    request: Annotated[UUID, Form()]
    what: Annotated[str, Form(max_length=40)]
    way: Annotated[str, Form(pattern="^(in|out)$")]
    result: Annotated[str, Form(pattern="^(passed|turned_away)$")]
    reason: Text = ""
    said: Text = ""
    text: Text = ""
    pressed: Pressed = 0.0


@router.get("")
async def first(booth: BoothHere, guard: Guard, language: Language, asked: UUID | None = None) -> HTMLResponse:
    """Show the tiles, what was counted today, and the check."""
    await booth.book.read()
    reply = booth.asks.reply(str(asked)) if asked else None
    return _page(booth, guard, language, reply=reply)


@router.post("/count", dependencies=[OwnForm])
async def count(booth: BoothHere, guard: Guard, request: Annotated[UUID, Form()], tile: Text, pressed: Pressed = 0.0) -> Response:
    """Count one who passed; `tile` is the kind and the direction (`courier:in`)."""
    what, _, way = tile.partition(":")
    if what not in words.KINDS or way not in words.WAYS:
        return RedirectResponse("/foot", 303)
    await _write(booth, guard, request, COUNT, {"what": what, "direction": way, "number": 1}, pressed=pressed)
    return RedirectResponse(f"/foot?asked={request}", 303)


@router.post("/undo", dependencies=[OwnForm])
async def undo(
    booth: BoothHere, guard: Guard, language: Language, entry: Annotated[str, Form(max_length=40)], pressed: Pressed = 0.0
) -> Response:
    """Take back the guard's newest count, as long as that is possible; once, however often it is pressed."""
    request = uuid5(UNDOES, entry)
    if await is_done(booth, request, ""):
        return RedirectResponse(f"/foot?asked={request}", 303)
    last = undoable(booth.book.pages.of_kind(CountActed.kind), guard.badge, now(booth))
    if last is None or last.entry != entry:
        return _page(booth, guard, language, fault=catalogue(language).gettext(words.UNDO_TOO_LATE))
    values = {"what": last.values["what"], "direction": last.values["direction"], "number": -1, "undoes": entry}
    await _write(booth, guard, request, COUNT, values, pressed=pressed)
    return RedirectResponse(f"/foot?asked={request}", 303)


@router.post("/look", dependencies=[OwnForm])
async def look(_http: Request, booth: BoothHere, guard: Guard, language: Language, text: Text = "") -> HTMLResponse:
    """Show who is on record under a unit, a permit, a frame number, a card's number or a plate."""
    found = await look_up(booth, text)
    fault = "" if found or not text.strip() else catalogue(language).gettext(words.NOBODY)
    return _page(booth, guard, language, typed=text, found=found, fault=fault)


@router.get("/permits/{identity}")
async def permit(booth: BoothHere, guard: Guard, language: Language, identity: UUID) -> HTMLResponse:
    """Show a permit that was scanned, wherever that was."""
    told = (await booth.book.read()).find(ParkingAtBooth, identity)
    fault = "" if told else catalogue(language).gettext(words.NOBODY)
    found = [of_permit(told, now(booth))] if told else []
    return _page(booth, guard, language, typed=told.number if told else "", found=found, fault=fault)


@router.post("/check", dependencies=[OwnForm])
async def check(booth: BoothHere, guard: Guard, language: Language, sent: Annotated[Checked, Depends()]) -> Response:
    """Note what came of a check: who was let pass is counted, who was turned away is not."""
    is_unsaid = sent.reason == "other_reason" and not sent.said.strip()
    if sent.what not in words.KINDS or sent.reason not in words.REASONS or is_unsaid:
        return await _check_again(booth, guard, language, sent, catalogue(language).gettext(words.NO_REASON))
    is_passed = sent.result == "passed"
    values = {"what": sent.what, "direction": sent.way, "number": int(is_passed), "result": sent.result, "reason": sent.reason}
    details = {"asked_for": sent.text.strip()}
    reply = await _write(booth, guard, sent.request, CHECK, values, said=sent.said, details=details, pressed=sent.pressed)
    if reply.accepted:
        return RedirectResponse(f"/foot?asked={sent.request}", 303)
    again = replace(sent, request=request_again(sent.request, reply))
    return await _check_again(booth, guard, language, again, reply_in_words(booth, reply, language))


async def _check_again(booth: Booth, guard: Session, language: str, sent: Checked, fault: str) -> HTMLResponse:
    found = await look_up(booth, sent.text)
    return _page(booth, guard, language, typed=sent.text, found=found, sent=sent, fault=fault)


async def _write(
    booth: Booth,
    guard: Session,
    request: UUID,
    act: str,
    values: dict[str, object],
    *,
    said: str = "",
    details: dict[str, str] | None = None,
    pressed: float = 0.0,
) -> GuardReply:
    kind = CountActed.kind
    return await record(booth, guard, request, kind, "", act, values=values, details=details, said=said, pressed=pressed)


def _page(
    booth: Booth,
    guard: Session,
    language: str,
    *,
    reply: GuardReply | None = None,
    typed: str = "",
    found: list[Known] | None = None,
    sent: Checked | None = None,
    fault: str = "",
) -> HTMLResponse:
    at = now(booth)
    last = undoable(booth.book.pages.of_kind(CountActed.kind), guard.badge, at)
    page = booth.page(
        "foot/first",
        language,
        guard,
        said=(reply.accepted, reply_in_words(booth, reply, language)) if reply else None,
        last=last,
        undo_until=last.at.timestamp() + UNDO_S if last else 0.0,
        typed=typed,
        found=found,
        sent=sent,
        fault=fault,
        request=uuid4(),
    )
    return HTMLResponse(page, 422 if fault else 200)
