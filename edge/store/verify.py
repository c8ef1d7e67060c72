"""Walking a whole journal: every entry against its hash and the one before it, every hole against what the journal says of it.

The end is looked at too: each epoch's by what the next one follows, the last one's by what is known beside the journal.
"""

import sqlite3
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from uuid import UUID

from access.chain import genesis, link
from access.contract.checkpoints import Checkpoint
from access.entries import EntryError, EpochBegan, Expired, GapDeclared
from access.sealing import Opened, unseal
from edge.store.database import open_reader
from edge.store.errors import StoreError
from edge.store.findings import EpochWalked, Finding, Kind, Verdict
from edge.store.mark import NOTHING_KNOWN, LastKnown
from edge.store.migrations import changed_schema
from edge.store.renewal import Renewal, loss_unsaid, noted_renewal
from edge.store.rows import COLUMNS, Row
from edge.store.sqlite import Database
from edge.store.witnesses import NO_WITNESSES, Witnesses

UUID_BYTES = 16
AT_ONCE = 500  # entries in one transaction: a long one keeps the log from being folded in, and a gate without one from writing


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
    """Walk a journal by itself, or with the head that was kept beside it and what is known of its end; see `verify_beside`."""
    return verify_beside(path, Witnesses(checkpoint, known), step)


def verify_beside(
    path: Path, witnesses: Witnesses = NO_WITNESSES, step: Callable[[int], object] = lambda _count: None
) -> Verdict:
    """Walk a journal; its gate may be running. `step` hears now and then how many more entries are done. Raises StoreError.

    `witnesses` were read before. What is lost is no fault where the walk finds it declared.

    A former epoch that the next one names, and that is not there at all, is a fault only where all entries since are there. Else
    the word that it was forgotten in its time, or lost, may be gone with them, and nobody can tell.
    """
    with _reading(path) as db:
        walk = _Walk(db, witnesses, step)
        if changed := changed_schema(db):
            walk.verdict.found(Finding("edit", f"the file is not made as a gate makes it: {', '.join(changed)}"))
            return walk.verdict  # nothing that is asked of it would mean what it says
        with db.atomic():
            due = noted_renewal(db)
            lost = None if due else loss_unsaid(db, witnesses.signed, witnesses.known)
        walk.verdict.pending = due.reason if due else ""
        walk.through()
        walk.judge(lost)
    return walk.verdict


