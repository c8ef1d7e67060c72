"""What guards did with a record at this gate, as events of its workflow, folded through the machine. Pure."""

from collections.abc import Iterable
from typing import TypeVar

from pydantic import TypeAdapter, ValidationError

from access.workflows.events import Event, Who
from access.workflows.machine import Record, Workflow
from access.workflows.refusals import Refusal
from edge.desk.book import Act

R = TypeVar("R", bound=Record)


def event_of(workflow: Workflow[R], act: Act) -> Event | None:
    """Return the event that an act was, its personal fields included; None where it is none of this workflow and version."""
    kind = next((event for event in workflow.events if event.__name__ == act.name), None)
    if kind is None:
        return None
    told = {**act.values, **act.details, "at": act.at, "by": Who(act.guard, act.role)}
    try:
        return TypeAdapter(kind).validate_python(told)
    except ValidationError:
        return None


def folded(workflow: Workflow[R], start: R, acts: Iterable[Act]) -> R:
    """Return a record after these acts, oldest first; what the machine refuses has changed nothing."""
    record = start
    for act in acts:
        event = event_of(workflow, act)
        after = workflow.advance(record, event) if event else None
        record = record if after is None or isinstance(after, Refusal) else after
    return record
