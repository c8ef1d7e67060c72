"""The stream of server-sent events that keeps an open page true: parts as they change, and a heartbeat."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from typing import Any

from edge.desk.booth import Booth
from edge.desk.renderings import Parts

BEAT_S = 2.0
STREAM_S = 600.0
STREAMS_MAX = 32
DISPLAY_STREAMS_MAX = 16  # nobody signs in at a display, so displays leave some for those who do
RETRY_MS = 1000

Look = Callable[[], Parts | None]
"""Returns the parts of a page by id as they are now; None where nobody is signed in any more who may see them."""


async def stream(booth: Booth, look: Look) -> AsyncIterator[str]:
    """Yield events until the stream is ten minutes old, the guard is signed out, or the program ends; the page reconnects."""
    booth.streams += 1
    try:
        yield f"retry: {RETRY_MS}\n\n"
        async for told in _events(booth, look):
            yield told
    finally:
        booth.streams -= 1


async def _events(booth: Booth, look: Look) -> AsyncIterator[str]:
    sent: Parts = {}
    ends = booth.clock.now() + STREAM_S
    while not booth.situation.closing and booth.clock.now() < ends:
        await asyncio.sleep(booth.renderings.pause_s())
        change = booth.situation.next_change()
        parts = look()
        if parts is None:
            yield event("signed-out", {})
            return
        for part, html in parts.items():
            if sent.get(part) != html:
                yield event("part", {"id": part, "html": html})
        sent = parts
        yield event("beat", {"mono": booth.clock.now(), "utc": booth.clock.utc()})
        await _wait(change)


async def _wait(change: asyncio.Event) -> None:
    try:
        await asyncio.wait_for(change.wait(), BEAT_S)
    except TimeoutError:
        return


def event(name: str, data: Any) -> str:
    """Return one server-sent event; JSON keeps its data on one line."""
    return f"event: {name}\ndata: {json.dumps(data, ensure_ascii=False)}\n\n"
