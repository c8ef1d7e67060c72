"""SQL of places."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import ColumnElement, and_, exists, literal, select, true
from sqlalchemy.orm import Session

from access.workflows.office_key import WORKFLOW as OFFICE_KEY
from central.people.tables import Company, Document, Residency
from central.places.tables import Building, Unit
from central.spaces.tables import ParkingSpace, Quota
from central.tables import Person
from central.workflows.tables import WorkflowKey, WorkflowRecord

PRESENT = ("active", "frozen")
KEPT_KEY = ("kept", "lent")
# What calls a unit by its label, so far as it is of the present: who has left is remembered by the label of that time.
NAMING = (
    (Person, Person.unit, Person.status.in_(PRESENT)),
    (Residency, Residency.unit, Residency.moved_out.is_(None)),
    (Company, Company.unit, Company.status.in_(PRESENT)),
    (ParkingSpace, ParkingSpace.unit, ParkingSpace.status.in_(PRESENT)),
    (Quota, Quota.unit, true()),
    (Document, Document.subject, Document.subject_kind == "unit"),
)


def label_in_use(session: Session, units: ColumnElement[bool]) -> str | None:
    """Return the label of one of these units that is lived in, or that spaces, papers or keys name; None where nothing does."""
    for table, column, is_present in NAMING:
        there = and_(table.site_id == Unit.site_id, column == Unit.label, is_present)
        label = session.scalar(select(Unit.label).join(table, there).where(units).limit(1))
        if label is not None:
            return label
    named = and_(WorkflowKey.site_id == Unit.site_id, WorkflowKey.name == "unit", WorkflowKey.value == Unit.label)
    kept = and_(
        WorkflowRecord.id == WorkflowKey.record_id,
        WorkflowRecord.workflow == OFFICE_KEY.name,
        WorkflowRecord.state.in_(KEPT_KEY),
    )
    return session.scalar(select(Unit.label).join(WorkflowKey, named).join(WorkflowRecord, kept).where(units).limit(1))


def units_of(session: Session, building_id: UUID) -> Sequence[Unit]:
    """Return the units of a building, locked, in the order of their ids."""
    query = select(Unit).where(Unit.building_id == building_id).order_by(Unit.id)
    return session.scalars(query.with_for_update(), execution_options={"populate_existing": True}).all()


def is_label_of_others(session: Session, building_id: UUID, name: str) -> bool:
    """Tell whether a unit of another building has a label that one of this building would get by this name."""
    own = select(literal(name + "-") + Unit.number).where(Unit.building_id == building_id)
    site = select(Building.site_id).where(Building.id == building_id).scalar_subquery()
    others = exists().where(Unit.site_id == site, Unit.building_id != building_id, Unit.label.in_(own))
    return bool(session.scalar(select(others)))
