"""What an act is about, what its form sends, and what is missing before the gate can be asked."""

import math
from dataclasses import dataclass, field
from typing import Annotated
from uuid import UUID

from fastapi import Form

from access.on_record import GuardFacts
from edge.desk import offers, words
from edge.desk.guards import Refused, SignIn
from edge.desk.presentation import LaneShown
from edge.desk.sessions import Session
from edge.gate.modes import HOLD_MINUTES_MAX
from edge.messages import CandidateView, GuardRequest

ACT_EXPIRES_S = 10.0
WORDS_MAX = 200


@dataclass(frozen=True, slots=True)
class Subject:
    """What an act is about: a lane (None: the whole gate), and for a refer its passage.

    `choice` is the chosen candidate's credential ("": a stranger), or the direction that the lane shall serve ("": both).
    """

    lane: LaneShown | None
    act: str
    passage: str
    choice: str

    @property
    def name(self) -> str:
        """What the act is called here."""
        return offers.named(self.act, self.choice, self.lane.view if self.lane else None)

    @property
    def address(self) -> str:
        """The path of its form."""
        return f"/lanes/{self.lane.id}/{self.act}" if self.lane else f"/gate/{self.act}"

    @property
    def back(self) -> str:
        """The path of the page that it was called from."""
        return "/" if self.lane else "/emergency"

    @property
    def is_current(self) -> bool:
        """Whether the lane still waits for this decision; what is no answer is always possible."""
        view = self.lane.view if self.lane else None
        is_asked = view is not None and view.state == "referred" and view.passage == self.passage
        return is_asked or self.act not in offers.ANSWERS

    @property
    def candidate(self) -> CandidateView | None:
        """The chosen candidate as the gate told it."""
        known = self.lane.view.candidates if self.lane and self.lane.view else ()
        return next((candidate for candidate in known if candidate.credential == self.choice), None)


@dataclass(frozen=True, slots=True)
class Press:
    """What the form of an act sends: its request id, the reason and words, for how long, and when it was pressed.

    `pressed` is monotonic seconds, 0 where it is not told; `badge` and `pin` are those of a second person who signs too.
    """

    request: Annotated[UUID, Form()]
    reason: Annotated[str, Form(max_length=40)] = ""
    words: Annotated[str, Form(max_length=WORDS_MAX)] = ""
    pressed: Annotated[float, Form()] = 0.0
    minutes: Annotated[int, Form(ge=0, le=HOLD_MINUTES_MAX)] = 0
    badge: Annotated[str, Form(max_length=20)] = ""
    pin: Annotated[str, Form(max_length=64)] = field(default="", repr=False)

    def expires(self, now: float) -> float:
        """Return when the act is too late: counted from the press, also where the way here was slow."""
        pressed = self.pressed if 0 < self.pressed <= now else now
        return pressed + ACT_EXPIRES_S


@dataclass(frozen=True, slots=True)
class Fault:
    """What is missing in a form: said in which words (not translated), at which field."""

    text: str
    field: str
    seconds: int = 0

    def said(self, language: str) -> str:
        """Say it in a language."""
        text = words.catalogue(language).gettext(self.text)
        return text % {"seconds": self.seconds} if self.seconds else text


def fault_of(subject: Subject, press: Press) -> Fault | None:
    """Return what is missing of the reason; an answer that comes too late has another question's, and the gate refuses it."""
    if press.reason == words.OTHER:
        return None if press.words.strip() else Fault(words.WORDS_MISSING, "words")
    known = {code for code, _ in words.WHYS[subject.name]}
    return None if press.reason in known or not subject.is_current else Fault(words.REASON_MISSING, "words")


async def second_person(press: Press, guard: Session, sign_in: SignIn, now: float) -> GuardFacts | Fault:
    """Return the second person who has signed, another than the guard, or what is wrong."""
    badge = press.badge.strip()
    if not badge or not press.pin:
        return Fault(words.SECOND_MISSING, "badge")
    if badge == guard.badge:
        return Fault(words.SECOND_IS_SAME, "badge")
    signed = await sign_in.check(badge, press.pin, now)
    if not isinstance(signed, Refused):
        return signed
    if signed.wait_s:
        return Fault(words.TOO_MANY_TRIES, "pin", math.ceil(signed.wait_s))
    return Fault(words.WRONG_PIN, "pin")


def request_of(subject: Subject, press: Press, guard: Session, second: GuardFacts | None, now: float) -> GuardRequest:
    """Return what the gate is asked."""
    return GuardRequest(
        request=str(press.request),
        act=subject.act,
        lane=subject.lane.id if subject.lane else "",
        guard=guard.guard,
        guard_name=guard.name,
        reason=press.reason,
        words=" ".join(press.words.split()),
        expires_mono=press.expires(now),
        passage=subject.passage,
        choice=subject.choice,
        minutes=press.minutes if subject.act in offers.MINUTES else 0,
        second=str(second.id) if second else "",
        second_name=second.name if second else "",
    )
