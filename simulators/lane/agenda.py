"""What is to happen at a time."""

import heapq
import itertools
import math
from collections.abc import Callable

Act = Callable[[], None]


class Agenda:
    """Acts by their time; those of one moment in the order in which they came."""

    def __init__(self) -> None:
        self._acts: list[tuple[float, int, Act]] = []
        self._order = itertools.count()

    @property
    def next_at(self) -> float:
        """When the first is due."""
        return self._acts[0][0] if self._acts else math.inf

    def put(self, at: float, act: Act) -> None:
        """Have something happen then."""
        heapq.heappush(self._acts, (at, next(self._order), act))

    def take(self, now: float) -> list[Act]:
        """Take out what is due."""
        due = []
        while self.next_at <= now:
            due.append(heapq.heappop(self._acts)[2])
        return due
