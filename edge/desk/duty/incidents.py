"""Incidents of this gate as they stand: as the registry told them, and what guards here did since. Pure."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from access.contract.booth_records import IncidentAtBooth, WrittenAtBooth
from access.workflows.incident import WORKFLOW, EntryAdded, Incident, LogEntry
from edge.desk.book import Act, Pages
from edge.desk.folding import event_of, folded

KIND = WORKFLOW.name


@dataclass(frozen=True, slots=True)
class Written:
    """What was written about an incident: by which act (`name`), when, by whom, an entry or only a reason.

    `act` is the id of the journal's entry and `capture` its picture, "" of what the registry told.
    """

    name: str
    at: datetime
    by: str
    entry: LogEntry | None
    reason: str = ""
    act: str = ""
    capture: str = ""


@dataclass(frozen=True, slots=True)
class Standing:
    """An incident with all that was written about it, oldest first; `since` is when it was reported."""

    id: str
    incident: Incident
    since: datetime
    written: tuple[Written, ...]

    @property
    def is_open(self) -> bool:
        """Whether something is left to do."""
        return self.incident.state == "open"


def standing(pages: Pages, identity: str) -> Standing | None:
    """Return an incident of this gate; of one that began so long ago that its acts are forgotten, as the registry told it."""
    acts = [act for act in pages.of(identity) if act.kind == KIND]
    told = _told(pages).get(identity)
    incident = folded(WORKFLOW, _as_told(told), _news(told, acts)) if told else folded(WORKFLOW, WORKFLOW.blank, acts)
    if incident == WORKFLOW.blank:
        return None
    written = tuple(sorted(_written(told, acts, incident), key=lambda one: one.at))
    return Standing(identity, incident, _moment(told.since) if told else acts[0].at, written)


def all_standing(pages: Pages) -> list[Standing]:
    """Return all incidents of this gate: open ones first, then the newest first."""
    identities = dict.fromkeys([*(act.identity for act in pages.of_kind(KIND)), *_told(pages)])
    found = [known for identity in identities if (known := standing(pages, identity))]
    return sorted(found, key=lambda one: (one.is_open, one.since), reverse=True)


def _news(told: IncidentAtBooth, acts: list[Act]) -> Iterator[Act]:
    """Yield the acts that the registry has not told of yet: two can be of one second, and it may know the first of them alone."""
    known = {one.id.hex for one in told.written}
    newest = max((one.at for one in told.written), default=told.changed_at)
    for act in acts:
        if act.entry not in known and (act.at.timestamp() >= newest or act.name == EntryAdded.__name__):
            yield act


def _told(pages: Pages) -> Mapping[str, IncidentAtBooth]:
    return {str(identity): told for identity, told in pages.all(IncidentAtBooth).items()}


def _as_told(told: IncidentAtBooth) -> Incident:
    entries = tuple(entry for one in told.written if (entry := _entry_told(one)))
    return Incident(state=told.state, kind=told.what, place=told.place, entries=entries)


def _entry_told(one: WrittenAtBooth) -> LogEntry | None:
    return LogEntry(one.entry, one.text, one.told, (), one.corrects) if one.entry else None


def _written(told: IncidentAtBooth | None, acts: list[Act], incident: Incident) -> Iterator[Written]:
    """Yield what was written here, and what the registry told of it beside that: what is known by both, once."""
    entries = {entry.id: entry for entry in incident.entries}
    for act in acts:
        entry = getattr(event_of(WORKFLOW, act), "entry", None)
        entry = entries.get(entry.id) if isinstance(entry, LogEntry) else None
        reason = str(act.details.get("reason", ""))
        yield Written(act.name, act.at, act.guard_name, entry, reason, act.entry, act.capture)
    known = {act.entry for act in acts}
    for one in told.written if told else ():
        if one.id.hex not in known:
            yield Written(one.act, _moment(one.at), one.by, _entry_told(one), one.text)


def _moment(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)
