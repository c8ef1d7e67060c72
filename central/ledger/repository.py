"""SQL of the ledger."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any, Final, NamedTuple
from uuid import UUID

from sqlalchemy import CompoundSelect, Row, Select, and_, bindparam, delete, func, or_, select, union_all
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from central.audit.tables import AuditEntry
from central.ledger.marks import LaneFacts, Mark
from central.ledger.tables import Conflict, ConflictCursor, ConflictMark, ConflictOffice, ConflictParked, ConflictTurn
from central.pieces import Epoch
from central.records.many import among
from central.tables import JournalEntry, Lane, RuleChange, Zone

# Of one topic, around what is new of it.
BESIDE: Final = 20
MARKS_MAX: Final = 2_000
AUDITED_MAX: Final = 200
Place = tuple[UUID, UUID, int]
_READ: Final = ("seq", "id", "gate_id", "lane_id", "kind", "outcome", "at_us", "received_at", "canonical")


def entries(session: Session, edge_id: UUID, epoch: UUID, after: int, limit: int) -> Sequence[Row[Any]]:
    """Return entries of an epoch behind `after`, in order."""
    return session.execute(_entries(edge_id, epoch).where(JournalEntry.seq > after).limit(limit)).all()


def entries_at(session: Session, edge_id: UUID, epoch: UUID, seqs: Collection[int]) -> Sequence[Row[Any]]:
    """Return entries of an epoch by their numbers, in order."""
    return session.execute(_entries(edge_id, epoch).where(JournalEntry.seq.in_(seqs))).all()


def _entries(edge_id: UUID, epoch: UUID) -> Select[Any]:
    row = JournalEntry
    query = select(*(getattr(row, name) for name in _READ)).where(row.edge_id == edge_id, row.epoch == epoch)
    return query.order_by(row.seq)


def openings_before(session: Session, edge_id: UUID, epoch: UUID, seq: int, limit: int) -> Sequence[Row[Any]]:
    """Return the last commands and ends of passages of an epoch before a number, the last first."""
    query = _entries(edge_id, epoch).add_columns(JournalEntry.passage)
    query = query.where(JournalEntry.seq < seq, JournalEntry.kind.in_(("command", "passage")))
    return session.execute(query.order_by(None).order_by(JournalEntry.seq.desc()).limit(limit)).all()


def ended(session: Session, edge_id: UUID, epoch: UUID, passages: Collection[str]) -> frozenset[str | None]:
    """Return those of these passages of an epoch that are over."""
    row = JournalEntry
    query = select(row.passage).where(row.passage.in_(passages), row.edge_id == edge_id, row.epoch == epoch)
    return frozenset(session.scalars(query.where(row.kind == "passage")))


def lanes(session: Session, site_id: UUID) -> Mapping[UUID, LaneFacts]:
    """Return what is to be known of the lanes of a site."""
    query = select(Lane.id, Lane.outer_zone_id, Zone.anti_passback).outerjoin(Zone, Zone.id == Lane.inner_zone_id)
    rows = session.execute(query.where(Lane.site_id == site_id))
    return {lane: LaneFacts(outer is None, anti_passback == "hard") for lane, outer, anti_passback in rows}


# --- how far it has come --------------------------------------------------------------------------


def take_turn(session: Session, site_id: UUID) -> None:
    """Wait for one's turn to look through the entries of a site; it lasts as long as the transaction."""
    session.execute(_insert(session, ConflictTurn).values(site_id=site_id).on_conflict_do_nothing())
    session.execute(select(ConflictTurn.site_id).where(ConflictTurn.site_id == site_id).with_for_update())


def cursor(session: Session, edge_id: UUID, epoch: UUID) -> ConflictCursor:
    """Return how far an epoch is looked through, as a record that is made where it is not at all."""
    found = session.get(ConflictCursor, (edge_id, epoch), populate_existing=True)
    if found is None:
        found = ConflictCursor(edge_id=edge_id, epoch=epoch, through=0)
        session.add(found)
    return found


def note_parked(session: Session, edge_id: UUID, epoch: UUID, seqs: Iterable[int]) -> None:
    """Keep in mind that these were parked."""
    rows = [{"edge_id": edge_id, "epoch": epoch, "seq": seq} for seq in seqs]
    if rows:
        session.execute(_insert(session, ConflictParked).values(rows).on_conflict_do_nothing())


def forget_parked(session: Session, edge_id: UUID, epoch: UUID, seqs: Collection[int]) -> None:
    """Keep these in mind no longer."""
    row = ConflictParked
    session.execute(delete(row).where(row.edge_id == edge_id, row.epoch == epoch, row.seq.in_(seqs)))


