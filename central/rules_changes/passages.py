"""SQL of a trial: the entries of a time, gate by gate and box by box, in the order in which each box wrote them."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import case, func, select, text
from sqlalchemy.orm import Session

from access.entries import Decided
from access.kinds import KINDS
from access.projection import Changing
from central.tables import LOGGED, Gate, JournalEntry

ROWS_AT_ONCE = 500
# What decides, and what changes the presence that decisions read.
WANTED = tuple(kind for kind, body in KINDS.items() if issubclass(body, Changing))


@dataclass(frozen=True, slots=True)
class Stretch:
    """The entries of one epoch of a box that are of a time, `first` to `last`; `decisions` of these are to be judged."""

    gate_id: UUID
    edge_id: UUID
    epoch: UUID
    first: int
    last: int
    decisions: int


@dataclass(frozen=True, slots=True)
class Row:
    """An entry as it is stored, and when it was made."""

    at_us: int
    canonical: bytes
    personal: bytes


def gates(session: Session, site_id: UUID) -> Mapping[UUID, str]:
    """Return the gates of a site: their slugs by id."""
    return {row.id: row.slug for row in session.execute(select(Gate.id, Gate.slug).where(Gate.site_id == site_id))}


def gates_called(session: Session, slug: str, site_id: UUID | None) -> Sequence[UUID]:
    """Return the gates of this slug, of one site or of all."""
    query = select(Gate.id).where(Gate.slug == slug)
    return session.scalars(query if site_id is None else query.where(Gate.site_id == site_id)).all()


def beginning(session: Session, of: Mapping[UUID, str], since_us: int, until_us: int, most: int) -> int:
    """Return from when on there are no more than `most` decisions of these gates until then: `since_us`, or later."""
    decisions = (text(LOGGED), JournalEntry.gate_id.in_(of), JournalEntry.kind == Decided.kind)
    of_time = (JournalEntry.at_us >= since_us, JournalEntry.at_us < until_us)
    query = select(JournalEntry.at_us).where(*decisions, *of_time).order_by(JournalEntry.at_us.desc())
    last_left_out = session.scalars(query.offset(most).limit(1)).first()
    return since_us if last_left_out is None else last_left_out + 1


def stretches(session: Session, of: Mapping[UUID, str], known_us: int, since_us: int, until_us: int) -> Sequence[Stretch]:
    """Return where the entries of a time lie, box by box in order; those from `known_us` on tell what was known at `since_us`."""
    judged = func.sum(case(((JournalEntry.kind == Decided.kind) & (JournalEntry.at_us >= since_us), 1), else_=0))
    place = (JournalEntry.gate_id, JournalEntry.edge_id, JournalEntry.epoch)
    of_time = (text(LOGGED), JournalEntry.gate_id.in_(of), JournalEntry.at_us >= known_us, JournalEntry.at_us < until_us)
    query = select(*place, func.min(JournalEntry.seq), func.max(JournalEntry.seq), judged).where(*of_time)
    return [Stretch(*row) for row in session.execute(query.group_by(*place).order_by(*place))]


def batches(session: Session, stretch: Stretch) -> Iterator[Sequence[Row]]:
    """Yield the entries of a stretch in their order, some at a time."""
    place = (JournalEntry.edge_id == stretch.edge_id, JournalEntry.epoch == stretch.epoch)
    these = (JournalEntry.seq >= stretch.first, JournalEntry.seq <= stretch.last, JournalEntry.kind.in_(WANTED))
    query = select(JournalEntry.at_us, JournalEntry.canonical, JournalEntry.personal).where(*place, *these)
    result = session.execute(query.order_by(JournalEntry.seq), execution_options={"yield_per": ROWS_AT_ONCE})
    for rows in result.partitions():
        yield [Row(*row) for row in rows]
