"""SQL of people."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import TypeVar
from uuid import UUID

from sqlalchemy import ColumnElement, exists, or_, select
from sqlalchemy.orm import Session

from access.workflows.card import WORKFLOW as PARKING
from access.workflows.office_key import WORKFLOW as OFFICE_KEY
from access.workflows.visit import WORKFLOW as VISIT
from central.people.tables import Company, Document, Residency
from central.records.many import among
from central.spaces.tables import ParkingSpace
from central.tables import Card, Person, Vehicle
from central.workflows.tables import WorkflowKey, WorkflowRecord

CredentialT = TypeVar("CredentialT", Vehicle, Card)
FOUND_MAX = 100
PRESENT = ("active", "frozen")
# Of what a person has in workflows: the workflow, by what its records name the person, and in which states they matter still.
LEFT_OPEN = {
    "parking_permits": (PARKING.name, "person", ("issued", "active", "frozen")),
    "keys": (OFFICE_KEY.name, "person", ("lent", "lost")),
    "visits": (VISIT.name, "host", ("announced", "asked", "approved", "in", "overstayed")),
}


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


def lives_in(session: Session, person_id: UUID, unit: str) -> bool:
    """Tell whether a move into this unit was written down that no move out has followed."""
    return _is_there(session, Residency.person_id == person_id, Residency.unit == unit, Residency.moved_out.is_(None))


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


def has_namesake(session: Session, site_id: UUID, key: Mapping[str, object], but: UUID | None = None) -> bool:
    """Tell whether a person of a site (not that one) has this name, unit, staff number and namesake."""
    same = [getattr(Person, name) == value for name, value in key.items()]
    return bool(session.scalar(select(exists().where(Person.site_id == site_id, Person.id != but, *same))))


def _is_there(session: Session, *conditions: ColumnElement[bool]) -> bool:
    return bool(session.scalar(select(exists().where(*conditions))))


def spaces_of(session: Session, person_id: UUID) -> tuple[UUID, ...]:
    """Return the parking spaces that a person still has."""
    query = select(ParkingSpace.id).where(ParkingSpace.person_id == person_id, ParkingSpace.status.in_(PRESENT))
    return tuple(session.scalars(query.order_by(ParkingSpace.id).limit(FOUND_MAX)))


def documents_of(session: Session, person: Person) -> tuple[UUID, ...]:
    """Return the documents that are noted of a person."""
    of_person = (Document.site_id == person.site_id, Document.subject_kind == "person", Document.subject == str(person.id))
    return tuple(session.scalars(select(Document.id).where(*of_person).order_by(Document.id).limit(FOUND_MAX)))


def left_open(session: Session, person: Person) -> Mapping[str, tuple[UUID, ...]]:
    """Return what is still open of a person in workflows: parking permits, lent keys, visitors."""
    return {name: _open_records(session, person, *which) for name, which in LEFT_OPEN.items()}


def _open_records(session: Session, person: Person, workflow: str, key: str, states: Collection[str]) -> tuple[UUID, ...]:
    query = select(WorkflowRecord.id).join(WorkflowKey, WorkflowKey.record_id == WorkflowRecord.id)
    query = query.where(WorkflowKey.site_id == person.site_id, WorkflowKey.name == key, WorkflowKey.value == str(person.id))
    query = query.where(WorkflowRecord.workflow == workflow, WorkflowRecord.state.in_(states))
    return tuple(session.scalars(query.order_by(WorkflowRecord.id).limit(FOUND_MAX)))


def moved_elsewhere(session: Session, site_id: UUID, homes: Collection[tuple[str, str]]) -> Sequence[tuple[Person, str]]:
    """Return the persons who have one of these names and lived in the unit beside it, but are registered in another now."""
    query = select(Person, Residency.unit).join(Residency, Residency.person_id == Person.id)
    query = query.where(Person.site_id == site_id, Person.unit != Residency.unit)
    query = query.where(among(session, Person.name, {name for name, _ in homes}))
    query = query.where(among(session, Residency.unit, {unit for _, unit in homes}))
    found = dict.fromkeys((person, unit) for person, unit in session.execute(query))
    return [(person, unit) for person, unit in found if (person.name, unit) in homes]


def with_numbers(session: Session, site_id: UUID, hashes: Collection[bytes], staff_numbers: Collection[str]) -> Sequence[Person]:
    """Return the persons of a site with one of these hashes of an ID number, or one of these staff numbers."""
    columns = ((Person.id_hash, hashes), (Person.staff_number, staff_numbers))
    wanted = [among(session, column, values) for column, values in columns if values]
    if not wanted:
        return ()
    return session.scalars(select(Person).where(Person.site_id == site_id, or_(*wanted)).order_by(Person.id)).all()


def locked(session: Session, persons: Collection[UUID]) -> None:
    """Lock persons whom others may be changing, and read them anew."""
    query = select(Person).where(among(session, Person.id, persons)).order_by(Person.id)
    session.scalars(query.with_for_update(), execution_options={"populate_existing": True}).all()
