"""Entries that were parked: shown to people as they came, and taken in again when the registry has learnt to read them."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import field_serializer

from access.contract.sync import EntryBatch, SentEntry
from central.edges import repository as edges
from central.errors import RegistryError
from central.journal import repository, services
from central.journal.pages import Place, PlacesAsked, place_of, place_text
from central.journal.reading import read_again
from central.masking.kinds import Personal
from central.records.schemas import PlacedPage, Wanted
from central.registry import Work
from central.tables import QuarantinedEntry


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
    personal: Annotated[bytes, Personal("credential")]
    chain_hash: bytes

    @field_serializer("canonical", "personal", "chain_hash")
    def _as_hex(self, value: bytes) -> str:
        return value.hex()


class TriedAgain(Wanted):
    """What came of trying an entry again: it is in the journal now, or still parked for this reason."""

    taken: bool
    reason: str


def page(work: Work, asked: PlacesAsked) -> PlacedPage[ParkedShown]:
    """Show one page of the parked entries, by their places; RegistryError 422 for a gate or edge beyond the actor's bounds."""
    rows = repository.quarantined(work, asked)
    items = [ParkedShown.model_validate(_facts(row)) for row in rows[: asked.limit]]
    return PlacedPage(items=items, more=items[-1].place if len(rows) > asked.limit else None)


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
    place = place_text(row.edge_id, row.epoch, row.seq)
    facts = {"edge": row.edge_id, "epoch": row.epoch, "seq": row.seq, "received_at": row.received_at, "reason": row.reason}
    return {"place": place, **facts}
