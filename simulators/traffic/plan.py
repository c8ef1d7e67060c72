"""The plan of one lane's traffic: who comes next and how they behave. Pure; same seed, same plan.

Stories are dealt from shuffled decks, a round at a time, so that every seed has some of each.
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

# By direction, what is dealt in the first round: group after group, each shuffled. Every wire, a grant, a denial and a refer come
# within half a minute whatever the seed; later rounds are shuffled whole.
ROUNDS: Final[Mapping[str, tuple[tuple[Story, ...], ...]]] = {
    "in": (
        (stories.by_card, stories.stranger_admitted),
        (stories.resident, stories.blocked),
        (stories.resident, stories.resident, stories.stranger_refused, stories.look_alike, stories.no_show),
    ),
    "out": (
        (stories.resident, stories.by_card),
        (stories.resident, stories.resident, stories.resident, stories.stranger_admitted, stories.no_show),
    ),
    "both": (
        (stories.walks_by_card, stories.walks_by_code),
        (stories.off_shift, stories.foreign_code),
        (stories.walks_by_card, stories.on_shift, stories.shown_twice, stories.walks_by_pass, stories.does_not_enter),
    ),
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
        for group in ROUNDS[direction]:
            yield from self._rng.sample(group, len(group))
        whole = [story for group in ROUNDS[direction] for story in group]
        while True:
            yield from self._rng.sample(whole, len(whole))

    def _between(self, span: tuple[float, float]) -> float:
        return self._pace * self._rng.uniform(*span)

    def _garbage(self) -> bytes:
        return self._rng.randbytes(self._rng.randint(*GARBAGE_BYTES))
