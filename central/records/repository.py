"""Queries that are the same for every record of a site; whoever acts for one site finds nothing of another."""

from collections.abc import Mapping, Sequence
from typing import Any, TypeVar
from uuid import UUID

from sqlalchemy import ColumnElement, Select, select, true
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import InstrumentedAttribute, Session, selectinload

from central.errors import RegistryError
from central.records.many import among
from central.records.schemas import Asked
from central.registry import Work
from central.tables import OfSite, Site

RowT = TypeVar("RowT", bound=OfSite)
# Databases bound the parameters of one query.
KEYS_PER_QUERY = 500
REFERRED_TO = "records referred to"


def get(work: Work, table: type[RowT], record_id: UUID, *, changing: bool = False) -> RowT:
    """Return a record by id, locked where it is to be changed; RegistryError 404, also for one of another site."""
    row = work.session.get(table, record_id, with_for_update=changing or None, populate_existing=changing)
    if row is None or not work.actor.sees(row.site_id):
        raise RegistryError("there is no such record in {table}", 404, "id", table=table.__tablename__)
    return row


def of_site(session: Session, table: type[RowT], record_id: UUID, site_id: UUID, field: str) -> RowT:
    """Return a record that another one of the same site refers to; RegistryError 422 naming `field`."""
    # Held as long as the session, which would soon forget it: an import refers to the same few again and again.
    kept: dict[tuple[type[RowT], UUID], RowT | None] = session.info.setdefault(REFERRED_TO, {})
    row = kept.get((table, record_id))
    if row is None or row not in session:
        row = kept[table, record_id] = session.get(table, record_id)
    if row is None or row.site_id != site_id:
        raise RegistryError("there is no such record in {table} of this site", 422, field, table=table.__tablename__)
    return row


def in_sight(work: Work, site_id: InstrumentedAttribute[UUID] | InstrumentedAttribute[UUID | None]) -> ColumnElement[bool]:
    """Return the condition that a row is within the actor's bounds, by the column of its site."""
    return true() if work.actor.site is None else site_id == work.actor.site


def check_in_sight(work: Work, table: type[OfSite], record_id: UUID | None, field: str) -> None:
    """Raise RegistryError 422 naming `field` where a list is narrowed by a record beyond the actor's bounds."""
    if record_id is not None and work.actor.site is not None:
        of_site(work.session, table, record_id, work.actor.site, field)


def find(session: Session, table: type[RowT], **key: Any) -> RowT | None:
    """Return the record with this natural key, if there is one; RegistryError 409 where there are several."""
    found = session.scalars(select(table).filter_by(**key).limit(2)).all()
    if len(found) > 1:
        raise RegistryError("more than one record has this name or number", 409)
    return found[0] if found else None


def find_many(
    session: Session, table: type[RowT], site_id: UUID, keys: Sequence[Mapping[str, Any]], *, changing: bool = False
) -> Sequence[RowT]:
    """Return at least the records of a site that have one of these natural keys, all made of the same columns.

    With all that belongs to each, so that nobody asks for it one by one; locked where they are to be changed.
    """
    found: list[RowT] = []
    for at in range(0, len(keys), KEYS_PER_QUERY):
        query = select(table).where(table.site_id == site_id).options(selectinload("*"))
        for name in keys[at]:
            # Each column by itself: so every database finds them by whatever index there is.
            values = {key[name] for key in keys[at : at + KEYS_PER_QUERY]}
            if None not in values:
                query = query.where(among(session, getattr(table, name), values))
        if changing:
            query = query.order_by(table.id).with_for_update().execution_options(populate_existing=True)
        found += session.scalars(query)
    return found


def page(work: Work, query: Select[RowT], table: type[RowT], asked: Asked) -> Sequence[RowT]:
    """Return up to one more than `asked.limit` records in the order of their ids (oldest first), behind `asked.after`."""
    query = query.order_by(table.id).limit(asked.limit + 1)
    for site_id in {asked.site, work.actor.site} - {None}:
        query = query.where(table.site_id == site_id)
    if asked.after is not None:
        query = query.where(table.id > asked.after)
    return work.session.scalars(query).all()


def flush(session: Session, conflict: str) -> None:
    """Send what was changed to the database; RegistryError 409 saying `conflict` where a key or a reference forbids it."""
    try:
        session.flush()
    except IntegrityError as error:
        raise RegistryError(conflict, 409) from error


def only_site(work: Work) -> UUID | None:
    """Return the site that the actor must mean who names none; None where there are several, or none."""
    found = work.session.scalars(select(Site.id).limit(2)).all() if work.actor.site is None else [work.actor.site]
    return found[0] if len(found) == 1 else None


def site(work: Work, site_id: UUID, field: str = "site") -> Site:
    """Return a site by id; RegistryError 422 naming `field`, also for one that is not the actor's."""
    row = work.session.get(Site, site_id)
    if row is None or not work.actor.sees(row.id):
        raise RegistryError("there is no such site", 422, field)
    return row
