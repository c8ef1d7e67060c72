"""Queries that are the same for every record of a site; whoever acts for one site finds nothing of another."""

import re
from collections.abc import Mapping, Sequence
from typing import Any, Final, TypeVar
from uuid import UUID

from sqlalchemy import ColumnElement, PrimaryKeyConstraint, Select, Table, UniqueConstraint, select, true
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import InstrumentedAttribute, Session, selectinload

from central.errors import RegistryError
from central.records.many import add_many, among
from central.records.schemas import Asked
from central.records.turns import read_once, take_turn
from central.registry import Work
from central.tables import Base, OfSite, Site

RowT = TypeVar("RowT", bound=OfSite)
# Databases bound the parameters of one query.
KEYS_PER_QUERY = 500
REFERRED_TO = "records referred to"
# Columns of unique keys that requests give by another field.
GIVEN_BY: Final[Mapping[str, str]] = {"folded": "name", "label": "number", "subject_kind": "number", "workflow": "number"}
_SQLITE_TAKEN: Final = re.compile(r"UNIQUE constraint failed: (.+)")


def get(work: Work, table: type[RowT], record_id: UUID, *, changing: bool = False) -> RowT:
    """Return a record by id, locked where it is to be changed; RegistryError 404, also for one of another site."""
    if changing:
        _take_turn(work, table, record_id)
    row = work.session.get(table, record_id, with_for_update=changing or None, populate_existing=changing)
    if row is None or not work.actor.sees(row.site_id):
        raise RegistryError("there is no such record in {table}", 404, "id", table=table.__tablename__)
    return row


def _take_turn(work: Work, table: type[OfSite], record_id: UUID) -> None:
    site_id = work.session.scalars(select(table.site_id).where(table.id == record_id)).one_or_none()
    if site_id is not None and work.actor.sees(site_id):
        take_turn(work.session, site_id)


def of_site(session: Session, table: type[RowT], record_id: UUID, site_id: UUID, field: str) -> RowT:
    """Return a record that another one of the same site refers to; RegistryError 422 naming `field`."""
    # Held as long as the session, which would soon forget it: an import refers to the same few again and again.
    kept: dict[tuple[type[RowT], UUID], RowT | None] = read_once(session, REFERRED_TO)
    row = kept.get((table, record_id))
    if row is None or row not in session:
        # What is filled in so far waits: a key that is taken is told where all of it is sent.
        with session.no_autoflush:
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


def flush(session: Session, conflict: str, new: Sequence[OfSite] = ()) -> None:
    """Send what was changed to the database; RegistryError 409 where a key is taken, naming its field, or a reference forbids it.

    It says `conflict`, unless what a record refers to has gone meanwhile. `new`: rows of one kind that the session does not have
    yet, as many as there are at once.
    """
    try:
        session.flush()
        add_many(session, new)
    except IntegrityError as error:
        taken = _key_taken(error)
        if taken is None and not _is_of_reference(error):
            raise  # a fault of ours, which no sender can mend
        if taken is None and not (error.statement or "").startswith("DELETE"):
            raise RegistryError("what it refers to was deleted meanwhile", 409) from error
        raise RegistryError(conflict, 409, "" if taken is None else field_of(taken)) from error


def unique_keys(table: Table) -> Mapping[str, Sequence[str]]:
    """Return the columns of each unique key of a table, by its name in the database."""
    keys = [each for each in table.constraints if isinstance(each, UniqueConstraint | PrimaryKeyConstraint)]
    indexes = [each for each in table.indexes if each.unique]
    return {str(each.name): each.columns.keys() for each in (*keys, *indexes)}


def field_of(columns: Sequence[str]) -> str:
    """Return the field by which a request gives a unique key of these columns: the first that is no reference."""
    given = next((name for name in columns if not name.endswith("_id")), "")
    return GIVEN_BY.get(given, given)


def _is_of_reference(error: IntegrityError) -> bool:
    fault: Any = error.orig
    return getattr(fault, "sqlstate", "") == "23503" or "FOREIGN KEY constraint failed" in str(fault)


def _key_taken(error: IntegrityError) -> Sequence[str] | None:
    """Return the columns of the key that a row has already, as the database tells it; None for another fault."""
    fault: Any = error.orig
    if hasattr(fault, "diag"):
        table = Base.metadata.tables.get(fault.diag.table_name)
        return None if table is None else unique_keys(table).get(fault.diag.constraint_name)
    told = _SQLITE_TAKEN.match(str(fault))
    return None if told is None else [name.rpartition(".")[2] for name in told[1].split(", ")]


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
