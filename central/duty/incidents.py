"""Incidents of the duty log: reported, followed up by further entries, closed."""

from collections.abc import Iterable, Mapping
from typing import Annotated, Any
from uuid import UUID, uuid4

from fastapi import APIRouter
from pydantic import ConfigDict, Field
from typing_extensions import override

from access.workflows.incident import WORKFLOW, EntryAdded, Incident, IncidentClosed, IncidentReopened, IncidentReported
from central.records.schemas import Line, Name, Prose
from central.workflows.routes import Opens, flow_routes
from central.workflows.schemas import Details, FlowAsked, FlowShown, Opening
from central.workflows.services import Act, Flow


class IncidentWanted(Opening):
    """Something happened: what kind of thing, where, and the first entry about it."""

    kind: Name
    place: Line = ""
    text: Annotated[Prose, Field(min_length=1)]
    told: Annotated[tuple[Name, ...], Field(max_length=20)] = ()


class IncidentShown(FlowShown):
    """An incident with all its entries."""

    model_config = ConfigDict(from_attributes=True)

    record: Incident


class IncidentsAsked(FlowAsked):
    """Which incidents are wanted."""

    kind: Line | None = None
    place: Line | None = None


class Incidents(Flow[Incident]):
    """Incidents."""

    workflow = WORKFLOW
    shown = IncidentShown
    prefix = "I"
    fields: Mapping[str, str] = {**Flow.fields, "text_missing": "entry.text", "entry_unknown": "entry.corrects"}
    acts = (Act("follow-up", EntryAdded), Act("close", IncidentClosed), Act("reopen", IncidentReopened))

    @override
    def keys(self, record: Incident, details: Details) -> Iterable[tuple[str, str]]:
        yield "kind", record.kind
        yield "place", record.place


incidents = Incidents()


def _facts(wanted: IncidentWanted) -> Mapping[str, Any]:
    entry: dict[str, UUID | str | tuple[str, ...]] = {"id": uuid4(), "text": wanted.text, "told": wanted.told}
    return {"kind": wanted.kind, "place": wanted.place, "entry": entry}


router: APIRouter = flow_routes(
    incidents, "duty", (Opens(IncidentReported, IncidentWanted, _facts),), one="incident", asked=IncidentsAsked
)
