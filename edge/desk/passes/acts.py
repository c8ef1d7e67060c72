"""What a guard does with a pass, made into an event of its workflow, or why it may not be."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from access.workflows.contractor_pass import (
    DuplicateBroughtBack,
    DuplicateCounted,
    PassConfiscated,
    PassLost,
    ViolationReported,
)
from access.workflows.events import Event, Who
from access.workflows.refusals import Refusal
from edge.desk import recording
from edge.desk import words as shared
from edge.desk.booth import Booth
from edge.desk.passes import words
from edge.desk.passes.standing import Board, PassNow

OTHER = shared.OTHER


@dataclass(frozen=True, slots=True)
class Asked:
    """What the guard has said: what stands on the parts that were shown, why, in which words; `found` on the board or not."""

    original: str = ""
    duplicate: str = ""
    reason: str = ""
    words: str = ""
    found: bool = False
    language: str = "zh"


@dataclass(frozen=True, slots=True)
class Made:
    """An event that the workflow allows, what the entry keeps of it, and by which words (`words.DONE`) it is told."""

    event: Event
    values: Mapping[str, Any] = field(default_factory=dict)
    told: str = ""


@dataclass(frozen=True, slots=True)
class Fault:
    """Why it may not be: words (not translated), or a refusal of the workflow; and what to do about it (not translated)."""

    text: str = ""
    refusal: Refusal | None = None

    @property
    def advice(self) -> str:
        """What to do about it, "" where nothing is to be said."""
        return words.ADVICE.get(self.refusal.code, "") if self.refusal else ""

    def said(self, booth: Booth, language: str) -> str:
        """Say it in a language."""
        if self.refusal is not None:
            return recording.refusal_in_words(booth, self.refusal, language)
        return shared.catalogue(language).gettext(self.text)


_Making = Callable[[Board, PassNow, Asked, Who], Made | Fault]


def make(act: str, board: Board, now: PassNow, asked: Asked, by: Who) -> Made | Fault:
    """Return what becomes of an act (a name of FIELDS, or count)."""
    made = _MAKING[act](board, now, asked, by)
    if isinstance(made, Fault):
        return made
    refusal = None if act == "count" else board.refusal(now, made.event)
    return Fault(refusal=refusal) if refusal else made


def _enter(board: Board, now: PassNow, asked: Asked, by: Who) -> Made | Fault:
    event = board.entering(now, by, asked.original, asked.duplicate)
    if not asked.original and board.may_enter(now, by) is None:
        return Fault(words.ORIGINAL_MISSING)
    return Made(event, _values(event, permit=str(now.told.permit), **_holder(now)), "enter")


def _leave(board: Board, now: PassNow, _asked: Asked, by: Who) -> Made | Fault:
    event = board.leaving(by)
    values = _values(event, given_back=now.is_on_board, **_holder(now))
    return Made(event, values, "leave" if now.is_on_board else "leave_without")


def _back(board: Board, _now: PassNow, _asked: Asked, by: Who) -> Made | Fault:
    event = DuplicateBroughtBack(at=board.at, by=by)
    return Made(event, _values(event), "back")


def _lost(board: Board, _now: PassNow, _asked: Asked, by: Who) -> Made | Fault:
    event = PassLost(at=board.at, by=by)
    return Made(event, _values(event), "lost")


def _confiscate(board: Board, _now: PassNow, asked: Asked, by: Who) -> Made | Fault:
    known = dict(words.REASONS)
    reason = asked.words if asked.reason == OTHER else _translated(known.get(asked.reason, ""), asked.language)
    if not reason:
        return Fault(words.REASON_MISSING)
    event = PassConfiscated(at=board.at, by=by, reason=reason)
    return Made(event, _values(event), "confiscate")


def _violation(board: Board, _now: PassNow, asked: Asked, by: Who) -> Made | Fault:
    unit = _translated(words.WRONG_UNIT, asked.language) if asked.reason == "wrong_unit" else ""
    what = ": ".join(filter(None, (unit, asked.words)))
    if not what:
        return Fault(words.WHAT_MISSING)
    event = ViolationReported(at=board.at, by=by, what=what)
    return Made(event, _values(event), "violation")


def _count(board: Board, now: PassNow, asked: Asked, by: Who) -> Made | Fault:
    event = DuplicateCounted(at=board.at, by=by, post=board.post, found=asked.found)
    return Made(event, _values(event, permit=str(now.told.permit), expected=now.is_on_board, **_holder(now)))


def _holder(now: PassNow) -> dict[str, str]:
    """Return who it is about, as the presence names them; nothing of an older record, which does not tell it."""
    return {"subject": str(now.told.subject)} if now.told.subject else {}


def _values(event: Event, **more: Any) -> dict[str, Any]:
    return {**recording.values_of(event), **more}


def _translated(text: str, language: str) -> str:
    return shared.catalogue(language).gettext(text) if text else ""


_MAKING: Mapping[str, _Making] = {
    "enter": _enter,
    "leave": _leave,
    "back": _back,
    "lost": _lost,
    "confiscate": _confiscate,
    "violation": _violation,
    "count": _count,
}
# What a guard may press on a pass, and the field beside which a fault is told.
FIELDS: Mapping[str, str] = {
    "enter": "original",
    "leave": "leave",
    "back": "back",
    "lost": "lost",
    "confiscate": "reason",
    "violation": "what",
}
