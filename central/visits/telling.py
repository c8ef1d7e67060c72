"""What gates are told of a visit: its visitor under a masked name, window and lanes, and the plates that are on nobody's record.

A plate is told once for the site, with the visit that it is about to be used for: a gate that knew two holders of one plate would
have to ask. It goes on to the next visit when that one ends.
"""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import get_args
from uuid import UUID, uuid5

from pydantic import TypeAdapter
from sqlalchemy import select
from sqlalchemy.orm import Session

from access.contract.records import AnyRecord, PersonRecord, VehicleRecord, VisitRecord
from access.workflows.visit import WORKFLOW, Visit, may_come_again
from central.access_rules import repository as rules
from central.access_rules import stream
from central.access_rules.audience import EVERYONE, told_to
from central.people.names import masked
from central.tables import Gate, Lane, Site, Vehicle
from central.workflows.shapes import adapter
from central.workflows.tables import WorkflowKey, WorkflowRecord

INSIDE = ("in", "overstayed")
TOLD = (*INSIDE, "approved", "out")
CATEGORIES: frozenset[str] = frozenset(get_args(VisitRecord.model_fields["category"].annotation))
OTHERS = "ordinary"
_vehicle: TypeAdapter[VehicleRecord] = TypeAdapter(VehicleRecord)


def is_told(visit: Visit) -> bool:
    """Tell whether gates must know of a visit: somebody may come by it, or is still inside."""
    return visit.state in TOLD and (visit.state != "out" or may_come_again(visit))


def visit_records(session: Session, row: WorkflowRecord, visit: Visit, name: str) -> Sequence[AnyRecord]:
    """Return what gates are told of a visit and of its visitor, called `name` by the office."""
    terms = visit.terms
    lanes = _lanes(session, row.site_id, terms.gates)
    # No lanes would mean all of them: of a visit whose gates are all gone nothing is told.
    if not is_told(visit) or (terms.gates and not lanes):
        return ()
    person = PersonRecord(id=visitor_id(row.id), name=masked(name), unit=terms.unit, category="visitor")
    told = VisitRecord.model_validate(
        {
            "id": row.id,
            "person": person.id,
            "category": terms.category.code if terms.category.code in CATEGORIES else OTHERS,
            "status": "cancelled" if visit.cancelled else "approved",
            "host": terms.host_name,
            "valid_from": int(terms.valid_from.timestamp()),
            "valid_until": int(terms.valid_until.timestamp()),
            "lanes": lanes,
            "uses": terms.uses,
            "party": terms.party,
            "obligations": terms.category.obligations,
        }
    )
    return person, told


def visitor_id(visit: UUID) -> UUID:
    """Return the id under which gates know the visitor of a visit."""
    return uuid5(visit, "visitor")


def tell_plates(session: Session, site: Site, plates: Iterable[str]) -> None:
    """Tell gates what they are to know of these plates by now: nothing where they are on record, or not expected."""
    ids = {uuid5(site.id, f"visitor's plate {plate}"): plate for plate in plates}
    known = [_vehicle.validate_json(row.data or "") for row in rules.living(session, site.id, "vehicle", list(ids))]
    wanted = [record for identity, plate in ids.items() if (record := _plate_record(session, site.id, identity, plate))]
    stream.publish(session, site, before=told_to(EVERYONE, known), after=told_to(EVERYONE, wanted))


def _plate_record(session: Session, site_id: UUID, identity: UUID, plate: str) -> VehicleRecord | None:
    if session.scalars(select(Vehicle.id).where(Vehicle.site_id == site_id, Vehicle.plate == plate)).first():
        return None
    named = (WorkflowKey.site_id == site_id, WorkflowKey.name == "plate", WorkflowKey.value == plate)
    query = select(WorkflowRecord).join(WorkflowKey, WorkflowKey.record_id == WorkflowRecord.id).where(*named)
    rows = session.scalars(query.where(WorkflowRecord.workflow == WORKFLOW.name, WorkflowRecord.state.in_(TOLD)))
    visits = [(visit, row.id) for row in rows if is_told(visit := adapter(Visit).validate_json(row.data))]
    if not visits:
        return None
    _, visit_id = min(visits, key=lambda each: (_turn(each[0]), each[1]))
    return VehicleRecord(id=identity, plate=plate, person=visitor_id(visit_id))


def _turn(visit: Visit) -> tuple[bool, bool, datetime]:
    """Order visits by which of them a plate is for: who is inside, then by their windows; who overstays keeps nobody out."""
    return visit.state == "overstayed", visit.state != "in", visit.terms.valid_from.astimezone(UTC)


def _lanes(session: Session, site_id: UUID, gates: Sequence[str]) -> tuple[UUID, ...]:
    if not gates:
        return ()
    query = select(Lane.id).join(Gate, Gate.id == Lane.gate_id).where(Gate.site_id == site_id, Gate.slug.in_(gates))
    return tuple(session.scalars(query.order_by(Lane.id)))
