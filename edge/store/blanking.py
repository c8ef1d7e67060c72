"""What the kept revisions of the rules still say of who is erased: blanked, so that decisions can be made again all the same."""

import json
import os
from collections.abc import Iterable, Iterator
from typing import Any, Final
from uuid import UUID

from access.erasing import BY_PLATE, Blank
from edge.store.sqlite import Database

_ARRIVED: Final = "SELECT data FROM arriving WHERE kind = 'erasure' AND data IS NOT NULL"
_OF: Final = """
    SELECT kind, id, from_revision, data FROM rules
    WHERE kind = ? AND id = ? AND to_revision IS NOT NULL
"""
_BY_PLATE: Final = "SELECT kind, id, from_revision, data FROM rules WHERE kind = ? AND to_revision IS NOT NULL"
_IN_FORCE: Final = "SELECT json_extract(data, '$.plate') FROM rules WHERE kind = ? AND to_revision IS NULL"
_URGENT: Final = (
    "SELECT kind, id, laid_utc, data FROM urgent WHERE kind = ? AND id = ? AND gone_utc IS NOT NULL AND data IS NOT NULL"
)
_Row = tuple[str, bytes, int, dict[str, Any]]


def blank_erased(db: Database) -> bool:
    """Blank what no longer holds of those whose erasure has just arrived; tell whether one has. Within the caller's transaction.

    What is freed is overwritten. Raises sqlite3.Error.
    """
    erasures = [json.loads(data) for (data,) in db.execute(_ARRIVED).fetchall()]
    if not erasures:
        return False
    db.execute("PRAGMA secure_delete=ON").fetchall()
    blank = Blank(os.urandom, {plate for kind in BY_PLATE for (plate,) in db.execute(_IN_FORCE, (kind,)) if plate})
    plates: set[str] = set()
    for erasure in erasures:
        persons = [("person", UUID(one).bytes) for one in erasure["persons"]]
        credentials = [(kind, UUID(one).bytes) for one in erasure["credentials"] for kind in ("vehicle", "card")]
        for kind, identity in (*persons, *credentials):
            plates |= {data["plate"] for _, _, _, data in _rows(db, _OF, kind, identity) if kind == "vehicle"}
            _replace(db, "rules", "from_revision", _rows(db, _OF, kind, identity), blank)
            _replace(db, "urgent", "laid_utc", _rows(db, _URGENT, kind, identity), blank)
    named = [row for kind in BY_PLATE if plates for row in _rows(db, _BY_PLATE, kind) if row[3]["plate"] in plates]
    _replace(db, "rules", "from_revision", named, blank)
    db.execute("PRAGMA secure_delete=OFF").fetchall()
    return True


def _rows(db: Database, query: str, *values: str | bytes) -> Iterator[_Row]:
    for kind, identity, at, data in db.execute(query, values).fetchall():
        yield kind, identity, at, json.loads(data)


def _replace(db: Database, table: str, key: str, rows: Iterable[_Row], blank: Blank) -> None:
    for kind, identity, at, data in rows:
        values = (json.dumps(blank.record(data), ensure_ascii=False, separators=(",", ":")), kind, identity, at)
        db.execute(f"UPDATE {table} SET data = ? WHERE kind = ? AND id = ? AND {key} = ?", values)  # noqa: S608 - our own words
