"""SQL of what guards did at booths."""

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from typing import Final, NamedTuple
from uuid import UUID

from sqlalchemy import Row, Select, case, delete, exists, func, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from central.booth.kinds import KINDS
from central.booth.tables import BoothAct, BoothCursor, BoothParked
from central.records.many import among
from central.tables import Edge, EdgeHead, JournalEntry, QuarantinedEntry
from central.workflows.tables import WorkflowEvent

Epoch = tuple[UUID, UUID]
Entry = Row[int, UUID, UUID, bytes, bytes]
REFUSED: Final = "refused"


class Waiting(NamedTuple):
    """An epoch of which more has come than was followed."""

    site_id: UUID
    edge_id: UUID
    epoch: UUID
    through: int
    acked_through: int


def waiting(session: Session, passed_over: Collection[Epoch], behind: UUID | None) -> Waiting | None:
    """Return an epoch with entries that nobody has followed, of the edge `behind` this one, round and round; none `passed_over`.

    Of an edge the older one comes first.
    """
    head, cursor = EdgeHead, BoothCursor
    through = func.coalesce(cursor.through, 0)
    query = (
        select(Edge.site_id, head.edge_id, head.epoch, through, head.acked_through)
        .join(Edge, Edge.id == head.edge_id)
        .outerjoin(cursor, (cursor.edge_id == head.edge_id) & (cursor.epoch == head.epoch))
        .where(head.acked_through > through)
    )
    turn = (case((head.edge_id > behind, 0), else_=1),) if behind else ()
    rows = session.execute(query.order_by(*turn, head.edge_id, head.epoch).limit(len(passed_over) + 1))
    return next((Waiting._make(row) for row in rows if (row.edge_id, row.epoch) not in passed_over), None)


def come_up(session: Session, passed_over: Collection[Epoch], limit: int) -> tuple[Epoch, list[int]] | None:
    """Return the numbers of entries of one epoch that were parked when it was followed, and are not any more."""
    parked, held = BoothParked, QuarantinedEntry
    still = exists().where(held.edge_id == parked.edge_id, held.epoch == parked.epoch, held.seq == parked.seq)
    query = select(parked.edge_id, parked.epoch, parked.seq).where(~still).order_by(parked.edge_id, parked.epoch, parked.seq)
    found: dict[Epoch, list[int]] = {}
    for edge, epoch, seq in session.execute(query.limit(limit)):
        found.setdefault((edge, epoch), []).append(seq)
    return next(((place, seqs) for place, seqs in found.items() if place not in passed_over), None)


def acts_between(session: Session, epoch: Epoch, after: int, through: int, limit: int) -> Sequence[Entry]:
    """Return entries of an epoch that tell of guards' acts, in order."""
    row = JournalEntry
    return session.execute(_acts(epoch).where(row.seq > after, row.seq <= through).limit(limit)).all()


def acts_at(session: Session, epoch: Epoch, seqs: Collection[int]) -> Sequence[Entry]:
    """Return those entries of an epoch with these numbers that tell of guards' acts, in order."""
    return session.execute(_acts(epoch).where(JournalEntry.seq.in_(seqs))).all()


def _acts(epoch: Epoch) -> Select[int, UUID, UUID, bytes, bytes]:
    row = JournalEntry
    query = select(row.seq, row.id, row.gate_id, row.canonical, row.personal).where(row.edge_id == epoch[0])
    return query.where(row.epoch == epoch[1], row.kind.in_(sorted(KINDS))).order_by(row.seq)


def parked(session: Session, epoch: Epoch, after: int, through: int) -> Sequence[int]:
    """Return the numbers of an epoch's entries within these bounds that are parked."""
    row = QuarantinedEntry
    query = select(row.seq).where(row.edge_id == epoch[0], row.epoch == epoch[1], row.seq > after, row.seq <= through)
    return session.scalars(query).all()


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
