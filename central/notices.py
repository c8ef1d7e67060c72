"""Wakes long polls: tells waiting requests that a site's rules have changed."""

import asyncio
from collections import defaultdict
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from threading import Lock
from uuid import UUID


class Notices:
    """Commits happen in worker threads, waiting in the event loop; this is the bridge."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._waiting: defaultdict[UUID, set[asyncio.Event]] = defaultdict(set)
        self._loop: asyncio.AbstractEventLoop | None = None

    @contextmanager
    def listening(self, site_id: UUID) -> Iterator[asyncio.Event]:
        """Give an event that is set at each change of the site's rules from now on."""
        changed = asyncio.Event()
        with self._lock:
            self._loop = asyncio.get_running_loop()
            self._waiting[site_id].add(changed)
        try:
            yield changed
        finally:
            with self._lock:
                self._waiting[site_id].discard(changed)
                if not self._waiting[site_id]:
                    del self._waiting[site_id]

    def tell(self, site_ids: Iterable[UUID]) -> None:
        """Wake all that wait for one of these sites; called from any thread, after the commit."""
        with self._lock:
            events = [changed for site_id in site_ids for changed in self._waiting.get(site_id, ())]
            loop = self._loop
        for changed in events:
            assert loop is not None, "somebody waits, so there is a loop"
            loop.call_soon_threadsafe(changed.set)
