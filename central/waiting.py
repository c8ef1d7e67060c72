"""Long polls: an answer is held back until there is something to tell."""

import asyncio
from collections.abc import Callable, Hashable

from fastapi.concurrency import run_in_threadpool

from central.registry import Registry

WAIT_S_MAX = 20
# Commits of other processes (the command line, a second worker) are not told to this one: look again at least so often.
LOOK_AGAIN_S = 1.0


async def until(registry: Registry, topic: Hashable, has_news: Callable[[], bool], wait_s: float) -> None:
    """Return when there is news of a topic, or after `wait_s`; meanwhile no connection and no thread is held."""
    deadline = registry.clock() + wait_s
    with registry.notices.listening(topic) as changed:
        while not await run_in_threadpool(has_news) and (left_s := deadline - registry.clock()) > 0:
            try:
                await asyncio.wait_for(changed.wait(), min(left_s, LOOK_AGAIN_S))
            except TimeoutError:
                continue
            changed.clear()
