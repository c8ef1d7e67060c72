"""What really happened on the road, whatever the gate believes: so that its journal can be held against it."""

import threading
from collections import deque
from dataclasses import dataclass
from typing import Final

REMEMBERED_MAX: Final = 100_000


@dataclass(frozen=True, slots=True)
class Visit:
    """One arrival that is over: from when until when (monotonic seconds), and whether it passed the arm or the door."""

    lane: str
    story: str
    own_right: bool
    plate: str
    began: float
    ended: float
    passed: bool


class Truth:
    """All visits, noted by the lanes' threads."""

    def __init__(self) -> None:
        self._visits: deque[Visit] = deque(maxlen=REMEMBERED_MAX)
        self._lock = threading.Lock()

    def note(self, visit: Visit) -> None:
        """Keep a visit that is over."""
        with self._lock:
            self._visits.append(visit)

    def visits(self) -> tuple[Visit, ...]:
        """Return all visits in the order they ended."""
        with self._lock:
            return tuple(self._visits)


def plate_before(visits: tuple[Visit, ...], lane: str, moment: float) -> str:
    """Return the plate that last came before the camera of `lane` before `moment`, or "" where none had."""
    came = [visit for visit in visits if visit.lane == lane and visit.began <= moment]
    return max(came, key=lambda visit: visit.began).plate if came else ""
