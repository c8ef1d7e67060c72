"""SQL of shared facts."""

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Final
from uuid import UUID

from sqlalchemy import BigInteger, bindparam, case, select, update
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
_CONTRIBUTED: Final = select(
    SharedFact.seq, SharedFact.name, SharedFact.how, SharedFact.value, SharedFact.at_us, SharedFact.plate
).where(
    SharedFact.edge_id == bindparam("edge"),
    SharedFact.epoch == bindparam("epoch"),
    SharedFact.name.in_(bindparam("names", expanding=True)),
)
# Past SQLAlchemy, which would look at each row longer than the database does. On PostgreSQL all rows are one statement.
_INTO: Final = "INSERT INTO shared_facts (edge_id, epoch, site_id, seq, name, how, value, plate, at_us, cursor)"
_ROWS: Final[Mapping[str, str]] = {
    "sqlite": "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
    "postgresql": "SELECT %s::uuid, %s::uuid, %s::uuid, "
    "unnest(%s::bigint[]), unnest(%s::text[]), unnest(%s::text[]), unnest(%s::json[]), unnest(%s::text[]), "
    "unnest(%s::bigint[]), unnest(%s::bigint[])",
}
_INSTEAD: Final = (
    "ON CONFLICT (edge_id, epoch, name) DO UPDATE SET seq = excluded.seq, how = excluded.how, value = excluded.value, "
    "plate = excluded.plate, at_us = excluded.at_us, cursor = excluded.cursor "
    f"WHERE excluded.how = '{SUM}' OR excluded.at_us >= shared_facts.at_us"
)


def contributed(session: Session, edge_id: UUID, epoch: UUID, names: Collection[str]) -> Mapping[str, tuple[int, Contribution]]:
    """Return what an epoch of a gate has contributed to these facts, and through which entry."""
    if not names:
        return {}
    rows = session.connection().execute(_CONTRIBUTED, {"edge": edge_id, "epoch": epoch, "names": list(names)})
    return {row.name: (row.seq, Contribution(*row[1:])) for row in rows}


def next_cursors(session: Session, site_id: UUID, count: int, now_us: int) -> range:
    """Return so many cursors, none before `now_us`; the site's row is locked, so that nobody reads a later one first."""
    counted = session.connection().execute(_COUNTED, {"site": site_id, "now_us": now_us, "more": count})
    last: int = counted.scalar_one()
    return range(last - count + 1, last + 1)


def put(session: Session, edge_id: UUID, epoch: UUID, site_id: UUID, rows: Iterable[tuple[int, Contribution, int]]) -> None:
    """Store contributions (through which entry, what, cursor), each in the place of the same epoch's earlier one to that fact.

    An older value replaces none.
    """
    connection = session.connection()
    whose = (edge_id, epoch, site_id)
    told = [
        (seq, one.name, one.how, None if one.value is None else json.dumps(one.value), one.plate, one.at_us, cursor)
        for seq, one, cursor in rows
    ]
    statement = " ".join((_INTO, _ROWS[connection.dialect.name], _INSTEAD))
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql(statement, [(*(identity.hex for identity in whose), *row) for row in told])
    else:
        connection.exec_driver_sql(statement, (*whose, *map(list, zip(*told, strict=True))))


def of_others(session: Session, site_id: UUID, epoch: UUID, after: int, limit: int) -> Sequence[SharedFact]:
    """Return what all other epochs of a site have contributed after a cursor, in order."""
    query = select(SharedFact).where(SharedFact.site_id == site_id, SharedFact.cursor > after, SharedFact.epoch != epoch)
    return session.scalars(query.order_by(SharedFact.cursor).limit(limit)).all()