_NEXT_EPOCH = "SELECT rowid, epoch, edge FROM epochs WHERE rowid > ? ORDER BY rowid LIMIT 1"
_ANCHOR = "SELECT anchor_seq, anchor_hash FROM epochs WHERE epoch = ?"
_ENTRIES = f"SELECT {COLUMNS} FROM entries WHERE epoch = ? AND seq > ? ORDER BY seq LIMIT ?"  # noqa: S608 - our own words
_STRAY = "SELECT min(epoch) FROM entries WHERE epoch > ?"
_BEFORE_ALL = -sys.maxsize
_ENDLESS = sys.maxsize
_OF_THE_JOURNAL = (GapDeclared.kind, EpochBegan.kind, Expired.kind)
# After such a beginning what the former epoch had at its end is elsewhere, or gone: people were told.
_BEGAN_WITH_LOSS = frozenset({"restored", "rebuilt", "cloned"})
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

    def __init__(self, db: Database, witnesses: Witnesses, step: Callable[[int], object]) -> None:
        told = witnesses.countersigned.checkpoint if witnesses.countersigned else None
        self.verdict = Verdict(witnesses.signed, told, findings=list(witnesses.findings))
        self._witnesses = witnesses
        self._db = db
        self._step = step
        self._is_placed = True  # the entry before
        self._began: dict[UUID, EpochBegan] = {}
        self._expired: dict[str, int] = {}  # how far entries of each epoch (hex) were deleted in their time
        self._proofs: dict[tuple[str, int], bytes] = {}  # chain hashes of the last of these
        self._anchors: dict[UUID, tuple[int, bytes]] = {}
        self._asked = {(head.epoch, head.seq) for head in (witnesses.signed, told) if head is not None}
        self._hashes: dict[tuple[UUID, int], bytes] = {}  # at the places asked for

    def through(self) -> None:
        """Walk every epoch, those too that begin meanwhile: what is lost meanwhile is declared there."""
        epochs, at = self.verdict.epochs, 0
        while (row := self._db.execute(_NEXT_EPOCH, (at,)).fetchone()) is not None:
            at, epoch, edge = row
            if epochs:
                self._walk_on(epochs[-1])  # it may have gone on before the next one began
            if not len(epoch) == len(edge) == UUID_BYTES:
                self._fault("edit", f"an epoch is noted as {epoch.hex()!r} of edge {edge.hex()!r}: these are no ids")
                continue
            epochs.append(EpochWalked(UUID(bytes=epoch), UUID(bytes=edge)))
            self._walk_on(epochs[-1])

    def _walk_on(self, walked: EpochWalked) -> None:
        """Walk an epoch on from where the walk has come; what has been forgotten meanwhile is passed over."""
        is_more = True
        while is_more:
            with self._db.atomic():
                anchor, head = self._anchors[walked.epoch] = self._anchor(walked.epoch)
                values = (walked.epoch.bytes, walked.last if walked.entries else _BEFORE_ALL, AT_ONCE)
                rows = self._db.execute(_ENTRIES, values).fetchall()
            if not walked.entries or anchor > walked.last:
                walked.last, walked.head = anchor, head.hex()
            for row in rows:
                self._take(Row._make(row), walked)
            self._step(len(rows))
            is_more = len(rows) == AT_ONCE

    def _anchor(self, epoch: UUID) -> tuple[int, bytes]:
        """Return what the first entry kept of an epoch follows: its seq and chain hash."""
        return self._db.execute(_ANCHOR, (epoch.bytes,)).fetchone() or (0, b"")

    def _take(self, row: Row, walked: EpochWalked) -> None:
        seq, epoch = row.seq, walked.epoch
        if seq <= walked.last:
            self._fault("added", f"entry {seq} of {epoch} is there, and those through {walked.last} should be gone", epoch, seq)
        elif seq > walked.last + 1:
            walked.holes.append((walked.last + 1, seq - 1))
        is_placed = self._open(row, walked)
        if seq == walked.last + 1 and is_placed and self._is_placed and not self._follows(row, walked):
            words = f"entry {seq} of {epoch} does not follow the one before it: one of them was exchanged"
            self._fault("edit", words, epoch, seq)
        if row.rowid <= walked.rowid:
            self._fault("reordering", f"entry {seq} of {epoch} lies before the one that it follows", epoch, seq)
        self._is_placed = is_placed
        if (epoch, seq) in self._asked:
            self._hashes[epoch, seq] = row.hash
        walked.first = walked.first or seq
        walked.last, walked.head, walked.entries, walked.rowid = seq, row.hash.hex(), walked.entries + 1, row.rowid

    @staticmethod
    def _follows(row: Row, walked: EpochWalked) -> bool:
        if row.previous.hex() != walked.head:
            return False
        return row.seq > 1 or row.previous == genesis(walked.edge, walked.epoch)

    def _open(self, row: Row, walked: EpochWalked) -> bool:
        """Look at an entry by itself, and tell whether it is none of another place.

        Only one that fits its hash is believed what it says of the journal.
        """
        seq, epoch = row.seq, walked.epoch
        if link(row.previous, row.canonical) != row.hash:
            self._fault("edit", f"entry {seq} of {epoch} does not fit its hash", epoch, seq)
            return self._is_in_place(row, walked)
        try:
            opened = unseal(row.canonical, row.personal)
        except EntryError as error:
            self._fault("edit", f"entry {seq} of {epoch}: {error}", epoch, seq)
            return self._is_in_place(row, walked)
        if self._is_misplaced(opened, walked, seq):
            return False
        self.verdict.erased += bool(opened.erased)
        self._hear(opened)
        if wrong := row.changed(opened):
            self._fault("edit", f"entry {seq} of {epoch}: beside its bytes was changed: {', '.join(wrong)}", epoch, seq)
        return True

    def _is_in_place(self, row: Row, walked: EpochWalked) -> bool:
        """Tell whether an entry's bytes, where they can be read at all, are of the place where they stand."""
        try:
            return not self._is_misplaced(unseal(row.canonical), walked, row.seq)
        except EntryError:
            return True

    def _is_misplaced(self, opened: Opened, walked: EpochWalked, seq: int) -> bool:
        if (opened.epoch, opened.edge, opened.seq) == (walked.epoch, walked.edge, seq):
            return False
        whose = "" if opened.epoch == walked.epoch else f" of {opened.epoch}"
        if opened.edge != walked.edge:
            whose = f" of edge {opened.edge}"
        words = f"entry {seq} of {walked.epoch} is in another's place: it is entry {opened.seq}{whose}"
        self._fault("reordering", words, walked.epoch, seq)
        return True

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
                    self.verdict.epochs[-1].why = began.reason
                case Expired(what="entries", epoch=epoch, last=last, digest=digest):
                    self._expired[epoch] = max(last, self._expired.get(epoch, 0))
                    self._proofs[epoch, last] = digest

    def judge(self, lost: Renewal | None) -> None:
        """Find fault with what is missing and not declared, when all is walked; `lost` is what was gone from the end before."""
        walked = {one.epoch.hex: one for one in self.verdict.epochs}
        for began in self._began.values():
            if began.follows_epoch in walked:
                self._judge_end(walked[began.follows_epoch], began)
        for one in self.verdict.epochs:
            self._judge_holes(one.epoch, one.holes)
        self._judge_former(walked)
        self._judge_strays()
        self._judge_anchors()
        if lost is not None and not (lost.gaps and all(self._is_declared(gap) for gap in lost.gaps)):
            self._fault("cut_tail", f"the end is missing or changed, and no gap is declared: {lost.detail}", *self._newest())
        else:
            self._judge_head(self.verdict.signed, "this gate has signed")
        self._judge_head(self.verdict.countersigned, "the registry has countersigned")
        self._judge_order(self.verdict.signed, self.verdict.countersigned)
        self._judge_acked()

    def _newest(self) -> tuple[UUID | None, int]:
        return (self.verdict.epochs[-1].epoch, self.verdict.epochs[-1].last) if self.verdict.epochs else (None, 0)

    def _judge_end(self, walked: EpochWalked, began: EpochBegan) -> None:
        """Compare an epoch's end with what the one behind it follows; what is missing there is a hole."""
        end = began.follows_seq
        if walked.last < end:
            walked.holes.append((walked.last + 1, end))
        elif walked.last == end and walked.head != began.follows_hash.hex():
            words = f"entry {walked.last} of {walked.epoch} is another than the next epoch follows"
            self._fault("edit", f"{words}: it was exchanged, or the chain made anew", walked.epoch, walked.last)
        elif walked.last > end and not self._is_lost(walked.epoch, end + 1, walked.last):
            words = f"entries {end + 1} to {walked.last} of {walked.epoch} are there, and the next epoch began behind {end}"
            self._fault("added", words, walked.epoch, end + 1)

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
            self._fault("gap", f"entries {first} to {last} of {epoch} are missing, and no gap is declared", epoch, first)

    def _judge_strays(self) -> None:
        """Find rows of epochs that nobody has begun here."""
        with self._db.atomic():
            epoch = b""
            while (epoch := self._db.execute(_STRAY, (epoch,)).fetchone()[0]) is not None:
                if self._db.execute("SELECT 1 FROM epochs WHERE epoch = ?", (epoch,)).fetchone() is None:
                    (seq,) = self._db.execute("SELECT min(seq) FROM entries WHERE epoch = ?", (epoch,)).fetchone()
                    whose = UUID(bytes=epoch) if len(epoch) == UUID_BYTES else None
                    self._fault("added", f"entry {seq} of {whose or epoch.hex()} is of an epoch that was not begun", whose, seq)

    def _judge_anchors(self) -> None:
        """Find that an epoch's first entries are gone with no proof that they were forgotten in their time.

        Of what was forgotten in the newest epoch that has forgotten any the proof is there; of earlier ones it may be forgotten.
        """
        is_newest = True
        for one in reversed(self.verdict.epochs):
            anchor, head = self._anchors[one.epoch]
            proof = self._proofs.get((one.epoch.hex, anchor))
            is_newest = is_newest and not self._may_lack_proof(one.epoch)
            if not anchor:
                if not one.entries and not one.holes:
                    self._fault("gap", f"epoch {one.epoch} was begun, and none of its entries is there", one.epoch, 1)
                continue
            if proof is not None and proof != head:
                words = f"entry {anchor} of {one.epoch} was another when it was forgotten than the next one follows"
                self._fault("edit", words, one.epoch, anchor)
            elif is_newest and self._expired.get(one.epoch.hex, 0) < anchor:
                words = f"entries 1 to {anchor} of {one.epoch} are missing, with no proof that they were forgotten in their time"
                self._fault("gap", words, one.epoch, 1)
            is_newest = False

    def _may_lack_proof(self, epoch: UUID) -> bool:
        """Tell whether the proof of what was forgotten may be lost with entries of an epoch, and that is forgotten all the same.

        A copy that was put back has both or neither; a file that was made anew has forgotten what there is a proof of.
        """
        is_put_back = any(one.why == "restored" for one in self._behind(epoch))
        with_both = {"damaged", "behind_head", "restored"} if is_put_back else {"damaged"}
        return any(gap.epoch == epoch.hex and gap.reason not in with_both for gap in self.verdict.gaps)

    def _judge_head(self, head: Checkpoint | None, whose: str) -> None:
        """Compare with a head that somebody has signed: what it names must be there as it was, or declared."""
        if head is None:
            return
        anchor, anchored = self._anchors.get(head.epoch, (0, b""))
        found = self._hashes.get((head.epoch, head.seq), anchored if anchor == head.seq else None)
        if found is not None and found.hex() != head.head:
            words = f"entry {head.seq} of {head.epoch} is another than {whose}"
            self._fault("edit", f"{words}: it or one before it was changed, and the chain made anew", head.epoch, head.seq)
        elif found is None:
            self._judge_missing(head.epoch, head.seq, whose)

    def _judge_order(self, signed: Checkpoint | None, seen: Checkpoint | None) -> None:
        """Find that the kept head is of an earlier epoch than one that the registry has seen: each is kept before it is sent."""
        order = [one.epoch for one in self.verdict.epochs]
        if signed is None or seen is None or not {signed.epoch, seen.epoch} <= set(order):
            return
        if order.index(signed.epoch) < order.index(seen.epoch):
            words = f"the signed head beside the journal is of epoch {signed.epoch}; the registry has seen one of {seen.epoch}"
            self._fault("cut_tail", words, seen.epoch, seen.seq)

    def _judge_acked(self) -> None:
        """Compare with how far the registry has the epochs that are still written, or are not there at all."""
        newest, _ = self._newest()
        for epoch, seq in self._witnesses.acked.items():
            if seq and (epoch == newest or epoch not in self._anchors):
                self._judge_missing(epoch, seq, "the registry has acknowledged")

    def _judge_missing(self, epoch: UUID, seq: int, whose: str) -> None:
        """Find that an epoch ends before an entry that was there, unless that is declared or a start is to declare it."""
        last = next((one.last for one in self.verdict.epochs if one.epoch == epoch), None)
        if (last is not None and last >= seq) or self._is_lost(epoch, (last or 0) + 1, seq):
            return
        behind = self.verdict.epochs if last is None else self._behind(epoch)
        if any(one.why in _BEGAN_WITH_LOSS for one in behind):
            return
        what = f"entries {last + 1} to {seq} of {epoch} are" if last is not None else f"epoch {epoch}, of {seq} entries, is"
        words = f"{what} not there, and {whose} entry {seq}"
        if self.verdict.pending:
            self.verdict.undeclared.append(words)
        else:
            self._fault("cut_tail", words, epoch, (last or 0) + 1)

    def _behind(self, epoch: UUID) -> list[EpochWalked]:
        """Return the epoch that follows this one, if there is one."""
        at = next(index for index, one in enumerate(self.verdict.epochs) if one.epoch == epoch)
        return self.verdict.epochs[at + 1 : at + 2]

    def _is_declared(self, gap: GapDeclared) -> bool:
        return self._is_lost(UUID(hex=gap.epoch), gap.first, gap.last or _ENDLESS)

    def _is_lost(self, epoch: UUID, first: int, last: int) -> bool:
        return not list(_left_of((first, last), self._declared(epoch)))

    def _declared(self, epoch: UUID) -> list[_Run]:
        """Return what of an epoch is forgotten or declared lost, in order; without entries that never had a place (first 0)."""
        forgotten = max(self._expired.get(epoch.hex, 0), self._anchor(epoch)[0])
        gaps = ((gap.first, gap.last or _ENDLESS) for gap in self.verdict.gaps if gap.epoch == epoch.hex and gap.first)
        return sorted([(1, forgotten), *gaps])

    def _fault(self, kind: Kind, words: str, epoch: UUID | None = None, seq: int = 0) -> None:
        self.verdict.found(Finding(kind, words, epoch, seq))


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
