"""Routes of what a guard does: the form of an act, freshly made, and its one press."""

from dataclasses import dataclass
from typing import Annotated, Literal
from uuid import UUID, uuid4

from fastapi import APIRouter, Depends, Form, HTTPException, Request
from fastapi.responses import HTMLResponse, JSONResponse, RedirectResponse, Response

from edge.desk import words
from edge.desk.booth import Booth
from edge.desk.doors import BoothHere, Guard, Language, OwnForm
from edge.desk.presentation import LaneShown, lanes_shown
from edge.desk.sessions import Session
from edge.messages import CandidateView, GuardReply, GuardRequest

ACT_EXPIRES_S = 10.0
WORDS_MAX = 200
Act = Literal["open_once", "admit", "refuse"]

router = APIRouter()


@dataclass(frozen=True, slots=True)
class Subject:
    """What an act is about: a lane, and for a refer its passage and the chosen candidate's credential ("": a stranger)."""

    lane: LaneShown
    act: str
    passage: str
    choice: str

    @property
    def is_current(self) -> bool:
        """Whether the lane still waits for this decision; opening once is always possible."""
        view = self.lane.view
        return self.act == "open_once" or (view is not None and view.state == "referred" and view.passage == self.passage)

    @property
    def candidate(self) -> CandidateView | None:
        """The chosen candidate as the gate told it."""
        known = self.lane.view.candidates if self.lane.view else ()
        return next((candidate for candidate in known if candidate.credential == self.choice), None)


@dataclass(frozen=True, slots=True)
class Press:
    """What the form of an act sends: its request id, the reason and words, and when it was pressed (monotonic, 0: not told)."""

    request: Annotated[UUID, Form()]
    reason: Annotated[str, Form(max_length=40)] = ""
    words: Annotated[str, Form(max_length=WORDS_MAX)] = ""
    pressed: Annotated[float, Form()] = 0.0

    def expires(self, now: float) -> float:
        """Return when the act is too late: counted from the press, also where the way here was slow."""
        pressed = self.pressed if 0 < self.pressed <= now else now
        return pressed + ACT_EXPIRES_S


def subject_of(booth: BoothHere, lane: str, act: Act, passage: str = "", choice: str = "") -> Subject:
    """Return what the address names; a lane that is not here is not found."""
    found = next((here for here in lanes_shown(booth.config, booth.situation) if here.id == lane), None)
    if found is None:
        raise HTTPException(404, words.NO_SUCH_LANE)
    return Subject(found, act, passage[:64], choice[:64])


SubjectHere = Annotated[Subject, Depends(subject_of)]
Pressed = Annotated[Press, Depends()]


@router.get("/lanes/{lane}/{act}")
async def act_form(booth: BoothHere, guard: Guard, language: Language, subject: SubjectHere) -> HTMLResponse:
    """Show what will be done and recorded, and ask why; the form bears the id that makes it happen once."""
    return _form(booth, guard, language, subject)


@router.post("/lanes/{lane}/{act}", dependencies=[OwnForm])
async def press_act(
    http: Request, booth: BoothHere, guard: Guard, language: Language, subject: SubjectHere, press: Pressed
) -> Response:
    """Ask the gate, and tell what became of it: as JSON to the page's script, else on a page of its own."""
    wants_json = "application/json" in http.headers.get("accept", "")
    if fault := _fault(subject, press):
        if wants_json:
            return JSONResponse({"accepted": False, "asked": False, "said": _translated(fault, language)})
        return _form(booth, guard, language, subject, fault=fault)
    reply = await booth.asks.ask(_request(subject, press, guard, booth.clock.now()))
    if wants_json:
        return JSONResponse({"accepted": reply.accepted, "asked": True, "said": _said(reply, subject, language)})
    return RedirectResponse(f"/lanes/{subject.lane.id}/{subject.act}/{press.request}", 303)


@router.get("/lanes/{lane}/{act}/{request}")
async def show_reply(booth: BoothHere, guard: Guard, language: Language, subject: SubjectHere, request: UUID) -> HTMLResponse:
    """Show what became of an act; loading this page again does nothing again."""
    reply = booth.asks.reply(str(request))
    said = _said(reply, subject, language)
    return HTMLResponse(booth.page("reply", language, guard, accepted=reply.accepted, said=said))


def _form(booth: Booth, guard: Session, language: str, subject: Subject, *, fault: str = "") -> HTMLResponse:
    page = booth.page("act", language, guard, subject=subject, request=uuid4(), fault=fault)
    return HTMLResponse(page, 422 if fault else 200)


def _fault(subject: Subject, press: Press) -> str:
    """Return what is missing before the gate can be asked (not translated), or ""."""
    if press.reason == words.OTHER:
        return "" if press.words.strip() else words.WORDS_MISSING
    return "" if press.reason in {code for code, _ in words.WHYS[subject.act]} else words.REASON_MISSING


def _request(subject: Subject, press: Press, guard: Session, now: float) -> GuardRequest:
    return GuardRequest(
        request=str(press.request),
        act=subject.act,
        lane=subject.lane.id,
        guard=guard.guard,
        guard_name=guard.name,
        reason=press.reason,
        words=" ".join(press.words.split()),
        expires_mono=press.expires(now),
        passage=subject.passage,
        choice=subject.choice,
    )


def _said(reply: GuardReply, subject: Subject, language: str) -> str:
    """Return the gate's reply in words, with lane and act."""
    what = f"{subject.lane.name} · {_translated(words.ACTS[subject.act], language)}"
    if reply.accepted:
        return f"{what}: {_translated(words.DONE, language)}"
    return f"{what}: {_translated(words.REFUSALS.get(reply.refusal, words.REFUSED), language)}".replace("{code}", reply.refusal)


def _translated(text: str, language: str) -> str:
    return words.catalogue(language).gettext(text)
