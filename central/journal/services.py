"""Taking in a gate's journal: exactly once, in order, on its chain; what cannot be read is parked and never blocks the rest."""

from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import Any
from uuid import UUID

from access.chain import genesis, link
from access.contract.sync import BatchAck, EntryBatch, Quarantined, SentEntry
from access.entries import EntryError, EpochBegan, GapDeclared
from access.sealing import Opened, unseal
from central.errors import RegistryError
from central.facts import services as facts
from central.journal import epochs, gaps, repository
from central.journal.projection import project
from central.registry import Work
from central.tables import Edge, EdgeHead

FAULT_MAX = 500


class CloneError(RegistryError):
    """One key told two histories: somebody has copied the gate's store."""

    def __init__(self, how: str = "other entries are stored under these numbers") -> None:
        super().__init__(f"{how}: this edge is quarantined", 409, "entries")


@dataclass(frozen=True, slots=True)
class Arrived:
    """An entry of a batch with the chain hash at it, and what could be read of it: `opened`, or why it is to be parked."""

    sent: SentEntry
    chain_hash: bytes
    opened: Opened | None
    columns: dict[str, Any]
    fault: str = ""


@dataclass(slots=True)
class _Sorted:
    """New entries as rows to insert, those that cannot be, and what was read, by seq."""

    rows: list[dict[str, Any]]
    parked: list[dict[str, Any]]
    opened: dict[int, Opened]


def read_entries(batch: EntryBatch) -> Iterator[Arrived]:
    """Read the entries of a batch one after another: the work that needs no database."""
    head = batch.follows
    for sent in batch.entries:
        head = link(head, sent.canonical)
        try:
            opened = _opened(batch, sent)
            yield Arrived(sent, head, opened, project(opened))
        except EntryError as error:
            yield Arrived(sent, head, None, {}, str(error)[:FAULT_MAX].replace("\x00", "?"))


def unread(batch: EntryBatch, why: str) -> Iterator[Arrived]:
    """Give up reading the one entry of a batch: it is to be parked."""
    (sent,) = batch.entries
    yield Arrived(sent, link(batch.follows, sent.canonical), None, {}, why)


def _opened(batch: EntryBatch, sent: SentEntry) -> Opened:
    opened = unseal(sent.canonical, sent.personal)
    if (opened.seq, opened.epoch, opened.edge) != (sent.seq, batch.epoch, batch.edge):
        raise EntryError("the entry says that its place is another")
    return opened


def take_in(work: Work, edge: Edge, batch: EntryBatch, arrived: Iterator[Arrived]) -> BatchAck:
    """Store what is new of a batch and acknowledge; RegistryError 403 and 409, CloneError for a second history.

    `arrived` may still be coming: an entry is stored while those behind it are being read.
    """
    if batch.edge != edge.id:
        raise RegistryError("these entries are another edge's", 403, "edge")
    stored = repository.head(work.session, edge.id, batch.epoch)
    if stored is None:
        stored = EdgeHead(edge_id=edge.id, epoch=batch.epoch, acked_through=0, head=genesis(edge.id, batch.epoch))
        work.session.add(stored)
    if not batch.entries:
        return _ack(stored)
    first = batch.entries[0].seq
    if first > stored.acked_through + 1 and not gaps.leapt(work, stored, batch):
        return _ack(stored, gaps=((stored.acked_through + 1, first - 1),))
    _check_follows(work, stored, batch, arrived)
    last = batch.entries[-1].seq
    if last > stored.acked_through and epochs.is_over(stored, last):
        raise CloneError("this epoch has ended, and somebody writes on in it")
    return _store(work, edge, stored, arrived)


def own_entry(work: Work, edge: Edge, epoch: UUID, seq: int) -> SentEntry:
    """Return an entry as the edge has sent it, without what was erased of it here; RegistryError 404."""
    row = repository.entry_at(work.session, edge.id, epoch, seq)
    if row is None:
        raise RegistryError("this entry is not here", 404, "seq")
    return SentEntry(seq=seq, canonical=row.canonical, personal=row.personal)


