"""What an act is about, what its form sends, and what is missing before the gate can be asked."""

import math
from collections.abc import Iterable
from dataclasses import dataclass, field
from string import ascii_uppercase
from typing import Annotated
from unicodedata import category
from uuid import UUID

from fastapi import Form

from access.contract.booth_records import SettingsAtBooth
from access.on_record import GuardFacts
from access.plate import PROVINCES, RAW_LENGTH_MAX, normalise
from access.reasons import why_in_words
from edge.booth_messages import CandidateView, GuardRequest
from edge.desk import offers, words
from edge.desk.guards import Refused, SignIn
from edge.desk.presentation import LaneShown
from edge.desk.sessions import Session
from edge.gate.modes import HOLD_MINUTES_MAX

ACT_EXPIRES_S = 10.0
WORDS_MAX = 200
UNTYPED = ("Cc", "Cs")  # Unicode's categories: control characters, surrogates


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
    def is_door(self) -> bool:
        """Whether it is about a door and not an arm."""
        return self.lane is not None and self.lane.wired.kind == "pedestrian"

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
        stands = view is not None and bool(self.passage) and view.passage == self.passage
        if self.act in offers.ANSWERS:
            return stands and view is not None and view.state == "referred"
        if self.act == "undo":
            return view is not None and bool(view.undo_act)
        return stands or self.act not in offers.ABOUT_WHO_STANDS

    @property
    def candidate(self) -> CandidateView | None:
        """The chosen candidate as the gate told it."""
        known = self.lane.view.candidates if self.lane and self.lane.view else ()
        return next((candidate for candidate in known if candidate.credential == self.choice), None)


@dataclass(frozen=True, slots=True)
class Press:
    """What the form of an act sends: its request id, the reason and words, for how long, and when it was pressed.

    `pressed` is monotonic seconds, 0 where it is not told; `badge` and `pin` are those of a second person who signs too.
    `plate` is how the guard reads it (`province` puts another in front of it), `vehicle_class` and `colour` are of a vehicle
    without one.
    """

    request: Annotated[UUID, Form()]
    reason: Annotated[str, Form(max_length=40)] = ""
    words: Annotated[str, Form(max_length=WORDS_MAX)] = ""
    pressed: Annotated[float, Form()] = 0.0
    minutes: Annotated[int, Form(ge=0, le=HOLD_MINUTES_MAX)] = 0
    badge: Annotated[str, Form(max_length=20)] = ""
    plate: Annotated[str, Form(max_length=RAW_LENGTH_MAX)] = ""
    province: Annotated[str, Form(max_length=1)] = ""
    vehicle_class: Annotated[str, Form(max_length=20)] = ""
    colour: Annotated[str, Form(max_length=20)] = ""
    pin: Annotated[str, Form(max_length=64)] = field(default="", repr=False)

    @property
    def with_province(self) -> str:
        """The plate as it was typed, with the chosen province in front of it."""
        return self.province + self.plate.lstrip(PROVINCES) if self.province in PROVINCES and self.province else self.plate

    def expires(self, now: float) -> float:
        """Return when the act is too late: counted from the press, also where the way here was slow."""
        pressed = self.pressed if 0 < self.pressed <= now else now
        return pressed + ACT_EXPIRES_S


@dataclass(frozen=True, slots=True)
class Why:
    """A reason that a form offers: what is recorded, the letter that chooses it ("": none), its words in the guard's language.

    `site` are the words that are recorded with it, where it is one of the site's own.
    """

    code: str
    letter: str
    said: str
    site: str = ""


def whys_of(subject: Subject, settings: SettingsAtBooth | None, language: str) -> list[Why]:
    """Return the reasons that the form of an act offers: ours, and behind them those of the site for opening by hand."""
    ours = [Why(code, letter, why_in_words(code, "", language)) for code, letter in words.WHYS[subject.name]]
    if subject.act != "open_once" or settings is None:
        return ours
    taken = {why.letter for why in ours} | {"E"}
    letters = iter([letter for letter in ascii_uppercase if letter not in taken])
    site = [one for one in settings.opening_reasons if one.code not in {words.OTHER, *(why.code for why in ours)}]
    of_site = [Why(one.code or one.zh, next(letters, ""), one.zh if language == "zh" else one.en, one.zh) for one in site]
    return ours + of_site


@dataclass(frozen=True, slots=True)
class Fault:
    """What is missing in a form: said in which words (not translated), at which field."""

    text: str
    field: str
    seconds: int = 0

    def said(self, language: str) -> str:
        """Say it in a language."""
        text = words.catalogue(language).gettext(self.text) if self.text else ""
        return text % {"seconds": self.seconds} if self.seconds else text


def fault_of(subject: Subject, press: Press, whys: Iterable[Why]) -> Fault | None:
    """Return what is missing of the reason; an answer that comes too late has another question's, and the gate refuses it."""
    if subject.act == "correct" and (press.province or not normalise(press.plate)):
        return Fault("" if press.province else words.PLATE_MISSING, "plate")
    if subject.act in offers.PLAIN:
        return None
    if subject.act == "unplated" and press.vehicle_class not in offers.CLASSES:
        return Fault(words.CLASS_MISSING, "vehicle_class")
    if press.reason == words.OTHER:
        return None if press.words.strip() else Fault(words.WORDS_MISSING, "words")
    known = {why.code for why in whys}
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


def legible(text: str) -> str:
    """Return a text without what no keyboard types: control characters, which the registry could not store."""
    return "".join(character for character in text if character in "\n\t" or category(character) not in UNTYPED)


def _choice(subject: Subject, press: Press) -> str:
    """Return what an act is about: the plate as it was typed, the vehicle that stands there, or what its address says."""
    if subject.act == "correct":
        return normalise(press.plate)
    if subject.act in ("nothing_carried", "mark_loading"):
        return subject.lane.view.subject if subject.lane and subject.lane.view and subject.is_current else ""
    return subject.choice


def request_of(
    subject: Subject, press: Press, guard: Session, second: GuardFacts | None, now: float, site_words: str = ""
) -> GuardRequest:
    """Return what the gate is asked; `site_words` are those of a reason that the site has set."""
    said = " ".join(legible(f"{site_words} {press.words}").split())
    is_plain = subject.act in offers.PLAIN
    is_unplated = subject.act == "unplated"
    return GuardRequest(
        request=str(press.request),
        act=offers.ASKED_AS.get(subject.act, subject.act),
        lane=subject.lane.id if subject.lane else "",
        guard=guard.guard,
        guard_name=guard.name,
        reason=press.reason or next((code for code, _ in words.WHYS[subject.name]), "") if is_plain else press.reason,
        words=said,
        expires_mono=press.expires(now),
        passage=subject.passage,
        choice=_choice(subject, press),
        minutes=press.minutes if subject.act in offers.MINUTES else 0,
        second=str(second.id) if second else "",
        second_name=second.name if second else "",
        vehicle_class=press.vehicle_class if is_unplated else "",
        colour=press.colour if is_unplated and press.colour in offers.BODY_COLOURS else "",
        badge=guard.badge,
        role=guard.role,
    )
