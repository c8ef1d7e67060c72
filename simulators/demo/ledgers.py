"""Both books of a run side by side: the gate's journal and what the registry has of it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from uuid import UUID

from sqlalchemy import select

from access.sealing import Opened
from central.database import Database
from central.tables import JournalEntry, QuarantinedEntry
from edge.store.reader import JournalReader, StoredEntry

PAGE = 1000

Key = tuple[UUID, int]
"""An entry's place: epoch and seq."""


@dataclass(frozen=True, slots=True)
class Written:
    """An entry of the gate's journal."""

    key: Key
    hash: bytes
    entry: Opened


@dataclass(frozen=True, slots=True)
class Received:
    """An entry as the registry has it."""

    key: Key
    id: UUID
    hash: bytes
    at: datetime


@dataclass(frozen=True, slots=True)
class Ledgers:
    """What both have, and how many entries the registry could not make sense of."""

    journal: tuple[Written, ...]
    registry: tuple[Received, ...]
    quarantined: int

    @property
    def lost(self) -> int:
        """How many entries of the journal the registry does not have, or has otherwise."""
        stored = self.stored()
        return sum(1 for written in self.journal if written.key not in stored or stored[written.key].hash != written.hash)

    @property
    def duplicated(self) -> int:
        """How many entries either of the two has more than once."""
        written = [entry.entry.id for entry in self.journal]
        received = [entry.id for entry in self.registry]
        return len(written) - len(set(written)) + len(received) - len(set(received))

    def stored(self) -> Mapping[Key, Received]:
        """Return the registry's entries by their place."""
        return {received.key: received for received in self.registry}


def read_ledgers(journal: Path, database: Database) -> Ledgers:
    """Read both, the journal first: what is written meanwhile is not missed at the registry."""
    written = tuple(_journal(journal))
    with database.read() as session:
        rows = session.execute(
            select(JournalEntry.epoch, JournalEntry.seq, JournalEntry.id, JournalEntry.chain_hash, JournalEntry.received_at)
        )
        received = tuple(Received((epoch, seq), identity, chain, at) for epoch, seq, identity, chain, at in rows)
        quarantined = len(session.scalars(select(QuarantinedEntry.seq)).all())
    return Ledgers(written, received, quarantined)


def _journal(path: Path) -> Iterator[Written]:
    reader = JournalReader(path)
    try:
        for epoch in reader.epochs():
            seq = 0
            while page := reader.after(epoch, seq, PAGE):
                yield from (_written(epoch, stored) for stored in page)
                seq = page[-1].seq
    finally:
        reader.close()


def _written(epoch: UUID, stored: StoredEntry) -> Written:
    return Written((epoch, stored.seq), stored.hash, stored.read())
