"""The journal: append-only, chained, committed before anything moves. The journal is also the outbox.

One process writes it (`Journal`); the others read (`JournalReader`). kill -9 never tears an entry, and with WAL + FULL neither
does a power cut.
"""

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

from access.chain import genesis, link
from access.chance import Chance
from access.entries import Body, Decided, Draft, Entry, EpochBegan, Stamp
from access.identifiers import uuid7
from access.presence import Change
from access.projection import changes_in, projected
from access.sealing import Opened, seal, unseal
from edge.store.database import WriterLock, open_reader, open_writer
from edge.store.errors import StoreError
from edge.store.migrations import bring_up
from edge.store.presence import load, write


@dataclass(frozen=True, slots=True)
class StoredEntry:
    """An entry as it lies in the journal."""

    seq: int
    canonical: bytes
    personal: bytes
    hash: bytes
    utc_us: int

    def read(self) -> Opened:
        """Read it back; raises EntryError."""
        return unseal(self.canonical, self.personal)


class Journal:
    """The writer's end; lives in one thread of one process. `presence` is what its entries add up to."""

    def __init__(self, path: Path, edge: UUID, stamp: Stamp, chance: Chance) -> None:
        """Take the writer's lock, open or create the store, and find the head. Raises StoreError."""
        self.edge = edge
        self._chance = chance
        with ExitStack() as undo:
            self._lock = WriterLock(path.with_suffix(".lock")).acquire()
            undo.callback(self._lock.release)
            self._db = open_writer(path)
            undo.callback(self._db.close)
            try:
                bring_up(self._db)
                self.presence = load(self._db)
                self.epoch, self.seq, self._head = self._find_head() or self._begin_epoch(stamp)
            except sqlite3.Error as error:
                raise StoreError(f"{path} cannot be used: {error}") from error
            undo.pop_all()

    def _find_head(self) -> tuple[UUID, int, bytes] | None:
        row = self._db.execute("SELECT epoch, seq, canonical, previous, hash FROM entries ORDER BY rowid DESC LIMIT 1").fetchone()
        if row is None:
            return None
        epoch, seq, canonical, previous, head = row
        if link(previous, canonical) != head:
            raise StoreError(f"the newest entry ({seq}) does not fit its hash: the journal was damaged or changed")
        return UUID(bytes=epoch), seq, head

    def _begin_epoch(self, stamp: Stamp) -> tuple[UUID, int, bytes]:
        self.epoch = uuid7(datetime.fromtimestamp(stamp.utc_us / 1e6, UTC), self._chance(10))
        self.seq, self._head = 0, genesis(self.edge, self.epoch)
        self.append([self.draft(EpochBegan("created"), stamp)], stamp)
        return self.epoch, self.seq, self._head

    def draft(self, body: Body, stamp: Stamp, lane: str = "", passage: str = "") -> Draft:
        """Give a body an id of its own."""
        return Draft(uuid7(datetime.fromtimestamp(stamp.utc_us / 1e6, UTC), self._chance(10)), body, lane, passage)

    def append(self, drafts: Sequence[Draft], stamp: Stamp) -> int:
        """Commit `drafts` together, in order, durably; returns the last seq. Raises StoreError, and then nothing is stored."""
        rows, seq, head = [], self.seq, self._head
        changes: list[Change] = []
        presence = self.presence
        for draft in drafts:
            seq += 1
            changes += changes_in(draft.body)
            presence = projected(presence, draft.body)
            entry = Entry(self.edge, self.epoch, seq, draft.id, stamp, draft.body, draft.lane, draft.passage)
            sealed = seal(entry, self._chance)
            previous, head = head, link(head, sealed.canonical)
            rows.append(
                (
                    *(self.epoch.bytes, seq, draft.id.bytes, draft.body.kind, draft.lane, draft.passage),
                    *(stamp.utc_us, sealed.canonical, sealed.personal, previous, head),
                )
            )
        try:
            with self._db.atomic():
                for row in rows:
                    self._db.execute(_INSERT, row)
                write(self._db, changes, presence)
        except sqlite3.Error as error:
            raise StoreError(f"the journal cannot be written: {error}") from error
        self.seq, self._head, self.presence = seq, head, presence
        return seq

    def tidy(self) -> None:
        """Move the write-ahead log into the file; called when the gate is quiet, so that no passage waits for it."""
        try:
            self._db.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchone()
        except sqlite3.Error as error:
            raise StoreError(f"the journal cannot be checkpointed: {error}") from error

    def newest_utc_us(self) -> int:
        """Return the latest time (UTC microseconds) that the last thousand entries bear: the clock cannot truly be behind it."""
        query = "SELECT max(utc_us) FROM (SELECT utc_us FROM entries ORDER BY rowid DESC LIMIT 1000)"
        return int(self._db.execute(query).fetchone()[0])

    def open_passages(self) -> list[tuple[str, str, list[str]]]:
        """Return (passage, lane, kinds of its entries) of the last thousand passages that have not ended, oldest first."""
        query = """
            SELECT passage, max(lane), group_concat(DISTINCT kind), min(rowid) AS began FROM entries
            WHERE passage <> '' AND rowid > (SELECT max(rowid) FROM entries) - 10000
            GROUP BY passage HAVING sum(kind = 'passage') = 0 ORDER BY began LIMIT 1000
        """
        return [(passage, lane, kinds.split(",")) for passage, lane, kinds, _ in self._db.execute(query)]

    def decision_of(self, passage: str) -> Decided | None:
        """Return the last decision on a passage, None where there is none."""
        query = "SELECT canonical, personal FROM entries WHERE passage = ? AND kind = 'decision' ORDER BY rowid DESC LIMIT 1"
        row = self._db.execute(query, (passage,)).fetchone()
        body = unseal(*row).body() if row else None
        return body if isinstance(body, Decided) else None

    def entries_of(self, passage: str) -> list[Opened]:
        """Return the entries of a passage in order."""
        query = "SELECT canonical, personal FROM entries WHERE passage = ? ORDER BY rowid"
        return [unseal(*row) for row in self._db.execute(query, (passage,))]

    def close(self) -> None:
        """Checkpoint, close and give the lock back."""
        try:
            self.tidy()
        finally:
            self._db.close()
            self._lock.release()


