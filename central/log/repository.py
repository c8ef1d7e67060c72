"""SQL of the log. Every search is a range of an index, newest first, and pages by (time, id), never by offset."""

from collections.abc import Collection, Sequence
from uuid import UUID

from sqlalchemy import ColumnElement, Tuple, Uuid, and_, literal, or_, select, text, tuple_
from sqlalchemy.orm import InstrumentedAttribute, Session

from access.plate import normalise
from central.errors import RegistryError
from central.log.cards import card_forms
from central.log.schemas import Search
from central.records.repository import in_sight
from central.registry import Work
from central.tables import LOGGED, JournalEntry, Lane, Person

PERSONS_MAX = 200
STORY_MAX = 500
TELLING = ("alarm", "decision", "outcome", "passage")
LAST = "\U0010ffff"
Conditions = list[ColumnElement[bool]]


def search(work: Work, wanted: Search, limit: int) -> Sequence[JournalEntry]:
    """Return up to `limit` rows, newest first; with `newer` those directly above the cursor."""
    query = select(JournalEntry).where(text(LOGGED), in_sight(work, JournalEntry.site_id), *_where(work, wanted)).limit(limit)
    position = tuple_(JournalEntry.at_us, JournalEntry.id)
    if wanted.newer is not None:
        above = query.where(position > _cursor(wanted.newer)).order_by(JournalEntry.at_us, JournalEntry.id)
        return work.session.scalars(above).all()[::-1]
    if wanted.older is not None:
        query = query.where(position < _cursor(wanted.older))
    return work.session.scalars(query.order_by(JournalEntry.at_us.desc(), JournalEntry.id.desc())).all()


def entry(work: Work, entry_id: UUID) -> JournalEntry | None:
    """Return an entry by its id."""
    query = select(JournalEntry).where(JournalEntry.id == entry_id, in_sight(work, JournalEntry.site_id))
    return work.session.scalars(query).one_or_none()


def story(session: Session, row: JournalEntry) -> Sequence[JournalEntry]:
    """Return the entries of the row's passage in order, or the row alone."""
    if row.passage is None:
        return [row]
    query = select(JournalEntry).where(JournalEntry.passage == row.passage, JournalEntry.edge_id == row.edge_id)
    return session.scalars(query.order_by(JournalEntry.epoch, JournalEntry.seq).limit(STORY_MAX)).all()


def told_of(session: Session, passages: Collection[tuple[UUID, str]]) -> Sequence[JournalEntry]:
    """Return, in order, those entries of passages (edge, passage) that their sentences are made from."""
    if not passages:
        return []
    # Not as pairs: SQLite looks up pairs by scanning the whole journal.
    named = JournalEntry.passage.in_({passage for _, passage in passages})
    ours = JournalEntry.edge_id.in_({edge for edge, _ in passages})
    query = select(JournalEntry).where(named, ours, JournalEntry.kind.in_(TELLING)).limit(STORY_MAX * len(passages))
    found = session.scalars(query.order_by(JournalEntry.epoch, JournalEntry.seq)).all()
    return [entry for entry in found if (entry.edge_id, entry.passage) in passages]


def lane_kinds(session: Session, lanes: Collection[UUID]) -> dict[UUID, str]:
    """Return whether each of these lanes is for vehicles or for pedestrians."""
    return {row.id: row.lane_kind for row in session.execute(select(Lane.id, Lane.lane_kind).where(Lane.id.in_(lanes)))}


def _where(work: Work, wanted: Search) -> Conditions:
    conditions = _time_and_place(wanted)
    if wanted.plate:
        conditions.append(_plate(wanted))
    if wanted.card:
        forms = card_forms(wanted.card)
        conditions.append(or_(JournalEntry.card.in_(sorted(forms.whole)), JournalEntry.card_low.in_(sorted(forms.low))))
    if wanted.person:
        conditions.append(_person(work, wanted.person))
    if wanted.outcome in ("guard", "lane", "observation"):
        conditions.append(JournalEntry.kind == wanted.outcome)
    elif wanted.outcome is not None:
        conditions.append(JournalEntry.outcome == wanted.outcome)
    elif not wanted.reason:
        conditions.append(JournalEntry.kind != "guard")  # what a guard did shows in the decision that it led to
    if wanted.reason:
        conditions.append(JournalEntry.reason == wanted.reason)
    return conditions


def _time_and_place(wanted: Search) -> Conditions:
    conditions: Conditions = []
    if wanted.since is not None:
        conditions.append(JournalEntry.at_us >= round(wanted.since.timestamp() * 1_000_000))
    if wanted.until is not None:
        conditions.append(JournalEntry.at_us < round(wanted.until.timestamp() * 1_000_000))
    if wanted.gate is not None:
        conditions.append(JournalEntry.gate_id == wanted.gate)
    if wanted.lane is not None:
        conditions.append(JournalEntry.lane_id == wanted.lane)
    return conditions


def _plate(wanted: Search) -> ColumnElement[bool]:
    plate = normalise(wanted.plate)
    if wanted.plate_match == "whole":
        return JournalEntry.plate == plate
    if wanted.plate_match == "prefix":
        return _begins(JournalEntry.plate, plate)
    # Past the city letter a plate has neither I nor O; what is typed here begins past it.
    inner = plate.replace("I", "1").replace("O", "0")
    if wanted.plate_match == "suffix":
        return _begins(JournalEntry.plate_reversed, inner[::-1])
    return or_(JournalEntry.plate.contains(plate, autoescape=True), JournalEntry.plate.contains(inner, autoescape=True))


def _begins(column: InstrumentedAttribute[str | None], start: str) -> ColumnElement[bool]:
    """Compare as a range, which an index answers; the column compares byte by byte."""
    return and_(column >= start, column < start + LAST)


def _person(work: Work, typed: str) -> ColumnElement[bool]:
    """Find by id, by part of the name, or by unit; RegistryError 422 where so many fit that some would be left out unseen."""
    try:
        return JournalEntry.person_id == UUID(typed)
    except ValueError:
        named = or_(Person.name.contains(typed.strip(), autoescape=True), Person.unit == typed.strip())
        query = select(Person.id).where(named, in_sight(work, Person.site_id)).limit(PERSONS_MAX + 1)
        found = work.session.scalars(query).all()
        if len(found) > PERSONS_MAX:
            message = "more than {most} persons fit: type more of the name"
            raise RegistryError(message, 422, "person", most=PERSONS_MAX) from None
        return JournalEntry.person_id.in_(found)


def _cursor(cursor: str) -> Tuple:
    at_us, _, entry_id = cursor.partition("-")
    return tuple_(literal(int(at_us)), literal(UUID(entry_id), Uuid()))
