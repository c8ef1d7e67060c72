"""What gates have recorded elsewhere, as the courier tells it: taken page by page, each with its entries in one commit."""

from collections.abc import Callable

from access.entries import FactsChanged, Stamp
from access.presence import Presence
from access.sharing import SUM, Contribution, Told, learned
from edge.messages import FactsHeard, FactsTaken
from edge.store import heard as store
from edge.store.journal import Journal
from edge.store.scribe import Scribe

Sums = frozenset[tuple[str, str]]
"""Sums by (epoch, name)."""


class Neighbours:
    """Lives in the consumer's thread, but what it writes is worked out and written by the pen: no lane waits for it."""

    def __init__(self, scribe: Scribe, spoken_of: Callable[[], Sums] = frozenset) -> None:
        """Find how far earlier runs came; `spoken_of` names sums that neighbours have spoken of. Raises StoreError."""
        self._spoken_of = spoken_of
        journal = scribe.journal
        self._scribe = scribe
        self._taken = FactsTaken(journal.epoch.hex, journal.look(store.through, journal.epoch))
        self._learned = self._taken
        self._is_writing = False

    @property
    def taken(self) -> FactsTaken:
        """How far the stream is taken; in a new epoch it is heard from its beginning."""
        taken, epoch = self._taken, self._scribe.journal.epoch.hex
        return taken if taken.epoch == epoch else FactsTaken(epoch, 0)

    def take(self, heard: FactsHeard) -> bool:
        """Have what is news in a page committed, soon; tell whether the page follows on.

        None is taken while what has happened here is still to be written, or another page is: the courier offers it again.
        """
        if FactsTaken(heard.epoch, heard.after) != self.taken:
            return False
        if not (self._is_writing or self._scribe.holds_back):
            self._is_writing = True
            self._scribe.start(lambda: self._write(heard))
        return True

    def learned(self) -> Presence | None:
        """Return the presence as it is now, if pages were taken, or an epoch was begun, since the last call.

        Only once all that has happened here is in the journal too: then the journal alone says what came of both.
        """
        if not self._scribe.is_settled or self.taken == self._learned:
            return None
        self._learned = self.taken
        return self._scribe.journal.presence

    def _write(self, heard: FactsHeard) -> None:
        """Commit a page; in the pen's thread. Raises StoreError: then it is not taken."""
        journal, stamp = self._scribe.journal, self._scribe.stamp()
        try:
            if heard.epoch != journal.epoch.hex:
                return  # another was begun meanwhile
            commit_page(journal, heard, stamp, self._spoken_of())
            self._taken = FactsTaken(heard.epoch, heard.through)
        finally:
            self._is_writing = False


def commit_page(journal: Journal, heard: FactsHeard, stamp: Stamp, spoken_of: Sums = frozenset()) -> None:
    """Commit what is news in a page, and how far the stream is taken with it, together. Raises StoreError."""
    drafts = [journal.draft(entry, stamp) for entry in _news(journal, heard, spoken_of)]
    journal.append(drafts, stamp, store.through_is(heard.through, journal.epoch))


def _news(journal: Journal, heard: FactsHeard, spoken_of: Sums) -> list[FactsChanged]:
    told = [
        Told(edge, epoch, seq, Contribution(name, how, value, at_us, plate))
        for edge, epoch, seq, name, how, value, at_us, plate in heard.facts
    ]
    sums = [(one.epoch, one.contribution.name) for one in told if one.contribution.how == SUM]
    return learned(told, journal.presence, journal.times, journal.look(store.totals, sums), spoken_of)
