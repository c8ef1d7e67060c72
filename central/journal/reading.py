"""What is done with a batch of entries before any database: from its bytes to rows, on the chain, or why one is to be parked.

It needs nothing but the bytes and what is known of the gate: another process may do it (`central.journal.reader`).
"""

from collections.abc import Callable, Generator, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from itertools import accumulate
from typing import Any, Final, NamedTuple
from uuid import UUID

from access.chain import link
from access.contract.sync import EntryBatch, SentEntry
from access.entries import EntryError, EpochBegan, GapDeclared
from access.sealing import Opened, check_size, unseal
from central.facts.telling import Telling
from central.journal.batches import read_batch
from central.journal.forms import FORMS, Kept, Place, Row
from central.journal.projection import project
from central.log.tally import Tally

FAULT_MAX: Final = 500
# The database begins while the rest is being read. With more rows than these to a statement a row costs SQLite no less.
PORTION: Final = 64
_OF_EPOCHS: Final = frozenset({EpochBegan.kind, GapDeclared.kind})

# An entry as it was sent, and the chain hash at it.
Chained = tuple[SentEntry, bytes]


class Home(NamedTuple):
    """What is known of a gate before its batch is read: the form of the database, the values of `Place`, and the site's zone.

    Of the batch, entries through `after` are here already, and those in `refused` are to be parked for that reason.
    """

    form: str
    site: bytes
    gate: bytes
    received_us: int
    lanes: dict[str, bytes]
    after: int
    refused: dict[int, str]
    zone: str = "UTC"


class Batch(NamedTuple):
    """What a batch says of its place: `size` entries from `first` on (0 of them: from 0).

    `head` is the chain hash at its last entry; `repeated` that at the last one which is here already, if there are such.
    """

    edge: bytes
    epoch: bytes
    follows: bytes
    first: int
    size: int
    head: bytes
    repeated: bytes

    @property
    def last(self) -> int:
        """Number of the last entry."""
        return self.first + self.size - 1


class Parked(NamedTuple):
    """An entry that could not be read, or may not be taken in, as it came; and why."""

    seq: int
    chain_hash: bytes
    canonical: bytes
    personal: bytes
    fault: str


class Portion(NamedTuple):
    """Some new entries of a batch, in order: `size` rows, as the form of the database puts them together, and what was parked.

    `of_epochs` are those that say something of other epochs: canonical and personal bytes. The last portion of a batch, which may
    have no rows, has in `told` what all new entries contribute to shared facts, as `Telling` puts it, and in `tally` what
    they add to the log's counts, as `Tally` does.
    """

    batch: Batch
    size: int
    rows: Any
    parked: list[Parked]
    told: str
    tally: str
    of_epochs: list[tuple[bytes, bytes]]


Portions = Generator[Portion, None, None]
Reads = Callable[[bytes, Home], Portions]


def read(body: bytes, home: Home) -> Portions:
    """Read a batch in portions; RegistryError 400 and 413 for what is none."""
    sent = read_batch(body)
    hashes = list(accumulate((entry.canonical for entry in sent.entries), link, initial=sent.follows))
    batch = _batch(sent, hashes, home.after)
    fresh = list(zip(sent.entries, hashes[1:], strict=True))[max(0, home.after + 1 - batch.first) :]
    reader = _Reader(batch, home)
    portions = [fresh[at : at + PORTION] for at in range(0, len(fresh), PORTION)] or [[]]
    for entries in portions:
        yield reader.portion(entries, is_last=entries is portions[-1])


def read_here(body: bytes, home: Home) -> Portions:
    """Read a batch as `read` does, all of it before the first portion is given."""
    yield from list(read(body, home))


def read_again(sent: EntryBatch, chain_hash: bytes, home: Home) -> Portion:
    """Read the one entry of a batch, at which the chain hash is as it says."""
    (entry,) = sent.entries
    reader = _Reader(_batch(sent, [sent.follows, chain_hash], 0), home)
    return reader.portion([(entry, chain_hash)], is_last=True)


def ids(body: bytes, after: int) -> Iterator[tuple[int, UUID]]:
    """Yield number and id of each entry of a batch behind `after`, but for those that cannot be read."""
    for sent in read_batch(body).entries:
        with suppress(EntryError):
            if sent.seq > after:
                yield sent.seq, unseal(sent.canonical, sent.personal).id


def _batch(sent: EntryBatch, hashes: Sequence[bytes], after: int) -> Batch:
    first = sent.entries[0].seq if sent.entries else 0
    known = min(after + 1 - first, len(sent.entries))
    repeated = hashes[known] if sent.entries and known > 0 else b""
    return Batch(sent.edge.bytes, sent.epoch.bytes, sent.follows, first, len(sent.entries), hashes[-1], repeated)


class _Reader:
    """Reads the entries of a batch, portion after portion."""

    def __init__(self, batch: Batch, home: Home) -> None:
        self._batch = batch
        self._refused = home.refused
        self._form = FORMS[home.form]
        place = Place(batch.edge, batch.epoch, home.site, home.gate, home.received_us, home.lanes)
        self._row_of = self._form.row_of(place)
        self._lanes = home.lanes
        self._telling = Telling()
        self._tally = Tally(home.zone)

    def portion(self, entries: Iterable[Chained], *, is_last: bool = False) -> Portion:
        """Read some of them; the last ones bear what all contribute."""
        rows: list[Row] = []
        parked: list[Parked] = []
        of_epochs: list[tuple[bytes, bytes]] = []
        for sent, chain_hash in entries:
            kept = Kept(chain_hash, sent.canonical, sent.personal)
            try:
                opened = _opened(self._batch, sent, self._refused)
                columns = project(opened)
                rows.append(self._row_of(opened.lane, sent.seq, columns, kept))
            except EntryError as error:
                parked.append(Parked(sent.seq, *kept, str(error)[:FAULT_MAX].replace("\x00", "?")))
                continue
            self._telling.add(opened)
            self._tally.add(self._lanes.get(opened.lane), columns, opened.fields)
            if opened.kind in _OF_EPOCHS:
                of_epochs.append((sent.canonical, sent.personal))
        told, tally = (self._telling.as_json(), self._tally.as_json()) if is_last else ("", "")
        return Portion(self._batch, len(rows), self._form.together(rows), parked, told, tally, of_epochs)


def _opened(batch: Batch, sent: SentEntry, refused: Mapping[int, str]) -> Opened:
    if sent.seq in refused:
        raise EntryError(refused[sent.seq])
    check_size(sent.canonical, sent.personal)
    opened = unseal(sent.canonical, sent.personal)
    if (opened.seq, opened.epoch.bytes, opened.edge.bytes) != (sent.seq, batch.epoch, batch.edge):
        raise EntryError("the entry says that its place is another")
    return opened


def as_plain(portion: Portion) -> tuple[Any, ...]:
    """Return a portion as what `marshal` takes."""
    return (tuple(portion.batch), *portion[1:3], list(map(tuple, portion.parked)), *portion[4:])


def from_plain(content: tuple[Any, ...]) -> Portion:
    """Return the portion of which `as_plain` was made."""
    batch, size, rows, parked, *others = content
    return Portion(Batch._make(batch), size, rows, list(map(Parked._make, parked)), *others)
