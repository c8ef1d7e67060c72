"""Long polls: a gate asks for what is new, and is answered when something is. Waiting holds no thread and no connection."""

import asyncio
from collections.abc import Callable, Hashable, Mapping
from typing import Annotated
from uuid import UUID

import structlog
from fastapi import Depends, Request
from fastapi.concurrency import run_in_threadpool
from sqlalchemy.exc import SQLAlchemyError

from central.commands import services as commands
from central.edges import repository, trust
from central.edges.turns import turn_of
from central.facts import services as facts
from central.registry import Registry, Work

WAIT_S_MAX = 20
# Commits of other processes (the command line, a second worker) are not told to this one: it looks, once for all that wait.
LOOK_AGAIN_S = 1.0
PEER_GONE_S = 2.0

log = structlog.get_logger("central.edges")


class Polls:
    """All that wait for news. A request rests its turn meanwhile, and takes another one to tell what there is."""

    def __init__(self, registry: Registry) -> None:
        self._registry = registry
        self._seen: Mapping[Hashable, object] = {}
        self._watching: asyncio.Task[None] | None = None
        self._starting = asyncio.Lock()

    async def wait(
        self, request: Request, edge_id: UUID, topic: Hashable, has_news: Callable[[Work], bool], wait_s: float
    ) -> None:
        """Return when there is news of a topic (see `Notices`), when `wait_s` are over, or when the peer has gone.

        RegistryError 403 as soon as the edge may not speak any more.
        """

        def look() -> bool:
            with self._registry.read() as work:
                trust.check_speaks(repository.known_edge(work.session, edge_id))
                return has_news(work)

        clock, told = self._registry.clock, True
        deadline = clock() + wait_s
        async with turn_of(request).rested():
            with self._registry.notices.listening(topic, edge_id) as changed:
                await self._watch()
                while (left_s := deadline - clock()) > 0 and not (told and await run_in_threadpool(look)):
                    told = await _is_set_within(changed, min(left_s, PEER_GONE_S))
                    if await request.is_disconnected():
                        return

    async def _watch(self) -> None:
        """See to it that whatever changes from now on is told of, also where the watching has ended by a fault of ours."""
        async with self._starting:
            if self._watching is None or self._watching.done():
                self._seen = await run_in_threadpool(self._look)
                self._watching = asyncio.create_task(self._go_on_watching())

    async def _go_on_watching(self) -> None:
        while True:
            await asyncio.sleep(LOOK_AGAIN_S)
            if not self._registry.notices.are_awaited():
                return
            try:
                now = await run_in_threadpool(self._look)
            except SQLAlchemyError as error:
                log.warning("cannot look for changes", error=type(error).__name__)
                continue
            before, self._seen = self._seen, now
            self._registry.notices.tell([topic for topic, state in now.items() if before.get(topic) != state])

    def _look(self) -> Mapping[Hashable, object]:
        """Return of each topic something that is another as soon as there is news."""
        with self._registry.read() as work:
            sites = repository.sites_as_followed(work.session)
            seen: dict[Hashable, object] = dict(repository.statuses(work.session))
            seen |= {commands.topic(gate): issued for gate, issued in repository.last_commands(work.session, work.at)}
        for site, revision, cursor in sites:
            seen |= {site: revision, facts.topic(site): cursor}
        return seen


async def _is_set_within(changed: asyncio.Event, wait_s: float) -> bool:
    """Wait for the event and clear it; False where it was not set in time."""
    try:
        await asyncio.wait_for(changed.wait(), wait_s)
    except TimeoutError:
        return False
    changed.clear()
    return True


async def _of_request(request: Request) -> Polls:
    polls: Polls = request.app.state.polls
    return polls


ThePolls = Annotated[Polls, Depends(_of_request)]
