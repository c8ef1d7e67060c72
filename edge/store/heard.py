"""What each epoch of each gate has contributed to sums, as far as it is known here; and how far the stream of it is heard."""

from collections.abc import Callable, Iterable
from uuid import UUID

from access.entries import Body
from access.sharing import Totals, sums_in
from edge.store.sqlite import Database


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


def write_totals(db: Database, body: Body, epoch: UUID, seq: int) -> None:
    """Add what an entry at this place adds to shared sums, or says that another epoch has; within the caller's transaction."""
    for row in sums_in(body, epoch.hex, seq):
        db.execute(
            """
            INSERT INTO heard (epoch, name, total, seq) VALUES (?, ?, ?, ?)
            ON CONFLICT DO UPDATE SET total = total + excluded.total, seq = max(seq, excluded.seq)
            """,
            row,
        )


def through_is(cursor: int, epoch: UUID) -> Callable[[Database], None]:
    """Return what notes how far the stream is taken in this epoch; within the caller's transaction."""

    def write(db: Database) -> None:
        db.execute("DELETE FROM heard_through")
        db.execute("INSERT INTO heard_through (epoch, cursor) VALUES (?, ?)", (epoch.bytes, cursor))

    return write
