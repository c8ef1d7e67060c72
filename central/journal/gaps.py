"""Holes in a gate's journal: what it has declared lost, so that the entries behind may be taken in, and what is missing here."""

from datetime import UTC, datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from access.sealing import Opened
from central.edges.services import SEQUENCE_MAX
from central.journal import repository
from central.journal.pages import NewestAsked, moment_text, newest_first
from central.journal.reading import Batch
from central.journal.repository import Standing
from central.records.schemas import PlacedPage, Wanted
from central.registry import Work
from central.sync_tables import JournalGap
from central.tables import Edge, EdgeHead

REASON_MAX: Final = 100


class GapShown(Wanted):
    """Entries of an epoch that are not here, and that the gate has declared lost; `last` is null where nobody knows how far."""

    edge: UUID
    site: UUID
    gate: UUID
    epoch: UUID
    first: int
    last: int | None
    reason: str
    declared_at: datetime


def note_declared(work: Work, place: tuple[UUID, UUID], opened: Opened) -> None:
    """Keep a gap that an entry at a place (edge, epoch) declares in another epoch, as far as its entries are not here already."""
    edge_id, declaring = place
    told = opened.fields
    epoch, begins, ends = _epoch(told.get("epoch")), told.get("first"), told.get("last")
    if epoch is None or epoch == declaring or not isinstance(begins, int) or not isinstance(ends, int):
        return
    first = max(begins, 1 + repository.standing(work.session, edge_id, epoch).acked_through)
    if 0 < begins <= first <= (ends or SEQUENCE_MAX) <= SEQUENCE_MAX:
        reason = str(told.get("reason", ""))[:REASON_MAX].replace("\x00", "?")
        _keep(work.session, (edge_id, epoch, first), ends or None, reason, opened.stamp.utc_us)


def leapt(work: Work, place: tuple[UUID, UUID], stored: Standing, batch: Batch) -> bool:
    """Go on behind what is missing before a batch, where all of it is declared lost and the epoch is over; else tell that not.

    Where an epoch goes on, whoever sends on with a hole may be a copy that knows no better.
    """
    first, last = stored.acked_through + 1, batch.first - 1
    declared = _declared(work.session, place, first, last) if stored.ends_seq is not None else None
    if declared is None:
        return False
    rest_to, word = declared.last, (declared.reason, declared.declared_us)
    work.session.delete(declared)
    work.session.flush()  # the place of the one may be the other's
    _keep(work.session, (*place, first), last, *word, follows=batch.follows)
    if rest_to is None or rest_to > last:
        _keep(work.session, (*place, last + 1), rest_to, *word)
    work.session.flush()
    repository.advance(work.session, *place, last, batch.follows)
    return True


def page(work: Work, asked: NewestAsked) -> PlacedPage[GapShown]:
    """Show one page of what is missing, the newest word first; RegistryError 422 for a gate or edge beyond the actor's bounds."""
    gap = JournalGap
    query = (
        select(gap, Edge, EdgeHead.acked_through)
        .join(Edge, Edge.id == gap.edge_id)
        .outerjoin(EdgeHead, (EdgeHead.edge_id == gap.edge_id) & (EdgeHead.epoch == gap.epoch))
        .where(or_(gap.follows.is_not(None), gap.last.is_(None), _is_ahead()))
    )
    query = newest_first(work, query, asked, gap.declared_us, (gap.edge_id, gap.epoch, gap.first))
    rows = work.session.execute(query).all()
    items = [_shown(row, edge, acked or 0) for row, edge, acked in rows[: asked.limit]]
    return PlacedPage(items=items, more=_place(rows[asked.limit - 1][0]) if len(rows) > asked.limit else None)


def _place(gap: JournalGap) -> str:
    return moment_text(gap.declared_us, gap.edge_id, gap.epoch, gap.first)


def _is_ahead() -> Any:
    return or_(EdgeHead.acked_through.is_(None), EdgeHead.acked_through < JournalGap.last)


def _shown(gap: JournalGap, edge: Edge, acked: int) -> GapShown:
    return GapShown(
        edge=edge.id,
        site=edge.site_id,
        gate=edge.gate_id,
        epoch=gap.epoch,
        first=gap.first if gap.follows is not None else max(gap.first, acked + 1),
        last=gap.last,
        reason=gap.reason,
        declared_at=datetime.fromtimestamp(gap.declared_us / 1e6, UTC),
    )


def _keep(
    session: Session, place: tuple[UUID, UUID, int], last: int | None, reason: str, declared_us: int, follows: bytes | None = None
) -> None:
    """Put a gap in its place (edge, epoch, first); the newer word is the one that counts."""
    gap = session.get(JournalGap, place)
    if gap is None:
        gap = JournalGap(edge_id=place[0], epoch=place[1], first=place[2])
        session.add(gap)
    gap.last, gap.reason, gap.declared_us, gap.follows = last, reason, declared_us, follows


def _declared(session: Session, place: tuple[UUID, UUID], first: int, last: int) -> JournalGap | None:
    """Return the word of the gate that holds all of these entries lost, None where there is none."""
    query = select(JournalGap).where(
        JournalGap.edge_id == place[0],
        JournalGap.epoch == place[1],
        JournalGap.follows.is_(None),
        JournalGap.first <= first,
        or_(JournalGap.last.is_(None), JournalGap.last >= last),
    )
    return session.scalars(query.order_by(JournalGap.first.desc()).limit(1)).first()


def _epoch(named: object) -> UUID | None:
    try:
        return UUID(str(named))
    except ValueError:
        return None
