"""Routes of the duty log, and of taking a shift; those of incidents and rounds stand beside."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Form
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from access.workflows.shift import WORKFLOW as SHIFT
from access.workflows.shift import GuardSignedIn
from edge.desk import captures
from edge.desk.booth import Booth
from edge.desk.doors import BoothHere, Guard, Language, OwnForm
from edge.desk.duty import incident_routes, log, round_routes
from edge.desk.duty.doing import Doing, Prose, Sending, Shown, chosen_camera, names_in
from edge.desk.duty.notices import notices_now
from edge.desk.duty.posts import begin_of_day, post_of
from edge.desk.duty.words import ENTRY_KINDS, GONE, KIND_MISSING, TEXT_MISSING
from edge.desk.handover import standing
from edge.desk.recording import now, who
from edge.desk.sessions import Session

DAYS = {"today": 0, "yesterday": 1, "week": 6}
CORRECTION = "record"

router = APIRouter(prefix="/duty")
router.include_router(incident_routes.router)
router.include_router(round_routes.router)
Sent = Annotated[Sending, Depends()]


@router.get("")
async def first(
    booth: BoothHere, guard: Guard, language: Language, kind: str = "", days: str = "today", asked: UUID | None = None
) -> HTMLResponse:
    """Show what is going on, and the log of today."""
    await booth.book.read()
    return _log(booth, guard, language, Shown(asked), kind[:40], days)


@router.get("/notes/{identity}")
async def correct(booth: BoothHere, guard: Guard, language: Language, identity: UUID) -> Response:
    """Show an entry with the form that sets it right."""
    await booth.book.read()
    return _correction(booth, guard, language, identity, Shown())


@router.post("/notes", dependencies=[OwnForm])
async def add(
    booth: BoothHere,
    guard: Guard,
    language: Language,
    sent: Sent,
    entry: Annotated[UUID, Form()],
    kind: Annotated[str, Form(max_length=40)] = "",
    text: Prose = "",
    told: Annotated[str, Form(max_length=200)] = "",
    camera: Annotated[str, Form(max_length=100)] = "",
    corrects: Annotated[UUID | None, Form()] = None,
) -> Response:
    """Add an entry to the log; one that sets another right says which."""
    await booth.book.read()
    doing = Doing(booth, guard, language, sent)
    if not await doing.is_done(entry):
        wrong = None if kind in ENTRY_KINDS else doing.wrong(KIND_MISSING, "kind")
        wrong = wrong or (None if text.strip() else doing.wrong(TEXT_MISSING, "text"))
        values = {"post": post_of(booth), "entry_kind": kind, "corrects": str(corrects) if corrects else None}
        details = {"told": list(names_in(told))}
        told_so = {"values": values, "details": details, "said": text, "camera": chosen_camera(booth, camera)}
        if wrong := wrong or await doing.write("duty", str(entry), log.NOTE, **told_so):
            shown = Shown(wrong=wrong, sent={"kind": kind, "text": text, "told": told, "camera": camera, "entry": str(entry)})
            return _correction(booth, guard, language, corrects, shown) if corrects else _log(booth, guard, language, shown)
    return doing.answered("/duty")


@router.get("/pictures/{entry}")
async def picture(booth: BoothHere, _guard: Guard, entry: UUID) -> Response:
    """Return the picture that was kept with an entry of the log or of an incident, or nothing (204)."""
    pages = booth.book.pages
    acts = (act for kind in ("duty", "incident") for act in pages.of_kind(kind) if act.entry == entry.hex)
    act = next(acts, None)
    return captures.told(await booth.kept.picture(act.capture) if act else b"")


@router.get("/shift")
async def shift(booth: BoothHere, guard: Guard, language: Language, asked: UUID | None = None) -> HTMLResponse:
    """Offer the shift that the roster has planned, or say that there is none."""
    await booth.book.read()
    return _shift(booth, guard, language, Shown(asked))


@router.post("/shift/{identity}", dependencies=[OwnForm])
async def take(booth: BoothHere, guard: Guard, language: Language, sent: Sent, identity: UUID) -> Response:
    """Take a shift."""
    pages = await booth.book.read()
    doing = Doing(booth, guard, language, sent)
    if not await doing.is_done(identity):
        known = standing.find(pages, str(identity))
        event = GuardSignedIn(at=now(booth), by=who(guard))
        wrong = await doing.advance(SHIFT, known.shift, str(identity), event, {}) if known else doing.wrong(GONE)
        if wrong:
            return _shift(booth, guard, language, Shown(wrong=wrong, form=str(identity)))
    return RedirectResponse(f"/duty/shift?asked={sent.request}", 303)


def _log(booth: Booth, guard: Session, language: str, shown: Shown, kind: str = "", days: str = "today") -> HTMLResponse:
    utc, zone = booth.clock.utc(), booth.config.gate.zone
    since = begin_of_day(utc, zone, DAYS.get(days, 0))
    until = begin_of_day(utc, zone) if days == "yesterday" else begin_of_day(utc, zone, -1)
    pages = booth.book.pages
    entries = log.lines(pages, since, until, kind)
    more = len(entries) > log.SHOWN_MAX
    kinds = list(dict.fromkeys((*ENTRY_KINDS, *log.kinds(pages))))
    days = days if days in DAYS else "today"
    listed = {"entries": entries[: log.SHOWN_MAX], "more": more, "kinds": kinds, "chosen": kind, "days": days}
    return shown.page(booth, "duty/first", language, guard, **listed, all_days=list(DAYS))


def _correction(booth: Booth, guard: Session, language: str, identity: UUID | None, shown: Shown) -> HTMLResponse:
    entry = log.find(booth.book.pages, str(identity))
    if entry is None:
        doing = Doing(booth, guard, language, Sending(UUID(int=0)))
        return _log(booth, guard, language, Shown(wrong=doing.wrong(GONE), sent=shown.sent))
    return shown.page(booth, "duty/correct", language, guard, entry=entry)


def _shift(booth: Booth, guard: Session, language: str, shown: Shown) -> HTMLResponse:
    pages, utc = booth.book.pages, booth.clock.utc()
    offered = standing.to_take(pages, guard.badge, utc)
    served = [one for one in standing.served_here(pages, guard.badge) if one.record.guard == guard.badge]
    return shown.page(
        booth,
        "duty/shift",
        language,
        guard,
        offered=offered,
        served=served,
        notices=notices_now(booth),
        failures=_failures(booth, guard.badge),
    )


def _failures(booth: Booth, badge: str) -> int:
    """Return how many wrong PINs this badge had before it was signed in last."""
    signed = [act for act in booth.book.pages.of_kind("duty") if act.name == "sign_in" and act.guard == badge]
    counted = signed[-1].values.get("failures") if signed else 0
    return counted if isinstance(counted, int) else 0
