"""SQL of workflow records."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, Exists, Select, and_, delete, exists, func, select
from sqlalchemy.orm import Session, aliased

from central.records import repository as records
from central.records.turns import take_turns
from central.registry import Work
from central.tables import Site
from central.workflows.schemas import EventsAsked, FlowAsked
from central.workflows.tables import WorkflowEvent, WorkflowKey, WorkflowRecord

DUE_PER_TURN = 200


def get(work: Work, workflow: str, record_id: UUID, *, changing: bool = False) -> WorkflowRecord:
    """Return a record of this workflow, locked where it is to be changed; RegistryError 404."""
    row = records.get(work, WorkflowRecord, record_id, changing=changing)
    return row if row.workflow == workflow else records.get(work, WorkflowRecord, UUID(int=0))


def page(
    work: Work, workflow: str, asked: FlowAsked, keys: Mapping[str, str], before: Mapping[str, str] | None = None
) -> Sequence[WorkflowRecord]:
    """Return up to one more than `asked.limit` records that have all these keys, and others whose values sort `before` these."""
    query, place = _of_sites(work, asked, is_narrowed=bool(keys)), WorkflowRecord.id
    query = query.where(WorkflowRecord.workflow == workflow)
    if asked.state is not None:
        query = query.where(WorkflowRecord.state == asked.state)
    if asked.number is not None:
        query = query.where(WorkflowRecord.number == asked.number)
    first, *others = keys.items() or (None,)
    if first is not None:
        # By the index of this key, where the records that have it lie in order.
        key, (name, value) = aliased(WorkflowKey), first
        same = and_(key.record_id == WorkflowRecord.id, key.site_id == WorkflowRecord.site_id)
        query, place = query.join(key, and_(same, key.name == name, key.value == value)), key.record_id
    for name, value in others:
        query = query.where(_has_key(name, WorkflowKey.value == value))
    for name, value in (before or {}).items():
        query = query.where(_has_key(name, WorkflowKey.value < value))
    if asked.after is not None:
        query = query.where(place > asked.after)
    return work.session.scalars(query.order_by(place).limit(asked.limit + 1)).all()


def _of_sites(work: Work, asked: FlowAsked, *, is_narrowed: bool) -> Select[WorkflowRecord]:
    """Return the records of the sites that are asked for and seen, so that an index helps: each begins with the site."""
    query = select(WorkflowRecord)
    # The actor's own, or where there is but one, that one.
    known = {asked.site, records.only_site(work)} - {None}
    for site_id in known:
        query = query.where(WorkflowRecord.site_id == site_id)
    if not known and (is_narrowed or asked.state or asked.number):
        query = query.where(WorkflowRecord.site_id.in_(select(Site.id)))
    return query


def _has_key(name: str, value: ColumnElement[bool]) -> Exists:
    named = (WorkflowKey.name == name, WorkflowKey.site_id == WorkflowRecord.site_id)
    return exists().where(WorkflowKey.record_id == WorkflowRecord.id, *named, value)


def of_state(session: Session, site_id: UUID, workflow: str, states: Iterable[str], limit: int) -> Sequence[WorkflowRecord]:
    """Return up to `limit` records of a site that are in one of these states, oldest first."""
    query = select(WorkflowRecord).where(WorkflowRecord.site_id == site_id, WorkflowRecord.workflow == workflow)
    return session.scalars(query.where(WorkflowRecord.state.in_(tuple(states))).order_by(WorkflowRecord.id).limit(limit)).all()


def with_key(session: Session, site_id: UUID, workflow: str, name: str, value: str) -> Sequence[WorkflowRecord]:
    """Return the records of a site that have this key, oldest first."""
    query = select(WorkflowRecord).join(WorkflowKey, WorkflowKey.record_id == WorkflowRecord.id)
    query = query.where(WorkflowKey.site_id == site_id, WorkflowKey.name == name, WorkflowKey.value == value)
    return session.scalars(query.where(WorkflowRecord.workflow == workflow).order_by(WorkflowRecord.id)).all()


def numbered(session: Session, site_id: UUID, workflow: str, numbers: Collection[str]) -> Sequence[WorkflowRecord]:
    """Return the records of a site that have one of these numbers."""
    query = select(WorkflowRecord).where(WorkflowRecord.site_id == site_id, WorkflowRecord.workflow == workflow)
    return session.scalars(query.where(WorkflowRecord.number.in_(numbers))).all()


def of_ids(session: Session, site_id: UUID, ids: Collection[UUID]) -> Mapping[UUID, WorkflowRecord]:
    """Return those records of a site that have one of these ids, by it."""
    query = select(WorkflowRecord).where(WorkflowRecord.site_id == site_id, WorkflowRecord.id.in_(ids))
    return {row.id: row for row in session.scalars(query)}


def due(session: Session, workflow: str, at: datetime) -> Sequence[WorkflowRecord]:
    """Return records that time has moved by `at`, locked, the longest due first; not all at once."""
    is_due = and_(WorkflowRecord.workflow == workflow, WorkflowRecord.due_at <= at)
    take_turns(session, select(WorkflowRecord.site_id).where(is_due).distinct())
    query = select(WorkflowRecord).where(is_due)
    return session.scalars(query.order_by(WorkflowRecord.due_at).limit(DUE_PER_TURN).with_for_update(skip_locked=True)).all()


def is_due(session: Session, workflow: str, at: datetime) -> bool:
    """Tell whether time has moved a record of this workflow by `at`; locks nothing."""
    query = select(WorkflowRecord.id).where(WorkflowRecord.workflow == workflow, WorkflowRecord.due_at <= at).limit(1)
    return session.scalars(query).first() is not None


def events(session: Session, record_id: UUID, asked: EventsAsked) -> Sequence[WorkflowEvent]:
    """Return up to one more than `asked.limit` of what happened to a record, in order, behind the event `asked.after`."""
    row = WorkflowEvent
    query = select(row).where(row.record_id == record_id).order_by(row.n).limit(asked.limit + 1)
    given = {"name": asked.name, "by_name": asked.by}
    query = query.filter_by(**{name: value for name, value in given.items() if value is not None})
    if asked.after is not None:
        before = select(WorkflowEvent.n).where(WorkflowEvent.record_id == record_id, WorkflowEvent.id == asked.after)
        query = query.where(row.n > before.scalar_subquery())
    return session.scalars(query).all()


def events_of(session: Session, record_id: UUID) -> Sequence[WorkflowEvent]:
    """Return all that happened to a record, by time."""
    row = WorkflowEvent
    return session.scalars(select(row).where(row.record_id == record_id).order_by(row.at, row.n)).all()


def has_event(session: Session, event_id: UUID) -> bool:
    """Tell whether an event of this id has happened, to whatever record."""
    return session.scalars(select(WorkflowEvent.n).where(WorkflowEvent.id == event_id)).first() is not None


def events_so_far(session: Session, record_id: UUID) -> int:
    """Return how many events a record has."""
    return session.scalars(select(func.count()).where(WorkflowEvent.record_id == record_id)).one()


def set_keys(session: Session, row: WorkflowRecord, keys: set[tuple[str, str]]) -> None:
    """Let the record be found by exactly these names and values."""
    query = select(WorkflowKey.name, WorkflowKey.value).where(WorkflowKey.record_id == row.id)
    had = {(name, value) for name, value in session.execute(query)}
    for name, value in sorted(had - keys):
        gone = (WorkflowKey.record_id == row.id, WorkflowKey.name == name, WorkflowKey.value == value)
        session.execute(delete(WorkflowKey).where(*gone))
    new = sorted(keys - had)
    session.add_all(WorkflowKey(record_id=row.id, name=name, value=value, site_id=row.site_id) for name, value in new)
