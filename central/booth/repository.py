"""SQL of what guards did at booths."""

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy import ColumnElement, LargeBinary, Row, Select, and_, delete, func, literal, or_, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from central.booth.kinds import ABOUT_A_RECORD, KINDS, PASSAGE
from central.booth.tables import BoothAct, BoothCursor, BoothParked
from central.pieces import Epoch
from central.records.many import among
from central.tables import JournalEntry
from central.workflows.tables import WorkflowEvent

Entry = Row[int, UUID, UUID, bytes, bytes]
REFUSED: Final = "refused"


def acts_between(session: Session, epoch: Epoch, after: int, through: int, limit: int) -> Sequence[Entry]:
    """Return entries of an epoch that tell of guards' acts, or of passages that records follow, in order."""
    row = JournalEntry
    return session.execute(_acts(session, epoch).where(row.seq > after, row.seq <= through).limit(limit)).all()


def acts_at(session: Session, epoch: Epoch, seqs: Collection[int]) -> Sequence[Entry]:
    """Return those entries of an epoch with these numbers that tell of guards' acts, in order."""
    return session.execute(_acts(session, epoch).where(JournalEntry.seq.in_(seqs))).all()


def _acts(session: Session, epoch: Epoch) -> Select[int, UUID, UUID, bytes, bytes]:
    row = JournalEntry
    query = select(row.seq, row.id, row.gate_id, row.canonical, row.personal).where(row.edge_id == epoch[0])
    return query.where(row.epoch == epoch[1], or_(row.kind.in_(sorted(KINDS)), _moves_a_record(session))).order_by(row.seq)


def _moves_a_record(session: Session) -> ColumnElement[bool]:
    """Return the condition that an entry may be a passage that a record follows, by its bytes."""
    row = JournalEntry
    sought = [literal(name, LargeBinary) for name in ABOUT_A_RECORD]
    if session.get_bind().dialect.name == "sqlite":
        found = [func.instr(row.canonical, one) > 0 for one in sought]
    else:
        found = [func.position(one.op("IN")(row.canonical)) > 0 for one in sought]
    return and_(row.kind == PASSAGE, or_(*found))


def followed_through(session: Session, epochs: Collection[Epoch]) -> dict[Epoch, int]:
    """Return how far each of these epochs is followed, those alone of which anything is."""
    row = BoothCursor
    edges = {edge for edge, _ in epochs}
    found = session.execute(select(row.edge_id, row.epoch, row.through).where(row.edge_id.in_(edges)))
    return {(edge, epoch): through for edge, epoch, through in found if (edge, epoch) in epochs}


def cursor(session: Session, epoch: Epoch) -> BoothCursor:
    """Return how far an epoch is followed, as a record that is made where it is not at all."""
    found = session.get(BoothCursor, epoch, populate_existing=True)
    if found is None:
        found = BoothCursor(edge_id=epoch[0], epoch=epoch[1], through=0)
        session.add(found)
    return found


def note_parked(session: Session, epoch: Epoch, seqs: Iterable[int]) -> None:
    """Keep in mind that these were parked."""
    rows = [{"edge_id": epoch[0], "epoch": epoch[1], "seq": seq} for seq in seqs]
    if rows:
        insert = sqlite.insert if session.get_bind().dialect.name == "sqlite" else postgresql.insert
        session.execute(insert(BoothParked).values(rows).on_conflict_do_nothing())


def forget_parked(session: Session, epoch: Epoch, seqs: Collection[int]) -> int:
    """Keep these in mind no longer; returns how many still were."""
    row = BoothParked
    gone = delete(row).where(row.edge_id == epoch[0], row.epoch == epoch[1], row.seq.in_(seqs))
    return session.connection().execute(gone).rowcount


def last_event(session: Session, record_id: UUID, after: datetime, until: datetime) -> datetime | None:
    """Return when something happened last to a workflow's record behind `after`, not later than `until`."""
    row = WorkflowEvent
    query = select(func.max(row.at)).where(row.record_id == record_id, row.at > after, row.at <= until)
    return session.scalars(query).one()


def refused(session: Session, site_id: UUID, entries: Collection[UUID]) -> Sequence[BoothAct]:
    """Return those acts of these entries that were not taken over, in the order of their times."""
    row = BoothAct
    query = select(row).where(row.site_id == site_id, row.outcome == REFUSED, among(session, row.id, list(entries)))
    return session.scalars(query.order_by(row.at_us, row.id)).all()


def refused_since(session: Session, site_id: UUID, record_id: UUID, at_us: int) -> Sequence[BoothAct]:
    """Return the acts on a record that were not taken over and were done at that time or later, in order."""
    row = BoothAct
    query = select(row).where(row.site_id == site_id, row.record_id == record_id, row.at_us >= at_us, row.outcome == REFUSED)
    return session.scalars(query.order_by(row.at_us, row.seq)).all()
