"""SQL of people."""

from collections.abc import Sequence
from datetime import datetime
from typing import TypeVar
from uuid import UUID

from sqlalchemy import ColumnElement, exists, or_, select
from sqlalchemy.orm import Session

from central.people.tables import Company, Document, Residency
from central.tables import Card, Person, Vehicle

CredentialT = TypeVar("CredentialT", Vehicle, Card)
FOUND_MAX = 100


def with_id_hash(session: Session, site_id: UUID, hashed: bytes) -> Sequence[Person]:
    """Return the persons of a site with this hash of their ID number."""
    query = select(Person).where(Person.site_id == site_id, Person.id_hash == hashed)
    return session.scalars(query.order_by(Person.id).limit(FOUND_MAX)).all()


def has_lived_here(session: Session, person_id: UUID) -> bool:
    """Tell whether a move of the person was ever written down."""
    return _is_there(session, Residency.person_id == person_id)


def has_lived_in(session: Session, person_id: UUID, unit: str) -> bool:
    """Tell whether a move of the person into or out of this unit was ever written down."""
    return _is_there(session, Residency.person_id == person_id, Residency.unit == unit)


def has_documents(session: Session, site_id: UUID, subject_kind: str, subject: UUID) -> bool:
    """Tell whether documents of a person or company are noted."""
    return _is_there(
        session, Document.site_id == site_id, Document.subject_kind == subject_kind, Document.subject == str(subject)
    )


def homes(session: Session, person_id: UUID) -> Sequence[Residency]:
    """Return where the person lives now, locked, the longest lived in first."""
    query = select(Residency).where(Residency.person_id == person_id, Residency.moved_out.is_(None))
    since = (Residency.moved_in.is_not(None), Residency.moved_in, Residency.id)
    return session.scalars(query.order_by(*since).with_for_update()).all()


def held_by(session: Session, table: type[CredentialT], person_id: UUID) -> Sequence[CredentialT]:
    """Return the vehicles or cards of a person, locked, in the order of their ids, so that two who lock them never cross."""
    query = select(table).where(table.person_id == person_id).order_by(table.id)
    return session.scalars(query.with_for_update(), execution_options={"populate_existing": True}).all()


def hold_still(session: Session, table: type[Person] | type[Company], record_id: UUID) -> None:
    """Let nobody delete a person or company, if there is one, before this piece of work ends."""
    session.get(table, record_id, with_for_update={"read": True, "key_share": True})


def moved_since(since: datetime) -> ColumnElement[bool]:
    """Return the condition that somebody moved in or out at this time or later."""
    return or_(Residency.moved_in >= since, Residency.moved_out >= since)


def _is_there(session: Session, *conditions: ColumnElement[bool]) -> bool:
    return bool(session.scalar(select(exists().where(*conditions))))
