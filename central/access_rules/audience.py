"""Which gates are told of whom: those that a level of theirs opens. A stolen box gives away its own people, not the site's."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Final
from uuid import UUID

from sqlalchemy import ColumnElement
from sqlalchemy.orm import Session

from access.contract.booth_records import IncidentAtBooth
from access.contract.records import AnyRecord
from central.access_rules import repository
from central.records.turns import read_once
from central.tables import Person

# None: every gate of the site, those to come too.
Audience = frozenset[UUID] | None
EVERYONE: Final[Audience] = None
ACTIVE: Final = "active"
ALL_GATES: Final = "*"
GATES_OPENED: Final = "gates opened"

Key = tuple[str, UUID]
Told = tuple[AnyRecord, Audience]


def as_text(audience: Audience) -> str:
    """Return an audience as it is kept beside a change: `*`, or the gates' ids in hex, one behind the other."""
    return ALL_GATES if audience is None else " ".join(sorted(gate.hex for gate in audience))


def told_to(audience: Audience, records: Iterable[AnyRecord]) -> tuple[Told, ...]:
    """Put the same audience to each of these records."""
    return tuple((record, audience) for record in records)


def told_to_all(records: Iterable[AnyRecord]) -> tuple[Told, ...]:
    """Put every gate to each of these records; to what people wrote about an incident of one gate, that gate alone."""
    return tuple((one, frozenset({one.gate}) if isinstance(one, IncidentAtBooth) else EVERYONE) for one in records)


def of_levels(session: Session, levels: Sequence[UUID]) -> Audience:
    """Return the gates that at least one of these levels opens a lane of."""
    # Kept for the session: an import asks for the same few levels with every record.
    kept: dict[frozenset[UUID], Audience] = read_once(session, GATES_OPENED)
    key = frozenset(levels)
    if key not in kept:
        gates = frozenset(repository.gates_opened(session, levels))
        kept[key] = EVERYONE if None in gates else frozenset(gate for gate in gates if gate is not None)
    return kept[key]


def levels_changed(session: Session) -> None:
    """Ask the database anew which gates levels open."""
    read_once(session, GATES_OPENED).clear()


def of_person(session: Session, person: Person) -> Audience:
    """Return the gates that must know a person.

    Who is frozen or gone is to be recognised everywhere; what somebody without levels may do, records of another kind say.
    """
    return _of_holder(session, person.status, person.levels)


def of_credential(session: Session, status: str, holder: UUID | None) -> Audience:
    """Return the gates that must know a vehicle or card: its holder's; every gate where it is lost, or nobody's."""
    person = None if holder is None else session.get(Person, holder)
    if status != ACTIVE or person is None:
        return EVERYONE
    return of_person(session, person)


def of_dependents(session: Session, whose: ColumnElement[bool]) -> Mapping[Key, Audience]:
    """Return who must know of each person of whom the condition holds, and of their vehicles and cards, as things stand now."""
    held: dict[UUID, tuple[str, list[UUID]]] = {}
    for person_id, status, level in repository.levels_of(session, whose):
        held.setdefault(person_id, (status, []))[1].extend(() if level is None else (level,))
    of_persons = {person_id: _of_holder(session, status, levels) for person_id, (status, levels) in held.items()}
    found: dict[Key, Audience] = {("person", person_id): audience for person_id, audience in of_persons.items()}
    for kind, identity, status, person_id in repository.credentials_of(session, whose):
        found[kind, identity] = of_persons[person_id] if status == ACTIVE else EVERYONE
    return found


def _of_holder(session: Session, status: str, levels: Sequence[UUID]) -> Audience:
    return of_levels(session, levels) if status == ACTIVE and levels else EVERYONE
