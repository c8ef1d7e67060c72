"""How a form of duty becomes an act: checked by its workflow, written once, and answered on a fresh page."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Annotated, Any, TypeVar
from uuid import UUID, uuid4

from fastapi import Form
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from pydantic import BeforeValidator

from access.workflows.events import Event
from access.workflows.machine import Record, Workflow
from access.workflows.refusals import Refusal
from edge.desk import words
from edge.desk.booth import Booth
from edge.desk.recording import is_done, record, refusal_in_words, reply_in_words, request_again, values_of
from edge.desk.sessions import Session

TEXT_MAX = 500
NAMES_MAX = 20
R = TypeVar("R", bound=Record)


def _short_ends(text: object) -> object:
    """Return a text with its lines ended as browsers count them: they send two characters for one."""
    return text.replace("\r\n", "\n") if isinstance(text, str) else text


Prose = Annotated[str, BeforeValidator(_short_ends), Form(max_length=TEXT_MAX)]
# Fields of events that guards fill with words, which may tell a person.
PERSONAL = ("entry", "reason", "found", "word", "decision")


@dataclass(frozen=True, slots=True)
class Sending:
    """What every form of an act bears: its request id, and the newest entry about the record when it was rendered."""

    request: Annotated[UUID, Form()]
    after: Annotated[str, Form(max_length=64)] = ""


@dataclass(frozen=True, slots=True)
class Wrong:
    """What is missing or not allowed: said at a field ("": above the form).

    `request` is the id that the form bears then, as `recording.request_again` has it (None: a fresh one).
    """

    said: str
    field: str = ""
    request: UUID | None = None


@dataclass(frozen=True, slots=True)
class Doing:
    """An act on its way: who does it, by which form, and in which language they are answered."""

    booth: Booth
    guard: Session
    language: str
    sending: Sending

    async def is_done(self, identity: UUID) -> bool:
        """Tell whether this very form was sent before, and done."""
        return await is_done(self.booth, self.sending.request, str(identity))

    def wrong(self, text: str, at: str = "") -> Wrong:
        """Return a fault (not translated) in this language."""
        return Wrong(words.catalogue(self.language).gettext(text), at)

    async def write(self, kind: str, identity: str, act: Event | str, **told: Any) -> Wrong | None:
        """Have the gate write an act that no workflow judges; what it does not do is typed once only."""
        after = self.sending.after
        reply = await record(self.booth, self.guard, self.sending.request, kind, identity, act, after=after, **told)
        if reply.accepted:
            return None
        return Wrong(reply_in_words(self.booth, reply, self.language), request=request_again(self.sending.request, reply))

    async def advance(
        self,
        workflow: Workflow[R],
        before: R,
        identity: str,
        event: Event,
        fields: Mapping[str, str],
        camera: str = "",
        names: Mapping[str, str] | None = None,
    ) -> Wrong | None:
        """Have the gate write an event, unless the workflow refuses it: `fields` says at which field which refusal stands.

        `names` are what codes are called that only the site knows.
        """
        after = workflow.advance(before, event)
        if isinstance(after, Refusal):
            said = refusal_in_words(self.booth, _named(after, names or {}), self.language)
            return Wrong(said, fields.get(after.code, ""))
        values = values_of(event)
        details = {name: values.pop(name) for name in PERSONAL if name in values}
        return await self.write(workflow.name, identity, event, values=values, details=details, camera=camera)

    def answered(self, address: str) -> Response:
        """Lead to the page that says what became of it."""
        return RedirectResponse(f"{address}?asked={self.sending.request}", 303)


@dataclass(frozen=True, slots=True)
class Shown:
    """What a page with forms shows beside its record: what became of the last act, and what was typed and is wrong."""

    asked: UUID | None = None
    wrong: Wrong | None = None
    sent: Mapping[str, str] = field(default_factory=dict)
    form: str = ""

    def page(self, booth: Booth, name: str, language: str, guard: Session, **values: Any) -> HTMLResponse:
        """Return the page, with a fresh request id for each of its forms."""
        reply = booth.asks.reply(str(self.asked)) if self.asked else None
        said = reply_in_words(booth, reply, language) if reply else ""
        told = {"shown_reply": said, "accepted": bool(reply and reply.accepted), "request": uuid4, "form": self.form}
        html = booth.page(name, language, guard, wrong=self.wrong, sent=self.sent, **told, **values)
        return HTMLResponse(html, 422 if self.wrong else 200)


def _named(refusal: Refusal, names: Mapping[str, str]) -> Refusal:
    def named(value: object) -> object:
        return tuple(map(named, value)) if isinstance(value, tuple) else names.get(str(value), value)

    return replace(refusal, values={name: named(value) for name, value in refusal.values.items()})


def names_in(text: str) -> tuple[str, ...]:
    """Return the names in a line of them, whatever people write between them."""
    for mark in "，、；;/":
        text = text.replace(mark, ",")
    return tuple(name for part in text.split(",") if (name := " ".join(part.split())))[:NAMES_MAX]


def cameras_of(booth: Booth) -> list[str]:
    """Return the cameras of this gate: that of the booth first, then those of its lanes in their order."""
    of_lanes = (camera for lane in booth.config.lane for camera in lane.cameras)
    return [camera for camera in dict.fromkeys((booth.config.booth.camera, *of_lanes)) if camera]


def chosen_camera(booth: Booth, camera: str) -> str:
    """Return the camera where it is one of this gate's, else ""."""
    return camera if camera in cameras_of(booth) else ""
