"""A link that loses, doubles and delays: requests go into the registry's application itself, signed and checked as ever."""

import asyncio
from collections import deque
from dataclasses import dataclass, field
from enum import Enum
from pathlib import Path

import httpx
from starlette.types import ASGIApp
from typing_extensions import override

from edge.config import CentralSection
from edge.courier.registry import Registry
from edge.courier.surroundings import Surroundings
from edge.identity import Identity

ADDRESS = "http://127.0.0.1"
LATE_KEPT = 20


class Fate(Enum):
    """What becomes of one request."""

    CARRIED = "carried"
    LOST = "lost"  # it may still arrive, much later
    ANSWER_LOST = "its answer lost"
    DOUBLED = "doubled"


@dataclass
class Link(httpx.AsyncBaseTransport):
    """The way from one gate to the registry. `fates` come upon the next requests; `is_cut` loses all, for good."""

    app: ASGIApp
    ca_file: Path
    fates: deque[Fate] = field(default_factory=deque)
    late: deque[httpx.Request] = field(default_factory=lambda: deque(maxlen=LATE_KEPT))
    is_cut: bool = False

    @override
    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        await request.aread()
        fate = self.fates.popleft() if self.fates else Fate.CARRIED
        if self.is_cut or fate is Fate.LOST:
            if request.method != "GET":
                self.late.append(request)
            raise httpx.ReadError("lost on the way")
        answer = await self._arrive(request)
        if fate is Fate.DOUBLED:
            await self._arrive(request)
        if fate is Fate.ANSWER_LOST:
            raise httpx.ReadError("the answer is lost")
        return answer

    def let_late_arrive(self) -> None:
        """Let requests that were given up long ago arrive after all, newest first; nobody waits for the answers."""
        while self.late:
            asyncio.run(self._arrive(self.late.pop()))

    async def _arrive(self, request: httpx.Request) -> httpx.Response:
        again = httpx.Request(request.method, request.url, headers=request.headers, content=request.content)
        return await httpx.ASGITransport(self.app, raise_app_exceptions=False).handle_async_request(again)


class LinkedRegistry(Registry):
    """The courier's own requests, over such a link."""

    def __init__(self, identity: Identity, stream: str, around: Surroundings, link: Link) -> None:
        # An authority of its own: to load the system's takes longer than all else that an example does.
        super().__init__(CentralSection(url=ADDRESS, ca_file=link.ca_file), identity, stream, around.calendar)
        self._client = httpx.AsyncClient(transport=link)
