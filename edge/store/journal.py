"""The journal: append-only, chained, committed before anything moves. The journal is also the outbox.

One process writes it; the others read (`edge.store.reader`). kill -9 never tears an entry, and with WAL + FULL neither does a
power cut.
"""

import contextlib
import sqlite3
from collections import ChainMap, deque
from collections.abc import Callable, Iterable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from itertools import chain
from pathlib import Path
from typing import Any, Concatenate, ParamSpec, TypeVar
from uuid import UUID

from access.chain import genesis, link
from access.chance import Chance
from access.entries import (
    AlarmRaised,
    Body,
    Draft,
    Entry,
    EpochBegan,
    Expired,
    GapDeclared,
    Stamp,
)
from access.identifiers import uuid7
from access.projection import changes_in, projected
from access.sealing import EntrySizeError, seal
from access.sharing import later_than_known, times_in
from access.shortening import CUT_ALARM, shorter
from edge.store.database import WITHOUT_LOG, WriterLock, fault_code, has_log, is_unreadable, sqlite_note
from edge.store.errors import StoreError
from edge.store.heard import write_totals
from edge.store.mark import Tip
from edge.store.mending import INSERT, put_back, remove, what_is_left
from edge.store.opening import OpenedFile, looked_on, opened
from edge.store.presence import forget_dropped, load_times, still_known, write
from edge.store.renewal import Remembered, Renewal, renewal_due
from edge.store.scrub import Rotten, Scrub
from edge.store.sqlite import Database

FORGET_MAX = 1000  # entries in one transaction
DOUBTFUL_MAX = 2000  # entries: more than one commit has
NEWEST_KEPT = 200  # of the epoch that is being written, however old
# After these nobody knows what of a commit is on the disk: the file must be opened anew and looked at.
_UNCERTAIN = frozenset({sqlite3.SQLITE_IOERR, sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB})
_NO_TEXT = 0  # SQLite has found nothing wrong, but text that it gave is none: a row is damaged where no chain hash tells of it
_DAMAGED = frozenset({sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB, _NO_TEXT})  # or a page cannot be read: a bad sector
Found = TypeVar("Found")
Asked = ParamSpec("Asked")
_Sealed = tuple[Body, tuple[Any, ...], Tip]  # an entry, its row, and the tip that it is
Beside = Callable[[Database], None]
"""What is written in the same transaction as entries."""


def nothing_beside(_db: Database) -> None:
    """Write nothing beside the entries."""


def _tells_of_a_cut(body: Body) -> bool:
    return isinstance(body, AlarmRaised) and body.what == CUT_ALARM


@dataclass(frozen=True, slots=True)
class Forgotten:
    """Entries that were deleted: how many, of which time (UTC microseconds), and the chain hash of the last of them."""

    count: int
    from_us: int = 0
    to_us: int = 0
    last_hash: bytes = b""


