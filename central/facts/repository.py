"""SQL of shared facts."""

from collections.abc import Collection, Mapping, Sequence
from functools import cache
from typing import Any, Final
from uuid import UUID

from sqlalchemy import BigInteger, Executable, bindparam, case, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from access.sharing import Contribution
from central.sync_tables import SharedFact
from central.tables import Site

_NOW: Final = bindparam("now_us", type_=BigInteger)
_COUNTED: Final = (
    update(Site)
    .where(Site.id == bindparam("site"))
    .values(facts_cursor=case((Site.facts_cursor > _NOW, Site.facts_cursor), else_=_NOW) + bindparam("more", type_=BigInteger))
    .returning(Site.facts_cursor)
)
_REPLACED: Final = ("how", "value", "plate", "at_us", "cursor")


def contributed(session: Session, edge_id: UUID, names: Collection[str]) -> Mapping[str, Contribution]:
    """Return what a gate has contributed to these facts."""
    if not names:
        return {}
    columns = (SharedFact.name, SharedFact.how, SharedFact.value, SharedFact.at_us, SharedFact.plate)
    query = select(*columns).where(SharedFact.edge_id == edge_id, SharedFact.name.in_(names))
    return {row.name: Contribution(*row) for row in session.connection().execute(query)}


def next_cursors(session: Session, site_id: UUID, count: int, now_us: int) -> range:
    """Return so many cursors, none before `now_us`; the site's row is locked, so that nobody reads a later one first."""
    counted = session.connection().execute(_COUNTED, {"site": site_id, "now_us": now_us, "more": count})
    last: int = counted.scalar_one()
    return range(last - count + 1, last + 1)


def put(session: Session, rows: Sequence[Mapping[str, Any]]) -> None:
    """Store contributions, each in the place of the same gate's earlier one to that fact."""
    connection = session.connection()
    connection.execute(_put_in(connection.dialect.name), rows)


@cache
def _put_in(dialect: str) -> Executable:
    insert = sqlite.insert if dialect == "sqlite" else postgresql.insert
    statement = insert(SharedFact)
    replaced = {name: statement.excluded[name] for name in _REPLACED}
    return statement.on_conflict_do_update(index_elements=["edge_id", "name"], set_=replaced)


def of_others(session: Session, site_id: UUID, edge_id: UUID, after: int, limit: int) -> Sequence[SharedFact]:
    """Return what the other gates of a site have contributed after a cursor, in order."""
    query = select(SharedFact).where(SharedFact.site_id == site_id, SharedFact.cursor > after, SharedFact.edge_id != edge_id)
    return session.scalars(query.order_by(SharedFact.cursor).limit(limit)).all()
