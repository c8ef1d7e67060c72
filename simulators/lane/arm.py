"""The arm of a barrier and the drive's own board: a motor with inertia, limit switches, its own closing logic or none."""

import math
from typing import Final

from simulators.lane.layout import Layout

RAMP_S: Final = 0.3  # from rest to full speed, and back
LIMIT_ON: Final = 0.015  # of the travel, from either end
LIMIT_OFF: Final = 0.03


class Arm:
    """Where the arm is (0 down .. 1 up), how it moves, and what its two limit switches say."""

    def __init__(self, travel_s: float) -> None:
        self.position = 0.0
        self.speed = 0.0  # of the travel, per second; up is positive
        self.broken = False
        self.limits = {"open_limit": False, "closed_limit": True}
        self._full = 1.0 / travel_s

    def step(self, way: int, seconds: float) -> None:
        """Let the motor pull up (1), down (-1) or not at all (0) for so long."""
        wanted, most = way * self._full, self._full / RAMP_S * seconds
        self.speed += max(-most, min(most, wanted - self.speed))
        self.position += self.speed * seconds
        if not 0.0 < self.position < 1.0:
            self.position = 0.0 if self.position <= 0.0 else 1.0
            self.speed = 0.0
        self._switch()

    def break_off(self) -> None:
        """Lose the arm: its spring has nothing to balance any more, and turns the axle up for good."""
        self.broken, self.position, self.speed = True, 1.0, 0.0
        self._switch()

    def is_above(self, height: float) -> bool:
        """Tell whether it is clear of a roof that needs it so far up."""
        return self.broken or self.position >= height

    def _switch(self) -> None:
        for name, way_left in (("closed_limit", self.position), ("open_limit", 1.0 - self.position)):
            self.limits[name] = way_left <= (LIMIT_OFF if self.limits[name] else LIMIT_ON)


class Drive:
    """The board in the barrier's housing: turns signals into motion.

    Where it closes by itself it does so `close_after_s` after its sensors went clear behind a vehicle, or after `no_passage_s`;
    never over an occupied sensor; and it rises again when one becomes occupied while it closes. Where the agent closes it has no
    logic of its own at all: the worst board there is. An open signal always wins.
    """

    def __init__(self, layout: Layout) -> None:
        self.arm = Arm(layout.travel_s)
        self.powered = True
        self.deaf = False  # a wire of its open contact is off
        self.close_at = math.inf
        self._layout = layout
        self._own = layout.closing == "barrier"
        self._way = 0
        self._sensed = False
        self._passed = False
        self.opened_at = -math.inf

    @property
    def is_still(self) -> bool:
        """Whether nothing moves, until the next signal or `close_at`."""
        return self._way == 0 and self.arm.speed == 0.0

    @property
    def lowers(self) -> bool:
        """Whether the arm comes down, or is about to."""
        return self._way < 0

    def open(self, now: float) -> None:
        """Take an open signal: from a relay, the remote control or the hand on the board's own button."""
        if self.powered and not self.deaf:
            self.opened_at = now
            self._passed = False
            self._raise()

    def close(self) -> None:
        """Take a close signal."""
        if self.powered and not self.arm.broken:
            self._way = -1

    def restore(self, now: float) -> None:
        """Give it its power back; it moves nothing, and where it closes by itself it waits as for one who does not come."""
        self.powered = True
        if self._own and self.arm.position > 0:
            self.close_at = now + self._layout.no_passage_s

    def repair(self, now: float) -> None:
        """Mount a new arm; it hangs where the axle stands."""
        self.arm.broken = False
        self.restore(now)

    def step(self, now: float, seconds: float, *, sensed: bool) -> None:
        """Let time pass; `sensed`: its own loop or light beam sees something."""
        if not self.powered:
            self._way, self.close_at = 0, math.inf
            self.arm.step(1 if self._layout.spring else 0, seconds)
            self._sensed = sensed
            return
        if self._own and sensed != self._sensed:
            self._notice(now, sensed=sensed)
        self._sensed = sensed
        if now >= self.close_at and not sensed and not self.arm.broken:
            self._way, self.close_at = -1, math.inf
        if self._way:
            self.arm.step(self._way, seconds)
            self._arrive(now)

    def _raise(self) -> None:
        self._way, self.close_at = 1, math.inf

    def _notice(self, now: float, *, sensed: bool) -> None:
        if sensed:
            self.close_at = math.inf
            if self._way < 0:
                self._raise()
        else:
            self._passed = True
            if self._way == 0 and self.arm.position >= 1:
                self.close_at = now + self._layout.close_after_s

    def _arrive(self, now: float) -> None:
        if self._way > 0 and self.arm.position >= 1:
            self._way = 0
            if self._own and not self._sensed:
                self.close_at = now + (self._layout.close_after_s if self._passed else self._layout.no_passage_s)
        elif self._way < 0 and self.arm.position <= 0:
            self._way = 0
