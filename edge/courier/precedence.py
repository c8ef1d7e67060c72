"""Who goes before whom on a narrow link: while something urgent waits, pictures stand aside."""

import threading
from collections.abc import Callable


class Precedence:
    """Which urgent streams have something that waits to be sent, and since when (monotonic seconds)."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._since: dict[str, float] = {}

    def waits(self, stream: str) -> None:
        """Note that a stream has something to send."""
        with self._lock:
            self._since.setdefault(stream, self._clock())

    def goes_on(self, stream: str) -> None:
        """Note that something was sent, and that more waits from now on."""
        with self._lock:
            self._since[stream] = self._clock()

    def rests(self, stream: str) -> None:
        """Note that nothing of a stream waits, or that it cannot go now."""
        with self._lock:
            self._since.pop(stream, None)

    def waited_s(self) -> float | None:
        """Return for how long something urgent has waited; None where nothing does."""
        with self._lock:
            return self._clock() - min(self._since.values()) if self._since else None
