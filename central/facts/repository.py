"""SQL of shared facts."""

from collections.abc import Sequence
from typing import Final
from uuid import UUID

from sqlalchemy import Connection, select
from sqlalchemy.orm import Session

from access.sharing import SUM
from central.sync_tables import SharedFact

# The database takes the JSON apart: to bind, or to look at, each value on the way costs more than to store it. The site's row is
# locked with its new cursor, so that nobody reads a later one first; none is before the present time.
_INTO: Final = "INSERT INTO shared_facts AS known (edge_id, epoch, site_id, seq, name, how, value, plate, at_us, cursor)"
_COUNTED_SQLITE: Final = (
    "UPDATE sites SET facts_cursor = max(facts_cursor, ?) + json_array_length(?) WHERE id = ? RETURNING facts_cursor"
)
# Not with ->>, which SQLite has only since 3.38.
_ROWS_SQLITE: Final = (
    "SELECT ?, ?, ?, json_extract(value, '$.seq'), json_extract(value, '$.name'), json_extract(value, '$.how'), "
    "json_extract(value, '$.value'), json_extract(value, '$.plate'), json_extract(value, '$.at_us'), "
    "? - json_array_length(?) + 1 + key FROM json_each(?) WHERE true"
)
_SUM_SQLITE: Final = "CAST(CAST(known.value AS INTEGER) + CAST(excluded.value AS INTEGER) AS TEXT)"
_COUNTED_POSTGRESQL: Final = (
    "WITH told AS (SELECT * FROM json_to_recordset(%s::json) "
    "AS one (seq bigint, name text, how text, value text, plate text, at_us bigint)), "
    "site AS (UPDATE sites SET facts_cursor = greatest(facts_cursor, %s) + (SELECT count(*) FROM told) WHERE id = %s "
    "RETURNING facts_cursor)"
)
_ROWS_POSTGRESQL: Final = (
    "SELECT %s::uuid, %s::uuid, %s::uuid, seq, name, how, value::json, plate, at_us, "
    "facts_cursor - count(*) OVER () + row_number() OVER () FROM told, site"
)
_SUM_POSTGRESQL: Final = "to_json((known.value #>> '{}')::bigint + (excluded.value #>> '{}')::bigint)"


def put(session: Session, whose: tuple[UUID, UUID, UUID], told: str, now_us: int) -> None:
    """Store what an epoch (edge, epoch, site) contributes (JSON, see `Telling`) in the place of what it did so far.

    What is added to a fact adds up; of what is set an older value replaces none.
    """
    connection = session.connection()
    (_put_in_sqlite if connection.dialect.name == "sqlite" else _put_in_postgresql)(connection, whose, told, now_us)


def _put_in_sqlite(connection: Connection, whose: tuple[UUID, UUID, UUID], told: str, now_us: int) -> None:
    edge_id, epoch, site_id = (identity.hex for identity in whose)
    last = connection.exec_driver_sql(_COUNTED_SQLITE, (now_us, told, site_id)).scalar_one()
    statement = f"{_INTO} {_ROWS_SQLITE} {_instead('max', _SUM_SQLITE)}"
    connection.exec_driver_sql(statement, (edge_id, epoch, site_id, last, told, told))


def _put_in_postgresql(connection: Connection, whose: tuple[UUID, UUID, UUID], told: str, now_us: int) -> None:
    statement = f"{_COUNTED_POSTGRESQL} {_INTO} {_ROWS_POSTGRESQL} {_instead('greatest', _SUM_POSTGRESQL)}"
    connection.exec_driver_sql(statement, (told, now_us, whose[2], *whose))


def _instead(later: str, added: str) -> str:
    return (
        f"ON CONFLICT (edge_id, epoch, name) DO UPDATE SET seq = {later}(known.seq, excluded.seq), how = excluded.how, "
        f"value = CASE WHEN excluded.how = '{SUM}' THEN {added} ELSE excluded.value END, "
        "plate = excluded.plate, at_us = excluded.at_us, cursor = excluded.cursor "
        f"WHERE excluded.how = '{SUM}' OR excluded.at_us >= known.at_us"
    )


def of_others(session: Session, site_id: UUID, epoch: UUID, after: int, limit: int) -> Sequence[SharedFact]:
    """Return what all other epochs of a site have contributed after a cursor, in order."""
    query = select(SharedFact).where(SharedFact.site_id == site_id, SharedFact.cursor > after, SharedFact.epoch != epoch)
    return session.scalars(query.order_by(SharedFact.cursor).limit(limit)).all()
