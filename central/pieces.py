"""Journals worked through in the background, piece by piece: each is read, then written in a short transaction of its own."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple, Protocol, TypeVar
from uuid import UUID

import structlog
from sqlalchemy import ColumnElement, and_, case, exists, func, or_, select, true
from sqlalchemy.orm import Session

from central.registry import Registry, Work
from central.tables import Edge, EdgeHead, QuarantinedEntry

log = structlog.get_logger("central.pieces")
Epoch = tuple[UUID, UUID]
"""An edge, and an epoch of its journal."""


class Piece(Protocol):
    """Some entries of one epoch."""

    @property
    def place(self) -> Epoch:
        """The epoch."""


SomePiece = TypeVar("SomePiece", bound=Piece)


class StoppedError(Exception):
    """A fault of ours: entries of this epoch cannot be worked through."""

    def __init__(self, place: Epoch) -> None:
        super().__init__(f"edge {place[0]}, epoch {place[1]}")
        self.place = place


@dataclass
class Round:
    """Where a process is on its way round the epochs: each has its turn, however much another brings."""

    last: Epoch | None = None


def work_through(
    registry: Registry,
    job: str,
    pieces: int,
    round_: Round,
    read: Callable[[Work, Collection[Epoch], Epoch | None], SomePiece | None],
    write: Callable[[Work, SomePiece], None],
) -> int:
    """Work through so many pieces at most; returns how many it was.

    `read` gives the next one, of no epoch that is stopped, behind the last. An epoch that a fault of ours stops holds up no
    other; it is logged and tried again the next time.
    """
    stopped: set[Epoch] = set()
    for count in range(pieces):
        try:
            with registry.read() as work:
                piece = read(work, stopped, round_.last)
            if piece is None:
                return count
            round_.last = piece.place
            _write(registry, piece, write)
        except StoppedError as error:
            log.exception("entries could not be worked through", job=job, what=str(error))
            stopped.add(error.place)
    return pieces


def _write(registry: Registry, piece: SomePiece, write: Callable[[Work, SomePiece], None]) -> None:
    try:
        with registry.write() as work:
            write(work, piece)
    except Exception as error:
        raise StoppedError(piece.place) from error


class Waiting(NamedTuple):
    """An epoch of which more has come than was worked through."""

    site_id: UUID
    edge_id: UUID
    epoch: UUID
    through: int
    acked_through: int


def next_waiting(
    session: Session, cursor: Any, passed_over: Collection[Epoch], is_behind: ColumnElement[bool] | None
) -> Waiting | None:
    """Return the epoch with entries that nobody has worked through by the table `cursor`; none `passed_over`.

    First those that are behind (by a condition on EdgeHead), round and round; of an edge the older one comes first.
    """
    head = EdgeHead
    through = func.coalesce(cursor.through, 0)
    query = (
        select(Edge.site_id, head.edge_id, head.epoch, through, head.acked_through)
        .join(Edge, Edge.id == head.edge_id)
        .outerjoin(cursor, (cursor.edge_id == head.edge_id) & (cursor.epoch == head.epoch))
        .where(head.acked_through > through, _none_of(head, passed_over))
    )
    turn = () if is_behind is None else (case((is_behind, 0), else_=1),)
    row = session.execute(query.order_by(*turn, head.edge_id, head.epoch).limit(1)).first()
    return Waiting._make(row) if row else None


def come_up(session: Session, parked: Any, passed_over: Collection[Epoch], limit: int) -> tuple[Epoch, list[int]] | None:
    """Return the numbers of entries of one epoch that were parked by the table `parked`, and are not any more; in order."""
    held = QuarantinedEntry
    still = exists().where(held.edge_id == parked.edge_id, held.epoch == parked.epoch, held.seq == parked.seq)
    query = select(parked.edge_id, parked.epoch, parked.seq).where(~still, _none_of(parked, passed_over))
    rows = session.execute(query.order_by(parked.edge_id, parked.epoch, parked.seq).limit(limit)).all()
    if not rows:
        return None
    place = (rows[0].edge_id, rows[0].epoch)
    return place, [row.seq for row in rows if (row.edge_id, row.epoch) == place]


def parked(session: Session, place: Epoch, after: int, through: int) -> Sequence[int]:
    """Return the numbers of an epoch's entries within these bounds that are parked."""
    row = QuarantinedEntry
    query = select(row.seq).where(row.edge_id == place[0], row.epoch == place[1], row.seq > after, row.seq <= through)
    return session.scalars(query).all()


def _none_of(table: Any, passed_over: Collection[Epoch]) -> ColumnElement[bool]:
    return and_(true(), *(or_(table.edge_id != edge, table.epoch != epoch) for edge, epoch in passed_over))
