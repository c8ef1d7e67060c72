"""One camera's arrivals: when to read, and when the reads of an arrival are enough to tell the gate. Pure.

Reading begins with motion or with the gate's trigger, goes on a little after, and stops once the arrival is told; it is looked
at again now and then while something moves, so that the next vehicle in a queue is another arrival.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from access.plate import skeleton
from devices.plates.vote import Ballot, Vote, vote
from devices.readings import PlateRead

READ_MIN = 0.05  # confidence below which a read says nothing
LINGER_S = 1.0  # reading goes on this long after motion
LOOK_S = 3.0  # and this long after a trigger
DECIDE_S = 1.2  # after this long the gate is told the best guess, for a person to judge
AGAIN_S = 0.5  # between two reads while the told plate is still there
BALLOTS_MAX = 8
EMPTY_MAX = 3  # pictures in a row without the plate end an arrival
SAME_ARRIVAL_S = 10.0  # a trigger that finds the told plate again within this is the same arrival


@dataclass(frozen=True, slots=True)
class Sighting:
    """The voted read of an arrival and the number of its winning frame."""

    read: PlateRead
    frame: int


class Arrivals:
    """What one camera has seen and told; `new_id` names arrivals and captures."""

    def __init__(self, new_id: Callable[[], str]) -> None:
        self._new_id = new_id
        self._ballots: list[Ballot] = []
        self._began = 0.0
        self._look_until = float("-inf")
        self._read_at = float("-inf")
        self._empty = 0
        self._told: PlateRead | None = None  # of the arrival that is still there
        self._last: PlateRead | None = None
        self._last_at = float("-inf")

    @property
    def frames(self) -> set[int]:
        """Numbers of the frames that may still win."""
        return {ballot.frame for ballot in self._ballots}

    def trigger(self, now: float) -> None:
        """Look afresh, whatever was told: the gate says that a vehicle is there."""
        self._look_until = max(self._look_until, now + LOOK_S)
        self._forget()

    def wants(self, now: float, *, moving: bool) -> bool:
        """Tell whether the newest frame shall be read."""
        if moving:
            self._look_until = max(self._look_until, now + LINGER_S)
        rested = self._told is None or self._empty > 0 or now - self._read_at >= AGAIN_S
        return now < self._look_until and rested

    def take(self, reads: Sequence[PlateRead], frame: int, now: float) -> Sighting | None:
        """Take what a frame says (best first); return the sighting where the gate is to be told now."""
        self._read_at = now
        best = reads[0] if reads and reads[0].confidence >= READ_MIN else None
        if best is None:
            self._empty += 1
            if self._empty >= EMPTY_MAX and self._told is not None:
                self._forget()
            return self.due(now)
        self._empty = 0
        if self._told is not None and alike(self._told.text, best.text):
            return None
        if not self._ballots:
            self._began = now
        self._ballots = [*self._ballots, Ballot(best, frame)][-BALLOTS_MAX:]
        return self.due(now)

    def due(self, now: float) -> Sighting | None:
        """Return the sighting that is settled, or that has waited long enough; None where there is none."""
        result = vote(self._ballots)
        if result is None:
            return None
        late = now - self._began >= DECIDE_S
        if late and self._told is not None and not result.settled:
            self._ballots = []  # beside a plate that is told already, a passing guess is nothing
            return None
        return self._tell(result, now) if result.settled or late else None

    def _tell(self, result: Vote, now: float) -> Sighting:
        last = self._last
        same = last is not None and last.text == result.read.text and now - self._last_at < SAME_ARRIVAL_S
        arrival = last.arrival if same and last is not None else self._new_id()
        read = replace(result.read, arrival=arrival, capture_id=self._new_id())
        self._told = self._last = read
        self._last_at = now
        self._look_until = now
        self._ballots = []
        return Sighting(read, result.frame)

    def _forget(self) -> None:
        self._told = None
        self._ballots = []
        self._empty = 0


def alike(one: str, other: str) -> bool:
    """Tell whether two reads are of one plate, as far as frames of one vehicle differ: look-alikes, or two characters."""
    if skeleton(one) == skeleton(other):
        return True
    return len(one) == len(other) and sum(a != b for a, b in zip(one, other, strict=True)) <= 2
