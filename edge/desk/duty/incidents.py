"""Incidents of this gate as they stand: what guards here have reported, followed up and closed. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from access.workflows.incident import WORKFLOW, Incident, LogEntry
from edge.desk.book import Act, Pages
from edge.desk.folding import event_of, folded

KIND = WORKFLOW.name


@dataclass(frozen=True, slots=True)
class Standing:
    """An incident with what was done to it, oldest first; `since` is when it was reported."""

    id: str
    incident: Incident
    since: datetime
    acts: tuple[Act, ...]

    @property
    def is_open(self) -> bool:
        """Whether something is left to do."""
        return self.incident.state == "open"

    @property
    def written(self) -> Mapping[UUID, LogEntry]:
        """The entries by their ids."""
        return {entry.id: entry for entry in self.incident.entries}

    def entry_of(self, act: Act) -> LogEntry | None:
        """Return the entry that an act has written."""
        event = event_of(WORKFLOW, act)
        entry = getattr(event, "entry", None)
        return self.written.get(entry.id) if isinstance(entry, LogEntry) else None


def standing(pages: Pages, identity: str) -> Standing | None:
    """Return an incident of this gate."""
    acts = [act for act in pages.of(identity) if act.kind == KIND]
    incident = folded(WORKFLOW, WORKFLOW.blank, acts)
    return None if incident == WORKFLOW.blank else Standing(identity, incident, acts[0].at, tuple(acts))


def all_standing(pages: Pages) -> list[Standing]:
    """Return all incidents of this gate: open ones first, then the newest first."""
    identities = dict.fromkeys(act.identity for act in pages.of_kind(KIND))
    found = [known for identity in identities if (known := standing(pages, identity))]
    return sorted(found, key=lambda one: (one.is_open, one.since), reverse=True)
