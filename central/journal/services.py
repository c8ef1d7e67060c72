"""Taking in a gate's journal: exactly once, in order, on its chain; what cannot be read is parked and never blocks the rest."""

from collections.abc import Iterable, Iterator
from datetime import datetime
from itertools import chain
from typing import Final
from uuid import UUID

from sqlalchemy.exc import IntegrityError

from access.chain import genesis
from access.contract.sync import BatchAck, Quarantined, SentEntry
from access.entries import EpochBegan, GapDeclared
from access.identifiers import uuid_of
from access.sealing import unseal
from central.edges.repository import Speaker
from central.erasure.journal import Place as EntryPlace
from central.erasure.journal import erase_arrived
from central.errors import RegistryError
from central.facts import services as facts
from central.journal import epochs, gaps, repository
from central.journal.reading import Batch, Home, Portion
from central.journal.repository import Standing
from central.log import counting
from central.log.tally import read_tally
from central.registry import Work
from central.retention import ranges
from central.tables import Edge

# Edge and epoch.
Place = tuple[UUID, UUID]
REPEATED_ID: Final = "its id is another entry's"


class CloneError(RegistryError):
    """One key told two histories: somebody has copied the gate's store."""

    def __init__(self, how: str = "other entries are stored under these numbers") -> None:
        super().__init__(f"{how}: this edge is quarantined", 409, "entries")


class ReadAgainError(Exception):
    """The entries of the batch through `after` are here already: it is to be read without them."""

    def __init__(self, after: int) -> None:
        super().__init__(f"entries through {after} are here")
        self.after = after


class CollisionError(Exception):
    """An entry has the id of another: none of them is stored."""


def home_of(form: str, speaker: Speaker, at: datetime, after: int, refused: dict[int, str]) -> Home:
    """Return what is to be known of a gate before its entries, received now, are read; see there for the last two."""
    lanes = {name: lane.bytes for name, lane in speaker.lane_ids().items()}
    place = (speaker.site_id.bytes, speaker.gate_id.bytes, round(at.timestamp() * 1e6))
    return Home(form, *place, lanes, after, refused, speaker.zone)


def take_in(work: Work, speaker: Speaker, after: int, portions: Iterator[Portion]) -> BatchAck:
    """Store what is new of a batch that was read behind `after`, and acknowledge.

    The portions may still be coming: an entry is stored while those behind it are being read. Raises RegistryError 403 and 409,
    CloneError for a second history, ReadAgainError, CollisionError.
    """
    begun = next(portions)
    batch = begun.batch
    if uuid_of(batch.edge) != speaker.id:
        raise RegistryError("these entries are another edge's", 403, "edge")
    place = (speaker.id, uuid_of(batch.epoch))
    stored = repository.standing(work.session, *place)
    if after > stored.acked_through:  # whoever had written what was seen here has not come to commit it
        raise ReadAgainError(stored.acked_through)
    if not batch.size:
        return _ack(batch, stored)
    if batch.first > stored.acked_through + 1:
        if not gaps.leapt(work, place, stored, batch):
            return _ack(batch, stored, gaps=((stored.acked_through + 1, batch.first - 1),))
        stored = repository.standing(work.session, *place)
    _check_follows(work, place, stored, batch, after)
    if batch.last <= stored.acked_through:
        return _ack(batch, stored)
    if epochs.is_over(stored, batch.last):
        raise CloneError("this epoch has ended, and somebody writes on in it")
    parked = keep(work, speaker, place[1], chain([begun], portions))
    repository.advance(work.session, *place, batch.last, batch.head)
    return _ack(batch, Standing(batch.last, batch.head, None), quarantined=parked)


def repeated_ids(work: Work, entries: Iterable[tuple[int, UUID]]) -> dict[int, str]:
    """Return which of these entries (number and id) have the id of another, and so are to be parked: the first keeps it."""
    new = list(entries)
    seen = repository.known_ids(work.session, [identity for _, identity in new])
    repeated = {}
    for seq, identity in new:
        if identity in seen:
            repeated[seq] = REPEATED_ID
        seen.add(identity)
    return repeated


