"""The talk of one gate with its neighbours, without wire and thread: what it says, what it believes, and who is there."""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from access.contract.peers import (
    OFFLINE,
    ROWS_MAX,
    Body,
    ClaimAnswer,
    ClaimAsked,
    FactRow,
    Facts,
    Here,
    PeerError,
    PeerMessage,
    read,
    topic,
)
from edge.budget import Budget
from edge.identity import Identity
from edge.messages import TimeTold
from edge.peer_messages import ClaimAnswered, ClaimMade, HomeAsked, NeighboursHeard, PeerSaid, PeersKnown, PeerTaken

FRESH_S = 30.0
AHEAD_US = 300 * 1_000_000  # another gate's clock may be, of what it has seen
HERE_EVERY_S = 5.0
HERE_AGAIN_S = 0.5  # what is new of it waits so long for more
TELL_AGAIN_S = 1.0, 60.0  # what a neighbour does not have by then it is told anew, less and less often
CLAIMS_MAX, CLAIMS_PER_S = 60, 0.5  # of one neighbour: each may make this gate write
BEFORE_US = 600 * 1_000_000  # before a gate was cut off: entries of then may have reached the registry after that
SINCE_S = 60.0
PAGE_BYTES_MAX = 40 * 1024

Publish = Callable[[str, bytes, bool], None]
"""Publishes a payload on a topic, retained or not."""


@dataclass(slots=True)
class Neighbour:
    """What is known of another edge; times are monotonic seconds, sequences those of its messages."""

    public_key: bytes
    sequence: int = 0
    received: int = 0  # facts of it, without a gap
    heard: int = 0  # facts of it that the gate has committed
    has_of_us: int = 0
    heard_at: float | None = None
    online: bool = True
    known_us: int = 0  # through when (UTC us) it knows what the registry knew
    gone: bool = False
    lost: int = 0  # facts through these are not all committed
    claims: Budget = field(default_factory=lambda: Budget(CLAIMS_MAX, CLAIMS_PER_S))


