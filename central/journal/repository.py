"""SQL of journals and pictures."""

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from functools import cache
from typing import Final, NamedTuple
from uuid import UUID

from sqlalchemy import Executable, bindparam, func, insert, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session, defer

from access.chain import genesis
from central.journal.bulk import insert_rows
from central.journal.pages import PlacesAsked, by_place
from central.journal.reading import Parked, Portion
from central.records.repository import in_sight
from central.registry import Work
from central.retention import ranges
from central.sync_tables import JournalGap
from central.tables import Edge, EdgeHead, JournalEntry, Picture, QuarantinedEntry


def form(session: Session) -> str:
    """Name the form that this database takes rows in."""
    return session.get_bind().dialect.name


def head(session: Session, edge_id: UUID, epoch: UUID) -> EdgeHead | None:
    """Return how far an epoch is stored."""
    return session.get(EdgeHead, (edge_id, epoch))


class Standing(NamedTuple):
    """How far an epoch is stored, and where it ends if another goes on from it."""

    acked_through: int
    head: bytes
    ends_seq: int | None


def standing(session: Session, edge_id: UUID, epoch: UUID) -> Standing:
    """Return how far an epoch is stored: not at all, where nothing is known of it."""
    row = session.connection().execute(_STANDING, {"edge": edge_id, "epoch": epoch}).one_or_none()
    return Standing(0, genesis(edge_id, epoch), None) if row is None else Standing._make(row)


def advance(session: Session, edge_id: UUID, epoch: UUID, acked_through: int, head: bytes) -> None:
    """Note that an epoch is stored through this entry."""
    connection = session.connection()
    values = {"edge_id": edge_id, "epoch": epoch, "acked_through": acked_through, "head": head}
    connection.execute(_advance_in(connection.dialect.name), values)


_STANDING: Final = select(EdgeHead.acked_through, EdgeHead.head, EdgeHead.ends_seq).where(
    EdgeHead.edge_id == bindparam("edge"), EdgeHead.epoch == bindparam("epoch")
)


@cache
def _advance_in(dialect: str) -> Executable:
    insert = sqlite.insert if dialect == "sqlite" else postgresql.insert
    statement = insert(EdgeHead)
    now = {name: statement.excluded[name] for name in ("acked_through", "head")}
    return statement.on_conflict_do_update(index_elements=["edge_id", "epoch"], set_=now)


def begun(session: Session, edge_id: UUID, epoch: UUID) -> EdgeHead:
    """Return how far an epoch is stored, as a record that is made where nothing of it has come yet."""
    found = head(session, edge_id, epoch)
    if found is None:
        found = EdgeHead(edge_id=edge_id, epoch=epoch, acked_through=0, head=genesis(edge_id, epoch))
        session.add(found)
    return found


def heads_that_follow(session: Session, edge_id: UUID, epoch: UUID) -> Sequence[EdgeHead]:
    """Return the epochs of an edge that go on from this one."""
    return session.scalars(select(EdgeHead).where(EdgeHead.edge_id == edge_id, EdgeHead.follows == epoch)).all()


def chain_hash(session: Session, edge_id: UUID, epoch: UUID, seq: int) -> bytes | None:
    """Return the chain hash at a stored entry, parked or not, and at the end of what went, or of a gap with entries behind it."""
    for table in (JournalEntry, QuarantinedEntry):
        query = select(table.chain_hash).where(table.edge_id == edge_id, table.epoch == epoch, table.seq == seq)
        if (found := session.scalars(query).one_or_none()) is not None:
            return found
    gap = select(JournalGap.follows).where(JournalGap.edge_id == edge_id, JournalGap.epoch == epoch, JournalGap.last == seq)
    found = session.scalars(gap.where(JournalGap.follows.is_not(None))).one_or_none()
    return ranges.chain_hash(session, edge_id, epoch, seq) if found is None else found


