"""SQL of vehicles."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import ColumnElement, and_, exists, func, or_, select
from sqlalchemy.orm import Session

from access.plate_index import Ask, asked
from central.tables import Vehicle
from central.vehicles.tables import FormerPlate

ALIKE_MAX = 64
PLATES_MAX = 100
LAST = "\U0010ffff"


def alike(session: Session, site_id: UUID, plate: str) -> Sequence[str]:
    """Return the plates of a site that may be mistaken for `plate`, as the gates' own index finds them; not `plate` itself."""
    asks = asked(plate)
    if not asks:
        return ()
    query = select(Vehicle.plate).where(Vehicle.site_id == site_id, Vehicle.plate != plate, or_(*map(_found_by, asks)))
    found = session.scalars(query.order_by(Vehicle.plate).limit(ALIKE_MAX))
    return [other for other in found if other is not None]


def _found_by(ask: Ask) -> ColumnElement[bool]:
    if not ask.longer_by:
        return Vehicle.folded == ask.key
    length = func.length(Vehicle.folded) == len(ask.key) + ask.longer_by
    return and_(Vehicle.folded >= ask.key, Vehicle.folded < ask.key + LAST, length)


def former_plates(session: Session, vehicle_id: UUID) -> Sequence[FormerPlate]:
    """Return the plates that a vehicle had, the last one first."""
    query = select(FormerPlate).where(FormerPlate.vehicle_id == vehicle_id)
    return session.scalars(query.order_by(FormerPlate.until.desc(), FormerPlate.id.desc()).limit(PLATES_MAX)).all()


def had_plate(plate: str) -> ColumnElement[bool]:
    """Return the condition that a vehicle has or had this plate."""
    former = exists().where(
        FormerPlate.site_id == Vehicle.site_id, FormerPlate.vehicle_id == Vehicle.id, FormerPlate.plate == plate
    )
    return or_(Vehicle.plate == plate, former)
