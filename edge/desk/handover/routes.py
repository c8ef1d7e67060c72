"""Routes of the handover: the sheet that the system makes, looked at item by item, and three signatures."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Annotated
from uuid import UUID, uuid5

from fastapi import APIRouter, Depends, Form, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from access.workflows.events import Event
from access.workflows.shift import (
    WORKFLOW,
    GuardSigned,
    HandoverBegun,
    ItemChecked,
    ItemRefused,
    LeaderDecided,
    LeaderSignedFor,
    ReliefMissed,
    ReliefSigned,
    ShiftCountersigned,
)
from edge.desk.booth import Booth
from edge.desk.doors import BoothHere, Guard, Language, OwnForm
from edge.desk.duty.doing import TEXT_MAX, Doing, Sending, Shown, Wrong
from edge.desk.duty.words import GONE
from edge.desk.handover import sheet, standing
from edge.desk.handover.shown import here_of
from edge.desk.handover.signing import Signature, signer
from edge.desk.handover.words import CONTRADICTS, FOUND_MISSING, NOTHING_CHOSEN
from edge.desk.recording import now, who
from edge.desk.sessions import Session

FIELDS = {"reason_missing": "reason"}
OF_REFUSING = {**FIELDS, "item_unknown": "code", "item_open": "code"}  # the one form that chooses an item
FOUND_MAX = 200
AS_EXPECTED = "expected"
TYPED = ("how-", "found-", "word-")
SIGNATURES: Mapping[str, type[Event]] = {"guard": GuardSigned, "relief": ReliefSigned, "leader": ShiftCountersigned}

router = APIRouter(prefix="/handover")
Sent = Annotated[Sending, Depends()]
Signed = Annotated[Signature, Depends()]
Reason = Annotated[str, Form(max_length=TEXT_MAX)]
Code = Annotated[str, Form(max_length=80)]


@router.get("")
async def first(booth: BoothHere, guard: Guard, language: Language) -> HTMLResponse:
    """Show the shifts that are served here, or the one that there is."""
    await booth.book.read()
    served = standing.served_here(booth.book.pages, guard.badge)
    return _page(booth, guard, language, served[0], Shown()) if len(served) == 1 else _list(booth, guard, language, Shown())


@router.get("/{identity}")
async def show(booth: BoothHere, guard: Guard, language: Language, identity: UUID, asked: UUID | None = None) -> HTMLResponse:
    """Show one shift's sheet as it stands."""
    await booth.book.read()
    known = standing.find(booth.book.pages, str(identity))
    shown = Shown(asked)
    return _page(booth, guard, language, known, shown) if known else _list(booth, guard, language, shown)


@router.get("/{identity}/sheet")
async def printable(booth: BoothHere, guard: Guard, language: Language, identity: UUID) -> Response:
    """Show the sheet alone, to be printed on A4."""
    await booth.book.read()
    known = standing.find(booth.book.pages, str(identity))
    if known is None or not known.shift.items:
        return RedirectResponse("/handover", 303)
    return HTMLResponse(booth.page("handover/sheet", language, guard, one=known))


@router.post("/{identity}/begin", dependencies=[OwnForm])
async def begin(booth: BoothHere, guard: Guard, language: Language, sent: Sent, identity: UUID) -> Response:
    """Begin the handover: the system makes the sheet."""
    await booth.book.read()
    known = standing.find(booth.book.pages, str(identity))
    items = sheet.items(here_of(booth, known)) if known else ()
    event = HandoverBegun(at=now(booth), by=who(guard), items=items)
    return await _advance(Doing(booth, guard, language, sent), identity, event, "begin")


@router.post("/{identity}/check", dependencies=[OwnForm])
async def check(http: Request, booth: BoothHere, guard: Guard, language: Language, sent: Sent, identity: UUID) -> Response:
    """Enter what was found of the items that were looked at; one that differs needs a word."""
    await booth.book.read()
    form = await http.form()
    typed = {name: str(value)[:FOUND_MAX] for name, value in form.items() if name.startswith(TYPED)}
    doing = Doing(booth, guard, language, sent)
    looked_at = _looked_at(booth, identity, typed)
    if not looked_at:
        return _again(doing, identity, Shown(wrong=doing.wrong(NOTHING_CHOSEN), sent=typed, form="check"))
    asked = sent.request
    for at, code in enumerate(looked_at):
        if wrong := await _check_one(doing, identity, code, typed, is_first=at == 0):
            wrong = replace(wrong, request=sent.request if wrong.request == uuid5(sent.request, code) else None)
            return _again(doing, identity, Shown(wrong=wrong, sent=typed, form="check"))
        asked = uuid5(sent.request, code)
        for name in TYPED:  # it is kept, and need not be kept again with what is mended
            typed.pop(f"{name}{code}", None)
    return RedirectResponse(f"/handover/{identity}?asked={asked}", 303)


