"""Owners' keys that the office keeps: each hangs at its place, is lent and comes back, until its owner gets it."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from access.workflows.events import NEVER, Event, Fact, Reasoned
from access.workflows.machine import NEW, Record, Workflow, go
from access.workflows.refusals import Finding, Refusal


@dataclass(frozen=True, slots=True)
class Loan:
    """Who has the key (a person by id, or a name), what for, and by when it is to be back."""

    to: str
    purpose: str = ""
    due_back: datetime = NEVER


@dataclass(frozen=True, slots=True)
class OfficeKey(Record):
    """A key: of which unit, what its label says, where it hangs, whose it is, and who has it."""

    unit: str = ""
    label: str = ""
    place: str = ""
    owner: str = ""
    loan: Loan | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyTaken(Event):
    """The office took it into keeping."""

    unit: str
    label: str
    place: str
    owner: str


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyMoved(Event):
    """It hangs elsewhere now."""

    place: str


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyLent(Event):
    """Somebody took it along."""

    loan: Loan


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyReturned(Event):
    """It is back at its place; `remark`: how."""

    remark: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyLost(Reasoned):
    """Nobody knows where it is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyGiven(Event):
    """The owner, or who came for the owner, has it for good."""

    to: str


def _to_somebody(_key: OfficeKey, event: KeyLent) -> Refusal | None:
    return None if event.loan.to.strip() else Refusal("holder_missing")


def _for_a_time(_key: OfficeKey, event: KeyLent) -> Refusal | None:
    return None if event.loan.due_back > event.at else Refusal("due_back_missing")


def _is_named(_key: OfficeKey, event: KeyGiven) -> Refusal | None:
    return None if event.to.strip() else Refusal("holder_missing")


def _take(key: OfficeKey, event: KeyTaken) -> OfficeKey:
    return replace(key, unit=event.unit, label=event.label, place=event.place, owner=event.owner)


def _move(key: OfficeKey, event: KeyMoved) -> OfficeKey:
    return replace(key, place=event.place)


def _lend(key: OfficeKey, event: KeyLent) -> OfficeKey:
    return replace(key, loan=event.loan)


def _back(key: OfficeKey, _event: KeyReturned | KeyGiven) -> OfficeKey:
    return replace(key, loan=None)


WORKFLOW = Workflow(
    name="office_key",
    blank=OfficeKey(),
    moves={
        NEW: {KeyTaken: go("kept")},
        "kept": {
            KeyLent: go("lent", _to_somebody, _for_a_time),
            KeyLost: go("lost"),
            KeyGiven: go("given", _is_named),
            KeyMoved: go(),
        },
        "lent": {KeyReturned: go("kept"), KeyLost: go("lost"), KeyGiven: go("given", _is_named)},
        "lost": {KeyReturned: go("kept")},
        "given": {},
    },
    writes={KeyTaken: _take, KeyMoved: _move, KeyLent: _lend, KeyReturned: _back, KeyGiven: _back},
)


def advance(key: OfficeKey, event: Event) -> OfficeKey | Refusal:
    """Return the key after `event`, or why it may not be."""
    return WORKFLOW.advance(key, event)


def reconcile(facts: Iterable[Fact]) -> tuple[OfficeKey, tuple[Finding, ...]]:
    """Return the key that the facts of several desks come to, and what was wrong among them."""
    return WORKFLOW.reconcile(facts)
