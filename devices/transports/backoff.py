"""How long to wait before the next try: longer each time, by chance, so that many clients do not come back at once."""

import random
from collections.abc import Callable

TRIES_MAX = 16  # beyond it the ceiling holds anyway, and two to the power of tries stays a small number


class Backoff:
    """Full jitter: a try waits a random time up to a bound that doubles, between `floor_s` and `ceiling_s`."""

    def __init__(
        self, floor_s: float = 0.2, ceiling_s: float = 4.5, chance: Callable[[float, float], float] = random.uniform
    ) -> None:
        self._floor_s = floor_s
        self._ceiling_s = ceiling_s
        self._chance = chance
        self._tries = 0

    def next_s(self) -> float:
        """Return the seconds to wait before the next try."""
        self._tries = min(self._tries + 1, TRIES_MAX)
        bound = min(self._ceiling_s, self._floor_s * 2**self._tries)
        return self._chance(self._floor_s, bound)

    def reset(self) -> None:
        """Begin anew: the last try went well."""
        self._tries = 0