def entry_at(session: Session, edge_id: UUID, epoch: UUID, seq: int) -> JournalEntry | QuarantinedEntry | None:
    """Return a stored entry, quarantined or not."""
    place = (edge_id, epoch, seq)
    return session.get(JournalEntry, place) or session.get(QuarantinedEntry, place)


def insert_entries(session: Session, portions: Iterable[Portion]) -> None:
    """Insert the rows of all portions as they come. Raises IntegrityError where an entry has the id of another."""
    insert_rows(session.connection(), portions)


def insert_quarantined(session: Session, place: tuple[UUID, UUID, datetime], entries: Sequence[Parked]) -> None:
    """Park these entries of an edge and epoch, received then."""
    common = dict(zip(("edge_id", "epoch", "received_at"), place, strict=True))
    rows = [
        {
            **common,
            "seq": entry.seq,
            "chain_hash": entry.chain_hash,
            "canonical": entry.canonical,
            "personal": entry.personal,
            "reason": entry.fault,
        }
        for entry in entries
    ]
    if rows:
        session.connection().execute(insert(QuarantinedEntry), rows)


def quarantined(work: Work, asked: PlacesAsked) -> Sequence[QuarantinedEntry]:
    """Return up to one more than `asked.limit` parked entries, without their bytes, in the order of their places."""
    row = QuarantinedEntry
    query = select(row).join(Edge, Edge.id == row.edge_id).options(defer(row.canonical), defer(row.personal))
    return work.session.scalars(by_place(work, query, asked, row.received_at, (row.edge_id, row.epoch, row.seq))).all()


def quarantined_at(work: Work, place: tuple[UUID, UUID, int], *, locked: bool = False) -> QuarantinedEntry | None:
    """Return the entry that is parked at a place (edge, epoch, seq)."""
    row = work.session.get(QuarantinedEntry, place, with_for_update=locked)
    return row if row is not None and work.actor.sees(work.session.get_one(Edge, row.edge_id).site_id) else None


def release(session: Session, parked: QuarantinedEntry) -> None:
    """Let a place be free of what was parked there."""
    session.delete(parked)
    session.flush()


def known_ids(session: Session, ids: Collection[UUID]) -> set[UUID]:
    """Return which of these entry ids are taken."""
    return set(session.scalars(select(JournalEntry.id).where(JournalEntry.id.in_(ids))))


def count_quarantined(session: Session, edge_id: UUID) -> int:
    """Return how many entries of an edge wait for people to look at them."""
    return session.scalars(select(func.count()).where(QuarantinedEntry.edge_id == edge_id)).one()


def keep_picture(session: Session, picture: Picture) -> None:
    """Keep that a capture has this picture; a repeated one changes nothing."""
    if session.get(Picture, (picture.edge_id, picture.capture, picture.sha256)) is None:
        session.add(picture)


def has_picture(work: Work, sha256: str) -> bool:
    """Tell whether some capture has this picture."""
    query = select(Picture.sha256).join(Edge, Edge.id == Picture.edge_id).where(Picture.sha256 == sha256)
    return work.session.scalars(query.where(in_sight(work, Edge.site_id)).limit(1)).first() is not None


def pictures_of(session: Session, captures: Collection[tuple[UUID, str]]) -> dict[tuple[UUID, str], list[Picture]]:
    """Return the pictures of these captures (edge, capture)."""
    found: dict[tuple[UUID, str], list[Picture]] = {}
    by_edge: dict[UUID, list[str]] = {}
    for edge_id, capture in captures:
        by_edge.setdefault(edge_id, []).append(capture)
    for edge_id, named in by_edge.items():
        # One edge at a time: SQLite uses no index for a list of pairs.
        query = select(Picture).where(Picture.edge_id == edge_id, Picture.capture.in_(named))
        for picture in session.scalars(query.order_by(Picture.received_at, Picture.sha256)):
            found.setdefault((picture.edge_id, picture.capture), []).append(picture)
    return found
