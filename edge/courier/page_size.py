"""How much to ask for at a time, so that on a slow link an answer is whole before its deadline."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from edge.courier.errors import SyncError

LEAST = 50  # records, some 15 KB
QUICK_S = 5.0


class PageSize:
    """`limit` records: half as many after no answer came, twice as many after one that came quickly."""

    def __init__(self, most: int, clock: Callable[[], float]) -> None:
        self.limit = most
        self._most = most
        self._clock = clock

    @contextmanager
    def asking(self) -> Iterator[None]:
        """Learn from a question: how long it takes, and whether it is answered."""
        began = self._clock()
        try:
            yield
        except SyncError:
            self.limit = max(LEAST, self.limit // 2)
            raise
        if self._clock() - began < QUICK_S:
            self.limit = min(self._most, self.limit * 2)
