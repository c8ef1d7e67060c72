"""A workflow as a table: state x event -> where it leads, and the guards that are asked first.

A record starts blank in state `new` and is folded from its events: `advance` refuses what may not be done, `reconcile` keeps what
was done all the same and says what was wrong with it.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Generic, TypeVar

from access.workflows.events import Elapsed, Event, Fact, Reasoned, excess
from access.workflows.order import in_order
from access.workflows.refusals import Finding, Refusal

NEW = "new"


@dataclass(frozen=True, slots=True)
class Record:
    """Base of what a workflow moves; blank until its first event."""

    state: str = NEW


R = TypeVar("R", bound=Record)
Guard = Callable[[Any, Any], Refusal | None]


@dataclass(frozen=True, slots=True)
class Cell:
    """What comes of an event in a state: a target (none: the state stays; several: the write chooses), or a refusal."""

    targets: tuple[str, ...] = ()
    guards: tuple[Guard, ...] = ()
    refusal: str = ""


def go(*steps: str | Guard) -> Cell:
    """Return a cell that leads to the states named, once the guards named let it."""
    states = tuple(step for step in steps if isinstance(step, str))
    return Cell(states, tuple(step for step in steps if not isinstance(step, str)))


def no(refusal: str) -> Cell:
    """Return a cell that refuses, with a better reason than that the state does not fit."""
    return Cell(refusal=refusal)


def _nothing_due(_record: Any, _at: datetime) -> Elapsed | None:
    return None


@dataclass(frozen=True, slots=True)
class Workflow(Generic[R]):
    """A state machine.

    `writes`: what an event enters into the record besides its state. `happens`: events that a gate did or saw, true even where
    they should not have been; their write sets the state. `findings`: what such an event is called, by its type and the refusal
    that it met. `due`: what time alone brings about.
    """

    name: str
    blank: R
    moves: Mapping[str, Mapping[type[Event], Cell]]
    writes: Mapping[type[Event], Callable[[R, Any], R]]
    happens: frozenset[type[Event]] = frozenset()
    findings: Mapping[tuple[type[Event], str], str] = field(default_factory=dict)
    due: Callable[[R, datetime], Elapsed | None] = _nothing_due

    @property
    def states(self) -> tuple[str, ...]:
        """Return the states, in the order of the table."""
        return tuple(self.moves)

    @property
    def events(self) -> tuple[type[Event], ...]:
        """Return the events, in the order in which the table first names them."""
        return tuple(dict.fromkeys(event for row in self.moves.values() for event in row))

    def advance(self, record: R, event: Event) -> R | Refusal:
        """Return the record after the event, or why it may not be; the record given is never changed."""
        return self._refusal(record, event) or self._moved(record, event)

    def ripened(self, record: R, at: datetime) -> R:
        """Return the record after all that time alone has done to it up to `at`."""
        while event := self.due(record, at):
            record = self._moved(record, event)
        return record

    def reconcile(self, facts: Iterable[Fact]) -> tuple[R, tuple[Finding, ...]]:
        """Return the record that facts of several origins come to, and what was impossible or forbidden among them."""
        record, findings = self.blank, []
        for fact in in_order(facts):
            event = fact.event
            if isinstance(event, Elapsed):
                continue
            record = self.ripened(record, event.at)
            refusal = self._refusal(record, event)
            if refusal is None:
                record = self._moved(record, event)
                continue
            findings.append(self._finding(record, fact, refusal))
            if type(event) in self.happens:
                record = self.writes[type(event)](record, event)
        return record, tuple(findings)

    def _refusal(self, record: R, event: Event) -> Refusal | None:
        cell = self.moves[record.state].get(type(event))
        if cell is None:
            return Refusal("not_now", self._place(record, event))
        if cell.refusal:
            return Refusal(cell.refusal)
        if too_much := excess(event):
            return Refusal(*too_much)
        if isinstance(event, Reasoned) and not event.reason.strip():
            return Refusal("reason_missing")
        if isinstance(event, Elapsed) and event != self.due(record, event.at):
            return Refusal("not_due")
        return next(filter(None, (guard(record, event) for guard in cell.guards)), None)

    def _moved(self, record: R, event: Event) -> R:
        targets = self.moves[record.state][type(event)].targets
        write = self.writes.get(type(event))
        moved = record if write is None else write(record, event)
        if len(targets) == 1:
            return replace(moved, state=targets[0])
        assert moved.state in (targets or (record.state,)), f"{self.name}: {type(event).__name__} led to {moved.state}"
        return moved

    def _finding(self, record: R, fact: Fact, refusal: Refusal) -> Finding:
        code = self.findings.get((type(fact.event), refusal.code), "out_of_order")
        return Finding(code, {**self._place(record, fact.event), **refusal.values}, fact.id, refusal.code)

    def _place(self, record: R, event: Event) -> dict[str, str]:
        """Return where in the table it happened, as the values of a sentence."""
        return {"workflow": self.name, "state": record.state, "event": type(event).__name__}
