"""Incidents of the duty log: reported, followed up by further entries, closed."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Annotated, Any, cast
from uuid import UUID

from fastapi import APIRouter
from pydantic import ConfigDict, Field
from sqlalchemy.orm import object_session
from typing_extensions import override

from access.contract.records import AnyRecord
from access.workflows.events import Event
from access.workflows.incident import WORKFLOW, EntryAdded, Incident, IncidentClosed, IncidentReopened, IncidentReported
from central.duty.at_booth import incident_records
from central.duty.schemas import Day, Names, References
from central.masking.kinds import Personal
from central.records.repository import of_site
from central.records.schemas import Line, Name, Prose
from central.registry import Work
from central.tables import Gate, Site
from central.workflows.routes import Opens, flow_routes
from central.workflows.schemas import Details, FlowAsked, FlowShown, Opening
from central.workflows.services import Act, Flow
from central.workflows.tables import WorkflowRecord

# The id of a first entry until the registry gives it one.
UNNAMED = UUID(int=0)


class IncidentDetails(Details):
    """What the office notes of an incident: at which gate, who follows it up and by which day."""

    gate: UUID | None = None
    follow_up: Annotated[Line, Personal("staff")] = ""
    due: Day | None = None


class IncidentWanted(Opening):
    """Something happened: what kind of thing, where, and the first entry about it."""

    kind: Name
    place: Line = ""
    text: Annotated[Prose, Field(min_length=1)]
    told: Names = ()
    pictures: References = ()
    details: IncidentDetails = IncidentDetails()


class IncidentShown(FlowShown):
    """An incident with its entries; in a list only with the newest of them. `written` counts them all."""

    model_config = ConfigDict(from_attributes=True)

    record: Incident
    written: Annotated[int, Field(ge=0)] = 0
    details: IncidentDetails


class IncidentsAsked(FlowAsked):
    """Which incidents are wanted; `due_before`: open ones that were to be followed up before that day."""

    kind: Line | None = None
    place: Line | None = None
    gate: UUID | None = None
    due_before: Day | None = None


class Incidents(Flow[Incident]):
    """Incidents."""

    workflow = WORKFLOW
    shown = IncidentShown
    details = IncidentDetails
    prefix = "I"
    fields: Mapping[str, str] = {
        **Flow.fields,
        "text_missing": "entry.text",
        "entry_exists": "entry.id",
        "entry_unknown": "entry.corrects",
    }
    acts = (Act("follow-up", EntryAdded), Act("close", IncidentClosed), Act("reopen", IncidentReopened))

    @override
    def keys(self, record: Incident, details: Details) -> Iterable[tuple[str, str]]:
        known = cast("IncidentDetails", details)
        yield "kind", record.kind
        yield "place", record.place
        yield "gate", str(known.gate or "")
        yield "due", known.due.isoformat() if known.due and record.state == "open" else ""

    @override
    def rules(self, site: Site, row: WorkflowRecord, record: Incident) -> Sequence[AnyRecord]:
        """Let the booth of its gate show it."""
        session = object_session(row)
        assert session is not None, "only what is kept is told"
        return tuple(incident_records(session, row, record, IncidentDetails.model_validate(row.details).gate))

    @override
    def show(self, work: Work, row: WorkflowRecord) -> FlowShown:
        shown = cast("IncidentShown", super().show(work, row))
        return shown.model_copy(update={"written": len(shown.record.entries)})

    @override
    def listed(self, shown: FlowShown) -> FlowShown:
        """Show of each incident the newest entry only: the others would make a list far too long."""
        known = cast("IncidentShown", shown)
        record = replace(known.record, entries=known.record.entries[-1:])
        return known.model_copy(update={"record": record})

    @override
    def prepared(self, work: Work, site: Site, record: Incident, event: Event) -> Event:
        """Give the first entry its id, where no booth has."""
        if isinstance(event, IncidentReported) and event.entry.id == UNNAMED:
            return replace(event, entry=replace(event.entry, id=work.new_id()))
        return event

    @override
    def check_details(self, work: Work, site: Site, details: Details) -> None:
        """Let the gate be one of the site."""
        gate = cast("IncidentDetails", details).gate
        if gate is not None:
            of_site(work.session, Gate, gate, site.id, "details.gate")


incidents = Incidents()


def _facts(wanted: IncidentWanted) -> Mapping[str, Any]:
    entry = {"id": UNNAMED, "text": wanted.text, "told": wanted.told, "pictures": wanted.pictures}
    return {"kind": wanted.kind, "place": wanted.place, "entry": entry}


router: APIRouter = flow_routes(
    incidents, "duty", (Opens(IncidentReported, IncidentWanted, _facts),), one="incident", asked=IncidentsAsked
)
