"""All workflows by name, and each as a table in words for pages and documents."""

from collections.abc import Mapping
from typing import Any

from access.workflows import (
    card,
    contractor_pass,
    incident,
    office_key,
    permit,
    release_slip,
    rules_change,
    shift,
    vehicle_presence,
    visit,
)
from access.workflows.events import Event
from access.workflows.machine import Cell, Workflow
from access.workflows.words import EVENTS, STATES

WORKFLOWS: Mapping[str, Workflow[Any]] = {
    workflow.name: workflow
    for workflow in (
        visit.WORKFLOW,
        permit.WORKFLOW,
        contractor_pass.WORKFLOW,
        release_slip.WORKFLOW,
        card.WORKFLOW,
        office_key.WORKFLOW,
        vehicle_presence.WORKFLOW,
        shift.WORKFLOW,
        incident.WORKFLOW,
        rules_change.WORKFLOW,
    )
}


def state_table(workflow: Workflow[Any]) -> str:
    """Return the table of a workflow in Markdown: each state, what may happen to it then, and where that leads."""
    lines = ["| state | 状态 | what may happen | then |", "|---|---|---|---|"]
    for state, row in workflow.moves.items():
        shown = f"| {state} | {STATES[workflow.name][state][0]} |"
        for then, events in _by_target(row).items() or [("", "nothing more")]:
            lines.append(f"{shown} {events} | {then} |")
            shown = "| | |"
    return "\n".join(lines) + "\n"


def _by_target(row: Mapping[type[Event], Cell]) -> dict[str, str]:
    """Return the events that may happen in a state, by where they lead; those that leave it as it is come last."""
    targets: dict[str, list[str]] = {}
    for event, cell in sorted(row.items(), key=lambda item: not item[1].targets):
        if not cell.refusal:
            then = " or ".join(cell.targets) or "stays"
            targets.setdefault(then, []).append(f"{event.__name__} {EVENTS[event.__name__][0]}")
    return {then: "<br>".join(events) for then, events in targets.items()}
