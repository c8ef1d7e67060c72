"""What is sent next, and what an answer to it means: the pure half of the way up.

The registry's word counts, also backwards: restored from a backup it gets again what it lost. An entry has no time to live and
no limit of tries; one that is refused stays first in its epoch's line and is shown, while other epochs go on.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from uuid import UUID

from pydantic import ValidationError

from access.contract.sync import BatchAck, EntryBatch, SentEntry
from devices.transports.backoff import Backoff
from edge.courier.errors import RefusalError
from edge.courier.surroundings import Jitter
from edge.store.reader import StoredEntry

ENTRIES_MAX = 200
BYTES_MAX = 1_000_000
GROWTH = 20
SLOW_S = 3.0  # a batch that takes longer is too large for the link: alarms and what is newest would wait behind it
ASK_AGAIN_S = 300.0  # a registry restored from a backup is noticed within this time even by a gate where nothing happens
NEVER = float("-inf")
BACKOFF_FLOOR_S = 0.5
BACKOFF_CEILING_S = 60.0


@dataclass(slots=True)
class _Line:
    """One epoch's line: how far it is acknowledged, how many entries go at a time, when it may be tried again (monotonic).

    The registry's `word` is how far it has the epoch, which may be further than this journal goes: then the line is `settled` at
    this journal's last entry. It is fresh until `asked_until`; after that (at start, after a lost answer) an empty batch asks for
    it first.
    """

    backoff: Backoff
    acked: int = 0
    word: int = 0
    settled: int | None = None
    asked_until: float = NEVER
    limit: int = ENTRIES_MAX
    not_before: float = NEVER
    fault: str = ""


@dataclass(slots=True)
class Outbox:
    """Lines of entries, one an epoch. `losses`: how often the registry's word has gone back. `now`: monotonic seconds."""

    jitter: Jitter
    losses: int = 0
    _lines: dict[UUID, _Line] = field(default_factory=dict)

    def restore(self, acked: Mapping[UUID, int]) -> None:
        """Begin where an earlier run came to."""
        for epoch, seq in acked.items():
            line = self._line(epoch)
            line.acked = line.word = seq

    @property
    def acked(self) -> dict[UUID, int]:
        """How far the registry has each epoch."""
        return {epoch: line.acked for epoch, line in self._lines.items()}

    @property
    def fault(self) -> str:
        """What holds a line up, in words."""
        return "; ".join(line.fault for line in self._lines.values() if line.fault)

    def due(self, epoch: UUID, now: float) -> bool:
        """Tell whether an epoch's line may be tried."""
        return now >= self._line(epoch).not_before

    def window(self, epoch: UUID, now: float) -> tuple[int, int]:
        """Return what to read next: entries after this seq, at most so many; none to ask how far the registry has the epoch."""
        line = self._line(epoch)
        return line.acked, line.limit if now < line.asked_until else 0

    def heard(self, epoch: UUID, word: int) -> None:
        """Note how far the registry says that it has an epoch; where that goes back, it may have lost of the others too."""
        line = self._line(epoch)
        if word < line.word:
            self.losses += 1
            line.settled = None
            self._doubt_others(epoch)
        line.word = word

    def acknowledged(self, batch: EntryBatch, seq: int, now: float, took_s: float = 0.0) -> None:
        """Move to the registry's word: it has the epoch through `seq`, which the journal has confirmed to be on its chain.

        `took_s` is how long the batch took to be acknowledged.
        """
        self.heard(batch.epoch, seq)
        line = self._line(batch.epoch)
        if batch.entries and seq == line.acked:
            self._hold(line, "the registry took none of the entries sent", now)
            return
        if batch.entries:
            line.limit = _fitting(line.limit, len(batch.entries), took_s)
            line.backoff.reset()
        line.acked, line.asked_until, line.fault, line.not_before = seq, now + ASK_AGAIN_S, "", NEVER

    def refused(self, batch: EntryBatch, error: RefusalError, now: float) -> None:
        """Look by halves for the entry that the registry refuses; found alone it waits, and its line with it."""
        line = self._line(batch.epoch)
        # 413: refused before it was read; 500: one of them is of a kind that nobody foresaw.
        is_about_entries = bool(batch.entries) and (error.is_for_good or error.status in {413, 500})
        if is_about_entries and len(batch.entries) > 1:
            line.limit = len(batch.entries) // 2
            return
        about = f"entry {batch.entries[0].seq}: " if is_about_entries else ""
        self._hold(line, f"{about}{error}", now, error.retry_after_s)

    def settled(self, epoch: UUID, seq: int, now: float) -> None:
        """Close the line of an epoch that ended here at `seq`, of which the registry has that and more."""
        line = self._line(epoch)
        line.acked = line.settled = seq
        line.asked_until, line.fault, line.not_before = now + ASK_AGAIN_S, "", now + ASK_AGAIN_S

    def is_settled(self, epoch: UUID, seq: int) -> bool:
        """Tell whether the line of an epoch that ended here at `seq` is closed already."""
        return self._line(epoch).settled == seq

    def repeats(self, epoch: UUID, seq: int, now: float) -> None:
        """Let an entry that the registry should have be the next that is sent."""
        line = self._line(epoch)
        line.acked, line.asked_until, line.not_before = seq - 1, now + ASK_AGAIN_S, NEVER

    def disputed(self, epoch: UUID, why: str, now: float) -> None:
        """Hold an epoch of which registry and journal tell different things: people must look, nothing is sent over it."""
        self._hold(self._line(epoch), why, now)

    def unanswered(self, batch: EntryBatch) -> None:
        """Make the next batch smaller: no answer came, and on a slow link less may get through before the deadline."""
        line = self._line(batch.epoch)
        line.asked_until = NEVER
        line.limit = max(1, len(batch.entries) // 2) if batch.entries else line.limit

    def _line(self, epoch: UUID) -> _Line:
        if epoch not in self._lines:
            self._lines[epoch] = _Line(Backoff(BACKOFF_FLOOR_S, BACKOFF_CEILING_S, self.jitter))
        return self._lines[epoch]

    def _hold(self, line: _Line, why: str, now: float, at_least_s: float = 0.0) -> None:
        line.fault = why
        line.not_before = now + max(line.backoff.next_s(), at_least_s)

    def _doubt_others(self, epoch: UUID) -> None:
        """Let the others be asked about again."""
        for other, line in self._lines.items():
            if other != epoch:
                line.asked_until = NEVER


def _fitting(limit: int, sent: int, took_s: float) -> int:
    """Return how many entries to send next after `sent` took so long."""
    if took_s > SLOW_S:
        return max(1, min(limit, int(sent * SLOW_S / took_s)))
    return min(limit + GROWTH, ENTRIES_MAX)


def make_batch(edge: UUID, epoch: UUID, follows: bytes, stored: Sequence[StoredEntry]) -> EntryBatch:
    """Put entries into one batch: as many as BYTES_MAX holds, at least the first."""
    taken: list[SentEntry] = []
    size = 0
    for entry in stored:
        size += len(entry.canonical) + len(entry.personal)
        if taken and size > BYTES_MAX:
            break
        taken.append(SentEntry(seq=entry.seq, canonical=entry.canonical, personal=entry.personal))
    return EntryBatch(edge=edge, epoch=epoch, follows=follows, entries=tuple(taken))


def goes_back(error: RefusalError, epoch: UUID) -> BatchAck | None:
    """Return how far the registry has the epoch, where it says so in refusing a batch that does not follow."""
    facts = {name: error.facts[name] for name in ("acked_through", "head") if name in error.facts}
    try:
        return BatchAck.model_validate({"epoch": epoch, **facts}) if error.status == 409 else None
    except ValidationError:
        return None
