"""What other gates have recorded, as the courier tells it: taken page by page, each with its entries in one commit."""

from typing import Any
from uuid import UUID

from access.entries import FactsChanged
from access.sharing import SUM, Contribution, Told, learned
from edge.messages import FactsHeard, FactsTaken
from edge.store import heard as store
from edge.store.errors import StoreError
from edge.store.scribe import Scribe


class Neighbours:
    """Lives in the consumer's thread. A page that does not follow on is not taken: the courier is told where to go on."""

    def __init__(self, scribe: Scribe, log: Any) -> None:
        """Find how far earlier runs came. Raises StoreError."""
        self._scribe = scribe
        self._log = log
        epoch = scribe.journal.epoch
        self._taken = FactsTaken(epoch.hex, scribe.journal.look(store.through, epoch))

    @property
    def taken(self) -> FactsTaken:
        """How far the stream is taken; in a new epoch it is heard from its beginning."""
        epoch = self._scribe.journal.epoch.hex
        return self._taken if self._taken.epoch == epoch else FactsTaken(epoch, 0)

    def take(self, heard: FactsHeard) -> list[FactsChanged]:
        """Commit what is news in a page, and return it; where nothing can be written, nothing is taken."""
        if FactsTaken(heard.epoch, heard.after) != self.taken or self._scribe.holds_back:
            return []
        try:
            entries = self._news(heard)
            through = store.through_is(heard.through, UUID(heard.epoch))
            self._scribe.commit_with([self._scribe.draft(entry) for entry in entries], through)
        except StoreError as error:
            self._log.error("facts_not_taken", error=str(error))
            return []
        self._taken = FactsTaken(heard.epoch, heard.through)
        return entries

    def _news(self, heard: FactsHeard) -> list[FactsChanged]:
        journal = self._scribe.journal
        told = [
            Told(edge, epoch, seq, Contribution(name, how, value, at_us, plate))
            for edge, epoch, seq, name, how, value, at_us, plate in heard.facts
        ]
        sums = [(one.epoch, one.contribution.name) for one in told if one.contribution.how == SUM]
        return learned(told, journal.presence, journal.times, journal.look(store.totals, sums))