def whole_through(session: Session, edge_id: UUID, epoch: UUID) -> tuple[int, int]:
    """Return between which entries of an epoch (the first of them not) all is looked through, and nothing is parked."""
    cursor = session.get(ConflictCursor, (edge_id, epoch))
    if cursor is None:
        return 0, 0
    row = ConflictParked
    parked = session.scalars(select(func.min(row.seq)).where(row.edge_id == edge_id, row.epoch == epoch)).one()
    return cursor.begun, cursor.through if parked is None else min(cursor.through, parked - 1)


# --- marks ----------------------------------------------------------------------------------------


def add_marks(session: Session, site_id: UUID, marks: Iterable[Mark]) -> None:
    """Keep marks; one that is there already stays."""
    rows = [
        {
            "site_id": site_id,
            "topic": one.topic,
            "edge_id": one.edge,
            "epoch": one.epoch,
            "seq": one.seq,
            "entry_id": one.entry,
            "gate_id": one.gate,
            "lane_id": one.lane,
            "at_us": one.at_us,
            "quality": one.quality,
            "number": one.number,
            "what": dict(one.what),
        }
        for one in marks
    ]
    if rows:
        session.execute(_insert(session, ConflictMark).on_conflict_do_nothing(), rows)


def drop_mark(session: Session, site_id: UUID, one: Mark) -> None:
    """Let a mark go that nothing more can come of."""
    row = ConflictMark
    place = (row.edge_id == one.edge, row.epoch == one.epoch, row.seq == one.seq)
    session.execute(delete(row).where(row.site_id == site_id, row.topic == one.topic, *place))


def marks(session: Session, site_id: UUID, topic: str, limit: int = MARKS_MAX) -> list[Mark]:
    """Return the marks of a topic, by time."""
    return _marks(session, _of_topic(site_id, topic).order_by(*_BY_TIME).limit(limit))


def ripe(session: Session, site_id: UUID, topic: str, through: int, limit: int) -> list[Mark]:
    """Return marks of a topic whose number is no more than this, in its order."""
    row = ConflictMark
    query = _of_topic(site_id, topic).where(row.number <= through)
    return _marks(session, query.order_by(row.number, row.edge_id, row.epoch, row.seq).limit(limit))


def said(session: Session, site_id: UUID, topic: str, epoch: Epoch, through: int) -> list[Mark]:
    """Return the marks of a topic that an epoch (of an edge) has made up to an entry."""
    row = ConflictMark
    query = _of_topic(site_id, topic).where(row.edge_id == epoch[0], row.epoch == epoch[1], row.seq <= through)
    return _marks(session, query.order_by(row.seq.desc()).limit(MARKS_MAX))


def topics_about(session: Session, site_id: UUID, record_id: UUID) -> Sequence[str]:
    """Return the topics that hang on a record of the office too."""
    row = ConflictMark
    lines = f"released:{record_id}:"
    named = or_(
        row.topic.in_([f"uses:{record_id}", f"record:{record_id}"]), and_(row.topic >= lines, row.topic < lines + "\uffff")
    )
    return session.scalars(select(row.topic).where(row.site_id == site_id, named).distinct().order_by(row.topic)).all()


def number(session: Session, site_id: UUID, topic: str) -> int:
    """Return what all marks of a topic add up to."""
    row = ConflictMark
    query = select(func.coalesce(func.sum(row.number), 0)).where(row.site_id == site_id, row.topic == topic)
    return int(session.scalars(query).one())


class Window(NamedTuple):
    """Some marks of a topic, by time; `sure`: the entries of those that have enough beside them to be judged by."""

    marks: list[Mark]
    sure: frozenset[UUID]


_BY_TIME: Final = (ConflictMark.at_us, ConflictMark.edge_id, ConflictMark.epoch, ConflictMark.seq)


def _of_topic(site_id: UUID, topic: str) -> Select[ConflictMark]:
    return select(ConflictMark).where(ConflictMark.site_id == site_id, ConflictMark.topic == topic)


def _marks(session: Session, query: Select[Any]) -> list[Mark]:
    """Return the marks that a query finds, as rows of the table: as objects of the session they cost several times as much."""
    return [_mark(row) for row in session.execute(query.with_only_columns(*_COLUMNS))]


def _mark(row: Row[Any]) -> Mark:
    return Mark(*tuple(row))


_COLUMNS: Final = tuple(
    getattr(ConflictMark, name)
    for name in ("topic", "edge_id", "epoch", "seq", "entry_id", "gate_id", "lane_id", "at_us", "quality", "number", "what")
)


