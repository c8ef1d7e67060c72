"""Wakes long polls: tells waiting requests that what they wait for has changed."""

import asyncio
from collections import defaultdict
from collections.abc import Callable, Collection, Hashable, Iterable, Iterator
from contextlib import contextmanager
from threading import Lock


class Notices:
    """Commits happen in worker threads, waiting in the event loop; this is the bridge.

    A topic is a site, for its rules, or an edge, for its status; other rooms have topics of their own.
    """

    def __init__(self) -> None:
        self._lock = Lock()
        self._waiting: defaultdict[Hashable, set[asyncio.Event]] = defaultdict(set)
        self._loop: asyncio.AbstractEventLoop | None = None
        # Tells those who wait in other processes, where there are any (`central.echoes`).
        self.beyond: Callable[[Collection[Hashable]], None] | None = None

    @contextmanager
    def listening(self, *topics: Hashable) -> Iterator[asyncio.Event]:
        """Give an event that is set at each change of these topics from now on."""
        changed = asyncio.Event()
        with self._lock:
            self._loop = asyncio.get_running_loop()
            for topic in topics:
                self._waiting[topic].add(changed)
        try:
            yield changed
        finally:
            with self._lock:
                for topic in topics:
                    self._waiting[topic].discard(changed)
                    if not self._waiting[topic]:
                        del self._waiting[topic]

    def are_awaited(self) -> bool:
        """Tell whether anybody waits."""
        with self._lock:
            return bool(self._waiting)

    def tell(self, topics: Iterable[Hashable]) -> None:
        """Wake all that wait for one of these; called from any thread, after the commit."""
        with self._lock:
            events = [changed for topic in topics for changed in self._waiting.get(topic, ())]
            loop = self._loop
        for changed in events:
            assert loop is not None, "somebody waits, so there is a loop"
            loop.call_soon_threadsafe(changed.set)

    def tell_all(self, topics: Collection[Hashable]) -> None:
        """Wake all that wait for one of these, in other processes too."""
        self.tell(topics)
        if topics and self.beyond is not None:
            self.beyond(topics)
