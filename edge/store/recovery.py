"""A damaged journal is set aside, never deleted, and a new one is made of all that can still be read of it.

The new file is complete before the old one is moved, so that a crash at any point leaves one of the two to begin from.
"""

import json
import os
import sqlite3
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

import sqlite_utils

from access.entries import EntryError, Expired, GapDeclared
from access.presence import Presence, PresenceError
from access.projection import projected
from access.sealing import unseal
from access.sharing import times_in
from edge.store.errors import StoreError
from edge.store.heard import write_totals
from edge.store.migrations import bring_up
from edge.store.presence import write
from edge.store.salvage import Salvaged, salvaged

GAPS_MAX = 50
ALIVE_EVERY = 1000
QUARANTINE = "quarantine"
Alive = Callable[[], None]


@dataclass(frozen=True, slots=True)
class Renewal:
    """Why the next start begins a new epoch: noted in the journal until it has."""

    reason: str
    alarm: str = ""
    detail: str = ""
    gaps: tuple[GapDeclared, ...] = ()


def note_renewal(db: sqlite_utils.Database, renewal: Renewal) -> None:
    """Keep it for the next start; within the caller's transaction."""
    db.execute("INSERT OR REPLACE INTO notes VALUES ('renewal', ?)", (json.dumps(asdict(renewal)),))


def noted_renewal(db: sqlite_utils.Database) -> Renewal | None:
    """Return what was noted, if anything."""
    row = db.execute("SELECT value FROM notes WHERE name = 'renewal'").fetchone()
    if row is None:
        return None
    fields = json.loads(row[0])
    return Renewal(**fields | {"gaps": tuple(GapDeclared(**gap) for gap in fields["gaps"])})


def quarantine(journal: Path, utc_us: int) -> Path:
    """Move a journal with all that belongs to it into a folder of its own beside it; returns the folder."""
    name = datetime.fromtimestamp(utc_us / 1e6, UTC).strftime("%Y%m%dT%H%M%S.%fZ")
    folder = journal.parent / QUARANTINE / name
    while folder.exists():
        folder = folder.with_name(folder.name + "+")
    folder.mkdir(parents=True, mode=0o700)
    for path in files_of(journal):
        if path.exists():
            path.rename(folder / path.name)
    sync_folder(folder)
    sync_folder(journal.parent)
    return folder


def files_of(journal: Path) -> tuple[Path, ...]:
    """Return the files that SQLite makes of one journal."""
    return tuple(journal.with_name(journal.name + end) for end in ("-wal", "-shm", "-journal", ""))


def sync_folder(folder: Path) -> None:
    """Have what a folder lists written to the disk; raises OSError."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def finish_rebuilding(journal: Path) -> None:
    """Do what a rebuilding had still to do as it was cut off: a complete new file takes its place, a half one goes."""
    complete = _complete(journal)
    if complete.exists() and not journal.exists():
        complete.rename(journal)
        sync_folder(journal.parent)
    complete.unlink(missing_ok=True)
    _draft(journal).unlink(missing_ok=True)


def rebuild(journal: Path, utc_us: int, why: str, alive: Alive) -> None:
    """Make a new journal of what can be read of a damaged one, and set that aside. Raises StoreError.

    `alive` is called now and then: a big journal takes a minute for each million entries.
    """
    draft = _draft(journal)
    draft.unlink(missing_ok=True)
    try:
        with closing(sqlite_utils.Database(sqlite3.connect(draft, isolation_level=None))) as db:
            db.execute("PRAGMA synchronous=FULL")
            bring_up(db)
            with db.atomic():
                _carry_over(journal, db, why, alive)
        draft.rename(_complete(journal))
        quarantine(journal, utc_us)
    except (sqlite3.Error, OSError) as error:
        raise StoreError(f"{journal} is damaged ({why}) and cannot be rebuilt: {error}") from error
    finish_rebuilding(journal)


def _draft(journal: Path) -> Path:
    return journal.with_suffix(".rebuilding")


def _complete(journal: Path) -> Path:
    return journal.with_suffix(".rebuilt")


def _carry_over(journal: Path, db: sqlite_utils.Database, why: str, alive: Alive) -> None:
    erased = 0
    for count, row in enumerate(salvaged(journal)):
        erased += not row.intact
        db.execute(_INSERT, _values(row))
        if count % ALIVE_EVERY == 0:
            alive()
    _drop_what_does_not_chain(db)
    expired = _expired(db)
    gaps = [gap for epoch in _note_epochs(db, expired) for gap in _holes(db, epoch, expired.get(epoch.hex(), 0))]
    _sum_up(db, alive)
    (kept,) = db.execute("SELECT count(*) FROM entries").fetchone()
    detail = f"{why}; {kept} entries kept" + (f", {erased} of them without personal fields" if erased else "")
    note_renewal(db, Renewal("rebuilt", "journal_rebuilt", detail, tuple(_bounded(gaps))))


_INSERT = """
    INSERT OR IGNORE INTO entries (rowid, epoch, seq, id, kind, lane, passage, utc_us, canonical, personal, previous, hash)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
