"""Rows that have rotted: which there are, putting one back as it was, letting one go that nobody has whole."""

from uuid import UUID

from access.chain import link
from access.entries import EntryError
from access.sealing import unseal
from edge.store.scrub import Rotten
from edge.store.sqlite import Database

ROTTEN_MAX = 100

INSERT = """
    INSERT INTO entries (epoch, seq, id, kind, lane, passage, utc_us, canonical, personal, previous, hash)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
"""
_MEND = """
    INSERT INTO entries (rowid, epoch, seq, id, kind, lane, passage, utc_us, canonical, personal, previous, hash)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
    ON CONFLICT (epoch, seq) DO UPDATE SET id = excluded.id, kind = excluded.kind, lane = excluded.lane,
    passage = excluded.passage, utc_us = excluded.utc_us, canonical = excluded.canonical, personal = excluded.personal,
    previous = excluded.previous, hash = excluded.hash
"""


def rotten(db: Database, edge: UUID) -> tuple[Rotten, ...]:
    """Return the rows of this edge's own epochs that have been found rotten, ROTTEN_MAX at most. Raises sqlite3.Error."""
    query = "SELECT epoch, seq FROM rotten JOIN epochs USING (epoch) WHERE edge = ? ORDER BY epochs.rowid, seq LIMIT ?"
    return tuple(Rotten(UUID(bytes=epoch), seq) for epoch, seq in db.execute(query, (edge.bytes, ROTTEN_MAX)))


def put_back(db: Database, edge: UUID, place: Rotten, canonical: bytes, personal: bytes) -> bool:
    """Put a row that is rotten or missing back as it was; False where these bytes do not fit the chain. Raises sqlite3.Error."""
    epoch, seq = place.epoch, place.seq
    try:
        entry, chained = unseal(canonical, personal), _mends(db, epoch, seq, canonical)
    except EntryError:
        return False
    if chained is None or (entry.edge, entry.epoch, entry.seq) != (edge, epoch, seq):
        return False
    named = (entry.id.bytes, entry.kind, entry.lane, entry.passage, entry.stamp.utc_us)
    with db.atomic():
        db.execute("DELETE FROM rotten WHERE epoch = ? AND seq = ?", (epoch.bytes, seq))
        db.execute(_MEND, (_free_rowid(db, epoch, seq), epoch.bytes, seq, *named, canonical, personal, *chained))
    return True


def _free_rowid(db: Database, epoch: UUID, seq: int) -> int | None:
    """Return the rowid that a missing row had, before the one that follows it; None where there is no such place."""
    query = """
        SELECT rowid - 1 FROM entries AS next WHERE epoch = :epoch AND seq = :seq + 1
            AND NOT EXISTS (SELECT 1 FROM entries WHERE rowid = next.rowid - 1)
    """
    row = db.execute(query, {"epoch": epoch.bytes, "seq": seq}).fetchone()
    return int(row[0]) if row else None


def _mends(db: Database, epoch: UUID, seq: int, canonical: bytes) -> tuple[bytes, bytes] | None:
    """Return (previous, hash) under which these bytes fit the chain at `seq`, None where they do not.

    Both neighbours speak for a row, its own hash where there is no later one.
    """
    query = "SELECT seq, previous, hash FROM entries WHERE epoch = ? AND seq BETWEEN ? AND ?"
    around = {at: (previous, chained) for at, previous, chained in db.execute(query, (epoch.bytes, seq - 1, seq + 1))}
    anchor = "SELECT anchor_hash FROM epochs WHERE epoch = ? AND anchor_seq = ?"
    first = db.execute(anchor, (epoch.bytes, seq - 1)).fetchone()
    before = around[seq - 1][1] if seq - 1 in around else first[0] if first else None
    after = around[seq + 1][0] if seq + 1 in around else around[seq][1] if seq in around else None
    if before is None or after is None or link(before, canonical) != after:
        return None
    return before, after


def what_is_left(db: Database, place: Rotten) -> list[tuple[bytes, bytes]]:
    """Return the (canonical, personal) bytes of a row, and these without the personal ones; nothing where it is gone."""
    query = "SELECT canonical, personal FROM entries WHERE epoch = ? AND seq = ?"
    rows = db.execute(query, (place.epoch.bytes, place.seq)).fetchall()
    return [(canonical, beside) for canonical, personal in rows for beside in (personal, b"")]


def remove(db: Database, place: Rotten) -> None:
    """Delete a row and its mark; within the caller's transaction. Raises sqlite3.Error."""
    for table in ("entries", "rotten"):
        db.execute(f"DELETE FROM {table} WHERE epoch = ? AND seq = ?", (place.epoch.bytes, place.seq))  # noqa: S608 - our own words
