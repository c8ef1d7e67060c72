"""Who physically went through, and how much of that loops can know. Sees the road alone."""

from typing import Final

from simulators.lane.layout import ARRIVAL, FAR, SAFETY
from simulators.lane.road import Road
from simulators.lane.vehicles import Vehicle, beyond

POLLED_S: Final = 0.16  # a loop that is clear for less may not be read as clear
TOGETHER_S: Final = 0.6  # closer than this behind each other nobody can tell two from one by a loop


class Crossings:
    """Counts what went over the loop under the arm, group by group.

    Of a group at most one vehicle can be told for sure, and none where neither the arrival loop was clear meanwhile nor the far
    loop newly occupied: one who backs out and one with the next at his bumper look the same. One whose axles alone are seen may
    be taken for two. `at_least` and `at_most` are what a lane may write down.
    """

    def __init__(self, *, far_loop: bool) -> None:
        self.at_least = 0
        self.at_most = 0
        self.through = 0
        self._far_loop = far_loop
        self._occupied_at: float | None = None
        self._in_group: set[int] = set()
        self._is_sure = False
        self._far_at = -1.0  # when each loop was last left (now, as long as it is occupied)
        self._arrival_at = 0.0
        self._is_far = self._is_arrival = False
        self._beyond: set[int] = set()

    @property
    def is_open(self) -> bool:
        """Whether a group is still under way."""
        return self._occupied_at is not None

    def look(self, road: Road, now: float) -> None:
        """Take in where everybody is."""
        under = False
        for vehicle in road.vehicles:
            if vehicle.covers(SAFETY):
                under = True
            elif vehicle.number not in self._beyond and beyond(vehicle):
                self._note(vehicle)
        if under:
            self._occupied_at = now
        elif self._occupied_at is not None and now > self._occupied_at + TOGETHER_S:
            self._close_group()
        self._look_beside(road, now)

    def _look_beside(self, road: Road, now: float) -> None:
        """Look for what tells that one has left a loop, or reached the other; what stood there at the last look stayed."""
        far = self._far_loop and any(vehicle.shows(FAR) for vehicle in road.vehicles)
        arrival = any(vehicle.shows(ARRIVAL) for vehicle in road.vehicles)
        self._far_at = now if self._is_far else self._far_at
        self._arrival_at = now if arrival or self._is_arrival else self._arrival_at
        reached = far and now > self._far_at + POLLED_S
        self._is_far, self._is_arrival = far, arrival
        if self._occupied_at is not None and (reached or now > self._arrival_at + TOGETHER_S):
            self._is_sure = True

    def _note(self, vehicle: Vehicle) -> None:
        self._beyond.add(vehicle.number)
        self._in_group.add(vehicle.number)
        self.through += 1
        self.at_most += len(vehicle.metal) - 1
        if vehicle.wrong_way:
            self.at_least -= 1  # it may be told as one that came out, not as one that came in

    def _close_group(self) -> None:
        count = len(self._in_group)
        if count:
            self.at_least += int(self._is_sure)
            self.at_most += count
        elif not self._far_loop:
            self.at_most += 1
        self._in_group = set()
        self._occupied_at = None
        self._is_sure = False
