"""What gate and courier tell each other of the journal: how far it goes, what of it has rotted, what the registry has of it."""

import contextlib
import queue
from collections.abc import Callable, Iterable
from typing import Any
from uuid import UUID

from access.contract.checkpoints import Checkpoint
from edge.messages import CheckpointMade, EntryFetched, EntryWanted, JournalAdvanced, JournalBehind
from edge.store.mending import ROTTEN_MAX
from edge.store.scribe import Scribe
from edge.store.scrub import Rotten

HEARD_MAX = 2 * ROTTEN_MAX


class JournalNews:
    """Lives in the consumer's thread, but for `hear`. `tell` reaches the courier, as far as it is there."""

    def __init__(self, scribe: Scribe, tell: Callable[[Any], object]) -> None:
        self._scribe = scribe
        self._tell = tell
        self._heard: queue.Queue[JournalBehind | EntryFetched] = queue.Queue(HEARD_MAX)
        self._told_of = scribe.journal.epoch, 0
        self._told_head: Checkpoint | None = None
        self._told_rotten: tuple[Rotten, ...] = ()

    def hear(self, word: JournalBehind | EntryFetched) -> None:
        """Take the registry's word; from any thread. What is too much is told again, as is what fails."""
        with contextlib.suppress(queue.Full):
            self._heard.put_nowait(word)

    def heed(self) -> None:
        """Have done what the registry's word asks for, one at a time: begin a new epoch, or mend an entry that has rotted.

        Where that fails it is told again: by the registry, or when the courier comes the next time.
        """
        if not self._scribe.is_idle:
            return
        with contextlib.suppress(queue.Empty):
            match self._heard.get_nowait():
                case JournalBehind(epoch, seq):
                    self._scribe.fall_behind(UUID(epoch), seq)
                case EntryFetched(epoch, seq, canonical, personal):
                    self._scribe.mend(Rotten(UUID(epoch), seq), canonical, personal)

    def advanced(self) -> None:
        """Tell how far the journal goes."""
        self._told_of = self._scribe.journal.epoch, self._scribe.journal.seq
        self._tell(self.length())

    def tell(self) -> None:
        """Tell of what the scribe has done by itself: entries of its own, a signed head, rows found rotten."""
        if self._told_of != (self._scribe.journal.epoch, self._scribe.journal.seq):
            self.advanced()
        if self._told_head is not self._scribe.checkpoint:
            self._told_head = self._scribe.checkpoint
            self._tell_all(self._head())
        if self._told_rotten is not self._scribe.rotten:
            self._told_rotten = self._scribe.rotten
            self._tell_all(self._wanted())

    def length(self) -> JournalAdvanced:
        """Return how far the journal goes: any program is told that as it comes."""
        return JournalAdvanced(self._scribe.journal.epoch.hex, self._scribe.journal.seq)

    def for_newcomer(self) -> Iterable[Any]:
        """Return what else a courier is told as it comes."""
        return (*self._wanted(), *self._head())

    def _wanted(self) -> Iterable[EntryWanted]:
        return (EntryWanted(place.epoch.hex, place.seq) for place in self._told_rotten)

    def _head(self) -> Iterable[CheckpointMade]:
        return () if self._told_head is None else (CheckpointMade(self._told_head.model_dump_json()),)

    def _tell_all(self, messages: Iterable[Any]) -> None:
        for message in messages:
            self._tell(message)
