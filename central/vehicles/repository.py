"""SQL of vehicles."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlalchemy.orm import Session

from access.plate_index import Ask, asked
from central.tables import Vehicle

ALIKE_MAX = 64
LAST = "\U0010ffff"


def alike(session: Session, site_id: UUID, plate: str) -> Sequence[str]:
    """Return the plates of a site that may be mistaken for `plate`, as the gates' own index finds them; not `plate` itself."""
    asks = asked(plate)
    if not asks:
        return ()
    query = select(Vehicle.plate).where(Vehicle.site_id == site_id, Vehicle.plate != plate, or_(*map(_found_by, asks)))
    return session.scalars(query.order_by(Vehicle.plate).limit(ALIKE_MAX)).all()


def _found_by(ask: Ask) -> ColumnElement[bool]:
    if not ask.longer_by:
        return Vehicle.folded == ask.key
    length = func.length(Vehicle.folded) == len(ask.key) + ask.longer_by
    return and_(Vehicle.folded >= ask.key, Vehicle.folded < ask.key + LAST, length)
