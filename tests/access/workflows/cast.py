"""Who acts in these stories, on which day, and how a story is told to a workflow."""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar
from uuid import UUID

from access.workflows.events import Event, Fact, Who
from access.workflows.machine import Record, Workflow
from access.workflows.refusals import Refusal

DAY = datetime(2026, 3, 2, tzinfo=UTC)
HOST = Who("host-1", "host")
DEPUTY = Who("host-2", "host")
GUARD = Who("guard-1", "guard")
RELIEF = Who("guard-2", "guard")
LEADER = Who("leader-1", "shift_leader")
REGISTRAR = Who("registrar-1", "registrar")
GOODS_CLERK = Who("goods-1", "goods_clerk")
MANAGER = Who("manager-1", "site_manager")

R = TypeVar("R", bound=Record)


def at(hours: float) -> datetime:
    """Return a moment of the day on which all of this happens (above 24: of the days after)."""
    return DAY + timedelta(hours=hours)


def told(workflow: Workflow[R], events: Iterable[Event]) -> R:
    """Return the record that a story without refusals comes to."""
    record = workflow.blank
    for event in events:
        moved = workflow.advance(record, event)
        assert not isinstance(moved, Refusal), f"{event} was refused: {moved}"
        record = moved
    return record


def refused(workflow: Workflow[Any], record: Record, event: Event) -> str:
    """Return the code with which an event is refused; empty where it is not."""
    moved = workflow.advance(record, event)
    return moved.code if isinstance(moved, Refusal) else ""


def facts(origin: str, *events: Event, quality: str = "trusted") -> list[Fact]:
    """Return what one origin recorded, in its order, each fact with an id of its own."""
    first = sum(origin.encode()) << 64
    return [Fact(UUID(int=first + seq), origin, seq, event, quality) for seq, event in enumerate(events, start=1)]


def codes(workflow: Workflow[Any], recorded: Sequence[Fact]) -> list[str]:
    """Return the codes of what is found wrong with the facts."""
    return [finding.code for finding in workflow.reconcile(recorded)[1]]
