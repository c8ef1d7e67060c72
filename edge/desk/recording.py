"""What a guard does with a record: made into an act, sent to the gate once, and told in words."""

from collections.abc import Mapping
from datetime import UTC, datetime
from itertools import islice
from typing import Any
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

from pydantic import TypeAdapter

from access.workflows.events import Event, Who
from access.workflows.refusals import Refusal, refusal_sentence
from edge.booth_messages import GuardReply, RecordAct
from edge.desk import words
from edge.desk.asks import NO_ANSWER
from edge.desk.booth import Booth
from edge.desk.forms import ACT_EXPIRES_S, legible
from edge.desk.sessions import Session

OURS = ("at", "by")
LOOKED_BACK = 1000  # acts about one record: a form is not older than its session


def now(booth: Booth) -> datetime:
    """Return the time of an act."""
    return datetime.fromtimestamp(booth.clock.utc(), UTC)


def who(guard: Session) -> Who:
    """Return the guard as workflows know them."""
    return Who(guard.badge, guard.role)


def values_of(event: Event) -> dict[str, Any]:
    """Return what an entry keeps of an event: its fields but for who did it and when."""
    told: dict[str, Any] = TypeAdapter(type(event)).dump_python(event, mode="json")
    return {name: value for name, value in told.items() if name not in OURS}


async def record(
    booth: Booth,
    guard: Session,
    request: UUID,
    kind: str,
    identity: str,
    event: Event | str,
    *,
    values: Mapping[str, Any] | None = None,
    details: Mapping[str, Any] | None = None,
    said: str = "",
    after: str | None = None,
    pressed: float = 0.0,
    camera: str = "",
    lane: str = "",
) -> GuardReply:
    """Have the gate write down an act (an event of a workflow, or its name) and return what became of it.

    `values` are said instead of the event's own fields, as where these tell a person; `after` is the newest entry about the
    record that the page knew (None: that the book has now). What the book has already is not sent again.
    """
    if await is_done(booth, request, identity):
        return booth.asks.reply(str(request))
    name = event if isinstance(event, str) else type(event).__name__
    told = values if values is not None else values_of(event) if isinstance(event, Event) else {}
    moment = booth.clock.now()
    pressed = pressed if 0 < pressed <= moment else moment
    reply = await booth.asks.ask(
        RecordAct(
            request=str(request),
            kind=kind,
            identity=identity,
            act=name,
            guard=guard.badge,
            guard_name=guard.name,
            expires_mono=pressed + ACT_EXPIRES_S,
            role=guard.role,
            values=_legible(told),
            details=_legible(details or {}),
            words=" ".join(legible(said).split()),
            after=booth.book.pages.newest(identity) if after is None else after,
            camera=camera,
            lane=lane,
        )
    )
    return booth.asks.reply(str(request)) if await is_done(booth, request, identity) else reply


async def is_done(booth: Booth, request: UUID, identity: str) -> bool:
    """Tell whether a press was done, as the book has it now: by the gate's reply or, where that was lost, by its entry."""
    pages = await booth.book.read()
    if any(act.request == str(request) for act in islice(reversed(pages.of(identity)), LOOKED_BACK)):
        booth.asks.was_done(str(request))
    return booth.asks.reply(str(request)).accepted


def request_again(request: UUID, result: GuardReply | Refusal) -> UUID:
    """Return the id that a form bears when it is shown again, with what was typed, for this was not done.

    A fresh one, so that pressing again does it; its own where no answer came, for it may have been done all the same.
    """
    is_open = isinstance(result, GuardReply) and result.refusal == NO_ANSWER
    return request if is_open else uuid4()


def _legible(told: Any) -> Any:
    """Return what is kept of an act with every text in it legible."""
    match told:
        case str():
            return legible(told)
        case Mapping():
            return {name: _legible(value) for name, value in told.items()}
        case list() | tuple():
            return [_legible(value) for value in told]
    return told


def reply_in_words(booth: Booth, reply: GuardReply, language: str) -> str:
    """Return what became of an act."""
    translated = words.catalogue(language).gettext
    if reply.accepted:
        return translated(words.HELD if reply.held else words.DONE)
    known = {code: said for place in booth.features.values() for code, said in place.refusals.items()} | words.REFUSALS
    return translated(known.get(reply.refusal, words.REFUSED)).replace("{code}", reply.refusal)


def refusal_in_words(booth: Booth, refusal: Refusal, language: str) -> str:
    """Return why a workflow does not allow an act."""
    return refusal_sentence(refusal, language, ZoneInfo(booth.config.gate.zone))
