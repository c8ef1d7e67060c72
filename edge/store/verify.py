"""Walking a whole journal: every entry against its hash and the one before it, every hole against what the journal says of it.

The end is looked at too: each epoch's by what the next one follows, the last one's by what is known beside the journal.
"""

import sqlite3
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import UUID

from access.chain import link
from access.contract.checkpoints import Checkpoint
from access.entries import EntryError, EpochBegan, Expired, GapDeclared
from access.sealing import Opened, unseal
from edge.store.database import open_reader
from edge.store.errors import StoreError
from edge.store.mark import NOTHING_KNOWN, LastKnown
from edge.store.renewal import Renewal, loss_unsaid, noted_renewal
from edge.store.sqlite import Database

FAULTS_MAX = 100
AT_ONCE = 500  # entries in one transaction: a long one keeps the log from being folded in, and a gate without one from writing


@dataclass(slots=True)
class EpochWalked:
    """One epoch: whose it is, how many entries, from where to where, the chain hash of the last; holes as [first, last]."""

    epoch: UUID
    edge: UUID
    first: int = 0
    last: int = 0
    entries: int = 0
    head: str = ""
    holes: list[tuple[int, int]] = field(default_factory=list)


@dataclass(slots=True)
class Verdict:
    """What a walk has found; `faults` are what is damaged, or missing with no word of it (at most FAULTS_MAX).

    `signed` is the head that was kept beside the journal, which it must reach.
    """

    signed: Checkpoint | None = None
    epochs: list[EpochWalked] = field(default_factory=list)
    gaps: list[GapDeclared] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)

    @property
    def entries(self) -> int:
        """How many entries were read."""
        return sum(epoch.entries for epoch in self.epochs)

    def as_json(self) -> dict[str, Any]:
        """Return it for programs."""
        epochs = [
            {"epoch": str(one.epoch), "edge": str(one.edge), "first": one.first, "last": one.last, "head": one.head}
            | {"entries": one.entries, "holes": one.holes}
            for one in self.epochs
        ]
        gaps = [{"epoch": gap.epoch, "first": gap.first, "last": gap.last, "reason": gap.reason} for gap in self.gaps]
        signed = {"epoch": str(self.signed.epoch), "seq": self.signed.seq} if self.signed else None
        found = {"epochs": epochs, "gaps": gaps, "signed_head": signed, "faults": self.faults}
        return {"ok": not self.faults, "entries": self.entries} | found

    def told(self) -> Iterator[str]:
        """Tell it in lines."""
        for one in self.epochs:
            yield f"epoch {one.epoch} of edge {one.edge}: {one.entries} entries, {one.first} to {one.last}, head {one.head}"
        for gap in self.gaps:
            yield f"gap declared in {gap.epoch}: {gap.first} to {gap.last or '?'} ({gap.reason})"
        signed = self.signed
        yield f"signed head at entry {signed.seq} of {signed.epoch}" if signed else "no signed head to compare the end with"
        yield from self.faults
        yield f"{self.entries} entries, {len(self.faults)} faults"


def length(path: Path) -> int:
    """Return how many entries there are to walk. Raises StoreError."""
    with _reading(path) as db:
        return int(db.execute("SELECT count(*) FROM entries").fetchone()[0])


def verify(
    path: Path,
    step: Callable[[int], object] = lambda _count: None,
    checkpoint: Checkpoint | None = None,
    known: LastKnown = NOTHING_KNOWN,
) -> Verdict:
    """Walk a journal; its gate may be running. `step` hears now and then how many more entries are done. Raises StoreError.

    `checkpoint` and `known` are what was kept beside it, of its end. What is lost is no fault where the walk finds it declared.

    A former epoch that the next one names, and that is not there at all, is a fault only where all entries since are there. Else
    the word that it was forgotten in its time, or lost, may be gone with them, and nobody can tell.
    """
    with _reading(path) as db:
        with db.atomic():
            lost = None if noted_renewal(db) else loss_unsaid(db, checkpoint, known)
        walk = _Walk(db, Verdict(checkpoint), step)
        walk.through()
        walk.judge(lost)
    return walk.verdict


