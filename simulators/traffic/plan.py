"""The plan of one lane's traffic: who comes next and how they behave. Pure; same seed, same plan.

Stories are dealt from a shuffled deck, a round at a time, so that every seed has some of each; the telling ones come first.
"""

import random
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Final

from simulators.estate import Estate, Lane
from simulators.traffic import stories
from simulators.traffic.stories import Arrival, Cast, Story

GAP_S: Final = (0.3, 1.5)
ANSWER_AFTER_S: Final = (1.0, 2.5)
GARBAGE_BYTES: Final = (8, 64)
GARBAGE_EVERY: Final = 5  # arrivals

# By direction, what is dealt first, in any order, and what fills up the round: grants, denials, refers and every wire come
# within the first half minute whatever the seed.
FIRST: Final[Mapping[str, tuple[Story, ...]]] = {
    "in": (stories.resident, stories.stranger_admitted, stories.blocked, stories.by_card),
    "out": (stories.resident, stories.by_card),
    "both": (stories.walks_by_card, stories.walks_by_code, stories.off_shift, stories.foreign_code),
}
REST: Final[Mapping[str, tuple[Story, ...]]] = {
    "in": (stories.resident, stories.resident, stories.stranger_refused, stories.look_alike, stories.no_show),
    "out": (stories.resident, stories.resident, stories.resident, stories.stranger_admitted, stories.no_show),
    "both": (stories.walks_by_card, stories.on_shift, stories.shown_twice, stories.walks_by_code, stories.does_not_enter),
}


class LanePlan:
    """Deals the arrivals of one lane for ever; a `pace` above 1 makes everybody slower."""

    def __init__(self, lane: Lane, estate: Estate, seed: int, pace: float = 1.0) -> None:
        self._rng = random.Random(f"traffic {seed} {lane.slug}")
        self._cast = Cast(estate, self._rng)
        self._stories = self._deal(lane.direction)
        self._pace = pace
        self._count = 0

    def next(self, at: datetime) -> Arrival:
        """Return who comes next, at about `at` (aware): whose shift it is depends on it."""
        self._count += 1
        return replace(
            next(self._stories)(self._cast, at),
            gap_s=self._between(GAP_S),
            answer_after_s=self._between(ANSWER_AFTER_S),
            garbage=self._garbage() if self._count % GARBAGE_EVERY == 2 else b"",
        )

    def _deal(self, direction: str) -> Iterator[Story]:
        first, rest = FIRST[direction], REST[direction]
        yield from self._rng.sample(first, len(first))
        yield from self._rng.sample(rest, len(rest))
        while True:
            yield from self._rng.sample(first + rest, len(first + rest))

    def _between(self, span: tuple[float, float]) -> float:
        return self._pace * self._rng.uniform(*span)

    def _garbage(self) -> bytes:
        return self._rng.randbytes(self._rng.randint(*GARBAGE_BYTES))
