"""Queries that are the same for every record of a site."""

from collections.abc import Sequence
from typing import Any, TypeVar
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from central.errors import RegistryError
from central.tables import OfSite, Site

RowT = TypeVar("RowT", bound=OfSite)


def get(session: Session, table: type[RowT], record_id: UUID) -> RowT:
    """Return a record by id; RegistryError 404."""
    row = session.get(table, record_id)
    if row is None:
        raise RegistryError(f"there is no such record in {table.__tablename__}", 404, "id")
    return row


def of_site(session: Session, table: type[RowT], record_id: UUID, site_id: UUID, field: str) -> RowT:
    """Return a record that another one of the same site refers to; RegistryError 422 naming `field`."""
    row = session.get(table, record_id)
    if row is None or row.site_id != site_id:
        raise RegistryError(f"there is no such record in {table.__tablename__} of this site", 422, field)
    return row


def find(session: Session, table: type[RowT], **key: Any) -> RowT | None:
    """Return the record with this natural key, if there is one."""
    return session.scalars(select(table).filter_by(**key)).one_or_none()


def page(session: Session, table: type[RowT], site_id: UUID | None, after: UUID | None, limit: int) -> Sequence[RowT]:
    """Return up to `limit` records in the order of their ids (oldest first), behind `after`."""
    query = select(table).order_by(table.id).limit(limit)
    if site_id is not None:
        query = query.where(table.site_id == site_id)
    if after is not None:
        query = query.where(table.id > after)
    return session.scalars(query).all()


def flush(session: Session, conflict: str) -> None:
    """Send what was changed to the database; RegistryError 409 saying `conflict` where a key or a reference forbids it."""
    try:
        session.flush()
    except IntegrityError as error:
        raise RegistryError(conflict, 409) from error


def site(session: Session, site_id: UUID, field: str = "site") -> Site:
    """Return a site by id; RegistryError 422 naming `field`."""
    row = session.get(Site, site_id)
    if row is None:
        raise RegistryError("there is no such site", 422, field)
    return row