def _beside() -> CompoundSelect[Any]:
    """Return the query of a window, made once: it is asked for every topic of every piece."""
    row = ConflictMark
    query = select(*_COLUMNS).where(row.site_id == bindparam("site_id"), row.topic == bindparam("topic"))
    newest_first = [column.desc() for column in _BY_TIME]
    before = query.where(row.at_us < bindparam("at_us")).order_by(*newest_first).limit(BESIDE).subquery()
    behind = query.where(row.at_us >= bindparam("at_us")).order_by(*_BY_TIME).limit(2 * BESIDE).subquery()
    return union_all(select(before), select(behind))


_BESIDE: Final = _beside()


def window(session: Session, site_id: UUID, topic: str, at_us: int) -> Window:
    """Return the marks of a topic from a time on, and before it, some on either side."""
    rows = session.execute(_BESIDE, {"site_id": site_id, "topic": topic, "at_us": at_us})
    found = sorted(map(_mark, rows), key=lambda one: (one.at_us, one.place))
    before = sum(one.at_us < at_us for one in found)
    first = BESIDE // 2 if before == BESIDE else 0
    last = len(found) - (BESIDE // 2 if len(found) - before == 2 * BESIDE else 0)
    return Window(found, frozenset(one.entry for one in found[first:last]))


# --- the ledger -----------------------------------------------------------------------------------


def newest_round(session: Session, site_id: UUID, kind: str, key: str) -> Conflict | None:
    """Return the last row of a contradiction, locked."""
    row = Conflict
    query = select(row).where(row.site_id == site_id, row.kind == kind, row.key == key)
    return session.scalars(query.order_by(row.round.desc()).limit(1).with_for_update()).one_or_none()


def open_topics(session: Session, site_id: UUID, topics: Collection[str]) -> frozenset[str]:
    """Return those of these topics of which something is open."""
    row = Conflict
    query = select(row.topic).where(row.site_id == site_id, row.state == "open", among(session, row.topic, topics))
    return frozenset(session.scalars(query))


def open_of(session: Session, site_id: UUID, topic: str) -> Sequence[Conflict]:
    """Return what is open of a topic, locked."""
    row = Conflict
    query = select(row).where(row.site_id == site_id, row.topic == topic, row.state == "open")
    return session.scalars(query.order_by(row.id).with_for_update()).all()


# --- what the registry knew -----------------------------------------------------------------------


def rules_since(
    session: Session, site_id: UUID, kinds: Collection[str], ids: Collection[UUID], revision: int
) -> Sequence[tuple[str, UUID, int, str | None]]:
    """Return kind, id, revision and content of what was told of these records after a revision."""
    row = RuleChange
    query = select(row.kind, row.record_id, row.from_revision, row.data).where(
        row.site_id == site_id, row.kind.in_(kinds), row.record_id.in_(ids), row.from_revision > revision
    )
    rows = session.execute(query.order_by(row.from_revision))
    return [(kind, identity, since, data) for kind, identity, since, data in rows]


def rules_of(session: Session, site_id: UUID, kind: str, ids: Collection[UUID]) -> Sequence[tuple[UUID, str]]:
    """Return id and content of all that was ever told of these records, the last first."""
    row = RuleChange
    query = select(row.record_id, row.data).where(row.site_id == site_id, row.kind == kind, row.record_id.in_(ids))
    query = query.where(row.data.is_not(None)).order_by(row.from_revision.desc()).limit(MARKS_MAX)
    return [(identity, data) for identity, data in session.execute(query) if data is not None]


def changes_until(session: Session, site_id: UUID, record_id: UUID, at_us: int) -> Sequence[AuditEntry]:
    """Return the last changes of a record up to a time, the last first."""
    row = AuditEntry
    query = select(row).where(row.record_id == record_id, row.site_id == site_id, row.at_us <= at_us)
    return session.scalars(query.order_by(row.id.desc()).limit(AUDITED_MAX)).all()


def office_turn(session: Session) -> ConflictOffice | None:
    """Return how far the office's changes are looked through."""
    return session.get(ConflictOffice, 1)


def changes(session: Session, after: int, limit: int) -> Sequence[tuple[int, UUID | None, UUID]]:
    """Return place, site and record of what the office changed, in order, behind a place on the chain of the audit."""
    row = AuditEntry
    query = select(row.seq, row.site_id, row.record_id).where(row.seq > after).order_by(row.seq).limit(limit)
    return [(seq, site, record) for seq, site, record in session.execute(query) if seq is not None]


def _insert(session: Session, table: Any) -> Any:
    return (sqlite.insert if session.get_bind().dialect.name == "sqlite" else postgresql.insert)(table)
