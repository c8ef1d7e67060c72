"""Load that is more than the registry can bear is shed early and fairly: 429 with Retry-After, before a thread is taken."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractContextManager, asynccontextmanager, contextmanager
from typing import Annotated

from fastapi import Depends, Request

from access.chance import Chance
from access.contract.signature import EDGE_HEADER, STREAM_HEADER
from central.edges.line import FairLine
from central.errors import RegistryError

# More at once would only wait for the database, and the office's pages wait for the same threads.
RUNNING_MAX = 8
WAITING_MAX = 256
# One request a stream is what a gate sends. A second may come from a gate that gave up on the first or was started anew.
PER_STREAM_MAX = 2
POLLS_PER_STREAM_MAX = 4
RETRY_AFTER_S = range(2, 10)
NAME_MAX = 80


class Turns:
    """Lets a few requests of edges work at once, in the order of the fair line; requests that only wait for news do not count.

    The edge is as the request says, unproved: its body has been read before, so that a pretender holds a turn for milliseconds.
    """

    def __init__(self, clock: Callable[[], float], rng: Chance) -> None:
        self._clock = clock
        self._rng = rng
        self._line: FairLine[asyncio.Future[None]] = FairLine(WAITING_MAX)
        self._running = 0
        self._by_stream: Counter[tuple[str, str, bool]] = Counter()

    @asynccontextmanager
    async def working(self, edge: str, stream: str = "") -> AsyncIterator[None]:
        """Wait for a turn and hold it. Raises RegistryError 429."""
        with self._one_of(edge, stream, PER_STREAM_MAX, polls=False):
            await self._wait_for_turn(edge)
            began = self._clock()
            try:
                yield
            finally:
                self._line.spent(edge, self._clock() - began)
                self._pass_on()

    @contextmanager
    def _one_of(self, edge: str, stream: str, at_most: int, *, polls: bool) -> Iterator[None]:
        key = (edge, stream, polls)
        if self._by_stream[key] >= at_most:
            raise self._busy("this edge asks twice at once")
        self._by_stream[key] += 1
        try:
            yield
        finally:
            self._by_stream[key] -= 1
            if not self._by_stream[key]:
                del self._by_stream[key]

    def polling(self, edge: str, stream: str) -> AbstractContextManager[None]:
        """Hold one of the few places that an edge has to wait for news in. Raises RegistryError 429."""
        return self._one_of(edge, stream, POLLS_PER_STREAM_MAX, polls=True)

    async def _wait_for_turn(self, edge: str) -> None:
        if self._running < RUNNING_MAX:
            self._running += 1
            self._line.begin(edge)
            return
        ticket: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        sent_away = self._line.push(edge, ticket)
        if sent_away is not None:
            sent_away.set_exception(self._busy("the registry has more to do than it can"))
        try:
            await ticket
        except asyncio.CancelledError:
            self._line.leave(edge, ticket)
            if ticket.done() and not ticket.cancelled() and ticket.exception() is None:
                self._pass_on()
            raise

    def _pass_on(self) -> None:
        """Give the turn to the next in the line, past those that have gone."""
        while (ticket := self._line.pop()) is not None:
            if not ticket.done():
                ticket.set_result(None)
                return
        self._running -= 1

    def _busy(self, why: str) -> RegistryError:
        chosen = RETRY_AFTER_S[self._rng(1)[0] % len(RETRY_AFTER_S)]
        return RegistryError(why, 429, retry_after_s=chosen)


async def turns_of(request: Request) -> Turns:
    """Return what lets the application's requests take turns."""
    turns: Turns = request.app.state.turns
    return turns


TheTurns = Annotated[Turns, Depends(turns_of)]


async def _take_turn(request: Request, turns: TheTurns) -> AsyncIterator[None]:
    """Hold a turn while the route works; a long poll takes none, it asks for one when there is something to do."""
    await request.body()
    edge, stream = (request.headers.get(name, "")[:NAME_MAX] for name in (EDGE_HEADER, STREAM_HEADER))
    if request.query_params.get("wait", "0") != "0":
        with turns.polling(edge, stream):
            yield
    else:
        async with turns.working(edge, stream):
            yield


# Ends before the reply is sent: a slow link holds no turn.
TAKES_TURN = Depends(_take_turn, scope="function")
