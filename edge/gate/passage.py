"""One vehicle or person at a lane, from arrival to the end: what is known of it so far."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from access.case import Earlier, Presented
from access.decision import Decision
from access.entries import Body
from access.matching import Candidate
from access.obligations import Obligation
from access.on_record import Credential, LaneRules
from access.passes import Shown
from access.passing import Passing, papers_of, passing, standing, takes_room
from access.peers import Hearsay
from access.presence import Presence
from access.projection import facts_in, projected
from access.snapshot import Snapshot


@dataclass(slots=True)
class Moment:
    """Now, in both clocks, and what is known: the rules (None: none yet), and the presence as this event has left it so far.

    `hearsay` is what neighbours say beyond that. `barred`: lanes that may not open now, for another of their lock is not shut;
    and how long (s) they wait for it. `not_shut`: lanes that what has just been read says are not shut, whether or not they have
    taken it in yet.
    """

    now: float
    at: datetime
    rules: Snapshot | None
    presence: Presence
    barred: Mapping[str, float] = field(default_factory=dict)
    not_shut: frozenset[str] = frozenset()
    hearsay: Hearsay = field(default_factory=Hearsay)

    def take(self, body: Body) -> None:
        """Take in what an entry of this gate changes."""
        self.presence = projected(self.presence, body)
        self.hearsay = self.hearsay.after(facts_in(body), round(self.at.timestamp() * 1e6))


@dataclass(frozen=True, slots=True)
class Presentation:
    """A credential presented at a lane: medium card, code or plate; `received` monotonic; `capture` names its picture.

    `plate_capture` is that in which a plate was read where it is another, as of one that was read before it stood here. Of a
    signed pass `code` is what it says, and `raw` and `text` are its name: its text goes no further than the reading.
    """

    device: str
    medium: str
    raw: str
    text: str
    received: float
    bits: int = 0
    confidence: float = 1.0
    characters: tuple[float, ...] = ()
    colour: str = ""
    capture: str = ""
    vehicle_class: str = ""
    code: Shown | None = None
    as_read_by_guard: bool = False
    plate_capture: str = ""

    def presented(self, direction: str, earlier: tuple[Earlier, ...]) -> Presented:
        """Return it as the rules take it."""
        return Presented(
            self.medium,
            self.raw,
            self.text,
            direction,
            self.bits,
            self.confidence,
            self.characters,
            self.colour,
            self.vehicle_class,
            earlier,
            self.code,
            self.as_read_by_guard,
        )


@dataclass(slots=True)
class Passage:
    """What a lane knows of who stands at it now; `ended` (monotonic) once it is over."""

    id: str
    began: float
    direction: str = "in"
    outcome: str = ""
    reason: str = ""
    values: Mapping[str, Any] = field(default_factory=dict)
    medium: str = ""
    device: str = ""
    text: str = ""
    code: Shown | None = None
    shown: str = ""
    plate: str = ""
    colour: str = ""
    credential: str = ""
    person: str = ""
    category: str = ""
    holder: str = ""
    unit: str = ""
    candidates: tuple[Candidate, ...] = ()
    capture: str = ""
    plate_capture: str = ""  # in which its plate was read
    cause: str = ""  # the entry that its command will name, where the command waits
    received: float = 0.0
    opened: float | None = None
    under_at: float | None = None  # when it came under the arm
    backed: bool = False  # it came out from under the arm again, on the side where it had arrived
    over_near: bool = False  # it stood on the near loop as it came under the arm
    close_behind: bool = False  # another came through behind it with no gap
    backwards: bool = False  # it came from the wrong side of a lane that stands open
    alarms: tuple[str, ...] = ()
    ended: float | None = None
    result: str = ""
    decisions: int = 0
    asked_under: tuple[object, ...] = ()  # the rules and the mode that were in force when it was last decided on
    confidence: float = 1.0
    found: Credential | None = None
    moving: tuple[Passing, ...] = ()
    obligations: tuple[Obligation, ...] = ()
    earlier: tuple[Earlier, ...] = ()
    considered: tuple[Earlier, ...] = ()
    awaiting: bool = False
    used: bool = False  # what a grant uses up is written down
    presented: Presentation | None = None  # what it was last decided on
    before: tuple[Earlier, ...] = ()  # and what had been presented before that
    misread: tuple[str, ...] = ()  # plates that a guard has corrected
    body_class: str = ""  # of a vehicle without a plate, as a guard sees it
    asked: Body | None = None  # the decision that is the guard's question

    def has_plate(self, read: Presentation) -> None:
        """Note the plate that was read, and in which picture."""
        self.plate, self.colour = read.text, read.colour
        self.plate_capture = read.plate_capture or read.capture or self.plate_capture

    def belongs_to(self, credential: Credential | None) -> None:
        """Note whose credential it is; with None, that nobody knows."""
        self.found, person = credential, credential.person if credential else None
        self.credential, self.person = str(credential.id) if credential else "", str(person.id) if person else ""
        self.category, self.holder, self.unit = (person.category, person.name, person.unit) if person else ("", "", "")

    def adopt(self, choice: str) -> None:
        """Take the candidate that a guard chose by its credential id, or none of them (""); the reading stays as it was read."""
        if self.candidates and not choice:
            self.belongs_to(None)
        for candidate in self.candidates:
            if str(candidate.credential.id) == choice:
                self.belongs_to(candidate.credential)

    def moves(self, decision: Decision | None, lane: LaneRules | None, moment: Moment) -> None:
        """Note who and what would move in the presence: as decided, else as far as it is known who this is."""
        if decision:
            self.moving = (decision.passing, *decision.company)
        elif moment.rules and lane:
            known = moment.presence.facts.get
            papers = papers_of(self.found, self.direction, lane, moment.rules, moment.at, known, self.code)
            plate, before = ("", self.plate) if self.found and self.found.medium != "plate" else (self.plate, "")
            stands = standing(self.found, plate, before, self.direction, lane, moment.rules, known)
            room = takes_room(lane, stands.vehicle.vehicle_class if stands.vehicle else self.body_class)
            here = moment.rules.lanes_in_facts
            self.moving = (passing(stands.subject, stands.mover, self.direction, lane, papers, as_vehicle=room, own_lanes=here),)
