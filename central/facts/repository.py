"""SQL of shared facts."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import case, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from central.sync_tables import SharedFact
from central.tables import Site


def contributed(session: Session, edge_id: UUID, names: Collection[str]) -> Mapping[str, SharedFact]:
    """Return what a gate has contributed to these facts."""
    query = select(SharedFact).where(SharedFact.edge_id == edge_id, SharedFact.name.in_(names))
    return {row.name: row for row in session.scalars(query)}


def next_cursors(session: Session, site_id: UUID, count: int, now_us: int) -> range:
    """Return so many cursors, none before `now_us`; the site's row is locked, so that nobody reads a later one first."""
    after = case((Site.facts_cursor > now_us, Site.facts_cursor), else_=now_us)
    counted = update(Site).where(Site.id == site_id).values(facts_cursor=after + count).returning(Site.facts_cursor)
    last = session.scalars(counted, execution_options={"synchronize_session": False}).one()
    return range(last - count + 1, last + 1)


def put(session: Session, rows: Sequence[Mapping[str, Any]]) -> None:
    """Store contributions, each in the place of the same gate's earlier one to that fact."""
    insert = sqlite.insert if session.get_bind().dialect.name == "sqlite" else postgresql.insert
    statement = insert(SharedFact)
    replaced = {name: statement.excluded[name] for name in ("how", "value", "plate", "at_us", "cursor")}
    session.connection().execute(statement.on_conflict_do_update(index_elements=["edge_id", "name"], set_=replaced), rows)


def of_others(session: Session, site_id: UUID, edge_id: UUID, after: int, limit: int) -> Sequence[SharedFact]:
    """Return what the other gates of a site have contributed after a cursor, in order."""
    query = select(SharedFact).where(SharedFact.site_id == site_id, SharedFact.cursor > after, SharedFact.edge_id != edge_id)
    return session.scalars(query.order_by(SharedFact.cursor).limit(limit)).all()
