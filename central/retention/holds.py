"""Legal holds: who has something kept, why and until when; and what is held of journals, pictures and records."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Final, NamedTuple
from uuid import UUID

from sqlalchemy import ColumnElement, and_, or_, select, update
from sqlalchemy.orm import Session

from access.plate import normalise
from central.audit import services as audit
from central.erasure.tables import Erasure
from central.errors import RegistryError
from central.records import repository
from central.records.schemas import Page
from central.records.turns import take_turn
from central.registry import Work
from central.retention.schemas import HoldEnded, HoldsAsked, HoldShown, HoldWanted
from central.retention.tables import LegalHold, RetentionMark
from central.tables import Edge, JournalEntry, Person
from central.visits.telling import visitor_id
from central.workflows.tables import WorkflowRecord

KIND: Final = "legal_holds"
RECORDS: Final = ("visit", "contractor_pass", "release_slip")
BEGINNING: Final = datetime(1970, 1, 1, tzinfo=UTC)
Passage = tuple[UUID, str]


class Stood(NamedTuple):
    """As much of an entry as tells whether it is held."""

    edge: UUID
    at_us: int
    passage: str | None
    plate: str | None
    person: UUID | None
    record: UUID | None


@dataclass(slots=True)
class Held:
    """What of a site is held now: times (UTC microseconds), passages, plates, persons and records."""

    times: list[tuple[int, int]] = field(default_factory=list)
    passages: set[Passage] = field(default_factory=set)
    of_any_gate: set[str] = field(default_factory=set)
    plates: set[str] = field(default_factory=set)
    persons: set[UUID] = field(default_factory=set)
    records: set[UUID] = field(default_factory=set)

    def __bool__(self) -> bool:
        return bool(self.times or self.passages or self.of_any_gate or self.plates or self.persons or self.records)

    def holds(self, entry: Stood) -> bool:
        """Tell whether an entry is held: by its time, its passage, or what it is about."""
        if any(begin <= entry.at_us <= end for begin, end in self.times):
            return True
        if entry.passage and (entry.passage in self.of_any_gate or (entry.edge, entry.passage) in self.passages):
            return True
        return entry.plate in self.plates or entry.person in self.persons or entry.record in self.records

    def holds_time(self, at_us: int) -> bool:
        """Tell whether all that is of this time is held."""
        return any(begin <= at_us <= end for begin, end in self.times)


def in_force(at: datetime) -> tuple[ColumnElement[bool], ...]:
    """Return the conditions that a hold is not over."""
    hold = LegalHold
    return hold.ended_at.is_(None), or_(hold.holds_until.is_(None), hold.holds_until > at)


def rows_of(work: Work, site_id: UUID) -> Sequence[LegalHold]:
    """Return the holds of a site that are in force."""
    query = select(LegalHold).where(LegalHold.site_id == site_id, *in_force(work.at))
    return work.session.scalars(query.order_by(LegalHold.id)).all()


def held_of(work: Work, site_id: UUID) -> Held:
    """Return what is held of a site, with the passages that are about somebody, a plate or a record."""
    held = Held()
    for hold in rows_of(work, site_id):
        _ADD[hold.what](held, hold)
    held.passages |= _passages_about(work.session, site_id, held)
    return held


def _add_time(held: Held, hold: LegalHold) -> None:
    assert hold.from_at is not None
    assert hold.to_at is not None
    held.times.append((_us(hold.from_at), _us(hold.to_at)))


def _add_passage(held: Held, hold: LegalHold) -> None:
    if hold.edge_id is None:
        held.of_any_gate.add(hold.subject)
    else:
        held.passages.add((hold.edge_id, hold.subject))


def _add_record(held: Held, hold: LegalHold) -> None:
    record = UUID(hold.subject)
    held.records.add(record)
    held.persons.add(visitor_id(record))


_ADD: Final[Mapping[str, Callable[[Held, LegalHold], None]]] = {
    "time": _add_time,
    "person": lambda held, hold: held.persons.add(UUID(hold.subject)),
    "plate": lambda held, hold: held.plates.add(hold.subject),
    "passage": _add_passage,
    "record": _add_record,
}


def _passages_about(session: Session, site_id: UUID, held: Held) -> set[Passage]:
    row, found = JournalEntry, set()
    for column, wanted in ((row.plate, held.plates), (row.person_id, held.persons), (row.record_id, held.records)):
        if wanted:
            query = select(row.edge_id, row.passage).where(row.site_id == site_id, column.in_(wanted), row.passage.is_not(None))
            found |= {(edge, passage) for edge, passage in session.execute(query.distinct()) if passage}
    return found


def _us(at: datetime) -> int:
    return (at - BEGINNING) // timedelta(microseconds=1)


# --- erasures -----------------------------------------------------------------------------------


def check_erasable(work: Work, site_id: UUID, whose: Collection[UUID], texts: Iterable[str]) -> None:
    """Raise RegistryError 409 where something of who is to be erased is held: ids of theirs, plates, passages."""
    hold = keeping(work, site_id, whose, texts)
    if hold is not None:
        until = hold.holds_until.date().isoformat() if hold.holds_until else "—"
        why = "a legal hold keeps what is theirs, until {until}: {reason}; it is ended first"
        raise RegistryError(why, 409, "record", {"hold": str(hold.id)}, until=until, reason=hold.reason)


def keeping(work: Work, site_id: UUID, whose: Collection[UUID], texts: Iterable[str]) -> LegalHold | None:
    """Return a hold that keeps something of theirs, None where there is none."""
    rows = rows_of(work, site_id)
    if not rows:
        return None
    plates = {plate for text in texts if (plate := normalise(text))}
    named = {str(one) for one in whose}
    for hold in rows:
        if hold.what in ("person", "record") and hold.subject in named:
            return hold
        if hold.what == "plate" and hold.subject in plates:
            return hold
    about = _theirs(work.session, site_id, whose, plates)
    for hold in rows:
        held = Held()
        _ADD[hold.what](held, hold)
        held.passages |= _passages_about(work.session, site_id, held)
        if any(held.holds(entry) for entry in about):
            return hold
    return None


def _theirs(session: Session, site_id: UUID, whose: Collection[UUID], plates: Collection[str]) -> list[Stood]:
    row = JournalEntry
    about = or_(row.person_id.in_(list(whose)), row.record_id.in_(list(whose)), row.plate.in_(list(plates)))
    return [Stood(*each) for each in session.execute(select(*_STOOD).where(row.site_id == site_id, about))]


_STOOD: Final = (
    JournalEntry.edge_id,
    JournalEntry.at_us,
    JournalEntry.passage,
    JournalEntry.plate,
    JournalEntry.person_id,
    JournalEntry.record_id,
)


# --- the office ---------------------------------------------------------------------------------


def place(work: Work, wanted: HoldWanted) -> HoldShown:
    """Place a hold, after all deletions under way; RegistryError 422 for what is not of the site or not of its form."""
    site = repository.site(work, wanted.site)
    take_turn(work.session, site.id)
    work.session.scalars(select(Edge.id).limit(1)).first()  # until the commit no month of the journal is dropped
    subject = _subject(work, site.id, wanted)
    row = LegalHold(
        id=work.new_id(),
        site_id=site.id,
        version=1,
        what=wanted.what,
        subject=subject,
        edge_id=wanted.edge,
        from_at=wanted.from_at,
        to_at=wanted.to_at,
        reason=wanted.reason,
        holds_until=wanted.holds_until,
        by_name=work.actor.name,
        by_role=work.actor.role,
        created_at=work.at,
        ended_by="",
        ended_why="",
        is_settled=False,
    )
    work.session.add(row)
    work.session.flush()
    _note(work, row, "created", wanted.reason)
    return HoldShown.model_validate(row)


def _subject(work: Work, site_id: UUID, wanted: HoldWanted) -> str:
    """Return what is held by the name it is known by; RegistryError 422."""
    if wanted.holds_until is not None and wanted.holds_until <= work.at:
        raise RegistryError("its end is over", 422, "holds_until")
    if wanted.edge is not None:
        repository.of_site(work.session, Edge, wanted.edge, site_id, "edge")
    if wanted.what == "time":
        if wanted.from_at is None or wanted.to_at is None or wanted.from_at > wanted.to_at or wanted.subject:
            raise RegistryError("a time is held from one moment to a later one, and nothing besides", 422, "from_at")
        return ""
    if wanted.from_at is not None or wanted.to_at is not None or not wanted.subject:
        raise RegistryError("what is held is named by its id, plate or name, and by no time", 422, "subject")
    if wanted.what == "plate":
        plate = normalise(wanted.subject)
        if not plate:
            raise RegistryError("this is no plate", 422, "subject")
        return plate
    return wanted.subject if wanted.what == "passage" else _record(work, site_id, wanted)


def _record(work: Work, site_id: UUID, wanted: HoldWanted) -> str:
    try:
        record_id = UUID(wanted.subject)
    except ValueError as error:
        raise RegistryError("this is no id", 422, "subject") from error
    if wanted.what == "person":
        repository.of_site(work.session, Person, record_id, site_id, "subject")
        return str(record_id)
    row = repository.of_site(work.session, WorkflowRecord, record_id, site_id, "subject")
    if row.workflow not in RECORDS:
        raise RegistryError("a visit, a pass or a slip is held as a record", 422, "subject")
    return str(record_id)


def end(work: Work, hold_id: UUID, wanted: HoldEnded) -> HoldShown:
    """End a hold; RegistryError 404, 409 where it has ended."""
    row = repository.get(work, LegalHold, hold_id, changing=True)
    if row.ended_at is not None:
        raise RegistryError("this hold has ended already", 409, "id")
    row.ended_at, row.ended_by, row.ended_why, row.version = work.at, work.actor.name, wanted.reason, row.version + 1
    settle(work, row.site_id)
    _note(work, row, "ended", wanted.reason)
    return HoldShown.model_validate(row)


def settle(work: Work, site_id: UUID) -> None:
    """Let what holds that are over have kept back be looked at again: by the deletion job, and by erasures that wait."""
    over = select(LegalHold).where(LegalHold.site_id == site_id, LegalHold.is_settled.is_(False))
    found = work.session.scalars(over.where(~and_(*in_force(work.at)))).all()
    if not found:
        return
    for row in found:
        row.is_settled = True
    begin = update(RetentionMark).where(RetentionMark.site_id == site_id).values(through=0)
    work.session.connection().execute(begin)
    waiting = update(Erasure).where(Erasure.site_id == site_id, Erasure.state == "held").values(state="running")
    work.session.connection().execute(waiting)
    work.session.flush()


def get(work: Work, hold_id: UUID) -> HoldShown:
    """Show a hold; RegistryError 404."""
    return HoldShown.model_validate(repository.get(work, LegalHold, hold_id))


def page(work: Work, asked: HoldsAsked) -> Page[HoldShown]:
    """Show one page of the holds, oldest first."""
    query = select(LegalHold)
    if not asked.ended:
        query = query.where(*in_force(work.at))
    rows = repository.page(work, query, LegalHold, asked)
    items = [HoldShown.model_validate(row) for row in rows[: asked.limit]]
    return Page(items=items, more=items[-1].id if len(rows) > asked.limit else None)


def _note(work: Work, row: LegalHold, act: str, reason: str) -> None:
    """Note it in the audit: of a plate or passage not which, as that stays there longer than the hold."""
    facts: dict[str, Any] = {"what": row.what, "holds_until": row.holds_until.isoformat() if row.holds_until else None}
    audit.note(work, KIND, row.id, row.site_id, act, version=row.version, after=facts, reason=reason)
