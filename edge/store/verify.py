"""Walking a whole journal: every entry against its hash and the one before it, every hole against what the journal says of it.

The end is looked at too: each epoch's by what the next one follows, the last one's by what is known beside the journal.
"""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import UUID

from access.chain import link
from access.contract.checkpoints import Checkpoint
from access.entries import Body, EntryError, EpochBegan, GapDeclared
from access.sealing import unseal
from edge.store.database import open_reader
from edge.store.errors import StoreError
from edge.store.mark import NOTHING_KNOWN, LastKnown
from edge.store.renewal import loss_unsaid, noted_renewal
from edge.store.sqlite import Database

FAULTS_MAX = 100
TOLD_EVERY = 1000


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
    return next(int(count) for (count,) in _rows(path, "SELECT count(*) FROM entries"))


def verify(
    path: Path,
    step: Callable[[int], object] = lambda _count: None,
    checkpoint: Checkpoint | None = None,
    known: LastKnown = NOTHING_KNOWN,
) -> Verdict:
    """Walk a journal; its gate may be running. `step` hears now and then how many more entries are done. Raises StoreError.

    `checkpoint` and `known` are what was kept beside it, of its end.
    """
    said = [body for row in _rows(path, _SAID) if (body := _body(*row)) is not None]
    verdict = Verdict(checkpoint, gaps=[body for body in said if isinstance(body, GapDeclared)])
    _compare_end(path, verdict, known)
    for number, (epoch, edge, anchor_seq, anchor_hash) in enumerate(list(_rows(path, _EPOCHS))):
        walked = EpochWalked(UUID(bytes=epoch), UUID(bytes=edge), head=anchor_hash.hex(), last=anchor_seq)
        verdict.epochs.append(walked)
        for row in _rows(path, _ENTRIES, (epoch,)):
            _take(row, walked, verdict)
            if walked.entries % TOLD_EVERY == 0:
                step(TOLD_EVERY)
        for body in said:
            _judge_end(body, walked, verdict)
        _judge_holes(verdict, number)
    return verdict


_SAID = "SELECT canonical, personal FROM entries WHERE kind IN ('gap', 'epoch') ORDER BY rowid"
_EPOCHS = "SELECT epoch, edge, anchor_seq, anchor_hash FROM epochs ORDER BY rowid"
_ENTRIES = "SELECT seq, canonical, personal, previous, hash FROM entries WHERE epoch = ? ORDER BY seq"


def _rows(path: Path, query: str, values: tuple[Any, ...] = ()) -> Iterator[Any]:
    db: Database = open_reader(path)
    try:
        yield from db.execute(query, values)
    except sqlite3.Error as error:
        raise StoreError(f"{path} cannot be read: {error}") from error
    finally:
        db.close()


def _body(canonical: bytes, personal: bytes) -> Body | None:
    try:
        return unseal(canonical, personal).body()
    except EntryError:
        return None  # said again as its row is walked


def _take(row: tuple[int, bytes, bytes, bytes, bytes], walked: EpochWalked, verdict: Verdict) -> None:
    seq, canonical, personal, previous, chained = row
    if seq != walked.last + 1:
        walked.holes.append((walked.last + 1, seq - 1))
    elif previous.hex() != walked.head:
        _fault(verdict, f"entry {seq} of {walked.epoch} does not follow the one before it")
    if link(previous, canonical) != chained:
        _fault(verdict, f"entry {seq} of {walked.epoch} does not fit its hash")
    try:
        opened = unseal(canonical, personal)
        if (opened.epoch, opened.edge, opened.seq) != (walked.epoch, walked.edge, seq):
            _fault(verdict, f"entry {seq} of {walked.epoch} is in another's place")
    except EntryError as error:
        _fault(verdict, f"entry {seq} of {walked.epoch}: {error}")
    walked.first = walked.first or seq
    walked.last, walked.head, walked.entries = seq, chained.hex(), walked.entries + 1


def _compare_end(path: Path, verdict: Verdict, known: LastKnown) -> None:
    """Find fault where entries are gone from the end and no start has said so yet, nor is the next one to."""
    try:
        with closing(open_reader(path)) as db:
            lost = None if noted_renewal(db) else loss_unsaid(db, verdict.signed, known)
    except sqlite3.Error as error:
        raise StoreError(f"{path} cannot be read: {error}") from error
    if lost is not None:
        _fault(verdict, f"the end is missing or changed, and no gap is declared: {lost.detail}")


def _judge_end(said: Body, walked: EpochWalked, verdict: Verdict) -> None:
    """Compare an epoch's end with what the one behind it follows; what is missing there is a hole."""
    if not isinstance(said, EpochBegan) or said.follows_epoch != walked.epoch.hex:
        return
    if walked.last < said.follows_seq:
        walked.holes.append((walked.last + 1, said.follows_seq))
    elif walked.last == said.follows_seq and walked.head != said.follows_hash.hex():
        _fault(verdict, f"entry {walked.last} of {walked.epoch} is another than the next epoch follows")


def _judge_holes(verdict: Verdict, number: int) -> None:
    """Find fault with holes, but for those that the journal itself has declared: they were told when they came about."""
    walked = verdict.epochs[number]
    said = [(gap.first, gap.last) for gap in verdict.gaps if gap.epoch == walked.epoch.hex]
    for first, last in walked.holes:
        if not any(begin <= first and (end == 0 or last <= end) for begin, end in said):
            _fault(verdict, f"entries {first} to {last} of {walked.epoch} are missing, and no gap is declared")


def _fault(verdict: Verdict, what: str) -> None:
    if len(verdict.faults) < FAULTS_MAX:
        verdict.faults.append(what)