def own_entry(work: Work, edge: Edge, epoch: UUID, seq: int) -> SentEntry:
    """Return an entry as the edge has sent it, without what was erased of it here; RegistryError 404."""
    row = repository.entry_at(work.session, edge.id, epoch, seq)
    if row is None:
        raise RegistryError("this entry is not here", 404, "seq")
    return SentEntry(seq=seq, canonical=row.canonical, personal=row.personal)


def _check_follows(work: Work, place: Place, stored: Standing, batch: Batch, after: int) -> None:
    """Check that the batch goes on from what is stored, and repeats it faithfully where it overlaps."""
    if not _is_at(work, place, stored, batch.first - 1, batch.follows):
        known = {"acked_through": stored.acked_through, "head": stored.head.hex()}
        raise RegistryError("the batch does not follow the entries that are stored", 409, "follows", known)
    if batch.first > stored.acked_through:
        return
    last = min(stored.acked_through, batch.last)
    if last not in (after, batch.last):
        raise ReadAgainError(last)
    # Same hash before, same hash behind: by the chain every entry between is the same.
    if not _is_at(work, place, stored, last, batch.head if last == batch.last else batch.repeated):
        raise CloneError


def _is_at(work: Work, place: Place, stored: Standing, seq: int, told: bytes) -> bool:
    """Tell whether the chain has this hash at an entry; of one that went in its time nobody knows, and it is taken for right."""
    known = _hash_at(work, place, stored, seq)
    return told == known or (known is None and ranges.covering(work.session, *place, seq) is not None)


def _hash_at(work: Work, place: Place, stored: Standing, seq: int) -> bytes | None:
    if seq == 0:
        return genesis(*place)
    if seq == stored.acked_through:
        return stored.head
    return repository.chain_hash(work.session, *place, seq)


def keep(work: Work, speaker: Speaker, epoch: UUID, portions: Iterable[Portion]) -> tuple[Quarantined, ...]:
    """Store new entries of an epoch; returns those that had to be parked, with the reason. Raises CollisionError."""
    taken: list[Portion] = []
    try:
        repository.insert_entries(work.session, _seen(portions, taken))
    except IntegrityError as error:
        raise CollisionError from error
    parked = [entry for portion in taken for entry in portion.parked]
    repository.insert_quarantined(work.session, (speaker.id, epoch, work.at), parked)
    _note(work, speaker, epoch, (entry for portion in taken for entry in portion.of_epochs))
    for told in (portion.told for portion in taken if portion.told):
        facts.note(work, speaker, epoch, told)
    for tally in (portion.tally for portion in taken if portion.tally):
        counting.note(work.session, speaker.site_id, speaker.gate_id, read_tally(tally))
    batch = taken[0].batch
    erase_arrived(work.session, speaker.site_id, EntryPlace(speaker.id, epoch, batch.first), batch.last)
    return tuple(Quarantined(seq=entry.seq, reason=entry.fault) for entry in parked)


def _seen(portions: Iterable[Portion], taken: list[Portion]) -> Iterator[Portion]:
    """Yield the portions as they come, and put what is still needed of them into `taken`: not the rows, which are many bytes."""
    for portion in portions:
        taken.append(portion._replace(rows=()))
        yield portion


def _note(work: Work, speaker: Speaker, epoch: UUID, entries: Iterable[tuple[bytes, bytes]]) -> None:
    """Take from new entries what they say of epochs: where one goes on from another, and what of one is lost."""
    for opened in (unseal(canonical, personal) for canonical, personal in entries):
        if opened.kind == EpochBegan.kind:
            epochs.note_beginning(work, speaker.id, epoch, opened.fields)
        elif opened.kind == GapDeclared.kind:
            gaps.note_declared(work, (speaker.id, epoch), opened)
        work.session.flush()


def _ack(
    batch: Batch, stored: Standing, gaps: tuple[tuple[int, int], ...] = (), quarantined: tuple[Quarantined, ...] = ()
) -> BatchAck:
    head = stored.head.hex()
    return BatchAck(epoch=uuid_of(batch.epoch), acked_through=stored.acked_through, head=head, gaps=gaps, quarantined=quarantined)