@router.post("/{identity}/refuse", dependencies=[OwnForm])
async def refuse(
    booth: BoothHere,
    guard: Guard,
    language: Language,
    sent: Sent,
    signed: Signed,
    identity: UUID,
    code: Code = "",
    reason: Reason = "",
) -> Response:
    """Note that the relief does not take an item over."""
    relief = await signer(booth, signed, language)
    doing = Doing(booth, relief if isinstance(relief, Session) else guard, language, sent)
    event = ItemRefused(at=now(booth), by=who(doing.guard), reason=reason, code=code)
    typed = {"code": code, "reason": reason, "badge": signed.badge}
    return await _signed(doing, guard, relief, identity, event, "refuse", typed)


@router.post("/{identity}/missed", dependencies=[OwnForm])
async def missed(booth: BoothHere, guard: Guard, language: Language, sent: Sent, identity: UUID, reason: Reason = "") -> Response:
    """Note that the relief did not come."""
    event = ReliefMissed(at=now(booth), by=who(guard), reason=reason)
    return await _advance(Doing(booth, guard, language, sent), identity, event, "missed", {"reason": reason})


@router.post("/{identity}/decide", dependencies=[OwnForm])
async def decide(
    booth: BoothHere,
    guard: Guard,
    language: Language,
    sent: Sent,
    signed: Signed,
    identity: UUID,
    code: Code = "",
    reason: Reason = "",
) -> Response:
    """Enter what the leader decides of an open item."""
    leader = await signer(booth, signed, language, leads=True)
    if isinstance(leader, Session) and not reason.strip():
        leader = Doing(booth, guard, language, sent).wrong(FOUND_MISSING, "reason")
    doing = Doing(booth, leader if isinstance(leader, Session) else guard, language, sent)
    event = LeaderDecided(at=now(booth), by=who(doing.guard), code=code, decision=reason.strip())
    typed = {"code": code, "reason": reason, "badge": signed.badge}
    return await _signed(doing, guard, leader, identity, event, "decide", typed)


@router.post("/{identity}/sign/{party}", dependencies=[OwnForm])
async def sign(
    booth: BoothHere, guard: Guard, language: Language, sent: Sent, signed: Signed, identity: UUID, party: str
) -> Response:
    """Sign the sheet: who goes, who takes over, and last the leader."""
    if party not in SIGNATURES:
        return RedirectResponse(f"/handover/{identity}", 303)
    person = await signer(booth, signed, language, leads=party == "leader")
    doing = Doing(booth, person if isinstance(person, Session) else guard, language, sent)
    event = SIGNATURES[party](at=now(booth), by=who(doing.guard))
    return await _signed(doing, guard, person, identity, event, f"sign-{party}", {"badge": signed.badge})


@router.post("/{identity}/for/{absent}", dependencies=[OwnForm])
async def sign_for(
    booth: BoothHere,
    guard: Guard,
    language: Language,
    sent: Sent,
    signed: Signed,
    identity: UUID,
    absent: str,
    reason: Reason = "",
) -> Response:
    """Have the leader sign for who is not there."""
    leader = await signer(booth, signed, language, leads=True)
    doing = Doing(booth, leader if isinstance(leader, Session) else guard, language, sent)
    party = "relief" if absent == "relief" else "guard"
    event = LeaderSignedFor(at=now(booth), by=who(doing.guard), reason=reason, absent="relief" if absent == "relief" else "guard")
    return await _signed(doing, guard, leader, identity, event, f"for-{party}", {"reason": reason, "badge": signed.badge})


def _looked_at(booth: Booth, identity: UUID, typed: Mapping[str, str]) -> list[str]:
    """Return the items of which anything was entered: what was typed counts also where nothing was chosen beside it."""
    known = standing.find(booth.book.pages, str(identity))
    words = {f"word-{item.code}": item.word for item in known.shift.items} if known else {}
    entered = (name.partition("-") for name, text in typed.items() if text.strip() not in ("", words.get(name, "")))
    return list(dict.fromkeys(code for _, _, code in entered))


