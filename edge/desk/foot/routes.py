"""Routes of bikes and foot: counting, taking a count back, looking somebody up, and what came of a check."""

from typing import Annotated
from uuid import UUID, uuid4, uuid5

from fastapi import APIRouter, Form, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from access.acts import CountActed
from edge.booth_messages import GuardReply
from edge.desk.booth import Booth
from edge.desk.doors import BoothHere, Guard, Language, OwnForm
from edge.desk.foot import words
from edge.desk.foot.checks import Known, look_up
from edge.desk.foot.counts import CHECK, COUNT, UNDO_S, undoable
from edge.desk.recording import now, record, reply_in_words
from edge.desk.sessions import Session
from edge.desk.words import catalogue

TEXT_MAX = 200
UNDOES = UUID("6f0a1d6e-4f1c-5c55-9d0e-0d8a4a7be1a5")

router = APIRouter(prefix="/foot")

Pressed = Annotated[float, Form()]
Text = Annotated[str, Form(max_length=TEXT_MAX)]


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
    await booth.book.read()
    request = uuid5(UNDOES, entry)
    if booth.asks.reply(str(request)).accepted:
        return RedirectResponse(f"/foot?asked={request}", 303)
    last = undoable(booth.book.pages.of_kind(CountActed.kind), guard.badge, now(booth))
    if last is None or last.entry != entry:
        return _page(booth, guard, language, fault=words.UNDO_TOO_LATE)
    values = {"what": last.values["what"], "direction": last.values["direction"], "number": -1, "undoes": entry}
    await _write(booth, guard, request, COUNT, values, pressed=pressed)
    return RedirectResponse(f"/foot?asked={request}", 303)


@router.post("/look", dependencies=[OwnForm])
async def look(_http: Request, booth: BoothHere, guard: Guard, language: Language, text: Text = "") -> HTMLResponse:
    """Show who is on record under a unit, a card's number or a plate."""
    found = await look_up(booth, text)
    return _page(booth, guard, language, typed=text, found=found, fault="" if found or not text.strip() else words.NOBODY)


@router.post("/check", dependencies=[OwnForm])
async def check(
    booth: BoothHere,
    guard: Guard,
    language: Language,
    request: Annotated[UUID, Form()],
    what: Annotated[str, Form(max_length=40)],
    way: Annotated[str, Form(pattern="^(in|out)$")],
    result: Annotated[str, Form(pattern="^(passed|turned_away)$")],
    reason: Text = "",
    said: Text = "",
    text: Text = "",
    pressed: Pressed = 0.0,
) -> Response:
    """Note what came of a check: who was let pass is counted, who was turned away is not."""
    if what not in words.KINDS or reason not in words.REASONS or (reason == "other_reason" and not said.strip()):
        return _page(booth, guard, language, typed=text, found=await look_up(booth, text), checked=result, fault=words.NO_REASON)
    values = {"what": what, "direction": way, "number": int(result == "passed"), "result": result, "reason": reason}
    await _write(booth, guard, request, CHECK, values, said=said, details={"asked_for": text.strip()}, pressed=pressed)
    return RedirectResponse(f"/foot?asked={request}", 303)


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
    checked: str = "",
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
        checked=checked,
        fault=catalogue(language).gettext(fault) if fault else "",
        request=uuid4(),
    )
    return HTMLResponse(page, 422 if fault else 200)
