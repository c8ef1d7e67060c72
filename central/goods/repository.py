"""SQL of goods."""

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from access.workflows.release_slip import WORKFLOW
from central.goods.tables import SlipReconciliation
from central.tables import Gate
from central.workflows.tables import WorkflowEvent, WorkflowKey, WorkflowRecord


def gate_named(session: Session, site_id: UUID, name: str) -> Gate | None:
    """Return the gate of a site that has this slug or this id."""
    gates = session.scalars(select(Gate).where(Gate.site_id == site_id)).all()
    return next((gate for gate in gates if name in {gate.slug, str(gate.id)}), None)


def numbered(session: Session, site_id: UUID, number: str) -> WorkflowRecord | None:
    """Return the slip of a site that has this number, if there is one."""
    named = (WorkflowRecord.site_id == site_id, WorkflowRecord.workflow == WORKFLOW.name, WorkflowRecord.number == number)
    return session.scalars(select(WorkflowRecord).where(*named)).first()


def of_day(session: Session, site_id: UUID, day: date) -> Sequence[WorkflowRecord]:
    """Return the slips of a site that are valid until this day, by number."""
    named = _named(site_id, day)
    query = select(WorkflowRecord).join(WorkflowKey, WorkflowKey.record_id == WorkflowRecord.id).where(*named)
    return session.scalars(query.where(WorkflowRecord.workflow == WORKFLOW.name).order_by(WorkflowRecord.number)).all()


def events_of_day(session: Session, site_id: UUID, day: date) -> Sequence[tuple[UUID, str]]:
    """Return what happened to the slips that are valid until this day: slip and name of the event, each once."""
    query = select(WorkflowEvent.record_id, WorkflowEvent.name).distinct()
    query = query.join(WorkflowKey, WorkflowKey.record_id == WorkflowEvent.record_id).where(*_named(site_id, day))
    return [(slip, name) for slip, name in session.execute(query)]


def signed_off(session: Session, site_id: UUID, day: date) -> SlipReconciliation | None:
    """Return by whom a day was signed off, if it was."""
    query = select(SlipReconciliation).where(SlipReconciliation.site_id == site_id, SlipReconciliation.day == day)
    return session.scalars(query).one_or_none()


def _named(site_id: UUID, day: date) -> tuple[ColumnElement[bool], ...]:
    return WorkflowKey.site_id == site_id, WorkflowKey.name == "date", WorkflowKey.value == day.isoformat()
