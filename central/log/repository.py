"""SQL of the log: a page of entries, one entry, and what is told of passages; what a search means is `central.log.searching`."""

from collections.abc import Collection, Sequence
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from central.log.schemas import Search
from central.log.searching import find
from central.records.repository import in_sight
from central.registry import Work
from central.tables import JournalEntry, Lane

STORY_MAX = 500
TELLING = ("alarm", "decision", "outcome", "passage")


def search(work: Work, wanted: Search, limit: int) -> Sequence[JournalEntry]:
    """Return up to `limit` rows, newest first; with `newer` those directly above the cursor."""
    keys = find(work, wanted, limit)
    if not keys:
        return []
    (oldest, _), (newest, _) = min(keys), max(keys)
    query = select(JournalEntry).where(
        in_sight(work, JournalEntry.site_id),
        JournalEntry.id.in_([identity for _, identity in keys]),
        JournalEntry.at_us.between(oldest, newest),
    )
    # In another month an id may have been forged (`central.journal.months`).
    found = [row for row in work.session.scalars(query) if (row.at_us, row.id) in keys]
    return sorted(found, key=lambda row: (row.at_us, row.id), reverse=True)


def entry(work: Work, entry_id: UUID) -> JournalEntry | None:
    """Return an entry by its id: of several, where one was forged, that which was here first."""
    query = select(JournalEntry).where(JournalEntry.id == entry_id, in_sight(work, JournalEntry.site_id))
    return work.session.scalars(query.order_by(JournalEntry.received_at).limit(1)).first()


def story(session: Session, row: JournalEntry) -> Sequence[JournalEntry]:
    """Return the entries of the row's passage in order, or the row alone."""
    if row.passage is None:
        return [row]
    query = select(JournalEntry).where(JournalEntry.passage == row.passage, JournalEntry.edge_id == row.edge_id)
    query = query.where(JournalEntry.site_id == row.site_id)
    return session.scalars(query.order_by(JournalEntry.epoch, JournalEntry.seq).limit(STORY_MAX)).all()


def told_of(work: Work, passages: Collection[tuple[UUID, str]]) -> Sequence[JournalEntry]:
    """Return, in order, those entries of passages (edge, passage) that their sentences are made from."""
    if not passages:
        return []
    # Not as pairs: SQLite looks up pairs by scanning the whole journal.
    named = JournalEntry.passage.in_({passage for _, passage in passages})
    ours = JournalEntry.edge_id.in_({edge for edge, _ in passages})
    told = (named, ours, JournalEntry.kind.in_(TELLING), in_sight(work, JournalEntry.site_id))
    query = select(JournalEntry).where(*told).limit(STORY_MAX * len(passages))
    found = work.session.scalars(query.order_by(JournalEntry.epoch, JournalEntry.seq)).all()
    return [entry for entry in found if (entry.edge_id, entry.passage) in passages]


def lane_kinds(session: Session, lanes: Collection[UUID]) -> dict[UUID, str]:
    """Return whether each of these lanes is for vehicles or for pedestrians."""
    return {row.id: row.lane_kind for row in session.execute(select(Lane.id, Lane.lane_kind).where(Lane.id.in_(lanes)))}
