"""Taking in a gate's journal: exactly once, in order, on its chain; what cannot be read is parked and never blocks the rest."""

from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import chain, islice
from uuid import UUID

from access.chain import genesis
from access.contract.sync import BatchAck, Quarantined, SentEntry
from access.entries import EpochBegan, GapDeclared
from access.identifiers import uuid_of
from access.sealing import unseal
from access.sharing import Contribution
from central.errors import RegistryError
from central.facts import services as facts
from central.journal import epochs, gaps, repository
from central.journal.forms import Place
from central.journal.reading import Arrived, Batch, Portion
from central.registry import Work
from central.tables import Edge, EdgeHead


class CloneError(RegistryError):
    """One key told two histories: somebody has copied the gate's store."""

    def __init__(self, how: str = "other entries are stored under these numbers") -> None:
        super().__init__(f"{how}: this edge is quarantined", 409, "entries")


@dataclass(slots=True)
class _Sorted:
    """New entries that could be read, and those that are to be parked."""

    fresh: list[Arrived]
    parked: list[Arrived]


def take_in(work: Work, edge: Edge, portions: Iterator[Portion]) -> BatchAck:
    """Store what is new of a batch and acknowledge; RegistryError 403 and 409, CloneError for a second history.

    The portions may still be coming: an entry is stored while those behind it are being read.
    """
    begun = next(portions)
    batch, arrived = begun.batch, chain(begun.entries, chain.from_iterable(portion.entries for portion in portions))
    if uuid_of(batch.edge) != edge.id:
        raise RegistryError("these entries are another edge's", 403, "edge")
    epoch = uuid_of(batch.epoch)
    stored = repository.head(work.session, edge.id, epoch)
    if stored is None:
        stored = EdgeHead(edge_id=edge.id, epoch=epoch, acked_through=0, head=genesis(edge.id, epoch))
        work.session.add(stored)
    if not batch.size:
        return _ack(stored)
    if batch.first > stored.acked_through + 1 and not gaps.leapt(work, stored, batch):
        return _ack(stored, gaps=((stored.acked_through + 1, batch.first - 1),))
    _check_follows(work, stored, batch, arrived)
    if batch.last > stored.acked_through and epochs.is_over(stored, batch.last):
        raise CloneError("this epoch has ended, and somebody writes on in it")
    return _store(work, edge, stored, arrived)


def own_entry(work: Work, edge: Edge, epoch: UUID, seq: int) -> SentEntry:
    """Return an entry as the edge has sent it, without what was erased of it here; RegistryError 404."""
    row = repository.entry_at(work.session, edge.id, epoch, seq)
    if row is None:
        raise RegistryError("this entry is not here", 404, "seq")
    return SentEntry(seq=seq, canonical=row.canonical, personal=row.personal)


def _check_follows(work: Work, stored: EdgeHead, batch: Batch, arrived: Iterator[Arrived]) -> None:
    """Check that the batch goes on from what is stored, and repeats it faithfully where it overlaps; takes the repeated ones."""
    if batch.follows != _hash_at(work, stored, batch.first - 1):
        place = {"acked_through": stored.acked_through, "head": stored.head.hex()}
        raise RegistryError("the batch does not follow the entries that are stored", 409, "follows", place)
    repeated = list(islice(arrived, stored.acked_through - batch.first + 1))
    # Same hash before, same hash behind: by the chain every entry between is the same.
    if repeated and repeated[-1].chain_hash != _hash_at(work, stored, repeated[-1].seq):
        raise CloneError


def _hash_at(work: Work, stored: EdgeHead, seq: int) -> bytes | None:
    if seq == 0:
        return genesis(stored.edge_id, stored.epoch)
    if seq == stored.acked_through:
        return stored.head
    return repository.chain_hash(work.session, stored.edge_id, stored.epoch, seq)


def _store(work: Work, edge: Edge, stored: EdgeHead, fresh: Iterator[Arrived]) -> BatchAck:
    newest: deque[Arrived] = deque(maxlen=1)
    parked = keep(work, edge, stored, _watched(fresh, newest))
    for last in newest:
        stored.acked_through, stored.head = last.seq, last.chain_hash
    return _ack(stored, quarantined=parked)


def _watched(entries: Iterator[Arrived], newest: "deque[Arrived]") -> Iterator[Arrived]:
    for entry in entries:
        newest.append(entry)
        yield entry


def keep(work: Work, edge: Edge, stored: EdgeHead, arrived: Iterable[Arrived]) -> tuple[Quarantined, ...]:
    """Store new entries of an epoch; returns those that had to be parked, with the reason."""
    taken = _Sorted([], [])
    # Asked for before: while rows are on their way in, the connection answers nothing else.
    lanes = repository.lanes_of_gate(work.session, edge.gate_id)
    place = Place(edge.id, stored.epoch, edge.site_id, edge.gate_id, work.at, lanes)
    readable = _sort(arrived, taken)
    if not repository.insert_entries(work.session, place, readable):
        deque(readable, maxlen=0)
        _park_repeated_ids(work, taken)
        if not repository.insert_entries(work.session, place, taken.fresh):
            raise RegistryError("these entries collide with others that came at this moment: send them again", 503)
    repository.insert_quarantined(work.session, place, taken.parked)
    _note(work, edge, stored, taken.fresh)
    facts.note(work, edge, stored.epoch, ((entry.seq, Contribution(*one)) for entry in taken.fresh for one in entry.told))
    return tuple(Quarantined(seq=entry.seq, reason=entry.fault) for entry in taken.parked)


def _note(work: Work, edge: Edge, stored: EdgeHead, entries: Iterable[Arrived]) -> None:
    """Take from new entries what they say of epochs: where one goes on from another, and what of one is lost."""
    for opened in (unseal(entry.canonical, entry.personal) for entry in entries if entry.is_of_epochs):
        if opened.kind == EpochBegan.kind:
            epochs.note_beginning(work, edge, stored, opened.fields)
        elif opened.kind == GapDeclared.kind:
            gaps.note_declared(work, edge, stored, opened)


def _sort(arrived: Iterable[Arrived], taken: _Sorted) -> Iterator[Arrived]:
    """Yield the entries that could be read, and part them in `taken` from those that could not."""
    for entry in arrived:
        if entry.fault:
            taken.parked.append(entry)
        else:
            taken.fresh.append(entry)
            yield entry


def _park_repeated_ids(work: Work, taken: _Sorted) -> None:
    """Park entries whose id another entry has: the first that came keeps it."""
    seen = repository.known_ids(work.session, [entry.id for entry in taken.fresh])
    kept = []
    for entry in taken.fresh:
        if entry.id in seen:
            taken.parked.append(entry._replace(fault="its id is another entry's"))
        else:
            kept.append(entry)
        seen.add(entry.id)
    taken.fresh = kept


def _ack(stored: EdgeHead, gaps: tuple[tuple[int, int], ...] = (), quarantined: tuple[Quarantined, ...] = ()) -> BatchAck:
    return BatchAck(
        epoch=stored.epoch, acked_through=stored.acked_through, head=stored.head.hex(), gaps=gaps, quarantined=quarantined
    )
