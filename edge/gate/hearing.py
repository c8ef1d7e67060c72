"""What neighbours say over the LAN, as the courier has checked it: written down as their word, and kept until it is confirmed."""

from collections import deque
from collections.abc import Iterator

from access.entries import FactsChanged, Stamp
from access.peers import KEPT_S, WORDS_MAX, Hearsay, Word, Words, word, words_in, written
from access.sealing import Opened
from access.sharing import SUM, new_in
from access.snapshot import Snapshot
from edge.budget import Budget
from edge.gate.home import granted_in
from edge.peer_messages import ClaimAnswered, PeerSaid, PeersKnown, PeerTaken
from edge.store import heard as store
from edge.store import questions
from edge.store.journal import Journal
from edge.store.scribe import Scribe

WAITING_MAX = 50  # messages of one neighbour; it tells again what is not taken
NEWS_MAX, NEWS_PER_S = WORDS_MAX, 2.0  # words of one neighbour that are written: at once, and in the long run
LOOK_AGAIN_S = 60.0  # for what has grown too old


class Hearing:
    """Lives in the consumer's thread; the pen works out and writes what is heard, as no lane must wait for that."""

    def __init__(self, scribe: Scribe, utc_us: int) -> None:
        """Take up what was heard before. Raises StoreError."""
        entries = scribe.ask(questions.facts_since, utc_us - KEPT_S * 1_000_000)
        self.granted = tuple(granted(entries))
        """The claims of other gates that were granted, oldest first."""
        self.peers = PeersKnown("")
        """Whose word over the LAN may be heard, as the courier is told."""
        self._scribe = scribe
        self._words = Words(_words(entries))
        self._waiting: deque[PeerSaid] = deque()
        self._budgets: dict[str, Budget] = {}
        self._taken: deque[PeerTaken] = deque()
        self._found: tuple[int, Hearsay] | None = None
        self._shown: Hearsay | None = None
        self._is_working = False
        self._look_at = 0.0

    def may_hear(self, rules: Snapshot) -> bool:
        """Let be heard whom the rules in force name; tell whether that is otherwise than before."""
        before, boxes = self.peers, rules.peers.values()
        self.peers = PeersKnown(rules.site_slug, tuple((str(box.id), box.public_key) for box in boxes))
        return self.peers != before

    def sums(self) -> frozenset[tuple[str, str]]:
        """Name the sums, by (epoch, name), that neighbours have spoken of and that are not confirmed."""
        return frozenset(self._words.sums())

    def take(self, said: PeerSaid) -> None:
        """Have it written down, soon; where too much of that neighbour waits already, it is to tell it again."""
        if sum(one.edge == said.edge for one in list(self._waiting)) >= WAITING_MAX:
            self._taken.append(PeerTaken(said.edge, said.serial, is_lost=True))
        else:
            self._waiting.append(said)

    def taken(self) -> Iterator[PeerTaken]:
        """Yield what is committed since the last call."""
        while self._taken:
            yield self._taken.popleft()

    def learned(self, now: float, *, is_news: bool = False) -> Hearsay | None:
        """Return what neighbours say beyond what is known here, where that is otherwise than at the last call; `now`: monotonic.

        `is_news`: what is known here has changed by the registry's word. It is told only of the journal as it is now.
        """
        if self._is_working or not self._scribe.is_settled:
            self._look_at = 0.0 if is_news else self._look_at
            return None
        found, self._found = self._found, None
        is_due = bool(self._waiting) or is_news or now >= self._look_at
        is_stale = found is not None and found[0] != self._scribe.journal.seq
        if is_due or is_stale:
            self._look_at = now + LOOK_AGAIN_S
            self._is_working = bool(self._waiting) or len(self._words) > 0 or is_stale
            if self._is_working:
                self._scribe.start(self._work)
            return None
        if found is None or found[1] == self._shown:
            return None
        self._shown = found[1]
        return self._shown

    def _work(self) -> None:
        """Write what waits, and work out what is left of all; in the pen's thread. Raises StoreError."""
        journal, stamp = self._scribe.journal, self._scribe.stamp()
        try:
            while self._waiting:
                said = self._waiting.popleft()
                budget = self._budgets.setdefault(said.edge, Budget(NEWS_MAX, NEWS_PER_S))
                is_taken = commit_said(journal, self._words, said, stamp, budget)
                self._taken.append(PeerTaken(said.edge, said.serial, is_lost=not is_taken))
            self._found = journal.seq, beyond(journal, self._words, stamp)
        finally:
            self._is_working = False


def _words(entries: list[Opened]) -> Iterator[Word]:
    for entry in entries:
        if isinstance(body := entry.body(), FactsChanged):
            yield from words_in(body, entry.stamp.utc_us)


def granted(entries: list[Opened]) -> Iterator[ClaimAnswered]:
    """Yield the claims of other gates that entries say were granted."""
    for entry in entries:
        body = entry.body()
        if isinstance(body, FactsChanged) and (answer := granted_in(body, entry.stamp.utc_us)) is not None:
            yield answer


def kept_words(journal: Journal, utc_us: int) -> Words:
    """Return what a journal holds of neighbours' words that are not too old. Raises StoreError."""
    return Words(_words(journal.look(questions.facts_since, utc_us - KEPT_S * 1_000_000)))


def commit_said(journal: Journal, words: Words, said: PeerSaid, stamp: Stamp, budget: Budget | None = None) -> bool:
    """Commit what a neighbour says that is news, and is not known here otherwise; False where it is more than its budget.

    Raises StoreError.
    """
    rows = (word(said.edge, tuple(row), stamp.utc_us) for row in said.rows)
    heard = [one for one in rows if one is not None and words.is_news(one)]
    sums = [(one.told.epoch, one.told.contribution.name) for one in heard if one.told.contribution.how == SUM]
    told = {id(one.told): one for one in heard}
    found = new_in((one.told for one in heard), journal.presence, journal.times, journal.look(store.totals, sums))
    news = [told[id(one)] for one, _ in found]
    if news and budget is not None and not budget.allows(len(news), stamp.mono_us / 1_000_000):
        return False
    if news:
        journal.append([journal.draft(body, stamp) for body in written(news)], stamp)
    for one in news:
        words.take(one)
    return True


def beyond(journal: Journal, words: Words, stamp: Stamp) -> Hearsay:
    """Return what neighbours say beyond what the journal knows. Raises StoreError."""
    totals = journal.look(store.totals, words.sums())
    return words.beyond(journal.presence, journal.times, totals, stamp.utc_us)
