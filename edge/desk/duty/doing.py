"""How a form of duty becomes an act: checked by its workflow, written once, and answered on a fresh page."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated, Any, TypeVar
from uuid import UUID, uuid4

from fastapi import Form
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from access.workflows.events import Event
from access.workflows.machine import Record, Workflow
from access.workflows.refusals import Refusal
from edge.desk import words
from edge.desk.booth import Booth
from edge.desk.recording import record, refusal_in_words, reply_in_words, values_of
from edge.desk.sessions import Session

TEXT_MAX = 500
NAMES_MAX = 20
R = TypeVar("R", bound=Record)
# Fields of events that guards fill with words, which may tell a person.
PERSONAL = ("entry", "reason", "found", "word", "decision")


@dataclass(frozen=True, slots=True)
class Sending:
    """What every form of an act bears: its request id, and the newest entry about the record when it was rendered."""

    request: Annotated[UUID, Form()]
    after: Annotated[str, Form(max_length=64)] = ""


@dataclass(frozen=True, slots=True)
class Wrong:
    """What is missing or not allowed: said at a field ("": above the form)."""

    said: str
    field: str = ""


@dataclass(frozen=True, slots=True)
class Doing:
    """An act on its way: who does it, by which form, and in which language they are answered."""

    booth: Booth
    guard: Session
    language: str
    sending: Sending

    @property
    def is_done(self) -> bool:
        """Whether this very form was sent before, and done."""
        return self.booth.asks.reply(str(self.sending.request)).accepted

    def wrong(self, text: str, at: str = "") -> Wrong:
        """Return a fault (not translated) in this language."""
        return Wrong(words.catalogue(self.language).gettext(text), at)

    async def write(self, kind: str, identity: str, act: str, **told: Any) -> None:
        """Have the gate write an act that no workflow judges."""
        after = self.sending.after
        await record(self.booth, self.guard, self.sending.request, kind, identity, act, after=after, **told)

    async def advance(
        self, workflow: Workflow[R], before: R, identity: str, event: Event, fields: Mapping[str, str], camera: str = ""
    ) -> Wrong | None:
        """Have the gate write an event, unless the workflow refuses it: `fields` says at which field which refusal stands."""
        after = workflow.advance(before, event)
        if isinstance(after, Refusal):
            return Wrong(refusal_in_words(self.booth, after, self.language), fields.get(after.code, ""))
        values = values_of(event)
        details = {name: values.pop(name) for name in PERSONAL if name in values}
        await record(
            self.booth,
            self.guard,
            self.sending.request,
            workflow.name,
            identity,
            event,
            values=values,
            details=details,
            after=self.sending.after,
            camera=camera,
        )
        return None

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


def names_in(text: str) -> tuple[str, ...]:
    """Return the names in a line of them, whatever people write between them."""
    for mark in ",、;;/":
        text = text.replace(mark, ",")
    return tuple(name for part in text.split(",") if (name := " ".join(part.split())))[:NAMES_MAX]


def cameras_of(booth: Booth) -> list[str]:
    """Return the cameras of this gate, in the order of its lanes."""
    return list(dict.fromkeys(camera for lane in booth.config.lane for camera in lane.cameras))


def chosen_camera(booth: Booth, camera: str) -> str:
    """Return the camera where it is one of this gate's, else ""."""
    return camera if camera in cameras_of(booth) else ""
