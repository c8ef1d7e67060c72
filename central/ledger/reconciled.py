"""A workflow's record as the office has it, with what gates did to it while they were cut off: what does not fit in."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final
from uuid import UUID

import structlog
from pydantic import ValidationError
from sqlalchemy import select

from access.sealing import Opened, unseal
from access.workflows.catalogue import WORKFLOWS
from access.workflows.events import Event, Fact, Who
from access.workflows.machine import Workflow
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
    if row is None or row.site_id != site or row.workflow not in WORKFLOWS:
        return []
    workflow = WORKFLOWS[row.workflow]
    types = {each.__name__: each for each in workflow.events}
    office = list(_of_office(work, identity, types))
    gates = {fact.id: (fact, one) for one in marks if (fact := _of_gate(work, one, types))}
    known = _wrong(workflow, office)  # without the gates: nothing of theirs
    wrong = _wrong(workflow, [*office, *(fact for fact, _ in gates.values())])
    return [
        _finding(topic, gates[fact][1], code, values)
        for (fact, code), values in wrong.items()
        if fact in gates and (fact, code) not in known
    ]


def _wrong(workflow: Workflow[Any], facts: Sequence[Fact]) -> Mapping[tuple[UUID, str], Mapping[str, Any]]:
    wrong = workflow.reconcile(facts)[1]
    return {(one.fact, one.code): one.values for one in wrong if one.code not in FOUND_ELSEWHERE}


def _finding(topic: str, one: Mark, code: str, values: Mapping[str, Any]) -> Finding:
    facts = {name: str(values.get(name, "")) for name in ("workflow", "state", "event")}
    facts |= {"how": "record", "code": code}
    return Finding("record_contradicted", f"{topic}:{one.entry.hex}:{code}", topic, "medium", (one,), facts)


def _of_office(work: Work, identity: UUID, types: Mapping[str, type[Event]]) -> Iterator[Fact]:
    query = select(WorkflowEvent).where(WorkflowEvent.record_id == identity).order_by(WorkflowEvent.n).limit(EVENTS_MAX)
    for row in work.session.scalars(query):
        if row.name in types:
            yield Fact(row.id, OFFICE, row.n, adapter(types[row.name]).validate_json(row.data))


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
