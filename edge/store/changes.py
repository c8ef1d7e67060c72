"""What has changed in the received rules since a revision: enough to lay it over a snapshot of that revision."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

from access.packing import DOCUMENTS, SMALL
from edge.store.received import RuleRow, reading, rule_row
from edge.store.sqlite import Database


@dataclass(frozen=True, slots=True)
class Changes:
    """The small rules of `revision`, all of them; of the others the living of the `touched`, and the holders of credentials."""

    revision: int
    touched: tuple[UUID, ...]
    records: Iterator[RuleRow]


@contextmanager
def reading_changes(path: Path, base: int, most: int, among: int) -> Iterator[Changes | None]:
    """Give what the installed rules changed since revision `base`, all of one moment. Raises StoreError.

    None where that is not known any more, is more than `most` records, of fewer than `among`, or is the site itself.
    """
    with reading(path) as (db, kept):
        (complete_at,) = db.execute(_COMPLETE_AT).fetchone()
        known = (
            complete_at <= base
            and base in kept[:-1]
            and _count(db, among) == among
            and not db.execute(_SITE_CHANGED, {"base": base}).fetchone()
        )
        touched = _touched(db, base, most + 1) if known else ()
        yield Changes(kept[-1], touched, _records(db, touched)) if known and len(touched) <= most else None


_CREDENTIALS = ("card", "vehicle")
_KINDS = {"many": json.dumps([*_CREDENTIALS, "person", *DOCUMENTS]), "small": json.dumps(["site", *SMALL])}
# In a complete set there may be records older than the base that were not in it: another selection of the registry's.
_COMPLETE_AT = "SELECT coalesce(max(value), 0) FROM progress WHERE name = 'complete_at'"
_SITE_CHANGED = "SELECT 1 FROM rules WHERE kind = 'site' AND (from_revision > :base OR to_revision > :base)"
# The plus keeps the search in the indexes of the revisions.
_TOUCHED = """
    SELECT id FROM rules WHERE from_revision > :base AND +kind IN (SELECT value FROM json_each(:many))
    UNION SELECT id FROM rules WHERE to_revision > :base AND +kind IN (SELECT value FROM json_each(:many))
    UNION SELECT id FROM urgent WHERE gone_utc IS NULL AND kind IN (SELECT value FROM json_each(:many))
    LIMIT :most
"""
_ALL_SMALL = """
    SELECT kind, id, data FROM living WHERE kind IN (SELECT value FROM json_each(:small))
"""
# Of whatever kind: an id that two kinds share is hidden in the base for both.
_LIVING = """
    SELECT kind, id, data FROM living WHERE kind IN (SELECT value FROM json_each(:many)) AND id = :id
"""
_PERSON = "SELECT kind, id, data FROM living WHERE kind = 'person' AND id = :id"


def _count(db: Database, most: int) -> int:
    (count,) = db.execute("SELECT count(*) FROM (SELECT 1 FROM rules WHERE to_revision IS NULL LIMIT ?)", [most]).fetchone()
    return int(count)


def _touched(db: Database, base: int, most: int) -> tuple[UUID, ...]:
    rows = db.execute(_TOUCHED, {"base": base, "most": most, **_KINDS})
    return tuple(UUID(bytes=identity) for (identity,) in rows)


def _records(db: Database, touched: tuple[UUID, ...]) -> Iterator[RuleRow]:
    yield from map(rule_row, db.execute(_ALL_SMALL, _KINDS))
    holders = set()
    for one in touched:
        for record in map(rule_row, db.execute(_LIVING, {"id": one.bytes, **_KINDS})):
            kind, _, data = record
            if kind in _CREDENTIALS and data["person"]:
                holders.add(UUID(data["person"]))
            yield record
    for holder in holders - set(touched):
        yield from map(rule_row, db.execute(_PERSON, {"id": holder.bytes}))
