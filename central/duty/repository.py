"""SQL of duty: what is open at a post when a shift is handed over."""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, exists, func, select
from sqlalchemy.orm import Session

from access.contract.health import Health
from central.duty.tables import DutyLogEntry
from central.sync_tables import EdgeHealth
from central.tables import Edge
from central.workflows.tables import WorkflowKey, WorkflowRecord


def count(session: Session, site_id: UUID, workflow: str, *conditions: ColumnElement[bool]) -> int:
    """Return of how many records of a workflow all these conditions are true."""
    query = select(func.count()).where(WorkflowRecord.site_id == site_id, WorkflowRecord.workflow == workflow, *conditions)
    return session.scalars(query).one()


def of_state(state: str) -> ColumnElement[bool]:
    """Return the condition that a record is in this state."""
    return WorkflowRecord.state == state


def has(name: str, values: Collection[str]) -> ColumnElement[bool]:
    """Return the condition that a record has a key of this name with one of these values."""
    return exists().where(*_key(name), WorkflowKey.value.in_(values))


def lacks_other(name: str, value: str) -> ColumnElement[bool]:
    """Return the condition that a record has no key of this name with another value."""
    return ~exists().where(*_key(name), WorkflowKey.value != value)


def _key(name: str) -> tuple[ColumnElement[bool], ...]:
    # With the site, by which the index of keys begins.
    return (
        WorkflowKey.record_id == WorkflowRecord.id,
        WorkflowKey.name == name,
        WorkflowKey.site_id == WorkflowRecord.site_id,
    )


def with_key(session: Session, site_id: UUID, workflow: str, name: str) -> int:
    """Return how many keys of this name the records of a workflow have."""
    query = select(func.count()).select_from(WorkflowKey).join(WorkflowRecord, WorkflowRecord.id == WorkflowKey.record_id)
    query = query.where(WorkflowKey.site_id == site_id, WorkflowKey.name == name, WorkflowRecord.workflow == workflow)
    return session.scalars(query).one()


def entries_of(session: Session, site_id: UUID, posts: Collection[str], kind: str, since: datetime) -> int:
    """Return how many entries of a kind the duty log has of a post, by any of its names, since then."""
    query = select(func.count()).where(DutyLogEntry.site_id == site_id, DutyLogEntry.post.in_(posts))
    return session.scalars(query.where(DutyLogEntry.entry_kind == kind, DutyLogEntry.at >= since)).one()


def healths(session: Session, site_id: UUID, gate_id: UUID | None) -> list[Health]:
    """Return what the edges of a gate (None: of all gates of the site) said last of themselves."""
    query = select(EdgeHealth.data).join(Edge, Edge.id == EdgeHealth.edge_id)
    query = query.where(Edge.site_id == site_id, Edge.status == "active")
    told = session.scalars(query if gate_id is None else query.where(Edge.gate_id == gate_id))
    return [Health.model_validate_json(data) for data in told]
