"""What this gate has contributed to facts that neighbours tell each other, and the registry does not have yet.

While a neighbour does not reach the registry, also what the registry has since shortly before that: nobody else tells it.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from uuid import UUID

from access.contract.peers import FactRow
from access.entries import EntryError
from access.immutable import immutable
from access.peers import TOLD_ON, WORDS_MAX
from access.sharing import SUM, Contribution, contributions
from edge.store.errors import StoreError
from edge.store.reader import JournalReader, StoredEntry

PAGE = 500  # entries
BACK_MAX = 10_000  # entries of an epoch that the registry has, at most, are told again
SINCE_STEP_US = 60 * 1_000_000
PAGES_MAX = 20  # at one look: the rest at the next
Key = tuple[UUID, str]


@immutable
class Standing:
    """What an epoch has contributed to a fact through an entry of it."""

    seq: int
    contribution: Contribution


class Outstanding:
    """Follows the journal of this edge on a connection of its own; the newest names are kept."""

    def __init__(self, journal: Path, edge: UUID) -> None:
        self._path = journal
        self._edge = edge
        self._reader: JournalReader | None = None
        self._seen: dict[UUID, int] = {}
        self._standing: dict[Key, Standing] = {}
        self._since_us: int | None = None
        self._before: dict[UUID, int] = {}  # what neighbours who are cut off have from the registry, by epoch

    def look(self, acked: Mapping[UUID, int], since_us: int | None = None) -> list[Key]:
        """Take in what is new in the journal, and forget what the registry has; return what is new, oldest first.

        `since_us`: what is written since then (UTC us) neighbours do not have from the registry. Raises StoreError: then it is
        looked at anew.
        """
        reader = self._reader = self._reader or JournalReader(self._path)
        try:
            acked = self._known(reader, acked, since_us)
            news = list(dict.fromkeys(self._news(reader, acked)))
            totals = reader.totals(key for key in news if self._standing[key].contribution.how == SUM)
        except StoreError:
            self.close()
            raise
        for key, (total, seq) in totals.items():
            one = self._standing[key]
            self._standing[key] = Standing(seq, replace(one.contribution, value=total))
        self._standing = {key: one for key, one in self._standing.items() if one.seq > acked.get(key[0], 0)}
        for key in list(self._standing)[:-WORDS_MAX]:
            del self._standing[key]
        return [key for key in news if key in self._standing]

    def rows(self, keys: Iterable[Key] | None = None) -> list[FactRow]:
        """Return what stands out of these (None: of all), as neighbours are told it."""
        named = self._standing if keys is None else [key for key in keys if key in self._standing]
        return [_row(key, self._standing[key]) for key in named]

    def close(self) -> None:
        """Close the connection, and begin anew at the next look."""
        if self._reader is not None:
            self._reader.close()
        self._reader = None
        self._seen.clear()
        self._since_us = None
        self._standing.clear()

    def _known(self, reader: JournalReader, acked: Mapping[UUID, int], since_us: int | None) -> Mapping[UUID, int]:
        """Return how far all neighbours have each epoch from the registry; not asked anew for each word of one who is cut off."""
        if since_us is None:
            self._since_us = None
            return acked
        if self._since_us is None or since_us < self._since_us - SINCE_STEP_US:
            self._since_us = since_us
            self._before = {epoch: reader.through(epoch, since_us, BACK_MAX) for epoch in reader.epochs(self._edge)}
            for epoch, seq in self._before.items():
                if seq < self._seen.get(epoch, acked.get(epoch, 0)):
                    self._seen[epoch] = seq  # what is seen again comes to the same
                    self._standing = {key: one for key, one in self._standing.items() if key[0] != epoch}
        return {epoch: min(seq, self._before.get(epoch, 0)) for epoch, seq in acked.items()}

    def _news(self, reader: JournalReader, acked: Mapping[UUID, int]) -> Iterator[Key]:
        for epoch in reader.epochs(self._edge):
            for _ in range(PAGES_MAX):
                since = max(self._seen.get(epoch, 0), acked.get(epoch, 0))
                entries = reader.after(epoch, since, PAGE)
                for entry in entries:
                    yield from self._take(epoch, entry)
                if not entries:
                    if (following := reader.next_after(epoch, since)) is None:
                        break
                    self._seen[epoch] = following - 1  # what is missing here nobody is told

    def _take(self, epoch: UUID, entry: StoredEntry) -> Iterator[Key]:
        self._seen[epoch] = entry.seq
        try:
            found = contributions([(entry.utc_us, entry.read().body())])
        except EntryError:
            return
        for name, one in found.items():
            if name.partition(":")[0] in TOLD_ON:
                before = self._standing.pop((epoch, name), None)
                following = one if one.how == SUM else one.following(before.contribution if before else None)
                self._standing[epoch, name] = Standing(entry.seq, following)
                yield epoch, name


def _row(key: Key, one: Standing) -> FactRow:
    epoch, name = key
    told = one.contribution
    return FactRow(
        epoch=epoch, seq=one.seq, name=name, how="sum" if told.how == SUM else "set", value=told.value, at_us=told.at_us
    )
