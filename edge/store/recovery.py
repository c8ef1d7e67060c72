"""A new journal is made of all that can still be read of a damaged one, and says what is lost."""

import sqlite3
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing
from itertools import pairwise
from pathlib import Path

from access.entries import EntryError, EpochBegan, Expired, GapDeclared
from access.kinds import KINDS
from access.presence import Presence, PresenceError
from access.projection import Changing, projected
from access.sealing import unseal
from access.sharing import times_in
from edge.store.database import connected
from edge.store.errors import StoreError
from edge.store.heard import write_totals
from edge.store.mark import LastKnown
from edge.store.migrations import bring_up
from edge.store.presence import write
from edge.store.renewal import Renewal, lost_at_end, note_renewal
from edge.store.replacing import REBUILT, new_draft, replace
from edge.store.salvage import Salvaged, salvaged
from edge.store.sqlite import Database

GAPS_MAX = 50
ALIVE_EVERY = 1000
Alive = Callable[[], None]


def rebuild(journal: Path, utc_us: int, why: str, known: LastKnown, alive: Alive) -> None:
    """Make a new journal of what can be read of a damaged one, and let it take that one's place. Raises StoreError.

    `alive` is called now and then: a big journal takes a minute for each million entries.
    """
    try:
        draft = new_draft(journal)
        with closing(connected(draft)) as db:
            db.execute("PRAGMA journal_mode=OFF").fetchone()  # a draft is whole, or it goes
            bring_up(db)
            with db.atomic():
                _carry_over(journal, db, why, known, alive)
        replace(journal, draft, REBUILT, utc_us)
    except (sqlite3.Error, OSError) as error:
        raise StoreError(f"{journal} is damaged ({why}) and cannot be rebuilt: {error}") from error


def _carry_over(journal: Path, db: Database, why: str, known: LastKnown, alive: Alive) -> None:
    erased = 0
    for count, row in enumerate(salvaged(journal)):
        erased += not row.intact
        db.execute(_INSERT, _values(row))
        if count % ALIVE_EVERY == 0:
            alive()
    _drop_what_does_not_chain(db)
    expired = _expired(db)
    epochs = _note_epochs(db, expired)
    gaps = [gap for epoch in epochs for gap in _holes(db, epoch, expired.get(epoch.hex(), 0))]
    gaps += _lost_ends(db, epochs, expired)
    _sum_up(db, alive)
    (kept,) = db.execute("SELECT count(*) FROM entries").fetchone()
    detail = f"{why}; {kept} entries kept" + (f", {erased} of them without personal fields" if erased else "")
    note_renewal(db, Renewal("rebuilt", "journal_rebuilt", detail, (*_bounded(gaps), *lost_at_end(db, known))))


_INSERT = """
    INSERT OR IGNORE INTO entries (rowid, epoch, seq, id, kind, lane, passage, utc_us, canonical, personal, previous, hash)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
"""


def _values(row: Salvaged) -> tuple[int | str | bytes, ...]:
    entry = row.opened
    place = (row.rowid, entry.epoch.bytes, entry.seq, entry.id.bytes, entry.kind, entry.lane, entry.passage)
    return (*place, entry.stamp.utc_us, row.canonical, row.personal, row.previous, row.hash)


def _drop_what_does_not_chain(db: Database) -> None:
    """Drop rows that the following one does not follow: they fit themselves, and were put there by another hand."""
    db.execute(
        """
        DELETE FROM entries WHERE rowid IN (
            SELECT this.rowid FROM entries AS this JOIN entries AS next ON next.epoch = this.epoch AND next.seq = this.seq + 1
            WHERE next.previous <> this.hash
        )
        """
    )


def _expired(db: Database) -> dict[str, int]:
    """Return how far entries of each epoch (hex) were deleted in their time: the journal itself says so."""
    through: dict[str, int] = {}
    for canonical, personal in db.execute("SELECT canonical, personal FROM entries WHERE kind = 'expiry'"):
        body = unseal(canonical, personal).body()
        if isinstance(body, Expired) and body.what == "entries":
            through[body.epoch] = max(body.last, through.get(body.epoch, 0))
    return through


def _note_epochs(db: Database, expired: Mapping[str, int]) -> list[bytes]:
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


def _holes(db: Database, epoch: bytes, expired: int) -> Iterator[GapDeclared]:
    before = expired
    for (seq,) in db.execute("SELECT seq FROM entries WHERE epoch = ? ORDER BY seq", (epoch,)):
        if seq > before + 1:
            yield GapDeclared(epoch.hex(), before + 1, seq - 1, "damaged")
        before = max(before, seq)


def _lost_ends(db: Database, epochs: Sequence[bytes], expired: Mapping[str, int]) -> Iterator[GapDeclared]:
    """Name what is missing at the ends of former epochs: the beginning of the next one says where each ended.

    Where that is lost too, nobody knows how far an epoch went.
    """
    ends: dict[str, int] = {}
    for canonical, personal in db.execute("SELECT canonical, personal FROM entries WHERE kind = 'epoch'").fetchall():
        began = unseal(canonical, personal).body()
        if isinstance(began, EpochBegan) and began.follows_epoch:
            ends[began.follows_epoch] = max(began.follows_seq, ends.get(began.follows_epoch, 0))
    kept = {epoch.hex(): (first, last) for epoch, first, last in db.execute(_KEPT)}
    for epoch, end in ends.items():
        first_lost = max(kept.get(epoch, (0, 0))[1], expired.get(epoch, 0)) + 1
        if end >= first_lost:
            yield GapDeclared(epoch, first_lost, end, "damaged")
    for former, following in pairwise(epoch.hex() for epoch in epochs):
        if former not in ends and not expired.get(following):
            yield GapDeclared(former, kept[former][1] + 1, 0, "damaged")


_KEPT = "SELECT epoch, min(seq), max(seq) FROM entries GROUP BY epoch"


def _bounded(gaps: Sequence[GapDeclared]) -> list[GapDeclared]:
    """Return them, the last ones as one from first to last where there are too many to name."""
    if len(gaps) <= GAPS_MAX:
        return list(gaps)
    kept, rest = list(gaps[: GAPS_MAX - 1]), gaps[GAPS_MAX - 1 :]
    for epoch in dict.fromkeys(gap.epoch for gap in rest):
        of_it = [gap for gap in rest if gap.epoch == epoch]
        kept.append(GapDeclared(epoch, of_it[0].first, of_it[-1].last, "damaged"))  # the last one may be open (0)
    return kept


_CHANGING = ", ".join(f"'{kind}'" for kind, body in KINDS.items() if issubclass(body, Changing))


def _sum_up(db: Database, alive: Alive) -> None:
    """Write what the entries add up to."""
    presence, times = Presence(), dict[str, int]()
    rows = db.execute(f"SELECT utc_us, canonical, personal FROM entries WHERE kind IN ({_CHANGING}) ORDER BY rowid")  # noqa: S608 - our own
    for count, (utc_us, canonical, personal) in enumerate(rows.fetchall()):
        try:
            entry = unseal(canonical, personal)
            body = entry.body()
            presence = projected(presence, body)
        except (EntryError, PresenceError):
            continue  # of another version: what it changed is not known here
        times |= times_in(body, utc_us)
        write_totals(db, body, entry.epoch, entry.seq, entry.stamp)
        if count % ALIVE_EVERY == 0:
            alive()
    write(db, [("set", name, None) for name in {*presence.facts, *times}], Presence(), presence, times)
