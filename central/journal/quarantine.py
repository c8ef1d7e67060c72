"""Entries that were parked: shown to people as they came, and taken in again when the registry has learnt to read them."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import AfterValidator, Field, field_serializer

from access.contract.sync import EntryBatch, SentEntry
from central.edges import repository as edges
from central.edges.services import SEQUENCE_MAX
from central.errors import RegistryError
from central.journal import repository, services
from central.journal.reading import read_again
from central.records.schemas import Wanted
from central.registry import Work
from central.tables import QuarantinedEntry

PAGE_MAX = 100


def _as_place(text: str) -> str:
    place_of(text)
    return text


Place = Annotated[str, Field(max_length=100), AfterValidator(_as_place)]


class ParkedShown(Wanted):
    """A parked entry: its place (EDGE:EPOCH:SEQ), when it came and why it could not be taken in."""

    place: Place
    edge: UUID
    epoch: UUID
    seq: int
    received_at: datetime
    reason: str


class ParkedWhole(ParkedShown):
    """A parked entry with its bytes (hex) as the gate made them."""

    canonical: bytes
    personal: bytes
    chain_hash: bytes

    @field_serializer("canonical", "personal", "chain_hash")
    def _as_hex(self, value: bytes) -> str:
        return value.hex()


class ParkedPage(Wanted):
    """One page of the list; where `more` is set, ask again with `after=more`."""

    items: list[ParkedShown]
    more: str | None


class TriedAgain(Wanted):
    """What came of trying an entry again: it is in the journal now, or still parked for this reason."""

    taken: bool
    reason: str


def place_of(text: str) -> tuple[UUID, UUID, int]:
    """Return edge, epoch and seq of a place; raises ValueError."""
    edge, epoch, seq = text.split(":")
    if not 0 < int(seq) <= SEQUENCE_MAX:
        raise ValueError("an entry has a number of its journal")
    return UUID(edge), UUID(epoch), int(seq)


def page(work: Work, after: str, limit: int) -> ParkedPage:
    """List parked entries by their places."""
    rows = repository.quarantined(work, place_of(after) if after else None, limit + 1)
    items = [ParkedShown.model_validate(_facts(row)) for row in rows[:limit]]
    return ParkedPage(items=items, more=items[-1].place if len(rows) > limit else None)


def show(work: Work, place: str) -> ParkedWhole:
    """Show one parked entry; RegistryError 404."""
    row = _parked(work, place)
    return ParkedWhole.model_validate(
        {**_facts(row), "canonical": row.canonical, "personal": row.personal, "chain_hash": row.chain_hash}
    )


def try_again(work: Work, place: str) -> TriedAgain:
    """Take a parked entry in as if it came now, in the place that it has in its chain; RegistryError 404."""
    row = _parked(work, place, locked=True)
    speaker = edges.speaker(work.session, row.edge_id)
    assert speaker is not None, "edges are never deleted"
    sent = SentEntry(seq=row.seq, canonical=row.canonical, personal=row.personal)
    batch = EntryBatch(edge=row.edge_id, epoch=row.epoch, follows=bytes(32), entries=(sent,))
    portion = read_again(batch, row.chain_hash, services.home_of(repository.form(work.session), speaker, work.at, 0, {}))
    repository.release(work.session, row)
    parked = services.keep(work, speaker, row.epoch, [portion])
    return TriedAgain(taken=not parked, reason="".join(entry.reason for entry in parked))


def _parked(work: Work, place: str, *, locked: bool = False) -> QuarantinedEntry:
    row = repository.quarantined_at(work, place_of(place), locked=locked)
    if row is None:
        raise RegistryError("nothing is parked there", 404, "place")
    return row


def _facts(row: QuarantinedEntry) -> dict[str, object]:
    place = f"{row.edge_id}:{row.epoch}:{row.seq}"
    facts = {"edge": row.edge_id, "epoch": row.epoch, "seq": row.seq, "received_at": row.received_at, "reason": row.reason}
    return {"place": place, **facts}