async def _check_one(doing: Doing, identity: UUID, code: str, typed: Mapping[str, str], *, is_first: bool) -> Wrong | None:
    """Enter one item; what moves is compared with what the system knows now. The others follow the one before them."""
    booth = doing.booth
    known = standing.find(booth.book.pages, str(identity))
    item = next((item for item in known.shift.items if item.code == code), None) if known else None
    if known is None or item is None:
        return doing.wrong(GONE)
    expected = sheet.expected_now(here_of(booth, known)).get(code, item.expected) if code in sheet.LIVE else item.expected
    how, written = typed.get(f"how-{code}", ""), typed.get(f"found-{code}", "").strip()
    if how == AS_EXPECTED and expected and written not in ("", expected):
        return doing.wrong(CONTRADICTS, f"found-{code}")
    found = expected if how == AS_EXPECTED and expected else written or item.found or ""
    if not found:
        return doing.wrong(FOUND_MISSING, f"found-{code}")
    after = doing.sending.after if is_first else booth.book.pages.newest(str(identity))
    one = Doing(booth, doing.guard, doing.language, Sending(uuid5(doing.sending.request, code), after))
    if await one.is_done(identity):
        return None
    word = typed.get(f"word-{code}", "").strip()
    event = ItemChecked(at=now(booth), by=who(doing.guard), code=code, found=found, word=word, expected=expected)
    at = {"difference_unexplained": f"word-{code}"}
    return await one.advance(WORKFLOW, known.shift, str(identity), event, at, names=_names(one))


async def _signed(
    doing: Doing, guard: Session, person: Session | Wrong, identity: UUID, event: Event, form: str, typed: Mapping[str, str]
) -> Response:
    """Write what somebody has signed; the page stays that of the guard who is signed in."""
    await doing.booth.book.read()
    if isinstance(person, Wrong) and not await doing.is_done(identity):
        return _again(Doing(doing.booth, guard, doing.language, doing.sending), identity, Shown(None, person, typed, form))
    return await _advance(doing, identity, event, form, typed, guard)


async def _advance(
    doing: Doing,
    identity: UUID,
    event: Event,
    form: str,
    typed: Mapping[str, str] | None = None,
    page_of: Session | None = None,
) -> Response:
    await doing.booth.book.read()
    known = standing.find(doing.booth.book.pages, str(identity))
    is_done = await doing.is_done(identity)
    wrong = None if known or is_done else doing.wrong(GONE)
    if known and not is_done:
        at = OF_REFUSING if form == "refuse" else FIELDS
        wrong = await doing.advance(WORKFLOW, known.shift, known.id, event, at, names=_names(doing))
    if wrong:
        page = Doing(doing.booth, page_of or doing.guard, doing.language, doing.sending)
        return _again(page, identity, Shown(None, wrong, typed or {}, form))
    return doing.answered(f"/handover/{identity}")


def _names(doing: Doing) -> Mapping[str, str]:
    return sheet.equipment_names(doing.booth.book.pages.settings, doing.language)


def _again(doing: Doing, identity: UUID, shown: Shown) -> HTMLResponse:
    known = standing.find(doing.booth.book.pages, str(identity))
    if known is None:
        return _list(doing.booth, doing.guard, doing.language, shown)
    return _page(doing.booth, doing.guard, doing.language, known, shown)


def _list(booth: Booth, guard: Session, language: str, shown: Shown) -> HTMLResponse:
    pages = booth.book.pages
    offered = standing.to_take(pages, guard.badge, booth.clock.utc())
    served, ended = standing.served_here(pages, guard.badge), standing.ended_here(pages)
    return shown.page(booth, "handover/first", language, guard, served=served, ended=ended, offered=offered)


def _page(booth: Booth, guard: Session, language: str, one: standing.Standing, shown: Shown) -> HTMLResponse:
    here = here_of(booth, one)
    expected = sheet.expected_now(here)
    newest = booth.book.pages.newest(one.id)
    others = [other for other in standing.served_here(booth.book.pages, guard.badge) if other.id != one.id]
    told = {"one": one, "expected_now": expected, "after": newest, "others": others, "counted": here.board.last_count}
    return shown.page(booth, "handover/shift", language, guard, **told)
