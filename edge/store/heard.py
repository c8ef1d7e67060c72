"""What other gates have told, on disk: written with the entries that say what was made of it."""

from collections.abc import Callable, Iterable, Mapping
from uuid import UUID

import sqlite_utils

from access.entries import Body, FactsChanged
from access.projection import facts_in
from access.sharing import FROM_GATE

Totals = Mapping[tuple[str, str], int]


def through(db: sqlite_utils.Database) -> int:
    """Return the cursor of the registry's stream through which facts of other gates are committed, 0 where none are."""
    row = db.execute("SELECT cursor FROM heard_through").fetchone()
    return int(row[0]) if row else 0


def own_edges(db: sqlite_utils.Database) -> frozenset[str]:
    """Return the ids under which this journal was written: a box that was enrolled anew has those of its former self too."""
    return frozenset(str(UUID(bytes=edge)) for (edge,) in db.execute("SELECT DISTINCT edge FROM epochs"))


def totals(db: sqlite_utils.Database, names: Iterable[tuple[str, str]]) -> Totals:
    """Return what of these sums, by (edge, name), was heard, where anything was."""
    query = "SELECT total FROM heard WHERE edge = ? AND name = ?"
    found = ((name, db.execute(query, name).fetchone()) for name in names)
    return {name: row[0] for name, row in found if row}


def write_totals(db: sqlite_utils.Database, body: Body) -> None:
    """Add what an entry says that was heard to be added elsewhere; within the caller's transaction."""
    if not isinstance(body, FactsChanged) or not body.source.startswith(FROM_GATE):
        return
    edge = body.source.removeprefix(FROM_GATE)
    added = [(edge, name, by) for how, name, by, *_ in facts_in(body) if how == "add"]
    for row in added:
        db.execute("INSERT INTO heard VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET total = total + excluded.total", row)


def through_is(cursor: int) -> Callable[[sqlite_utils.Database], None]:
    """Return what notes how far the stream is taken; within the caller's transaction."""

    def write(db: sqlite_utils.Database) -> None:
        db.execute("DELETE FROM heard_through")
        db.execute("INSERT INTO heard_through VALUES (?)", (cursor,))

    return write
