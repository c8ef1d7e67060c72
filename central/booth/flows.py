"""Visits, passes, slips, shifts and incidents follow what guards did with them at booths."""

import re
from collections.abc import Callable, Mapping
from typing import Any, Final
from uuid import UUID

from access.workflows.contractor_pass import WorkerLeft
from access.workflows.events import Event
from access.workflows.incident import IncidentReported
from access.workflows.release_slip import SlipDrafted
from access.workflows.visit import HostAgreed, VisitAsked
from central.booth.errors import NotTakenError
from central.booth.facts import LINE_MAX, event_facts
from central.booth.passages import board_of
from central.booth.reading import Act
from central.contractors.passes import passes
from central.duty.incidents import IncidentDetails, incidents
from central.duty.shifts import shifts
from central.goods.schemas import SlipDetails
from central.goods.services import slips
from central.registry import Work
from central.visits.identity import UNNAMED, folded_name
from central.visits.schemas import VisitDetails
from central.visits.services import visits
from central.workflows import repository
from central.workflows.schemas import Details, Opening
from central.workflows.services import Flow
from central.workflows.shapes import event_of
from central.workflows.tables import WorkflowRecord

FLOWS: Final[Mapping[str, Flow[Any]]] = {
    "visit": visits,
    "pass": passes,
    "slip": slips,
    "shift": shifts,
    "incident": incidents,
}
_TAIL: Final = re.compile(r"[0-9]{4}")


class Begun(Opening):
    """A record that a guard began at the booth."""

    details: Any


def _of_visit(act: Act) -> Details:
    """Return whom a walk-in is; of the telephone a guard writes down the end alone."""
    named = ("name", "company", "purpose", "remark", "answered_by")
    known = {name: str(act.details.get(name) or "")[:LINE_MAX] for name in named}
    known["name"] = known["name"] if folded_name(known["name"]) else UNNAMED
    known["phone_end"] = _tail(act)
    return VisitDetails.model_validate({**known, "phone": act.details.get("phone") or None})


def _tail(act: Act) -> str:
    tail = str(act.details.get("phone_tail") or "")
    return tail if _TAIL.fullmatch(tail) else ""


def _of_slip(act: Act) -> Details:
    given = {**(act.told.values if act.told else {}), **act.details}
    known = {name: str(given[name] or "")[:LINE_MAX] for name in ("unit", "phone", "reason", "remark") if name in given}
    if "phone" not in known:
        known["phone"] = _tail(act)
    return SlipDetails.model_validate(known)


def _of_incident(act: Act) -> Details:
    return IncidentDetails(gate=act.gate)


BEGINS: Final[Mapping[type[Event], Callable[[Act], Details]]] = {
    VisitAsked: _of_visit,
    SlipDrafted: _of_slip,
    IncidentReported: _of_incident,
}


def move(work: Work, act: Act) -> None:
    """Let a record follow; RegistryError and NotTakenError where it does not, ValidationError and ValueError for nonsense."""
    assert act.told is not None, "nonsense moves nothing"
    if repository.has_event(work.session, act.id):
        return
    flow = FLOWS[act.kind]
    declared = next((each for each in flow.workflow.events if each.__name__ == act.told.act), None)
    identity = act.record
    if declared is None or identity is None:
        raise ValueError("no event of this workflow")
    facts = event_facts(work, act, declared)
    if declared in BEGINS:
        _begin(work, flow, declared, facts, act, identity)
        return
    known = next((each for each in flow.acts if each.event is declared), None)
    if known is None or not known.may(work.actor.role):
        raise NotTakenError("not_for_guards")
    row = repository.get(work, flow.workflow.name, identity, changing=True)
    if declared is WorkerLeft and act.told.values.get("given_back") is True:
        # A gate has one board, whichever of its posts the guard sat at.
        board = board_of(work.session, row.site_id, act.gate, passes.record(row).held_at)
        facts = {**facts, "post": board}
    if declared is HostAgreed and act.details.get("answered_by"):
        spoke = {"answered_by": str(act.details["answered_by"])[:LINE_MAX]}
        row.details = VisitDetails.model_validate({**row.details, **spoke}).model_dump(mode="json")
    flow.happen(work, row, event_of(declared, facts, work.at, work.actor.who))


def _begin(work: Work, flow: Flow[Any], declared: type[Event], facts: Mapping[str, Any], act: Act, identity: UUID) -> None:
    if work.session.get(WorkflowRecord, identity) is not None:
        raise NotTakenError("begun_already")
    assert work.actor.site is not None, "a guard acts at one site"
    flow.open(work, declared, Begun(site=work.actor.site, details=BEGINS[declared](act)), facts, identity)
