"""Whom a timeline is about: by what the log finds them, their records, and what the audit calls them."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final, NamedTuple
from uuid import UUID

from sqlalchemy import ColumnElement, and_, select

from access.plate import normalise
from central.errors import RegistryError
from central.inside.schemas import TimelineAsked
from central.log.cards import card_forms
from central.registry import Work
from central.tables import Block, Card, JournalEntry, Person, Vehicle
from central.workflows.tables import WorkflowKey, WorkflowRecord

RECORDS_MAX: Final = 200
OWN_MAX: Final = 50
# What of the audit a timeline shows: of visits and the like the events are shown themselves.
KINDS: Final = ("persons", "vehicles", "cards", "blocks")
# By which names records of workflows know a person of the registry.
_PERSON_KEYS: Final = ("host", "person", "holder")


class Subject(NamedTuple):
    """Whom or what a timeline is about: ways to find entries, each by an index of its own; records; what may have changed."""

    sites: Sequence[UUID]
    conditions: Sequence[ColumnElement[bool]]
    records: Mapping[UUID, WorkflowRecord]
    changed: frozenset[UUID]


def found(work: Work, asked: TimelineAsked, sites: Sequence[UUID]) -> Subject:
    """Return whom is asked for; RegistryError 422 for what is no plate or card."""
    if asked.plate:
        return _plate(work, asked.plate, sites)
    return _card(work, asked.card, sites) if asked.person is None else _person(work, asked.person, sites)


def _plate(work: Work, typed: str, sites: Sequence[UUID]) -> Subject:
    plate = normalise(typed)
    if not plate:
        raise RegistryError("this is no plate", 422, "plate")
    records = _records(work, sites, ("plate",), plate)
    vehicles = _ids(work, select(Vehicle.id).where(Vehicle.site_id.in_(sites), Vehicle.plate == plate))
    blocks = _ids(work, select(Block.id).where(Block.site_id.in_(sites), Block.plate == plate))
    about = [JournalEntry.plate == plate, *_about([*records, *vehicles])]
    return Subject(sites, about, records, frozenset({*vehicles, *blocks}))


def _card(work: Work, typed: str, sites: Sequence[UUID]) -> Subject:
    forms = card_forms(typed)
    raws = [bytes.fromhex(form) for form in forms.whole]
    query = select(Card.id, Card.visit_id).where(Card.site_id.in_(sites), Card.raw.in_(raws)).limit(OWN_MAX)
    cards = work.session.execute(query).all()
    records = _of_ids(work, {one.visit_id for one in cards if one.visit_id is not None})
    by_number = [*_each(JournalEntry.card, sorted(forms.whole)), *_each(JournalEntry.card_low, sorted(forms.low))]
    return Subject(sites, [*by_number, *_about(records)], records, frozenset(one.id for one in cards))


def _person(work: Work, person: UUID, sites: Sequence[UUID]) -> Subject:
    """Also what their vehicles and cards did while nobody knew whose they were; of others' time with these nothing."""
    known = _ids(work, select(Person.id).where(Person.site_id.in_(sites), Person.id == person))
    owned = select(Vehicle.id, Vehicle.plate).where(Vehicle.site_id.in_(sites), Vehicle.person_id == person)
    vehicles = work.session.execute(owned.limit(OWN_MAX)).all()
    held = select(Card.id, Card.raw).where(Card.site_id.in_(sites), Card.person_id == person)
    cards = work.session.execute(held.limit(OWN_MAX)).all()
    records = _records(work, sites, _PERSON_KEYS, str(person))
    nobodys = JournalEntry.person_id.is_(None)
    plates = [and_(JournalEntry.plate == one.plate, nobodys) for one in vehicles if one.plate]
    numbers = [and_(JournalEntry.card == one.raw.hex().upper(), nobodys) for one in cards if one.raw]
    about = _about(one.id for one in vehicles)
    changed = frozenset({*known, *(one.id for one in vehicles), *(one.id for one in cards)})
    return Subject(sites, [JournalEntry.person_id == person, *plates, *numbers, *about], records, changed)


def _about(records: Any) -> Iterator[ColumnElement[bool]]:
    return _each(JournalEntry.record_id, list(records)[:OWN_MAX])


def _each(column: Any, values: Sequence[Any]) -> Iterator[ColumnElement[bool]]:
    return (column == value for value in values)


def _ids(work: Work, query: Any) -> list[UUID]:
    return list(work.session.scalars(query.limit(OWN_MAX)))


def _records(work: Work, sites: Sequence[UUID], names: Sequence[str], value: str) -> dict[UUID, WorkflowRecord]:
    key = WorkflowKey
    query = select(key.record_id).where(key.site_id.in_(sites), key.name.in_(names), key.value == value)
    ids = set(work.session.scalars(query.order_by(key.record_id.desc()).limit(RECORDS_MAX)))
    return _of_ids(work, ids)


def _of_ids(work: Work, ids: set[UUID]) -> dict[UUID, WorkflowRecord]:
    if not ids:
        return {}
    rows = work.session.scalars(select(WorkflowRecord).where(WorkflowRecord.id.in_(ids)))
    return {row.id: row for row in rows if work.actor.sees(row.site_id)}
