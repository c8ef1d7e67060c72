"""Routes of slips that are made out at the gate at night: a guard writes them down, the shift leader approves."""

import math
import os
from collections.abc import Mapping
from dataclasses import replace
from typing import Annotated, Any
from uuid import UUID, uuid5

from fastapi import APIRouter, Depends, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from access.identifiers import uuid7
from access.workflows.refusals import Refusal
from access.workflows.release_slip import SlipLine
from edge.booth_messages import GuardReply
from edge.desk import words as booth_words
from edge.desk.booth import Booth
from edge.desk.doors import BoothHere, Guard, Language, OwnForm
from edge.desk.goods import words
from edge.desk.goods.doing import APPROVED, Doing, ends_at
from edge.desk.goods.finding import slip_at
from edge.desk.goods.sheet import Faults, Sheet, faults_of, in_words, slip_page
from edge.desk.goods.typed import Night, Pressed, Signed, lines_of, missing_of, rows_of, terms_of
from edge.desk.guards import Refused
from edge.desk.recording import is_done, now, request_again
from edge.desk.sessions import Session

router = APIRouter()

Press = Annotated[Pressed, Depends()]


@router.get("/night")
async def ask(booth: BoothHere, guard: Guard, language: Language) -> HTMLResponse:
    """Ask what goes out; the id of the form is that of the slip."""
    return _form(booth, guard, language, Night(), {}, {})


@router.post("/night", dependencies=[OwnForm])
async def make_out(
    http: Request,
    booth: BoothHere,
    guard: Guard,
    language: Language,
    press: Press,
    night: Annotated[Night, Depends()],
    signed: Annotated[Signed, Depends()],
) -> Response:
    """Write the slip down and, where the shift leader signs, have it approved; nothing is written while something is wrong."""
    slip, at_once = press.request, night.step == "approve"
    last = uuid5(slip, APPROVED) if at_once else slip
    if await is_done(booth, last, str(slip)):  # the same press once more
        return _to(slip, last)
    form = await http.form()
    lines = lines_of(rows_of(form))
    faults = in_words(missing_of(night) | ({"lines": (lines, "")} if isinstance(lines, str) else {}), language)
    leader = await _leader(booth, signed, language) if at_once else None
    if isinstance(leader, dict):
        faults |= leader
    elif leader is not None and leader.badge == guard.badge:
        faults |= in_words({"badge": (booth_words.SECOND_IS_SAME, "")}, language)
    if faults or isinstance(lines, str):
        return _form(booth, guard, language, night, form, faults, signed)
    doing = Doing(booth, guard, slip, press.pressed)
    result = await _draft(booth, doing, slip, night, lines)
    standing, told = slip_at(booth, slip), faults_of(booth, result, language)
    if told and standing is None:
        again = request_again(slip, result)
        return _form(booth, guard, language, night, form, told, signed, slip if again == slip else None)
    if standing is None or (not told and not isinstance(leader, Session)):
        return _to(slip, slip)
    if isinstance(leader, Session) and not told:
        result = await doing.approve(standing, leader, signed.reason.strip())
    return _approved(booth, guard, language, slip, slip, signed, result)


@router.post("/{slip}/approve", dependencies=[OwnForm])
async def approve(
    slip: UUID,
    booth: BoothHere,
    guard: Guard,
    language: Language,
    press: Press,
    signed: Annotated[Signed, Depends()],
) -> Response:
    """Have the shift leader approve a slip that was made out here before."""
    asked = uuid5(press.request, APPROVED)
    if await is_done(booth, asked, str(slip)):  # the same press once more
        return _to(slip, asked)
    standing = slip_at(booth, slip)
    leader = await _leader(booth, signed, language)
    if standing is None or isinstance(leader, dict):
        return slip_page(booth, guard, language, slip, _signing(signed, leader if isinstance(leader, dict) else {}))
    doing = Doing(booth, guard, press.request, press.pressed, press.after)
    return _approved(
        booth, guard, language, slip, press.request, signed, await doing.approve(standing, leader, signed.reason.strip())
    )


def _approved(
    booth: Booth, guard: Session, language: str, slip: UUID, request: UUID, signed: Signed, result: GuardReply | Refusal
) -> Response:
    """Go where it is said that a slip is approved; else show its page, with why it is not and what was typed."""
    sheet = _signing(signed, {}).refused(booth, request, result, language)
    return slip_page(booth, guard, language, slip, sheet) if sheet.faults else _to(slip, uuid5(request, APPROVED))


def _signing(signed: Signed, faults: Mapping[str, str]) -> Sheet:
    return Sheet(sent={"reason": signed.reason, "badge": signed.badge}, faults=faults, form="approve")


async def _draft(booth: Booth, doing: Doing, slip: UUID, night: Night, lines: tuple[SlipLine, ...]) -> GuardReply | Refusal:
    zone = booth.config.gate.zone
    until = ends_at(now(booth), zone)
    terms = replace(terms_of(night, lines), valid_until=until, day=f"{until:%Y-%m-%d}")
    return await doing.draft(slip, terms, night.unit.strip(), night.phone_tail)


async def _leader(booth: Booth, signed: Signed, language: str) -> Session | dict[str, str]:
    """Return the shift leader who has signed and said why, or what is wrong, by field."""
    badge = signed.badge.strip()
    if not signed.reason.strip():
        return in_words({"reason": (words.NO_REASON, "")}, language)
    if not badge or not signed.pin:
        return in_words({"badge": (words.LEADER_MISSING, "")}, language)
    found = await booth.sign_in.check(badge, signed.pin, booth.clock.now())
    if isinstance(found, Refused):
        translated = booth_words.catalogue(language).gettext
        wait = translated(booth_words.TOO_MANY_TRIES) % {"seconds": math.ceil(found.wait_s)} if found.wait_s else ""
        return {"badge": wait or translated(booth_words.WRONG_PIN)}
    if not found.leader:
        return in_words({"badge": (words.NOT_LEADER, "")}, language)
    return Session("", str(found.id), found.badge, found.name, 0.0, found.leader)


def _form(
    booth: Booth,
    guard: Session,
    language: str,
    night: Night,
    form: Mapping[str, Any],
    faults: dict[str, str],
    signed: Signed | None = None,
    slip: UUID | None = None,
) -> HTMLResponse:
    """Return the form; `slip` is the id that it bears, None where that is a fresh one."""
    page = booth.page(
        "goods/night",
        language,
        guard,
        night=night,
        signed=signed or Signed(),
        rows=rows_of(form),
        faults=Faults(faults),
        request=slip or uuid7(now(booth), os.urandom(10)),
        of_goods=words,
    )
    return HTMLResponse(page, 422 if faults else 200)


def _to(slip: UUID, asked: UUID) -> Response:
    return RedirectResponse(f"/goods/{slip}?asked={asked}", 303)
