"""Load that is more than the registry can bear is shed early and fairly: 429 with Retry-After, before a thread is taken."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import Depends, Request

from access.chance import Chance
from access.contract.signature import EDGE_HEADER, STREAM_HEADER
from central.edges.line import ORDINARY, FairLine
from central.errors import RegistryError

# More at once would only wait for the database, and the office's pages wait for the same threads.
RUNNING_MAX = 4
# What a request costs beside its body, in bytes of a body: a batch of many entries stands for so much more than one of one.
REQUEST_WORK = 4 * 1024
WAITING_MAX = 256
# One request a stream is what a gate sends. A second may come from a gate that gave up on the first or was started anew.
PER_STREAM_MAX = 2
POLLS_PER_STREAM_MAX = 4
RETRY_AFTER_S = range(2, 10)
NAME_MAX = 80
# How urgent a stream of one edge's requests is. All of a stream alike: its requests wait for one another at the edge.
RANKS = {"commands": 0, "deny": 0, "news": 1, "pictures": ORDINARY + 1}


class Turn:
    """The turn of one request."""

    def __init__(self, turns: "Turns", edge: str, rank: int) -> None:
        self._turns = turns
        self._edge = edge
        self._rank = rank
        self._holds = False

    async def take(self, body_bytes: int = 0) -> None:
        """Wait for the turn. Raises RegistryError 429."""
        await self._turns.take(self._edge, REQUEST_WORK + body_bytes, self._rank)
        self._holds = True

    def give_back(self) -> None:
        """Let others work; a second time changes nothing."""
        if self._holds:
            self._holds = False
            self._turns.give_back()

    @asynccontextmanager
    async def rested(self) -> AsyncIterator[None]:
        """Let others work while this request only waits; then take a turn again. Raises RegistryError 429."""
        self.give_back()
        yield
        await self.take()


class Turns:
    """Lets a few requests of edges work at once, in the order of the fair line.

    Edge and stream are as the request says, unproved: its body has been read before, so that a pretender holds a turn for
    milliseconds, and can overtake what the edge itself asks a few times only.
    """

    def __init__(self, rng: Chance) -> None:
        self._rng = rng
        self._line: FairLine[asyncio.Future[None]] = FairLine(WAITING_MAX)
        self._running = 0
        self._by_stream: Counter[tuple[str, str, bool]] = Counter()

    @asynccontextmanager
    async def working(
        self, edge: str, stream: str = "", *, rank: int = ORDINARY, body_bytes: int = 0, polls: bool = False
    ) -> AsyncIterator[Turn]:
        """Wait for a turn and hold it; who polls may have more requests open. Raises RegistryError 429."""
        key = (edge, stream, polls)
        if self._by_stream[key] >= (POLLS_PER_STREAM_MAX if polls else PER_STREAM_MAX):
            raise self._busy("this edge asks too often at once")
        self._by_stream[key] += 1
        turn = Turn(self, edge, rank)
        try:
            await turn.take(body_bytes)
            yield turn
        finally:
            turn.give_back()
            self._by_stream[key] -= 1
            if not self._by_stream[key]:
                del self._by_stream[key]

    async def take(self, edge: str, work: int, rank: int) -> None:
        """Wait for a turn. Raises RegistryError 429."""
        if self._running < RUNNING_MAX:
            self._running += 1
            self._line.begin(edge, work)
            return
        ticket: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        sent_away = self._line.push(edge, ticket, work, rank)
        if sent_away is not None and not sent_away.done():
            sent_away.set_exception(self._busy("the registry has more to do than it can"))
        try:
            await ticket
        except asyncio.CancelledError:
            self._line.leave(edge, ticket)
            if ticket.done() and not ticket.cancelled() and ticket.exception() is None:
                self.give_back()
            raise

    def give_back(self) -> None:
        """End a turn: the next in the line has it, past those that have gone."""
        while (ticket := self._line.pop()) is not None:
            if not ticket.done():
                ticket.set_result(None)
                return
        self._running -= 1

    def _busy(self, why: str) -> RegistryError:
        chosen = RETRY_AFTER_S[self._rng(1)[0] % len(RETRY_AFTER_S)]
        return RegistryError(why, 429, retry_after_s=chosen)


def turn_of(request: Request) -> Turn:
    """Return the turn that a request holds."""
    turn: Turn = request.state.turn
    return turn


async def _take_turn(request: Request) -> AsyncIterator[None]:
    """Hold a turn while the route works."""
    body = await request.body()
    turns: Turns = request.app.state.turns
    edge, stream = (request.headers.get(name, "")[:NAME_MAX] for name in (EDGE_HEADER, STREAM_HEADER))
    # Who enrols has no id yet.
    who = edge or (request.client.host if request.client else "")
    polls = request.query_params.get("wait", "0") != "0"
    async with turns.working(
        who, stream, rank=RANKS.get(stream, ORDINARY), body_bytes=len(body), polls=polls
    ) as request.state.turn:
        yield


# Ends before the reply is sent: a slow link holds no turn.
TAKES_TURN = Depends(_take_turn, scope="function")
