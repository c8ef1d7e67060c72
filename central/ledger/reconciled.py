"""A workflow's record as the office has it, with what gates did to it while they were cut off: what does not fit in.

What the registry has taken over of a gate's entry (`central.booth`) bears the entry's id: it is the same act, told once.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any, Final
from uuid import UUID

import structlog
from pydantic import ValidationError
from sqlalchemy import select
from sqlalchemy.orm import Session

from access.sealing import Opened, unseal
from access.sharing import FROM_GATE
from access.workflows.catalogue import WORKFLOWS
from access.workflows.events import Event, Fact, Who
from access.workflows.machine import NEW, Workflow
from access.workflows.release_slip import TripReleased
from central.booth.kinds import WORKFLOW_OF
from central.booth.repository import followed_through, refused
from central.ledger import repository
from central.ledger.detect import moment, quality_of
from central.ledger.findings import Finding
from central.ledger.marks import Mark
from central.registry import Work
from central.workflows.shapes import adapter
from central.workflows.tables import WorkflowEvent, WorkflowRecord

EVENTS_MAX: Final = 500
OFFICE: Final = "registry"
# Found by the facts that each trip writes (`released:`), whatever else becomes of it.
FOUND_ELSEWHERE: Final = frozenset({"over_released"})
log = structlog.get_logger("central.ledger")


def reconciled(work: Work, site: UUID, identity: UUID, topic: str, marks: Sequence[Mark]) -> list[Finding]:
    """Return what is wrong about a record's events once those that gates wrote down stand among them."""
    row = work.session.get(WorkflowRecord, identity)
    if row is None:
        return _refused(work, site, topic, marks, NEW)
    if row.site_id != site or row.workflow not in WORKFLOWS:
        return []
    workflow = WORKFLOWS[row.workflow]
    types = {each.__name__: each for each in workflow.events}
    office = list(_of_office(work, identity, types, {one.entry: one for one in marks}))
    taken_over = {fact.id for fact in office}
    # What nobody has followed yet is about to be taken over, or refused and judged then.
    followed = followed_through(work.session, {(one.edge, one.epoch) for one in marks})
    left = [one for one in marks if one.entry not in taken_over and one.seq <= followed.get((one.edge, one.epoch), 0)]
    gates = {fact.id: (fact, one) for one in left if (fact := _of_gate(work, one, types))}
    known = _wrong(workflow, office)  # without the gates: nothing of theirs
    wrong = _wrong(workflow, [*office, *(fact for fact, _ in gates.values())])
    found = {
        fact: _finding(topic, gates[fact][1], code, values)
        for (fact, code), values in wrong.items()
        if fact in gates and (fact, code) not in known
    }
    unfound = [one for one in left if one.entry not in found]
    return [*found.values(), *_refused(work, site, topic, unfound, row.state)]


def released_at_office(session: Session, identity: UUID, line: int, entries: Collection[UUID]) -> Decimal:
    """Return how much of a line of a slip went out, as the office has it, but for the trips that these entries of gates tell."""
    query = select(WorkflowEvent.id, WorkflowEvent.data).where(WorkflowEvent.record_id == identity)
    rows = session.execute(query.where(WorkflowEvent.name == TripReleased.__name__))
    trips: list[TripReleased] = [adapter(TripReleased).validate_json(data) for each, data in rows if each not in entries]
    return sum((part.quantity for trip in trips for part in trip.released if part.line == line), Decimal())


def _refused(work: Work, site: UUID, topic: str, marks: Sequence[Mark], state: str) -> list[Finding]:
    """Return a finding for each act that the registry would not take over, for a reason that no state machine knows."""
    by_entry = {one.entry: one for one in marks}
    found = []
    for row in refused(work.session, site, by_entry) if by_entry else ():
        if row.why not in FOUND_ELSEWHERE:
            facts = {"workflow": WORKFLOW_OF[row.kind], "state": state, "event": row.act}
            found.append(_finding(topic, by_entry[row.id], "out_of_order", facts))
    return found


def _wrong(workflow: Workflow[Any], facts: Sequence[Fact]) -> Mapping[tuple[UUID, str], Mapping[str, Any]]:
    wrong = workflow.reconcile(facts)[1]
    return {(one.fact, one.code): one.values for one in wrong if one.code not in FOUND_ELSEWHERE}


def _finding(topic: str, one: Mark, code: str, values: Mapping[str, Any]) -> Finding:
    facts = {name: str(values.get(name, "")) for name in ("workflow", "state", "event")}
    facts |= {"how": "record", "code": code}
    return Finding("record_contradicted", f"{topic}:{one.entry.hex}:{code}", topic, "medium", (one,), facts)


def _of_office(work: Work, identity: UUID, types: Mapping[str, type[Event]], marks: Mapping[UUID, Mark]) -> Iterator[Fact]:
    """Yield what the record's events say; what was taken over of a gate stands in the order of its journal."""
    query = select(WorkflowEvent).where(WorkflowEvent.record_id == identity).order_by(WorkflowEvent.n).limit(EVENTS_MAX)
    for row in work.session.scalars(query):
        if row.name not in types:
            continue
        event: Event = adapter(types[row.name]).validate_json(row.data)
        if one := marks.get(row.id):
            yield Fact(row.id, f"{one.edge}:{one.epoch}", one.seq, event, quality_of(one))
        else:
            yield Fact(row.id, row.origin if row.origin.startswith(FROM_GATE) else OFFICE, row.n, event)


def _of_gate(work: Work, one: Mark, types: Mapping[str, type[Event]]) -> Fact | None:
    """Return what a guard did as a fact; None for what no event of this workflow can be."""
    rows = repository.entries_at(work.session, one.edge, one.epoch, [one.seq])
    opened = unseal(rows[0].canonical) if rows else None
    event = _event(opened, types, one) if opened else None
    return None if event is None else Fact(one.entry, f"{one.edge}:{one.epoch}", one.seq, event, quality_of(one))


def _event(opened: Opened, types: Mapping[str, type[Event]], one: Mark) -> Event | None:
    declared, values = types.get(str(opened.fields.get("act"))), opened.fields.get("values")
    if declared is None or not isinstance(values, Mapping):
        return None
    facts = {**values, "at": moment(one), "by": Who(str(opened.fields.get("guard", "")), "guard")}
    try:
        event: Event = adapter(declared).validate_python(facts)
    except (ValidationError, ValueError) as error:
        log.warning("a guard's act is none of its workflow", entry=str(one.entry), why=type(error).__name__)
        return None
    return event
