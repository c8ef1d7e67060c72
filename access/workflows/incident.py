"""An incident in the duty log: entries are added and corrected by further entries, never changed, until it is closed."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from uuid import UUID

from access.workflows.events import Event, Fact, Reasoned
from access.workflows.machine import NEW, Record, Workflow, go
from access.workflows.refusals import Finding, Refusal

ENTRIES_MAX = 500


@dataclass(frozen=True, slots=True)
class LogEntry:
    """One entry: its id, what it says, who was told, pictures by reference, and the entry that it corrects (None: none)."""

    id: UUID
    text: str
    told: tuple[str, ...] = ()
    pictures: tuple[str, ...] = ()
    corrects: UUID | None = None


@dataclass(frozen=True, slots=True)
class Incident(Record):
    """What happened, where, and all that was written about it since."""

    kind: str = ""
    place: str = ""
    entries: tuple[LogEntry, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class IncidentReported(Event):
    """Something happened."""

    kind: str
    place: str
    entry: LogEntry


@dataclass(frozen=True, slots=True, kw_only=True)
class EntryAdded(Event):
    """Somebody followed up, or set an earlier entry right."""

    entry: LogEntry


@dataclass(frozen=True, slots=True, kw_only=True)
class IncidentClosed(Reasoned):
    """Nothing is left to do."""


@dataclass(frozen=True, slots=True, kw_only=True)
class IncidentReopened(Reasoned):
    """Something is left to do after all."""


def _says_something(_incident: Incident, event: IncidentReported | EntryAdded) -> Refusal | None:
    return None if event.entry.text.strip() else Refusal("text_missing")


def _fits(incident: Incident, event: EntryAdded) -> Refusal | None:
    known = {entry.id for entry in incident.entries}
    if len(known) >= ENTRIES_MAX:
        return Refusal("too_many_items", {"limit": ENTRIES_MAX})
    if event.entry.id in known:
        return Refusal("entry_exists")
    return Refusal("entry_unknown") if event.entry.corrects and event.entry.corrects not in known else None


def _report(incident: Incident, event: IncidentReported) -> Incident:
    return replace(incident, kind=event.kind, place=event.place, entries=(event.entry,))


def _add(incident: Incident, event: EntryAdded) -> Incident:
    return replace(incident, entries=(*incident.entries, event.entry))


WORKFLOW = Workflow(
    name="incident",
    blank=Incident(),
    moves={
        NEW: {IncidentReported: go("open", _says_something)},
        "open": {EntryAdded: go(_says_something, _fits), IncidentClosed: go("closed")},
        "closed": {EntryAdded: go(_says_something, _fits), IncidentReopened: go("open")},
    },
    writes={IncidentReported: _report, EntryAdded: _add},
)


def advance(incident: Incident, event: Event) -> Incident | Refusal:
    """Return the incident after `event`, or why it may not be."""
    return WORKFLOW.advance(incident, event)


def reconcile(facts: Iterable[Fact]) -> tuple[Incident, tuple[Finding, ...]]:
    """Return the incident that the entries of several posts come to, and what was wrong among them."""
    return WORKFLOW.reconcile(facts)
