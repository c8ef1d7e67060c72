"""What is done with a batch of entries before any database: from its bytes to rows, on the chain, or why one is to be parked.

It needs nothing but the bytes: another process may do it (`central.journal.reader`).
"""

from collections.abc import Callable, Iterator
from itertools import islice
from typing import Any, Final, NamedTuple

from access.chain import link
from access.contract.sync import EntryBatch, SentEntry
from access.entries import EntryError, EpochBegan, GapDeclared
from access.sealing import Opened, unseal
from central.facts.telling import told_by
from central.journal.batches import read_batch
from central.journal.forms import FORMS, Columns
from central.journal.projection import project

FAULT_MAX: Final = 500
# The first portion is small: the database begins while the rest is being read.
FIRST, PORTION = 16, 64
_OF_EPOCHS: Final = frozenset({EpochBegan.kind, GapDeclared.kind})


class Arrived(NamedTuple):
    """An entry of a batch with the chain hash at it; its row, or why it is to be parked.

    `columns` are as `central.journal.forms` makes them for one database; `told` is what it contributes to shared facts, each as
    the values of a `Contribution`; `is_of_epochs`: it says something of other epochs.
    """

    chain_hash: bytes
    canonical: bytes
    personal: bytes
    seq: int
    id: bytes
    lane: str
    columns: Columns
    told: list[tuple[Any, ...]]
    is_of_epochs: bool
    fault: str


class Batch(NamedTuple):
    """What a batch says of its place: `size` entries from `first` on (0 of them: from 0)."""

    edge: bytes
    epoch: bytes
    follows: bytes
    first: int
    size: int

    @property
    def last(self) -> int:
        """Number of the last entry."""
        return self.first + self.size - 1


class Portion(NamedTuple):
    """Some entries of a batch, in order; the first portion of a batch without entries has none."""

    batch: Batch
    entries: list[Arrived]


Reads = Callable[[bytes, str], Iterator[Portion]]


def read(body: bytes, form: str) -> Iterator[Portion]:
    """Read a batch in portions, for the database `form`; RegistryError 400 and 413 for what is none."""
    batch = read_batch(body)
    entries = read_entries(batch, form)
    place = _place(batch)
    yield Portion(place, list(islice(entries, FIRST)))
    while portion := list(islice(entries, PORTION)):
        yield Portion(place, portion)


def give_up(body: bytes, why: str) -> Iterator[Portion]:
    """Give up reading the one entry of a batch: it is to be parked."""
    batch = read_batch(body)
    (sent,) = batch.entries
    yield Portion(_place(batch), [_unread(sent, link(batch.follows, sent.canonical), why)])


def read_entries(batch: EntryBatch, form: str) -> Iterator[Arrived]:
    """Read the entries of a batch one after another."""
    head, formed = batch.follows, FORMS[form]
    for sent in batch.entries:
        head = link(head, sent.canonical)
        try:
            opened = _opened(batch, sent)
            columns = formed(sent.seq, project(opened))
        except EntryError as error:
            yield _unread(sent, head, str(error)[:FAULT_MAX].replace("\x00", "?"))
            continue
        told = [(one.name, one.how, one.value, one.at_us, one.plate) for one in told_by(opened)]
        own = (sent.seq, opened.id.bytes, opened.lane, columns, told, opened.kind in _OF_EPOCHS, "")
        yield Arrived(head, sent.canonical, sent.personal, *own)


def _unread(sent: SentEntry, chain_hash: bytes, why: str) -> Arrived:
    return Arrived(chain_hash, sent.canonical, sent.personal, sent.seq, b"", "", (), [], is_of_epochs=False, fault=why)


def _opened(batch: EntryBatch, sent: SentEntry) -> Opened:
    opened = unseal(sent.canonical, sent.personal)
    if (opened.seq, opened.epoch, opened.edge) != (sent.seq, batch.epoch, batch.edge):
        raise EntryError("the entry says that its place is another")
    return opened


def _place(batch: EntryBatch) -> Batch:
    first = batch.entries[0].seq if batch.entries else 0
    return Batch(batch.edge.bytes, batch.epoch.bytes, batch.follows, first, len(batch.entries))


def as_plain(portion: Portion) -> tuple[Any, ...]:
    """Return a portion as what `marshal` takes."""
    return tuple(portion.batch), [tuple(entry) for entry in portion.entries]


def from_plain(content: tuple[Any, ...]) -> Portion:
    """Return the portion of which `as_plain` was made."""
    batch, entries = content
    return Portion(Batch._make(batch), [Arrived._make(entry) for entry in entries])
