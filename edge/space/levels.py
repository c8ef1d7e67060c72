"""When people are told that space is short: at 80, 90 and 95 percent, and again that it is not, a little below. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass

THRESHOLDS = (80, 90, 95)
CLEARED_BELOW = 2  # percent under the threshold: what hovers around it must not ring all the time
PRESSING = 95
RELIEVED = 92
NAMES = {0: "good", 80: "warning", 90: "warning", 95: "bad"}


@dataclass(frozen=True, slots=True)
class Usage:
    """What is used and how much there is of it: bytes (inodes: their number), by what it is."""

    used: Mapping[str, int]
    size: Mapping[str, int]

    def percents(self) -> dict[str, int]:
        """Return each in percent, rounded up; what has no size (file systems without inodes) is left out."""
        return {what: -(-100 * self.used[what] // size) for what, size in self.size.items() if size > 0}


def level_after(before: int, percent: int) -> int:
    """Return the threshold that is reached; one that was reached before stays until it is clearly left."""
    reached = max((threshold for threshold in THRESHOLDS if percent >= threshold), default=0)
    if percent >= before - CLEARED_BELOW:
        return max(before, reached)
    return max((threshold for threshold in THRESHOLDS if percent >= threshold - CLEARED_BELOW), default=0)


class Levels:
    """The levels of all that is watched."""

    def __init__(self) -> None:
        self._levels: dict[str, int] = {}

    def take(self, percents: Mapping[str, int]) -> int:
        """Note what is used and return the highest level."""
        self._levels = {what: level_after(self._levels.get(what, 0), percent) for what, percent in percents.items()}
        return max(self._levels.values(), default=0)

    def at(self, level: int) -> tuple[str, ...]:
        """Name what is at this level."""
        return tuple(sorted(what for what, reached in self._levels.items() if reached == level))
