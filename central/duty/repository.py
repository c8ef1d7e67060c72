"""SQL of duty: what is open at a post when a shift is handed over."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from access.contract.health import Health
from central.duty.tables import DutyLogEntry
from central.sync_tables import EdgeHealth
from central.tables import Edge
from central.workflows.tables import WorkflowKey, WorkflowRecord


def of_states(session: Session, site_id: UUID, workflow: str, states: Iterable[str]) -> int:
    """Return how many records of a workflow are in one of these states."""
    query = select(func.count()).where(WorkflowRecord.site_id == site_id, WorkflowRecord.workflow == workflow)
    return session.scalars(query.where(WorkflowRecord.state.in_(tuple(states)))).one()


def with_key(session: Session, site_id: UUID, workflow: str, name: str, value: str | None = None) -> int:
    """Return how many keys of this name and value (None: any) the records of a workflow have."""
    query = select(func.count()).select_from(WorkflowKey).join(WorkflowRecord, WorkflowRecord.id == WorkflowKey.record_id)
    query = query.where(WorkflowKey.site_id == site_id, WorkflowKey.name == name, WorkflowRecord.workflow == workflow)
    return session.scalars(query if value is None else query.where(WorkflowKey.value == value)).one()


def entries_of(session: Session, site_id: UUID, post: str, kind: str, since: datetime) -> int:
    """Return how many entries of a kind the duty log has of a post since then."""
    query = select(func.count()).where(DutyLogEntry.site_id == site_id, DutyLogEntry.post == post)
    return session.scalars(query.where(DutyLogEntry.entry_kind == kind, DutyLogEntry.at >= since)).one()


def healths(session: Session, site_id: UUID, gate_id: UUID | None) -> list[Health]:
    """Return what the edges of a gate (None: of all gates of the site) said last of themselves."""
    query = select(EdgeHealth.data).join(Edge, Edge.id == EdgeHealth.edge_id)
    query = query.where(Edge.site_id == site_id, Edge.status == "active")
    told = session.scalars(query if gate_id is None else query.where(Edge.gate_id == gate_id))
    return [Health.model_validate_json(data) for data in told]