"""


def _values(row: Salvaged) -> tuple[int | str | bytes, ...]:
    entry = row.opened
    place = (row.rowid, entry.epoch.bytes, entry.seq, entry.id.bytes, entry.kind, entry.lane, entry.passage)
    return (*place, entry.stamp.utc_us, row.canonical, row.personal, row.previous, row.hash)


def _drop_what_does_not_chain(db: sqlite_utils.Database) -> None:
    """Drop rows that the following one does not follow: they fit themselves, and were put there by another hand."""
    db.execute(
        """
        DELETE FROM entries WHERE rowid IN (
            SELECT this.rowid FROM entries AS this JOIN entries AS next ON next.epoch = this.epoch AND next.seq = this.seq + 1
            WHERE next.previous <> this.hash
        )
        """
    )


def _expired(db: sqlite_utils.Database) -> dict[str, int]:
    """Return how far entries of each epoch (hex) were deleted in their time: the journal itself says so."""
    through: dict[str, int] = {}
    for canonical, personal in db.execute("SELECT canonical, personal FROM entries WHERE kind = 'expiry'"):
        body = unseal(canonical, personal).body()
        if isinstance(body, Expired) and body.what == "entries":
            through[body.epoch] = max(body.last, through.get(body.epoch, 0))
    return through


def _note_epochs(db: sqlite_utils.Database, expired: Mapping[str, int]) -> list[bytes]:
    """Name the epochs in the order of their first rows, each with what its first kept entry follows."""
    query = """
        SELECT epoch, seq, previous, canonical FROM entries AS one
        WHERE seq = (SELECT min(seq) FROM entries WHERE epoch = one.epoch) ORDER BY rowid
    """
    found = db.execute(query).fetchall()
    for epoch, seq, previous, canonical in found:
        anchor = seq - 1 if seq - 1 <= expired.get(epoch.hex(), 0) else 0
        edge = unseal(canonical).edge
        values = (epoch, edge.bytes, anchor, previous)
        db.execute("INSERT INTO epochs (epoch, edge, anchor_seq, anchor_hash) VALUES (?, ?, ?, ?)", values)
    return [epoch for epoch, *_ in found]


def _holes(db: sqlite_utils.Database, epoch: bytes, expired: int) -> Iterator[GapDeclared]:
    before = expired
    for (seq,) in db.execute("SELECT seq FROM entries WHERE epoch = ? ORDER BY seq", (epoch,)):
        if seq > before + 1:
            yield GapDeclared(epoch.hex(), before + 1, seq - 1, "damaged")
        before = max(before, seq)


def _bounded(gaps: Sequence[GapDeclared]) -> list[GapDeclared]:
    """Return them, the last ones as one from first to last where there are too many to name."""
    if len(gaps) <= GAPS_MAX:
        return list(gaps)
    kept, rest = list(gaps[: GAPS_MAX - 1]), gaps[GAPS_MAX - 1 :]
    for epoch in dict.fromkeys(gap.epoch for gap in rest):
        of_it = [gap for gap in rest if gap.epoch == epoch]
        kept.append(GapDeclared(epoch, of_it[0].first, of_it[-1].last, "damaged"))
    return kept


def _sum_up(db: sqlite_utils.Database, alive: Alive) -> None:
    """Write what the entries add up to."""
    presence, times = Presence(), dict[str, int]()
    kinds = "('passage', 'decision', 'facts', 'lane', 'pass', 'slip')"
    rows = db.execute(f"SELECT utc_us, canonical, personal FROM entries WHERE kind IN {kinds} ORDER BY rowid")  # noqa: S608 - our own
    for count, (utc_us, canonical, personal) in enumerate(rows.fetchall()):
        try:
            entry = unseal(canonical, personal)
            body = entry.body()
            presence = projected(presence, body)
        except (EntryError, PresenceError):
            continue  # of another version: what it changed is not known here
        times |= times_in(body, utc_us)
        write_totals(db, body, entry.epoch, entry.seq)
        if count % ALIVE_EVERY == 0:
            alive()
    write(db, [("set", name, None) for name in {*presence.facts, *times}], Presence(), presence, times)
