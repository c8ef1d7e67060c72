"""What a gate that starts asks its journal of the run before. An entry that cannot be read any more is passed over.

Each takes the store's database (see `Journal.look`) and may raise sqlite3.Error.
"""

import itertools
from collections.abc import Iterable, Iterator

from access.entries import Decided, EntryError, RemoteActed
from access.sealing import Opened, unseal
from edge.store.sqlite import Database

FACTS_MAX = 20_000


def newest_utc_us(db: Database) -> int:
    """Return the latest time (UTC microseconds) that the last thousand entries bear: the clock cannot truly be behind it."""
    query = "SELECT max(utc_us) FROM (SELECT utc_us FROM entries ORDER BY rowid DESC LIMIT 1000)"
    return int(db.execute(query).fetchone()[0])


def open_passages(db: Database) -> list[tuple[str, str, list[str]]]:
    """Return (passage, lane, kinds of its entries) of the last thousand passages that have not ended, oldest first."""
    query = """
        SELECT passage, max(lane), group_concat(DISTINCT kind), min(rowid) AS began FROM entries
        WHERE passage <> '' AND rowid > (SELECT max(rowid) FROM entries) - 10000
        GROUP BY passage HAVING sum(kind = 'passage') = 0 ORDER BY began LIMIT 1000
    """
    return [(passage, lane, kinds.split(",")) for passage, lane, kinds, _ in db.execute(query)]


def decision_of(db: Database, passage: str) -> Decided | None:
    """Return the last decision on a passage, None where there is none."""
    query = """
        SELECT canonical, personal FROM entries
        WHERE passage = ? AND kind IN ('decision', 'alarm', 'guard') AND passage <> '' AND kind = 'decision'
        ORDER BY rowid DESC LIMIT 1
    """
    bodies = [entry.body() for entry in _readable(db.execute(query, (passage,)))]
    return next((body for body in bodies if isinstance(body, Decided)), None)


def entries_of(db: Database, passage: str) -> list[Opened]:
    """Return the entries of a passage in order, of the last ten thousand."""
    query = """
        SELECT canonical, personal FROM entries
        WHERE rowid > (SELECT max(rowid) FROM entries) - 10000 AND passage = ? ORDER BY rowid
    """
    return list(_readable(db.execute(query, (passage,))))


def remote_acts(db: Database, limit: int) -> list[RemoteActed]:
    """Return the last acts of the office, oldest first."""
    query = "SELECT canonical, personal FROM entries WHERE kind = 'remote' ORDER BY rowid DESC LIMIT ?"
    bodies = [entry.body() for entry in _readable(db.execute(query, (limit,)))]
    return [body for body in reversed(bodies) if isinstance(body, RemoteActed)]


def alarms(db: Database, limit: int) -> list[Opened]:
    """Return the last alarms, who has seen which, and the starts between them, of the last ten thousand entries, oldest first.

    Decisions on passages with an alarm are among them.
    """
    query = """
        WITH last AS (
            SELECT rowid AS at, passage, kind FROM entries
            WHERE rowid > (SELECT max(rowid) FROM entries) - 10000 AND kind IN ('alarm', 'acknowledgement', 'start', 'decision')
        )
        SELECT canonical, personal FROM entries WHERE rowid IN (
            SELECT at FROM last WHERE kind <> 'decision' OR passage IN (SELECT passage FROM last WHERE kind = 'alarm')
            ORDER BY at DESC LIMIT ?
        ) ORDER BY rowid DESC
    """
    return list(_readable(db.execute(query, (limit,))))[::-1]


def facts_since(db: Database, since_us: int) -> list[Opened]:
    """Return the entries that say how facts were changed, or are by others' word, since then (UTC us), oldest first."""
    query = "SELECT canonical, personal FROM entries WHERE kind = 'facts' ORDER BY rowid DESC LIMIT ?"
    readable = _readable(db.execute(query, (FACTS_MAX,)))
    return list(itertools.takewhile(lambda entry: entry.stamp.utc_us >= since_us, readable))[::-1]


def _readable(rows: Iterable[tuple[bytes, bytes]]) -> Iterator[Opened]:
    for canonical, personal in rows:
        try:
            entry = unseal(canonical, personal)
            entry.body()
        except EntryError:
            continue  # the scrub finds it, and the gate must start
        yield entry
