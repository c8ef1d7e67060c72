"""Which acts are offered for a lane, and by which letters: what is set can be ended, what is not can be set. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass

from edge.booth_messages import CandidateView, LaneView
from edge.config import LaneSection
from edge.gate.guard_acts import HOLD_ALONE_MINUTES

# The letters of acts; E stays free in every place, it calls the emergency page. Those of a lane follow the lane's letter.
LETTERS: Mapping[str, str] = {
    "open_once": "O",
    "hold_open": "H",
    "convoy": "C",
    "hold_closed": "X",
    "out_of_service": "S",
    "resume": "R",
    "admit": "U",
    "refuse": "T",
    "passed": "P",
    "correct": "F",
    "unplated": "W",
    "nothing_carried": "G",
    "mark_loading": "Y",
    "decide_again": "A",
    "undo": "Z",
    "evacuate": "F",
    "end_evacuation": "A",
}
HEADING_LETTERS: Mapping[str, str] = {"in": "I", "out": "Q", "": "B"}
CHOICE_LETTERS = "JKLMN"
VISIT_LETTER, SLIP_LETTER = "V", "D"

MINUTES: Mapping[str, tuple[int, ...]] = {"hold_open": (10, 30, 60, 120, 480), "convoy": (5, 10)}
ANSWERS = frozenset({"admit", "unplated", "refuse", "passed"})
# Acts about who stands at a lane, whether it asks or not; and those that say enough by themselves, so that no reason is asked.
ABOUT_WHO_STANDS = frozenset({"correct", "decide_again", "nothing_carried", "mark_loading"})
PLAIN = ABOUT_WHO_STANDS | {"undo"}
# What the gate calls an act that goes by another name here.
ASKED_AS: Mapping[str, str] = {"unplated": "admit"}
# Vehicles without a plate: what they are and which colour, with letters that none of their reasons has.
CLASSES: Mapping[str, str] = {"car": "C", "large": "B", "motorcycle": "M", "tricycle": "T", "bicycle": "Y"}
BODY_COLOURS: Mapping[str, str] = {
    "white": "W",
    "black": "H",
    "grey": "G",
    "red": "R",
    "blue": "U",
    "green": "N",
    "yellow": "J",
    "brown": "Z",
}
GATE_ACTS = frozenset({"evacuate", "end_evacuation"})
LANE_ACTS = frozenset(LETTERS) - GATE_ACTS | {"direct"}
# What a lane can be set to from what it is set to now; an evacuation is ended on a page of its own.
_NEXT: Mapping[str, tuple[str, ...]] = {
    "normal": ("hold_open", "convoy", "hold_closed", "out_of_service"),
    "held_open": ("hold_closed", "out_of_service"),
    "convoy": ("hold_closed", "out_of_service"),
    "held_closed": ("out_of_service",),
}


@dataclass(frozen=True, slots=True)
class Offer:
    """An act as it stands on a page: its letter, and for a direction the one that is chosen ("": both)."""

    act: str
    letter: str
    choice: str = ""

    @property
    def name(self) -> str:
        """What it is called."""
        return named(self.act, self.choice, None)


@dataclass(frozen=True, slots=True)
class Length:
    """For how long an act may be chosen to hold: its letter, and whether a second person signs for it."""

    minutes: int
    letter: str
    needs_second: bool


@dataclass(frozen=True, slots=True)
class Choice:
    """A candidate of a refer with the letter that chooses it."""

    letter: str
    candidate: CandidateView


def opens_once(view: LaneView | None) -> bool:
    """Tell whether a lane can be opened once as it is set now."""
    return view is None or view.mode not in ("held_closed", "out_of_service")


def more(wired: LaneSection, view: LaneView | None) -> list[Offer]:
    """Return what else a guard may do with a lane as it is set now: end that, or set it otherwise."""
    if view is None or view.mode == "evacuation":
        return []
    is_set = view.mode != "normal" or bool(view.open_because)
    settings = [act for act in _NEXT.get(view.mode, ()) if act != "convoy" or wired.kind == "vehicle"]
    standing = about_who_stands(wired, view) if view.state != "referred" else ()
    headings = [way for way in HEADING_LETTERS if wired.direction == "both" and way != view.headed]
    return [
        *(Offer(act, LETTERS[act]) for act in (["resume"] if is_set else []) + settings),
        *(Offer("direct", HEADING_LETTERS[way], way) for way in headings),
        *(Offer(act, LETTERS[act]) for act in standing),
    ]


def lengths(act: str) -> list[Length]:
    """Return for how long an act may be chosen to hold; nothing where it holds until something else is set."""
    return [
        Length(minutes, letter, needs_second(act, minutes))
        for letter, minutes in zip(CHOICE_LETTERS, MINUTES.get(act, ()), strict=False)
    ]


def needs_second(act: str, minutes: int) -> bool:
    """Tell whether a second person must sign."""
    return act == "hold_open" and minutes > HOLD_ALONE_MINUTES


def answers(view: LaneView) -> tuple[str, ...]:
    """Return the acts that answer what a lane asks the guard."""
    return ("passed", "admit", "refuse") if view.reason == "not_confirmed" else ("admit", "refuse")


def about_who_stands(wired: LaneSection, view: LaneView) -> tuple[str, ...]:
    """Return what a guard can say of who stands at a lane, beside letting them pass or not."""
    if not view.passage or view.state not in ("referred", "denied", "waiting"):
        return ()
    is_vehicle = wired.kind == "vehicle"
    offered = {
        "nothing_carried": view.waiting_for_goods and view.subject,
        "unplated": is_vehicle and view.state == "referred" and not view.plate,
        "correct": is_vehicle and view.medium in ("", "plate") and view.state != "waiting",
        "decide_again": view.state != "waiting" and view.reason != "not_confirmed",
        "mark_loading": is_vehicle and view.subject and not view.waiting_for_goods,
    }
    return tuple(act for act, fits in offered.items() if fits)


def makes_visit(wired: LaneSection, view: LaneView) -> bool:
    """Tell whether who waits at a lane may be a visitor who is to be written down."""
    coming = (view.headed or wired.direction) != "out"
    return coming and view.state == "referred" and view.reason != "not_confirmed"


def can_undo(view: LaneView | None, guard: str, mono: float) -> str:
    """Return what this guard can still take back at a lane, "" where it is nothing."""
    if view is None or view.undo_guard != guard or view.undo_until_mono <= mono:
        return ""
    return view.undo_act


def choices(view: LaneView) -> list[Choice]:
    """Return the candidates of a refer with their letters."""
    return [Choice(letter, candidate) for letter, candidate in zip(CHOICE_LETTERS, view.candidates, strict=False)]


def named(act: str, choice: str, view: LaneView | None) -> str:
    """Return the name of an act; whether somebody who was let in has passed is another question than who may pass."""
    if act == "direct":
        return f"direct_{choice or 'both'}"
    if view is not None and view.reason == "not_confirmed":
        return {"admit": "open_again", "refuse": "did_not_come"}.get(act, act)
    return act