def _check_follows(work: Work, stored: EdgeHead, batch: EntryBatch, arrived: Iterator[Arrived]) -> None:
    """Check that the batch goes on from what is stored, and repeats it faithfully where it overlaps; takes the repeated ones."""
    first = batch.entries[0].seq
    if batch.follows != _hash_at(work, stored, first - 1):
        place = {"acked_through": stored.acked_through, "head": stored.head.hex()}
        raise RegistryError("the batch does not follow the entries that are stored", 409, "follows", place)
    repeated = list(islice(arrived, stored.acked_through - first + 1))
    # Same hash before, same hash behind: by the chain every entry between is the same.
    if repeated and repeated[-1].chain_hash != _hash_at(work, stored, repeated[-1].sent.seq):
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
        stored.acked_through, stored.head = last.sent.seq, last.chain_hash
    return _ack(stored, quarantined=parked)


def _watched(entries: Iterator[Arrived], newest: "deque[Arrived]") -> Iterator[Arrived]:
    for entry in entries:
        newest.append(entry)
        yield entry


def keep(work: Work, edge: Edge, stored: EdgeHead, fresh: Iterable[Arrived]) -> tuple[Quarantined, ...]:
    """Store new entries of an epoch; returns those that had to be parked, with the reason."""
    taken = _Sorted([], [], {})
    # Asked for before: while rows are on their way in, the connection answers nothing else.
    lanes = repository.lanes_of_gate(work.session, edge.gate_id)
    rows = _sort(work, edge, stored, fresh, lanes, taken)
    if not repository.insert_entries(work.session, rows):
        deque(rows, maxlen=0)
        _park_repeated_ids(work, taken)
        if not repository.insert_entries(work.session, taken.rows):
            raise RegistryError("these entries collide with others that came at this moment: send them again", 503)
    repository.insert_quarantined(work.session, taken.parked)
    _note(work, edge, stored, taken.rows)
    facts.note(work, edge, [taken.opened[row["seq"]] for row in taken.rows])
    return tuple(Quarantined(seq=row["seq"], reason=row["reason"]) for row in taken.parked)


def _note(work: Work, edge: Edge, stored: EdgeHead, rows: Iterable[Mapping[str, Any]]) -> None:
    """Take from new entries what they say of epochs: where one goes on from another, and what of one is lost."""
    for row in rows:
        if row["kind"] == EpochBegan.kind:
            epochs.note_beginning(work, edge, stored, row)
        elif row["kind"] == GapDeclared.kind:
            gaps.note_declared(work, edge, stored, row)


def _sort(
    work: Work, edge: Edge, stored: EdgeHead, fresh: Iterable[Arrived], lanes: Mapping[str, UUID], taken: _Sorted
) -> Iterator[dict[str, Any]]:
    """Yield as rows the entries that could be read, and part them in `taken` from those that could not."""
    common = {"edge_id": edge.id, "epoch": stored.epoch, "received_at": work.at}
    place = common | {"site_id": edge.site_id, "gate_id": edge.gate_id}
    for entry in fresh:
        sent = entry.sent
        own = {"seq": sent.seq, "chain_hash": entry.chain_hash, "canonical": sent.canonical, "personal": sent.personal}
        if entry.opened is None:
            taken.parked.append(common | own | {"reason": entry.fault})
            continue
        row = {**place, **own, **entry.columns, "lane_id": lanes.get(entry.opened.lane)}
        taken.rows.append(row)
        taken.opened[sent.seq] = entry.opened
        yield row


def _park_repeated_ids(work: Work, taken: _Sorted) -> None:
    """Park entries whose id another entry has: the first that came keeps it."""
    seen = repository.known_ids(work.session, [row["id"] for row in taken.rows])
    kept = []
    for row in taken.rows:
        if row["id"] in seen:
            names = ("edge_id", "epoch", "seq", "chain_hash", "received_at", "canonical", "personal")
            taken.parked.append({name: row[name] for name in names} | {"reason": "its id is another entry's"})
        else:
            kept.append(row)
        seen.add(row["id"])
    taken.rows = kept


def _ack(stored: EdgeHead, gaps: tuple[tuple[int, int], ...] = (), quarantined: tuple[Quarantined, ...] = ()) -> BatchAck:
    return BatchAck(
        epoch=stored.epoch, acked_through=stored.acked_through, head=stored.head.hex(), gaps=gaps, quarantined=quarantined
    )
