"""SQL of parking spaces and quotas."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from central.spaces.tables import ParkingSpace, Quota


def quotas_of(session: Session, quota_ids: Sequence[UUID]) -> Sequence[Quota]:
    """Return those of these quotas that there are, as they are now."""
    query = select(Quota).where(Quota.id.in_(quota_ids)).order_by(Quota.id)
    return session.scalars(query, execution_options={"populate_existing": True}).all()


def spaces_of(session: Session, quota_id: UUID) -> Sequence[ParkingSpace]:
    """Return the spaces in use that count for a quota, as they are now."""
    query = select(ParkingSpace).where(ParkingSpace.quota_id == quota_id, ParkingSpace.status == "active")
    return session.scalars(query.order_by(ParkingSpace.number), execution_options={"populate_existing": True}).all()
