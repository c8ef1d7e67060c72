"""A stretch of one epoch's journal: on its chain, without holes but those declared lost, each entry in its place."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from heapq import merge
from itertools import chain, islice
from operator import itemgetter
from typing import Any, Final, NamedTuple
from uuid import UUID

from sqlalchemy.orm import Session

from access.chain import genesis, link
from access.entries import EpochBegan, GapDeclared
from central.journal import repository
from central.tree.walk import columns, parked
from central.tree.walk.columns import CANONICAL, CHAIN_HASH, IDS, READ, SEQ, Home, Told
from central.tree.walk.findings import Kind, Place, Seen
from central.tree.walk.quick import checker, decoded
from central.tree.walk.rows import Row, in_hex, stream

PART: Final = "journal"
# So many rows are decoded together.
PAGE: Final = 32
_PLACED: Final = "WHERE edge_id = ? AND epoch = ? AND seq BETWEEN ? AND ? ORDER BY seq"
_PARKED: Final = f"SELECT {', '.join(parked.READ)} FROM quarantined_entries {_PLACED}"  # noqa: S608 - as above


class Gap(NamedTuple):
    """Entries that are declared lost, or went in their time, and the chain hash that those behind them follow.

    `before`: of what went the chain hash that it followed itself.
    """

    first: int
    last: int
    follows: bytes
    before: bytes | None = None


class Stretch(NamedTuple):
    """Entries `first` to `last` of an epoch, which is stored through `through`."""

    edge: UUID
    epoch: UUID
    first: int
    last: int
    through: int
    gaps: tuple[Gap, ...]
    home: Home


class Declared(NamedTuple):
    """What an entry of an edge says of another epoch: that entries are lost, or that its own epoch goes on from there."""

    edge: UUID
    epoch: UUID
    seq: int
    kind: str
    fields: Mapping[str, Any]


@dataclass(slots=True)
class Walked:
    """What was seen on a stretch, and what its entries say of other epochs."""

    seen: Seen = field(default_factory=Seen)
    declared: list[Declared] = field(default_factory=list)


def walk(session: Session, stretch: Stretch) -> Walked:
    """Walk over a stretch."""
    walker = _Walker(session, stretch)
    walker.go(rows_of(session, stretch))
    walker.end()
    return walker.walked


def rows_of(session: Session, stretch: Stretch) -> Iterator[Row]:
    """Yield the rows of a stretch in order; of what is parked fewer columns."""
    where = (stretch.edge, stretch.epoch, stretch.first, stretch.last)
    names = ", ".join(in_hex(session, name) if name in IDS else name for name in READ)
    entries = stream(session, f"SELECT {names} FROM journal_entries {_PLACED}", where)  # noqa: S608 - our own words
    aside = stream(session, _PARKED, where)
    first = next(aside, None)
    return entries if first is None else merge(entries, chain([first], aside), key=itemgetter(SEQ))


def _bytes(value: Any) -> bytes:
    """Return what is to be bytes: on SQLite anything may have been put there."""
    return value if isinstance(value, bytes) else b""


def _before(session: Session, stretch: Stretch) -> bytes | None:
    """Return the chain hash that the stretch follows, None where what is before it is missing."""
    if stretch.first == 1:
        return genesis(stretch.edge, stretch.epoch)
    return repository.chain_hash(session, stretch.edge, stretch.epoch, stretch.first - 1)


class _Walker:
    """Goes from entry to entry; after one that does not fit it goes on from what is stored, so that only that one is named."""

    def __init__(self, session: Session, stretch: Stretch) -> None:
        self.walked = Walked()
        self._session = session
        self._stretch = stretch
        self._names = stretch.edge.bytes, stretch.epoch.bytes
        self._next = stretch.first
        self._hash = _before(session, stretch)
        # What the entry before it should have had as its hash, where it has another: one of the two was edited.
        self._other: bytes | None = None
        self._gaps = list(stretch.gaps)[::-1]
        self._is_right = checker(*self._names, stretch.home)

    def go(self, rows: Iterator[Row]) -> None:
        """Take the rows in their order: past what is as it should be by the short way."""
        is_right, right = self._is_right, 0
        while page := list(islice(rows, PAGE)):
            for row, entry, beside in zip(page, *decoded(page), strict=True):
                if self._hash is not None and self._other is None and is_right(row, entry, beside, self._next, self._hash):
                    self._next, self._hash = self._next + 1, row[CHAIN_HASH]
                    right += 1
                else:
                    self.step(row)
        self.walked.seen.count("entries", right)

    def step(self, row: Row) -> None:
        """Take the next row."""
        seq = row[SEQ]
        if seq != self._next:
            self._leap(seq)
        if seq < self._next:
            self._add("added", seq, "it stands where entries are declared lost, or a second time")
            return
        entry = columns.told(_bytes(row[CANONICAL]))
        self._check_chain(seq, row, entry)
        if len(row) == len(READ):
            self._check_entry(seq, row, entry)
        elif fault := parked.fault(self._session, self._stretch.edge, self._stretch.epoch, row, self._stretch.home):
            self._add("parked", seq, fault)
        self._next = seq + 1
        self.walked.seen.count("entries")

    def end(self) -> None:
        """Look for what is missing at the end."""
        if self._next <= self._stretch.last:
            self._leap(self._stretch.last + 1)

    def _check_chain(self, seq: int, row: Row, entry: Told | None) -> None:
        canonical, stored = _bytes(row[CANONICAL]), _bytes(row[CHAIN_HASH])
        expected = None if self._hash is None else link(self._hash, canonical)
        fits = expected in (None, stored) or (self._other is not None and link(self._other, canonical) == stored)
        self._hash, self._other = stored, None if fits else expected
        if entry is not None and (entry.edge, entry.epoch, entry.seq) != (*self._names, seq) and len(row) == len(READ):
            whose = f"entry {entry.seq} of epoch {entry.epoch.hex() if isinstance(entry.epoch, bytes) else entry.epoch}"
            self._add("reordering", seq, f"what stands here says that it is {whose}")
            self._hash = self._other = None  # what follows tells nothing of it
        elif not fits:
            self._add("edit", seq, "its bytes and its chain hash do not belong together")

    def _check_entry(self, seq: int, row: Row, entry: Told | None) -> None:
        if entry is None:
            self._add("edit", seq, "its bytes are no entry")
            return
        for fault in columns.faults(row, entry, self._stretch.home):
            self._add("edit", seq, fault)
        if entry.kind in (EpochBegan.kind, GapDeclared.kind):
            self.walked.declared.append(Declared(self._stretch.edge, self._stretch.epoch, seq, entry.kind, entry.body))

    def _leap(self, to: int) -> None:
        """Go on at `to`: over declared gaps without a word, and over whatever else is missing with one."""
        while self._gaps and self._gaps[-1].first < to:
            gap = self._gaps.pop()
            if gap.last < self._next:
                continue
            self._missing(gap.first - 1)
            if self._next == gap.first and gap.before is not None and self._hash not in (None, gap.before):
                self._add("edit", gap.first, "what went from here in its time followed another chain hash")
            self._next, self._hash, self._other = gap.last + 1, gap.follows, None
        self._missing(to - 1)

    def _missing(self, last: int) -> None:
        if last < self._next:
            return
        first, self._next, self._hash, self._other = self._next, last + 1, None, None
        what = f"entry {first} is missing" if first == last else f"entries {first} to {last} are missing"
        self._add("cut_tail" if last == self._stretch.through else "gap", first, what)

    def _add(self, kind: Kind, seq: int, words: str) -> None:
        self.walked.seen.add(PART, kind, Place(edge=self._stretch.edge, epoch=self._stretch.epoch, seq=seq), words)