_INSERT = """
    INSERT INTO entries (epoch, seq, id, kind, lane, passage, utc_us, canonical, personal, previous, hash)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
"""


class JournalReader:
    """A reader's end, for the other programs; one thread at a time."""

    def __init__(self, path: Path) -> None:
        """Open an existing journal read-only. Raises StoreError."""
        self._db = open_reader(path)

    def head(self) -> tuple[UUID, int]:
        """Return the newest epoch and its highest seq. Raises StoreError where the journal is empty."""
        for epoch, seq in self._query("SELECT epoch, seq FROM entries ORDER BY rowid DESC LIMIT 1"):
            return UUID(bytes=epoch), seq
        raise StoreError("the journal is empty")

    def epochs(self) -> list[UUID]:
        """Return the epochs in the order they began."""
        return [UUID(bytes=epoch) for (epoch,) in self._query("SELECT epoch FROM entries WHERE seq = 1 ORDER BY rowid")]

    def length(self, epoch: UUID) -> int:
        """Return the highest seq of an epoch, 0 where there is none."""
        rows = list(self._query("SELECT max(seq) FROM entries WHERE epoch = ?", (epoch.bytes,)))
        return rows[0][0] or 0

    def after(self, epoch: UUID, seq: int, limit: int) -> list[StoredEntry]:
        """Return at most `limit` entries of an epoch that follow `seq`, in order."""
        query = "SELECT seq, canonical, personal, hash, utc_us FROM entries WHERE epoch = ? AND seq > ? ORDER BY seq LIMIT ?"
        return [StoredEntry(*row) for row in self._query(query, (epoch.bytes, seq, limit))]

    def hash_at(self, edge: UUID, epoch: UUID, seq: int) -> bytes | None:
        """Return the chain hash at `seq` of an epoch (0: what its first entry follows), or None where there is none."""
        if seq == 0:
            return genesis(edge, epoch)
        rows = list(self._query("SELECT hash FROM entries WHERE epoch = ? AND seq = ?", (epoch.bytes, seq)))
        return rows[0][0] if rows else None

    def evidence_after(self, rowid: int, limit: int) -> list[tuple[int, Opened]]:
        """Return (rowid, entry) of evidence entries written after `rowid`, oldest first."""
        query = "SELECT rowid, canonical, personal FROM entries WHERE kind = 'evidence' AND rowid > ? ORDER BY rowid LIMIT ?"
        return [(at, unseal(canonical, personal)) for at, canonical, personal in self._query(query, (rowid, limit))]

    def every(self) -> Iterator[Opened]:
        """Read all entries in the order they were written."""
        for canonical, personal in self._query("SELECT canonical, personal FROM entries ORDER BY rowid"):
            yield unseal(canonical, personal)

    def close(self) -> None:
        """Close the connection."""
        self._db.close()

    def _query(self, sql: str, values: tuple[Any, ...] = ()) -> Iterator[Any]:
        try:
            yield from self._db.execute(sql, values)
        except sqlite3.Error as error:
            raise StoreError(f"the journal cannot be read: {error}") from error
