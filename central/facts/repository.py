"""SQL of shared facts."""

from collections.abc import Collection, Mapping, Sequence
from functools import cache
from typing import Any, Final
from uuid import UUID

from sqlalchemy import BigInteger, ColumnElement, Executable, bindparam, case, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from access.sharing import SUM, Contribution
from central.sync_tables import SharedFact
from central.tables import Site

_NOW: Final = bindparam("now_us", type_=BigInteger)
_COUNTED: Final = (
    update(Site)
    .where(Site.id == bindparam("site"))
    .values(facts_cursor=case((Site.facts_cursor > _NOW, Site.facts_cursor), else_=_NOW) + bindparam("more", type_=BigInteger))
    .returning(Site.facts_cursor)
)
_REPLACED: Final = ("seq", "how", "value", "plate", "at_us", "cursor")


def contributed(session: Session, edge_id: UUID, epoch: UUID, names: Collection[str]) -> Mapping[str, tuple[int, Contribution]]:
    """Return what an epoch of a gate has contributed to these facts, and through which entry."""
    if not names:
        return {}
    columns = (SharedFact.seq, SharedFact.name, SharedFact.how, SharedFact.value, SharedFact.at_us, SharedFact.plate)
    query = select(*columns).where(SharedFact.edge_id == edge_id, SharedFact.epoch == epoch, SharedFact.name.in_(names))
    return {row.name: (row.seq, Contribution(*row[1:])) for row in session.connection().execute(query)}


def next_cursors(session: Session, site_id: UUID, count: int, now_us: int) -> range:
    """Return so many cursors, none before `now_us`; the site's row is locked, so that nobody reads a later one first."""
    counted = session.connection().execute(_COUNTED, {"site": site_id, "now_us": now_us, "more": count})
    last: int = counted.scalar_one()
    return range(last - count + 1, last + 1)


def put(session: Session, rows: Sequence[Mapping[str, Any]]) -> None:
    """Store contributions, each in the place of the same epoch's earlier one to that fact; an older value replaces none."""
    connection = session.connection()
    connection.execute(_put_in(connection.dialect.name), rows)


@cache
def _put_in(dialect: str) -> Executable:
    insert = sqlite.insert if dialect == "sqlite" else postgresql.insert
    statement = insert(SharedFact)
    replaced = {name: statement.excluded[name] for name in _REPLACED}
    counts: ColumnElement[bool] = or_(statement.excluded.how == SUM, statement.excluded.at_us >= SharedFact.at_us)
    return statement.on_conflict_do_update(index_elements=["edge_id", "epoch", "name"], set_=replaced, where=counts)


def of_others(session: Session, site_id: UUID, epoch: UUID, after: int, limit: int) -> Sequence[SharedFact]:
    """Return what all other epochs of a site have contributed after a cursor, in order."""
    query = select(SharedFact).where(SharedFact.site_id == site_id, SharedFact.cursor > after, SharedFact.epoch != epoch)
    return session.scalars(query.order_by(SharedFact.cursor).limit(limit)).all()
