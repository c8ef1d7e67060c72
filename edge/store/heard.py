"""What each epoch of each gate has contributed to sums, as far as it is known here; and how far the stream of it is heard."""

from collections.abc import Callable, Iterable
from itertools import product
from uuid import UUID

from access.entries import Body, Stamp
from access.sharing import Totals, dropped_sums, sums_in
from edge.store.sqlite import Database

# From each epoch to the next one, by the key: there are few of them, and years of rows.
_EPOCHS = """
    WITH RECURSIVE epochs (epoch) AS (
        SELECT min(epoch) FROM heard
        UNION ALL SELECT (SELECT min(epoch) FROM heard WHERE epoch > epochs.epoch) FROM epochs WHERE epoch IS NOT NULL
    )
    SELECT epoch FROM epochs WHERE epoch IS NOT NULL
"""


def through(db: Database, epoch: UUID) -> int:
    """Return the cursor of the registry's stream through which it is committed in this epoch, 0 where none of it is.

    In a new epoch all is heard anew: what came of it in a former one may be lost.
    """
    row = db.execute("SELECT cursor FROM heard_through WHERE epoch = ?", (epoch.bytes,)).fetchone()
    return int(row[0]) if row else 0


def totals(db: Database, names: Iterable[tuple[str, str]]) -> Totals:
    """Return what is known of these sums, by (epoch, name), where anything is."""
    query = "SELECT total, seq FROM heard WHERE epoch = ? AND name = ?"
    found = ((name, db.execute(query, name).fetchone()) for name in names)
    return {name: (row[0], row[1]) for name, row in found if row}


def write_totals(db: Database, body: Body, epoch: UUID, seq: int, stamp: Stamp) -> None:
    """Add what an entry at this place adds to shared sums, or says that another epoch has; within the caller's transaction.

    A sum that it drops is forgotten, whoever has added to it.
    """
    at_us = stamp.utc_us if stamp.quality == "trusted" else 0
    for row in sums_in(body, epoch.hex, seq):
        db.execute(
            """
            INSERT INTO heard (epoch, name, total, seq, at_us) VALUES (?, ?, ?, ?, ?)
            ON CONFLICT DO UPDATE SET total = total + excluded.total, seq = max(seq, excluded.seq), at_us = excluded.at_us
            """,
            (*row, at_us),
        )
    if dropped := list(dropped_sums(body)):
        # Looked up for each epoch: by the name alone all rows would be read, for each name, while a lane waits to write.
        epochs = [epoch for (epoch,) in db.execute(_EPOCHS)]
        db.conn.executemany("DELETE FROM heard WHERE epoch = ? AND name = ?", product(epochs, dropped))


def through_is(cursor: int, epoch: UUID) -> Callable[[Database], None]:
    """Return what notes how far the stream is taken in this epoch; within the caller's transaction."""

    def write(db: Database) -> None:
        db.execute("DELETE FROM heard_through")
        db.execute("INSERT INTO heard_through (epoch, cursor) VALUES (?, ?)", (epoch.bytes, cursor))

    return write
