"""Who comes to the lane and when: vehicles drawn from a seed, let in sight one behind the other."""

import math
import random
from typing import Final

from simulators.lane.estate import plate_of, strangers_plate
from simulators.lane.layout import Layout
from simulators.lane.road import Road
from simulators.lane.vehicles import STOP_LINE, Manner, Ticket, Vehicle, drawn

MANNERS: Final[dict[Manner, int]] = {
    "goes": 70,
    "stands_under": 5,
    "backs_out": 4,
    "gives_up": 4,
    "takes_grant_and_leaves": 4,
    "tailgates": 7,
    "wrong_way": 3,
    "beside": 2,
}
CRASHES: Final = 1
TICKETS: Final[dict[Ticket, int]] = {"plate": 75, "card": 12, "stranger": 13}
QUEUES: Final = 0.5  # how often the next comes at once
LURKS_S: Final = 90.0  # so long somebody waits for a chance to come through the wrong way


class Traffic:
    """The vehicles that have still to come."""

    def __init__(self, count: int, layout: Layout, chance: random.Random, *, crashes: bool, badly_seen: bool) -> None:
        self.to_come = count
        self.next_at = 0.0
        self.never_came = 0
        self._chance = chance
        self._manners = {**MANNERS, "crashes": CRASHES} if crashes else dict(MANNERS)
        self._badly_seen = badly_seen and layout.photocell
        self._count = count
        self._lurking: tuple[Vehicle, float] | None = None

    @property
    def is_over(self) -> bool:
        """Whether nobody comes any more."""
        return not self.to_come and self._lurking is None

    def step(self, road: Road, now: float) -> Vehicle | None:
        """Let come who is due; returns him."""
        if self._lurking is not None:
            vehicle, until = self._lurking
            if road.is_free_for_wrong_way:
                self._lurking = None
                road.add(vehicle)
                return vehicle
            if now > until:
                self._lurking = None
                self.never_came += 1
        if not self.to_come or now < self.next_at or not road.has_room:
            return None
        return self._come(road, now)

    def _come(self, road: Road, now: float) -> Vehicle | None:
        chance = self._chance
        self.to_come -= 1
        self.next_at = now + (0.5 if chance.random() < QUEUES else chance.uniform(3.0, 40.0)) if self.to_come else math.inf
        vehicle = self._drawn(self._count - self.to_come)
        if vehicle.wrong_way:
            if self._lurking is not None:
                self.never_came += 1
            self._lurking = (vehicle, now + LURKS_S)
            return None
        if vehicle.manner == "beside":
            last = road.vehicles[-1] if road.vehicles else None
            has_room = last is not None and last.manner == "goes" and last.front < STOP_LINE  # nobody appears under the arm
            vehicle.beside = last if has_room else None
        road.add(vehicle)
        return vehicle

    def _drawn(self, number: int) -> Vehicle:
        chance = self._chance
        manner = chance.choices(list(self._manners), list(self._manners.values()))[0]
        ticket = chance.choices(list(TICKETS), list(TICKETS.values()))[0]
        plate = strangers_plate(number) if ticket == "stranger" else plate_of(number)
        vehicle = drawn(number, plate, ticket, manner, chance, badly_seen=self._badly_seen)
        vehicle.wrong_way = manner == "wrong_way"
        if manner == "gives_up":
            vehicle.patience = chance.uniform(1.0, 12.0)
        return vehicle