_NEXT_EPOCH = "SELECT rowid, epoch, edge FROM epochs WHERE rowid > ? ORDER BY rowid LIMIT 1"
_ANCHOR = "SELECT anchor_seq, anchor_hash FROM epochs WHERE epoch = ?"
_ENTRIES = "SELECT seq, canonical, personal, previous, hash FROM entries WHERE epoch = ? AND seq > ? ORDER BY seq LIMIT ?"
_BEFORE_ALL = -sys.maxsize
_ENDLESS = sys.maxsize
_OF_THE_JOURNAL = (GapDeclared.kind, EpochBegan.kind, Expired.kind)
_Row = tuple[int, bytes, bytes, bytes, bytes]
_Run = tuple[int, int]


@contextmanager
def _reading(path: Path) -> Iterator[Database]:
    """Have a journal open, read-only. Raises StoreError."""
    try:
        with closing(open_reader(path)) as db:
            yield db
    except sqlite3.Error as error:
        raise StoreError(f"{path} cannot be read: {error}") from error


class _Walk:
    """One walk through a journal that may be written meanwhile; any method may raise sqlite3.Error."""

    def __init__(self, db: Database, verdict: Verdict, step: Callable[[int], object]) -> None:
        self.verdict = verdict
        self._db = db
        self._step = step
        self._began: dict[UUID, EpochBegan] = {}
        self._expired: dict[str, int] = {}  # how far entries of each epoch (hex) were deleted in their time

    def through(self) -> None:
        """Walk every epoch, those too that begin meanwhile: what is lost meanwhile is declared there."""
        epochs, at = self.verdict.epochs, 0
        while (row := self._db.execute(_NEXT_EPOCH, (at,)).fetchone()) is not None:
            at, epoch, edge = row
            if epochs:
                self._walk_on(epochs[-1])  # it may have gone on before the next one began
            epochs.append(EpochWalked(UUID(bytes=epoch), UUID(bytes=edge)))
            self._walk_on(epochs[-1])

    def _walk_on(self, walked: EpochWalked) -> None:
        """Walk an epoch on from where the walk has come; what has been forgotten meanwhile is passed over."""
        is_more = True
        while is_more:
            with self._db.atomic():
                anchor, head = self._anchor(walked.epoch)
                values = (walked.epoch.bytes, walked.last if walked.entries else _BEFORE_ALL, AT_ONCE)
                rows: list[_Row] = self._db.execute(_ENTRIES, values).fetchall()
            if not walked.entries or anchor > walked.last:
                walked.last, walked.head = anchor, head.hex()
            for row in rows:
                self._take(row, walked)
            self._step(len(rows))
            is_more = len(rows) == AT_ONCE

    def _anchor(self, epoch: UUID) -> tuple[int, bytes]:
        """Return what the first entry kept of an epoch follows: its seq and chain hash."""
        return self._db.execute(_ANCHOR, (epoch.bytes,)).fetchone() or (0, b"")

    def _take(self, row: _Row, walked: EpochWalked) -> None:
        seq, _, _, previous, chained = row
        if seq <= walked.last:
            self._fault(f"entry {seq} of {walked.epoch} is there, and those through {walked.last} should be gone")
        elif seq > walked.last + 1:
            walked.holes.append((walked.last + 1, seq - 1))
        elif previous.hex() != walked.head:
            self._fault(f"entry {seq} of {walked.epoch} does not follow the one before it")
        self._open(row, walked)
        walked.first = walked.first or seq
        walked.last, walked.head, walked.entries = seq, chained.hex(), walked.entries + 1

    def _open(self, row: _Row, walked: EpochWalked) -> None:
        """Look at an entry by itself; only one that fits its hash is believed what it says of the journal."""
        seq, canonical, personal, previous, chained = row
        is_whole = link(previous, canonical) == chained
        if not is_whole:
            self._fault(f"entry {seq} of {walked.epoch} does not fit its hash")
        try:
            opened = unseal(canonical, personal)
        except EntryError as error:
            self._fault(f"entry {seq} of {walked.epoch}: {error}")
            return
        if (opened.epoch, opened.edge, opened.seq) != (walked.epoch, walked.edge, seq):
            self._fault(f"entry {seq} of {walked.epoch} is in another's place")
        elif is_whole:
            self._hear(opened)

    def _hear(self, opened: Opened) -> None:
        """Note what an entry says of the journal itself."""
        if opened.kind not in _OF_THE_JOURNAL:
            return
        with suppress(EntryError):  # of another version
            match opened.body():
                case GapDeclared() as gap:
                    self.verdict.gaps.append(gap)
                case EpochBegan() as began:
                    self._began[opened.epoch] = began
                case Expired(what="entries", epoch=epoch, last=last):
                    self._expired[epoch] = max(last, self._expired.get(epoch, 0))

    def judge(self, lost: Renewal | None) -> None:
        """Find fault with what is missing and not declared, when all is walked; `lost` is what was gone from the end before."""
        walked = {one.epoch.hex: one for one in self.verdict.epochs}
        for began in self._began.values():
            if began.follows_epoch in walked:
                self._judge_end(walked[began.follows_epoch], began)
        for one in self.verdict.epochs:
            self._judge_holes(one.epoch, one.holes)
        self._judge_former(walked)
        if lost is not None and not (lost.gaps and all(self._is_declared(gap) for gap in lost.gaps)):
            self._fault(f"the end is missing or changed, and no gap is declared: {lost.detail}")

    def _judge_end(self, walked: EpochWalked, began: EpochBegan) -> None:
        """Compare an epoch's end with what the one behind it follows; what is missing there is a hole."""
        if walked.last < began.follows_seq:
            walked.holes.append((walked.last + 1, began.follows_seq))
        elif walked.last == began.follows_seq and walked.head != began.follows_hash.hex():
            self._fault(f"entry {walked.last} of {walked.epoch} is another than the next epoch follows")

    def _judge_former(self, walked: Mapping[str, EpochWalked]) -> None:
        """Find the newest of the former epochs that are not there at all, as long as everything behind its end is there.

        A file that is made anew has no place for an epoch that was forgotten as a whole; the word of that may be forgotten too.
        """
        for one in reversed(self.verdict.epochs):
            began = self._began.get(one.epoch)
            if began is None or one.holes or one.entries < one.last:
                return
            if began.follows_epoch and began.follows_epoch not in walked:
                self._judge_holes(UUID(hex=began.follows_epoch), [(1, began.follows_seq)])
                return

    def _judge_holes(self, epoch: UUID, holes: Sequence[_Run]) -> None:
        """Find fault with holes, but for what the journal itself has declared: that was told when it came about."""
        declared = self._declared(epoch)
        for first, last in (run for hole in holes for run in _left_of(hole, declared)):
            self._fault(f"entries {first} to {last} of {epoch} are missing, and no gap is declared")

    def _is_declared(self, gap: GapDeclared) -> bool:
        return not list(_left_of((gap.first, gap.last or _ENDLESS), self._declared(UUID(hex=gap.epoch))))

    def _declared(self, epoch: UUID) -> list[_Run]:
        """Return what of an epoch is forgotten or declared lost, in order; without entries that never had a place (first 0)."""
        forgotten = max(self._expired.get(epoch.hex, 0), self._anchor(epoch)[0])
        gaps = ((gap.first, gap.last or _ENDLESS) for gap in self.verdict.gaps if gap.epoch == epoch.hex and gap.first)
        return sorted([(1, forgotten), *gaps])

    def _fault(self, what: str) -> None:
        if len(self.verdict.faults) < FAULTS_MAX:
            self.verdict.faults.append(what)


def _left_of(hole: _Run, declared: Sequence[_Run]) -> Iterator[_Run]:
    """Yield what of a hole is left when all that is declared, in order, is taken from it."""
    first, last = hole
    for begin, end in declared:
        if begin > last:
            break
        if begin > first:
            yield first, begin - 1
        first = max(first, end + 1)
    if first <= last:
        yield first, last
