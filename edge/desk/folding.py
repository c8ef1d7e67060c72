"""What guards did with a record at this gate, as events of its workflow, folded through the machine. Pure."""

from collections.abc import Iterable
from typing import Any, TypeVar

from pydantic import TypeAdapter, ValidationError

from access.workflows.events import Event, Who
from access.workflows.machine import Record, Workflow
from access.workflows.refusals import Refusal
from edge.desk.book import Act

R = TypeVar("R", bound=Record)


# What reads events of a kind: made once, for that takes longer than a hundred readings.
_readings: dict[type[Event], TypeAdapter[Any]] = {}


def event_of(workflow: Workflow[R], act: Act) -> Event | None:
    """Return the event that an act was, its personal fields included; None where it is none of this workflow and version."""
    kind = next((event for event in workflow.events if event.__name__ == act.name), None)
    if kind is None:
        return None
    told = {**act.values, **act.details, "at": act.at, "by": Who(act.guard, act.role)}
    try:
        reading = _readings.get(kind) or _readings.setdefault(kind, TypeAdapter(kind))
        event: Event = reading.validate_python(told)
    except ValidationError:
        return None
    return event


def folded(workflow: Workflow[R], start: R, acts: Iterable[Act]) -> R:
    """Return a record after these acts, oldest first; what the machine refuses has changed nothing."""
    record = start
    for act in acts:
        event = event_of(workflow, act)
        after = workflow.advance(record, event) if event else None
        record = record if after is None or isinstance(after, Refusal) else after
    return record