class Journal:
    """The writer's end; lives in one thread of one process. `presence` is what its entries add up to."""

    def __init__(
        self,
        path: Path,
        edge: UUID,
        stamp: Stamp,
        chance: Chance,
        remembered: Remembered | None = None,
        alive: Callable[[], None] = lambda: None,
    ) -> None:
        """Take the writer's lock, open or create the store, and find the head. Raises StoreError.

        A damaged file is set aside and made anew of what can be read; `alive` is called while that lasts. Where what is
        `remembered` of the journal does not fit it, a new epoch begins.
        """
        self.edge = edge
        self._path = path
        self._chance = chance
        self._alive = alive
        self._newest_ids: deque[bytes] = deque(maxlen=DOUBTFUL_MAX)
        self._faults: dict[int, sqlite3.Error] = {}  # what SQLite has said of the file in this run, by its code
        self.unmoved = 0
        """Commits since it was last tried to move the write-ahead log into the file: a reader may have held it back."""
        self.raised: deque[Draft] = deque(maxlen=DOUBTFUL_MAX)
        """Alarms that the journal has written of itself in this run, for whoever shows them to take out."""
        self.renewed: Renewal | None = None
        """Why a new epoch was begun in this run, the last time that one was."""
        with ExitStack() as undo:
            self._lock = WriterLock(path.with_suffix(".lock")).acquire()
            undo.callback(self._lock.release)
            self._open(stamp, remembered or Remembered())
            undo.pop_all()

    def _open(self, stamp: Stamp, remembered: Remembered, tip: Tip | None = None) -> None:
        """Open the file and take it up; once more, made anew, where that comes upon damage that was not found in opening it."""
        found, renewed = self._opened(stamp, tip), self.renewed
        try:
            self._take_up(found, stamp, remembered)
        except StoreError:
            if not self._damage_found():
                raise
            self._take_up(self._opened(stamp, tip if self.renewed is renewed else self._tip), stamp, remembered)

    def _opened(self, stamp: Stamp, tip: Tip | None) -> OpenedFile:
        found = opened(self._path, stamp.utc_us, self._alive, tip, self._damage_found())
        self._faults.clear()
        return found

    def _take_up(self, found: OpenedFile, stamp: Stamp, remembered: Remembered) -> None:
        self._db, self.presence, self._mark = found.db, found.presence, found.mark
        self.is_certain = True
        with ExitStack() as undo:
            undo.callback(self._close_file)
            try:
                self.has_log = has_log(self._db)
                self._tip = self._find_tip()
                self.times = load_times(self._db)
                self._scrub = Scrub(self._db)
                due = renewal_due(self._db, self.edge, remembered, found.known)
                if due is not None:
                    self.renew(due, stamp)
                self._mark.is_told()
                remembered.keep(self._db)
                self._settle_mark()
            except sqlite3.Error as error:
                raise self._failed("used", error) from error
            except OSError as error:
                raise StoreError(f"{self._path} cannot be used: {error}") from error
            undo.pop_all()

    def _damage_found(self) -> str:
        """Return what was said of the file that was damage, "" where the disk has failed for a moment, or not at all."""
        bad = (error for error in self._faults.values() if fault_code(error) in _DAMAGED or is_unreadable(self._path, error))
        return str(next(bad, ""))

    def _close_file(self) -> None:
        """Leave a file that could not be taken up, and its log: it is to be opened anew, and none of it to be missed then."""
        self.is_certain = False
        with ExitStack() as beside:
            with contextlib.suppress(StoreError):
                beside.enter_context(looked_on(self._path))
            self._db.close()

    @property
    def epoch(self) -> UUID:
        """The epoch that is being written."""
        return self._tip.epoch

    @property
    def seq(self) -> int:
        """The seq of the newest entry."""
        return self._tip.seq

    @property
    def note(self) -> str:
        """What the health page says of SQLite and of how it writes here."""
        return sqlite_note() if self.has_log else f"{sqlite_note()}; {WITHOUT_LOG}"

    @property
    def head(self) -> bytes:
        """The chain hash of the newest entry."""
        return self._tip.head

    def reopen(self, stamp: Stamp) -> None:
        """Close the file and open it anew, after an error that leaves in doubt what is stored; then all of it is synced again.

        Raises StoreError; then it may be tried again.
        """
        before, renewed = self._tip, self.renewed
        self.is_certain = False
        with contextlib.suppress(OSError):
            self._mark.expects(before)
        with contextlib.suppress(sqlite3.Error):
            self._db.close()
        try:
            self._open(stamp, Remembered(), before)
        except StoreError:
            if self.renewed is renewed:
                self._tip = before  # it is not said yet what of it is lost
            raise
        newest = self._rows("SELECT id FROM entries ORDER BY rowid DESC LIMIT ?", (DOUBTFUL_MAX,))
        self._newest_ids.clear()  # some of them may be lost
        self._newest_ids.extend(identity for (identity,) in reversed(newest))
        self._checkpoint("RESTART")

    def _find_tip(self) -> Tip:
        row = self._db.execute("SELECT epoch, seq, hash FROM entries ORDER BY rowid DESC LIMIT 1").fetchone()
        return Tip(UUID(int=0), 0, b"") if row is None else Tip(UUID(bytes=row[0]), row[1], row[2])

    def renew(self, why: Renewal, stamp: Stamp, beside: Beside = nothing_beside) -> None:
        """Begin a new epoch that follows what there is, and say what is lost; raises StoreError, and then nothing has changed.

        `beside` is done within the same transaction.
        """
        before = self._tip
        follows = (before.epoch.hex, before.seq, before.head) if before.seq else ("", 0, b"")
        bodies: list[Body] = [EpochBegan(why.reason, *follows), *why.gaps]
        drafts = [self.draft(body, stamp) for body in bodies]
        alarms = [self.draft(AlarmRaised(why.alarm, why.detail), stamp)] if why.alarm else []
        epoch = uuid7(datetime.fromtimestamp(stamp.utc_us / 1e6, UTC), self._chance(10))
        self._tip = Tip(epoch, 0, genesis(self.edge, epoch))
        values = (epoch.bytes, self.edge.bytes, self._tip.head)

        def name_it(db: Database) -> None:
            db.execute("INSERT INTO epochs (epoch, edge, anchor_seq, anchor_hash) VALUES (?, ?, 0, ?)", values)
            db.execute("DELETE FROM notes WHERE name = 'renewal'")
            beside(db)

        try:
            self.append([*drafts, *alarms], stamp, name_it)
        except StoreError:
            self._tip = before
            raise
        self.renewed = why
        self.raised += alarms

    def fall_behind(self, epoch: UUID, seq: int, stamp: Stamp) -> None:
        """Begin a new epoch where the registry has more of this one. Raises StoreError."""
        if epoch == self.epoch and seq > self.seq:
            gap = GapDeclared(epoch.hex, self.seq + 1, seq, "restored")
            self.renew(Renewal("restored", "journal_restored", f"the registry has entries through {seq}", (gap,)), stamp)

    def draft(self, body: Body, stamp: Stamp, lane: str = "", passage: str = "") -> Draft:
        """Give a body an id of its own."""
        return Draft(uuid7(datetime.fromtimestamp(stamp.utc_us / 1e6, UTC), self._chance(10)), body, lane, passage)

    def append(self, drafts: Sequence[Draft], stamp: Stamp, beside: Beside = nothing_beside) -> int:
        """Commit `drafts` together, in order, durably; returns the last seq. Raises StoreError, and then nothing is stored.

        `beside` writes what belongs to them within the same transaction.
        """
        return self.append_stamped([(draft, stamp) for draft in drafts], beside)

    def append_stamped(self, drafts: Sequence[tuple[Draft, Stamp]], beside: Beside = nothing_beside) -> int:
        """Commit drafts as `append` does, each with a stamp of its own."""
        if not self.is_certain:
            raise StoreError("the journal must be opened anew: an error of the disk left in doubt what is stored")
        rows, tip, presence = [], self._tip, self.presence
        new: dict[str, int] = {}
        times = ChainMap(new, self.times)
        written: list[tuple[Body, Stamp]] = []
        for draft, stamp in drafts:
            dated = replace(draft, body=later_than_known(draft.body, times, stamp.utc_us))
            for body, row, placed in self._sealed(dated, stamp, tip):
                new |= times_in(body, stamp.utc_us)
                presence = projected(presence, body)
                rows.append(row)
                written.append((body, stamp))
                tip = placed
        bodies = [body for body, _ in written]

        def write_all(db: Database) -> None:
            for row in rows:
                db.execute(INSERT, row)
            write(db, chain.from_iterable(map(changes_in, bodies)), self.presence, presence, times)
            for seq, (body, stamp) in enumerate(written, self._tip.seq + 1):
                write_totals(db, body, self._tip.epoch, seq, stamp)
            beside(db)

        self._commit(write_all)
        self._tip, self.presence = tip, presence
        self.times |= new
        sealed = zip(bodies, rows, strict=True)
        self.raised += [Draft(UUID(bytes=row[2]), body, row[4], row[5]) for body, row in sealed if _tells_of_a_cut(body)]
        self._newest_ids.extend(draft.id.bytes for draft, _ in drafts)
        return tip.seq

    def _sealed(self, draft: Draft, stamp: Stamp, tip: Tip) -> list[_Sealed]:
        """Seal an entry that follows `tip`; one that is too large is made shorter, with an alarm behind it or in its place."""
        try:
            return [self._sealed_whole(draft, stamp, tip)]
        except EntrySizeError:
            alarm = AlarmRaised(CUT_ALARM, draft.body.kind)
        for body in shorter(draft.body):
            with contextlib.suppress(EntrySizeError):
                cut = self._sealed_whole(replace(draft, body=body), stamp, tip)
                said = self.draft(alarm, stamp, draft.lane, draft.passage)
                return [cut, self._sealed_whole(said, stamp, cut[-1])]
        return [self._sealed_whole(replace(draft, body=alarm), stamp, tip)]

    def _sealed_whole(self, draft: Draft, stamp: Stamp, tip: Tip) -> _Sealed:
        """Make the row of an entry that follows `tip`, and the tip that it is then. Raises EntrySizeError."""
        seq = tip.seq + 1
        sealed = seal(Entry(self.edge, tip.epoch, seq, draft.id, stamp, draft.body, draft.lane, draft.passage), self._chance)
        head = link(tip.head, sealed.canonical)
        place = (tip.epoch.bytes, seq, draft.id.bytes, draft.body.kind, draft.lane, draft.passage, stamp.utc_us)
        return draft.body, (*place, sealed.canonical, sealed.personal, tip.head, head), Tip(tip.epoch, seq, head)

    def _commit(self, write_all: Beside) -> None:
        try:
            with self._db.atomic():
                write_all(self._db)
            self.unmoved += 1
            if self.has_log:
                self._mark.set()
        except sqlite3.Error as error:
            raise self._failed("written", error) from error
        except OSError as error:
            self.is_certain = False
            raise StoreError(f"the journal's folder cannot be written: {error}") from error

    def _failed(self, what: str, error: sqlite3.Error) -> StoreError:
        """Note what puts in doubt what is stored, or can be read of it: the file must be opened anew then."""
        is_no_text = isinstance(error, sqlite3.OperationalError) and fault_code(error) == _NO_TEXT
        if is_no_text or fault_code(error) in _UNCERTAIN:
            self.is_certain = False
            self._faults[_NO_TEXT if is_no_text else error.sqlite_errorcode] = error
        return StoreError(f"the journal cannot be {what}: {error}")

    def newest_ids(self) -> frozenset[bytes]:
        """Return the ids of the newest entries: one whose commit failed only in being confirmed is among them."""
        return frozenset(self._newest_ids)

    def forget(self, epoch: UUID, through: int, stamp: Stamp, reason: str = "age") -> Forgotten:
        """Delete the oldest entries of an epoch, none after seq `through`, at most FORGET_MAX, and write down that it was done.

        The caller answers for their being at the registry. The newest of all stay. Raises StoreError, and then nothing is gone.
        """
        last = min(through, self.seq - NEWEST_KEPT) if epoch == self.epoch else through
        query = "SELECT seq, utc_us, hash, length(canonical) + length(personal) FROM entries WHERE epoch = ? AND seq <= ?"
        rows = self._rows(f"{query} ORDER BY seq LIMIT ?", (epoch.bytes, last, FORGET_MAX))
        if not rows:
            return Forgotten(0)
        at_seq, _, at_hash, _ = rows[-1]
        times, size = [row[1] for row in rows], sum(row[3] for row in rows)
        proof = Expired("entries", reason, len(rows), size, min(times), max(times), at_hash, epoch.hex, at_seq)

        def delete(db: Database) -> None:
            db.execute("DELETE FROM entries WHERE epoch = ? AND seq <= ?", (epoch.bytes, at_seq))
            db.execute("DELETE FROM rotten WHERE epoch = ? AND seq <= ?", (epoch.bytes, at_seq))
            anchor = "UPDATE epochs SET anchor_seq = ?, anchor_hash = ? WHERE epoch = ?"
            db.execute(anchor, (at_seq, at_hash, epoch.bytes))
            if reason == "age":
                forget_dropped(db, max(times))

        self.append([self.draft(proof, stamp)], stamp, delete)
        if reason == "age":
            self.times = still_known(self.times, self.presence, max(times))
        return Forgotten(len(rows), min(times), max(times), at_hash)

    def date_sums(self, sums: Iterable[tuple[str, str]], at_us: int) -> None:
        """Let those of these sums, by (epoch, name), be of now of which nobody knows when something was added last.

        Raises StoreError.
        """
        dated = [(at_us, epoch, name) for epoch, name in sums]

        def date(db: Database) -> None:
            db.conn.executemany("UPDATE heard SET at_us = ? WHERE epoch = ? AND name = ? AND at_us = 0", dated)

        self._commit(date)

    def clear_log(self) -> None:
        """Leave nothing of what the write-ahead log held, if nobody reads in it just now: else later commits overwrite it.

        Raises StoreError, OSError.
        """
        if self.has_log and self._checkpoint("PASSIVE"):
            self._mark.clear()  # before: a mark without a log would say that one was lost
            self._checkpoint("TRUNCATE")

    def look(self, find: Callable[Concatenate[Database, Asked], Found], *asked: Asked.args, **named: Asked.kwargs) -> Found:
        """Return what is found in the store. Raises StoreError: where it is damaged it must be opened anew."""
        try:
            return find(self._db, *asked, **named)
        except sqlite3.Error as error:
            raise self._failed("read", error) from error

    def _rows(self, query: str, values: tuple[Any, ...] = ()) -> list[Any]:
        try:
            return self._db.execute(query, values).fetchall()
        except sqlite3.Error as error:
            raise self._failed("read", error) from error

    def scrub(self, limit: int) -> list[Rotten]:
        """Look at the next rows of a walk that never ends; return those newly found rotten. Raises StoreError."""
        try:
            return self._scrub.step(limit)
        except sqlite3.Error as error:
            raise self._failed("walked through", error) from error

    def mend(self, epoch: UUID, seq: int, canonical: bytes, personal: bytes) -> bool:
        """Put a row that is rotten or missing back as it was; False where these bytes do not fit the chain. Raises StoreError."""
        try:
            return put_back(self._db, self.edge, Rotten(epoch, seq), canonical, personal)
        except sqlite3.Error as error:
            raise self._failed("mended", error) from error

    def give_up(self, place: Rotten, stamp: Stamp) -> None:
        """Keep what can be read of a rotten row that nobody else has, else declare it lost in a new epoch. Raises StoreError."""
        left = self.look(what_is_left, place)
        if any(self.mend(place.epoch, place.seq, canonical, personal) for canonical, personal in left):
            return
        gap = GapDeclared(place.epoch.hex, place.seq, place.seq, "rotten")
        why = Renewal("rebuilt", "entry_lost", f"{place.epoch.hex}/{place.seq}", (gap,))
        self.renew(why, stamp, lambda db: remove(db, place))

    def tidy(self) -> None:
        """Move the write-ahead log into the file; called when the gate is quiet, so that no passage waits for it."""
        self._checkpoint("PASSIVE")

    def _checkpoint(self, how: str) -> bool:
        """Move the write-ahead log into the file; tell whether all of it is there now."""
        self.unmoved = 0
        try:
            busy, logged, moved = self._db.execute(f"PRAGMA wal_checkpoint({how})").fetchone()
        except sqlite3.Error as error:
            raise self._failed("checkpointed", error) from error
        return not busy and logged == moved

    def close(self) -> None:
        """Checkpoint, close and give the lock back; where the disk fails, all is in the write-ahead log for the next start."""
        try:
            with contextlib.suppress(OSError, StoreError):
                if self.is_certain:
                    self._settle_mark()
        finally:
            self._db.close()
            with contextlib.suppress(OSError):
                self._mark.settle()
            self._lock.release()

    def _settle_mark(self) -> None:
        """Take the mark away where all is in the file: then nothing is lost with the log, whoever deletes it. Raises OSError."""
        if not self.has_log or self._checkpoint("PASSIVE"):
            self._mark.clear()
