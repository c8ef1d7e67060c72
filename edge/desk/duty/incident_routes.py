"""Routes of incidents: reported, followed up, closed, opened again."""

from typing import Annotated
from uuid import UUID, uuid4

from fastapi import APIRouter, Depends, Form
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from access.workflows.events import Event
from access.workflows.incident import (
    WORKFLOW,
    EntryAdded,
    IncidentClosed,
    IncidentReopened,
    IncidentReported,
    LogEntry,
)
from edge.desk.booth import Booth
from edge.desk.doors import BoothHere, Guard, Language, OwnForm
from edge.desk.duty import incidents
from edge.desk.duty.doing import Doing, Prose, Sending, Shown, chosen_camera, names_in
from edge.desk.duty.words import GONE, INCIDENT_KINDS, KIND_MISSING, PLACE_MISSING
from edge.desk.recording import now, who
from edge.desk.sessions import Session

FIELDS = {"text_missing": "text", "text_too_long": "text", "too_many_items": "told", "reason_missing": "text"}

router = APIRouter(prefix="/incidents")
Sent = Annotated[Sending, Depends()]
Told = Annotated[str, Form(max_length=200)]
Camera = Annotated[str, Form(max_length=100)]


@router.get("/new")
async def new(booth: BoothHere, guard: Guard, language: Language) -> HTMLResponse:
    """Ask what happened."""
    await booth.book.read()
    return Shown().page(booth, "duty/report", language, guard)


@router.post("", dependencies=[OwnForm])
async def report(
    booth: BoothHere,
    guard: Guard,
    language: Language,
    sent: Sent,
    entry: Annotated[UUID, Form()],
    kind: Annotated[str, Form(max_length=40)] = "",
    place: Annotated[str, Form(max_length=100)] = "",
    text: Prose = "",
    told: Told = "",
    camera: Camera = "",
) -> Response:
    """Report that something happened."""
    await booth.book.read()
    doing = Doing(booth, guard, language, sent)
    identity = str(entry)
    if not await doing.is_done(entry):
        wrong = None if kind in INCIDENT_KINDS else doing.wrong(KIND_MISSING, "kind")
        wrong = wrong or (None if place.strip() else doing.wrong(PLACE_MISSING, "place"))
        written = LogEntry(uuid4(), text.strip(), names_in(told))
        event = IncidentReported(at=now(booth), by=who(guard), kind=kind, place=" ".join(place.split()), entry=written)
        picture = chosen_camera(booth, camera)
        wrong = wrong or await doing.advance(WORKFLOW, WORKFLOW.blank, identity, event, FIELDS, picture)
        if wrong:
            typed = {"kind": kind, "place": place, "text": text, "told": told, "camera": camera, "entry": identity}
            return Shown(wrong=wrong, sent=typed).page(booth, "duty/report", language, guard)
    return doing.answered(f"/duty/incidents/{identity}")


@router.get("/{identity}")
async def show(booth: BoothHere, guard: Guard, language: Language, identity: UUID, asked: UUID | None = None) -> Response:
    """Show an incident with all that was written about it."""
    await booth.book.read()
    return _page(booth, guard, language, identity, Shown(asked))


@router.post("/{identity}/follow-up", dependencies=[OwnForm])
async def follow_up(
    booth: BoothHere,
    guard: Guard,
    language: Language,
    sent: Sent,
    identity: UUID,
    text: Prose = "",
    told: Told = "",
    camera: Camera = "",
    corrects: Annotated[UUID | None, Form()] = None,
) -> Response:
    """Add what came of it, or set an earlier entry right."""
    event = EntryAdded(at=now(booth), by=who(guard), entry=LogEntry(uuid4(), text.strip(), names_in(told), (), corrects))
    typed = {"text": text, "told": told, "camera": camera, "corrects": str(corrects or "")}
    return await _advance(Doing(booth, guard, language, sent), identity, event, "follow-up", typed)


@router.post("/{identity}/close", dependencies=[OwnForm])
async def close(booth: BoothHere, guard: Guard, language: Language, sent: Sent, identity: UUID, text: Prose = "") -> Response:
    """Close it: nothing is left to do."""
    event = IncidentClosed(at=now(booth), by=who(guard), reason=text.strip())
    return await _advance(Doing(booth, guard, language, sent), identity, event, "close", {"text": text})


@router.post("/{identity}/reopen", dependencies=[OwnForm])
async def reopen(booth: BoothHere, guard: Guard, language: Language, sent: Sent, identity: UUID, text: Prose = "") -> Response:
    """Open it again: something is left to do after all."""
    event = IncidentReopened(at=now(booth), by=who(guard), reason=text.strip())
    return await _advance(Doing(booth, guard, language, sent), identity, event, "reopen", {"text": text})


async def _advance(doing: Doing, identity: UUID, event: Event, form: str, typed: dict[str, str]) -> Response:
    pages = await doing.booth.book.read()
    known = incidents.standing(pages, str(identity))
    if known is None:
        return Shown(wrong=doing.wrong(GONE), sent=typed).page(doing.booth, "duty/report", doing.language, doing.guard)
    if not await doing.is_done(identity):
        picture = chosen_camera(doing.booth, typed.get("camera", ""))
        wrong = await doing.advance(WORKFLOW, known.incident, str(identity), event, FIELDS, picture)
        if wrong:
            shown = Shown(wrong=wrong, sent=typed, form=form)
            return _page(doing.booth, doing.guard, doing.language, identity, shown)
    return doing.answered(f"/duty/incidents/{identity}")


def _page(booth: Booth, guard: Session, language: str, identity: UUID, shown: Shown) -> Response:
    known = incidents.standing(booth.book.pages, str(identity))
    if known is None:
        if shown.asked:  # it was not written: the page that was left says why
            return Shown(shown.asked).page(booth, "duty/report", language, guard)
        return RedirectResponse("/duty", 303)
    newest = booth.book.pages.newest(known.id)
    return shown.page(booth, "duty/incident", language, guard, one=known, after=newest)