class Talk:
    """Lives in one thread. `tell` reaches the gate program; `time_at` gives the time by its judgement (None: not known yet)."""

    def __init__(
        self, identity: Identity, publish: Publish, tell: Callable[[Any], Any], time_at: Callable[[float], TimeTold | None]
    ) -> None:
        self._identity = identity
        self._publish = publish
        self._tell = tell
        self._time_at = time_at
        self.site = ""
        self.neighbours: dict[UUID, Neighbour] = {}
        self.dropped: Counter[str] = Counter()
        self._sequence = 0
        self._told = 0  # the sequence of our last facts
        self._told_at = float("-inf")
        self._tell_again_s = TELL_AGAIN_S[0]
        self._here_at = float("-inf")
        self._is_here_due = True
        self._since_us: int | None = None
        self._since_until = float("-inf")

    def know(self, known: PeersKnown) -> bool:
        """Take whose word may be heard; tell whether that is otherwise than before. Who is no more is forgotten at once."""
        keys = {UUID(edge): key for edge, key in known.peers if UUID(edge) != self._identity.edge}
        before = {edge: one.public_key for edge, one in self.neighbours.items()}
        if (known.site, keys) == (self.site, before):
            return False
        self.site = known.site
        kept = {edge: one for edge, one in self.neighbours.items() if keys.get(edge) == one.public_key}
        self.neighbours = {edge: kept.get(edge) or Neighbour(key) for edge, key in keys.items()}
        return True

    # --- what is heard ----------------------------------------------------------------------------

    def hear(self, edge: UUID, payload: bytes, now: float, *, retained: bool = False) -> None:
        """Take what came on a topic of an edge; what cannot be believed is dropped and counted. `now`: monotonic seconds."""
        if payload == OFFLINE:
            self._gone(edge)  # whoever says so: it is shown, and nothing hangs on it
            return
        if not payload or payload == b"online":
            return
        try:
            message = self._believed(edge, payload, now)
        except PeerError as error:
            if not retained:
                self.dropped[error.why] += 1
            return
        one = self.neighbours[edge]
        one.lost = min(one.lost, message.sequence - 1)
        one.sequence, one.heard_at, one.gone = message.sequence, now, False
        self._take(edge, one, message, now)

    def _believed(self, edge: UUID, payload: bytes, now: float) -> PeerMessage:
        message = read(payload, {known: one.public_key for known, one in self.neighbours.items()})
        if message.edge != edge:
            raise PeerError("wrong_topic")
        if message.site != self.site:
            raise PeerError("wrong_site")
        time = self._time_at(now)
        if time is not None and time.trusted and abs(time.utc - message.at_us / 1e6) > FRESH_S:
            raise PeerError("old")
        if message.sequence <= self._last(self.neighbours[edge].sequence, message, time):
            raise PeerError("repeated")
        return message

    def _last(self, known: int, message: PeerMessage, time: TimeTold | None) -> int:
        """Return behind which sequence a message is new: not one that a clock gave that was far ahead, once it is set right."""
        if time is None or not time.trusted:
            return known
        latest = round((time.utc + FRESH_S) * 1000)
        return 0 if message.sequence <= latest < known else known

    def _take(self, edge: UUID, one: Neighbour, message: PeerMessage, now: float) -> None:
        match message.body:
            case Here(facts=facts, heard=heard, online=online, known_us=known_us):
                one.known_us = known_us
                one.online, one.has_of_us = online, heard.get(self._identity.edge, 0)
                self._is_here_due |= facts not in (one.heard, 0)  # so that it sees what is missing here
            case Facts():
                self._take_facts(edge, one, message, message.body)
            case ClaimAsked(to=to) as claim if to == self._identity.edge:
                if one.claims.allows(1, now):
                    self._tell(ClaimMade(edge=str(edge), **claim.model_dump(mode="json", exclude={"to"})))
                else:
                    self.dropped["too_many"] += 1
            case ClaimAnswer(to=to) as answer if to == self._identity.edge:
                self._tell(ClaimAnswered(str(edge), answer.nonce, answer.yes, answer.why, answer.at_us))
            case _:
                pass

    def _take_facts(self, edge: UUID, one: Neighbour, message: PeerMessage, body: Facts) -> None:
        """Hand facts on; where some before them were lost they are states all the same, but the neighbour is to tell all anew."""
        follows_on = body.follows in (0, one.received)
        one.received = message.sequence if follows_on else one.received
        sound = [row for row in body.rows if row.at_us <= message.at_us + AHEAD_US]
        if len(sound) < len(body.rows):
            self.dropped["ahead"] += 1
        rows = tuple((row.epoch.hex, row.seq, row.name, row.how, row.value, row.at_us) for row in sound)
        self._tell(PeerSaid(str(edge), rows, message.sequence if follows_on else 0))

    def taken(self, message: PeerTaken) -> None:
        """Note that the gate has committed facts of a neighbour; or could not take some: then it is to tell all anew."""
        one = self.neighbours.get(UUID(message.edge))
        if one is not None and message.is_lost:
            one.lost, one.received, one.heard, self._is_here_due = one.sequence, 0, 0, True
        elif one is not None and message.serial > one.lost:
            one.heard = message.serial
            self._is_here_due = True

    def _gone(self, edge: UUID) -> None:
        if edge in self.neighbours:
            self.neighbours[edge].gone = True

    # --- what is said -----------------------------------------------------------------------------

    def say_facts(self, rows: Sequence[FactRow], now: float, *, all_anew: bool = False) -> None:
        """Say what this gate has contributed, in pages that follow one another; `all_anew`: these are all there are."""
        pages = list(_pages(rows))
        follows = 0 if all_anew else self._told
        for page in pages:
            follows = self._say(Facts(follows=follows, rows=tuple(page)), now)
        if pages:
            self._told, self._told_at = follows, now
            self._is_here_due = True
        elif all_anew:
            self._told = 0  # there is nothing to miss

    def is_missed(self, now: float) -> bool:
        """Tell whether a neighbour who is there does not have what was told it a while ago."""
        if now - self._told_at < self._tell_again_s or not self._told:
            return False
        is_missed = any(one.has_of_us != self._told for one in self.neighbours.values() if self._is_there(one, now))
        first_s, last_s = TELL_AGAIN_S
        self._tell_again_s = min(2 * self._tell_again_s, last_s) if is_missed else first_s
        return is_missed

    def is_needed(self, now: float) -> bool:
        """Tell whether a neighbour who is there does not reach the registry: it hears of nothing otherwise."""
        return any(not one.online for one in self.neighbours.values() if self._is_there(one, now))

    def missing_since(self, now: float) -> int | None:
        """Return since when (UTC us) neighbours who do not reach the registry may know nothing of it; None: all reach it.

        It is looked at anew now and then only, as it makes work.
        """
        if now < self._since_until:
            return self._since_us
        since = [one.known_us for one in self.neighbours.values() if not one.online and self._is_there(one, now)]
        before, self._since_us = self._since_us, max(0, min(since) - BEFORE_US) if since else None
        if self._since_us != before:
            self._since_until = now + SINCE_S
        return self._since_us

    def _is_there(self, one: Neighbour, now: float) -> bool:
        return not one.gone and one.heard_at is not None and now - one.heard_at < FRESH_S

    def ask(self, asked: HomeAsked, now: float) -> None:
        """Ask a home gate."""
        self._say(
            ClaimAsked(
                to=UUID(asked.edge),
                nonce=_nonce(asked.nonce),
                paper="visit" if asked.paper == "visit" else "pass",
                identity=UUID(asked.identity),
                person=UUID(asked.person),
                allowed=asked.allowed,
                permit=asked.permit,
                lane=asked.lane,
            ),
            now,
        )

    def answer(self, answer: ClaimAnswered, now: float) -> None:
        """Answer the claim of another gate."""
        to, nonce = UUID(answer.edge), _nonce(answer.nonce)
        self._say(ClaimAnswer(to=to, nonce=nonce, yes=answer.yes, why=answer.why, at_us=answer.at_us), now)

    def beat(self, now: float, *, online: bool, known_us: int = 0) -> None:
        """Say that this gate is there, now and then, and soon where something of that is new."""
        if now - self._here_at < (HERE_AGAIN_S if self._is_here_due else HERE_EVERY_S):
            return
        self._is_here_due, self._here_at = False, now
        heard = {edge: one.heard for edge, one in self.neighbours.items() if one.heard}
        self._say(Here(facts=self._told, heard=heard, online=online, known_us=known_us), now)

    def begin(self) -> None:
        """Say anew that this gate is there: it is connected again."""
        self._is_here_due, self._here_at = True, float("-inf")

    def state(self, error: str) -> NeighboursHeard:
        """Return who is heard, and why none is ("": nothing stands in the way)."""
        heard = {str(edge): one.heard_at for edge, one in self.neighbours.items()}
        gone = tuple(str(edge) for edge, one in self.neighbours.items() if one.gone)
        return NeighboursHeard(heard, gone, error, dict(self.dropped))

    def _say(self, body: Body, now: float) -> int:
        """Say something signed; returns its sequence. As long as the gate has not told what time it is, nothing is said."""
        time = self._time_at(now)
        if time is None or not self.site:
            return self._told
        at_us = max(0, round(time.utc * 1e6))
        # As of requests to the registry: milliseconds rise over restarts without a write to the disk for each message.
        self._sequence = max(self._sequence + 1, at_us // 1000)
        message = PeerMessage(site=self.site, edge=self._identity.edge, sequence=self._sequence, at_us=at_us, body=body)
        data = message.signed_by(self._identity.key)
        self._publish(topic(self.site, self._identity.edge, message.kind), data, isinstance(body, Here))
        return self._sequence


def _nonce(text: str) -> str:
    return UUID(text).hex


def _pages(rows: Sequence[FactRow]) -> Iterable[list[FactRow]]:
    page: list[FactRow] = []
    size = 0
    for row in rows:
        more = len(row.model_dump_json())
        if page and (len(page) == ROWS_MAX or size + more > PAGE_BYTES_MAX):
            yield page
            page, size = [], 0
        page.append(row)
        size += more
    if page:
        yield page
