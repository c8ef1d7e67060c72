"""Every state x every event of a workflow, as a text that is compared with the one a test expects.

A cell is the state that the event leads to, `=` where it stays, `no` where it is refused for a reason of its own, `.` where it
does not belong.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from access.workflows.events import Event
from access.workflows.machine import Workflow
from access.workflows.refusals import Refusal
from tests.access.workflows.cast import told

STATES_A_BLOCK = 6


def matrix(workflow: Workflow[Any], paths: Mapping[str, Iterable[Event]], samples: Iterable[Event]) -> str:
    """Return the table: `paths` leads to each state, `samples` has one event of each kind that would be right somewhere."""
    reached = {state: told(workflow, paths[state]) for state in workflow.states}
    assert {state: record.state for state, record in reached.items()} == {state: state for state in workflow.states}
    kinds = {type(event): event for event in samples}
    assert kinds.keys() == set(workflow.events)
    blocks = (workflow.states[first : first + STATES_A_BLOCK] for first in range(0, len(workflow.states), STATES_A_BLOCK))
    return "\n\n".join(_block(workflow, {state: reached[state] for state in states}, kinds) for states in blocks)


def _block(workflow: Workflow[Any], reached: Mapping[str, Any], kinds: Mapping[type[Event], Event]) -> str:
    cells = ((kind.__name__, *(_cell(workflow, record, kinds[kind]) for record in reached.values())) for kind in workflow.events)
    rows = [("", *reached), *cells]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = ("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows)
    return "\n".join(lines)


def _cell(workflow: Workflow[Any], record: Any, event: Event) -> str:
    before = repr(record)
    moved = workflow.advance(record, event)
    assert repr(record) == before
    if isinstance(moved, Refusal):
        return "." if moved.code == "not_now" else "no"
    return "=" if moved.state == record.state else moved.state
