"""What stands behind the relays of a board: an arm with its own closing logic, and a door. Pure: time is an argument."""

import math
from typing import Final, Literal, Protocol

TOUCH_POSITION: Final = 0.5  # lower than this, an arm touches the roof of a car


class Mechanism(Protocol):
    """Something driven by relays and seen by inputs."""

    def drive(self, coil: int, now: float, *, on: bool) -> None:
        """Take the new state of one relay of the board, ours or not."""
        ...

    def inputs(self, now: float) -> dict[int, bool]:
        """Return the state of each of our inputs."""
        ...


class BarrierModel:
    """An arm, its drive's own board and two loops.

    An open pulse raises the arm. Once up, it closes `close_after_s` after the safety loop has gone clear following a vehicle, or
    after `no_passage_s` when none came. It never begins to close over an occupied safety loop, and rises again when the loop
    becomes occupied or another pulse comes while it closes. With a `close_coil` its board is the simplest there is: it closes on
    a pulse of that coil and on nothing else, whatever stands there.
    """

    def __init__(
        self,
        *,
        open_coil: int = 0,
        close_coil: int | None = None,
        open_limit: int = 0,
        closed_limit: int = 1,
        arrival_loop: int = 2,
        safety_loop: int = 3,
        travel_s: float = 1.2,
        close_after_s: float = 1.0,
        no_passage_s: float = 15.0,
    ) -> None:
        self.open_coil = open_coil
        self.close_coil = close_coil
        self.open_limit = open_limit
        self.closed_limit = closed_limit
        self.arrival_loop = arrival_loop
        self.safety_loop = safety_loop
        self.travel_s = travel_s
        self.close_after_s = close_after_s
        self.no_passage_s = no_passage_s
        self.touched = 0
        """How often the arm came down on a vehicle: zero, or something is badly wrong."""
        self.openings = 0
        """How many open pulses came."""
        self.closings = 0
        """How many close pulses came."""
        self._position = 0.0  # 0 closed .. 1 open
        self._direction: Literal[-1, 0, 1] = 0
        self._close_at = math.inf
        self._now = -math.inf
        self._energised = False
        self._arrived = False
        self._vehicle_under = False
        self._safety_stuck: bool | None = None
        self._passed = False  # a vehicle came and went since the last pulse

    # --- the board's side ---

    def drive(self, coil: int, now: float, *, on: bool) -> None:
        """Take the new state of a relay; the pulse counts when it begins."""
        if coil == self.close_coil and on:
            self._advance(now)
            self.closings += 1
            self._direction = -1 if self._position > 0 else 0
        if coil != self.open_coil:
            return
        self._advance(now)
        if on and not self._energised:
            self.openings += 1
            self._raise(now)
        self._energised = on

    def inputs(self, now: float) -> dict[int, bool]:
        """Return what the limit switches and loop detectors say."""
        self._advance(now)
        return {
            self.open_limit: self._position >= 1,
            self.closed_limit: self._position <= 0,
            self.arrival_loop: self._arrived,
            self.safety_loop: self._safety_says,
        }

    # --- the road's side ---

    def occupy_arrival(self, now: float, *, on: bool) -> None:
        """Put a vehicle on the arrival loop or take it off."""
        self._advance(now)
        self._arrived = on

    def occupy_safety(self, now: float, *, on: bool) -> None:
        """Put a vehicle under the arm or take it away."""
        self._advance(now)
        before = self._safety_says
        self._vehicle_under = on
        self._notice_safety(now, before=before)

    def stick_safety(self, now: float, *, says: bool | None) -> None:
        """Break the safety detector: it says this whatever stands there; None repairs it."""
        self._advance(now)
        before = self._safety_says
        self._safety_stuck = says
        self._notice_safety(now, before=before)

    def position(self, now: float) -> float:
        """Return where the arm is: 0 closed, 1 open."""
        self._advance(now)
        return self._position

    # --- the drive's own logic ---

    @property
    def _safety_says(self) -> bool:
        return self._vehicle_under if self._safety_stuck is None else self._safety_stuck

    def _raise(self, now: float) -> None:
        self._passed = False
        self._direction = 1 if self._position < 1 else 0
        self._close_at = math.inf if self._direction else self._closing_at(now, self.no_passage_s)

    def _closing_at(self, now: float, after_s: float) -> float:
        """Return when it begins to close by itself: never, where that is left to another."""
        return now + after_s if self.close_coil is None else math.inf

    def _notice_safety(self, now: float, *, before: bool) -> None:
        """Rise from closing when the loop becomes occupied; when it becomes clear, the vehicle has passed."""
        if self._safety_says and not before:
            self._close_at = math.inf
            self._direction = 1 if self._direction < 0 and self.close_coil is None else self._direction
        elif before and not self._safety_says:
            self._passed = True
            if self._position >= 1:
                self._close_at = self._closing_at(now, self.close_after_s)

    def _advance(self, now: float) -> None:
        """Let the time pass up to `now`, from one change of motion to the next."""
        while self._now < now:
            change_at = self._next_change()
            self._move(min(now, change_at), arrives=change_at <= now)
            self._change(self._now)

    def _next_change(self) -> float:
        if self._direction:
            way = 1 - self._position if self._direction > 0 else self._position
            return self._now + way * self.travel_s
        return max(self._close_at, self._now)

    def _move(self, until: float, *, arrives: bool) -> None:
        """Move the arm until then; one that arrives is exactly there, whatever rounding says."""
        if self._direction:
            before, limit = self._position, max(0.0, float(self._direction))
            moved = before + self._direction * (until - self._now) / self.travel_s
            self._position = limit if arrives else min(1.0, max(0.0, moved))
            if self._vehicle_under and before >= TOUCH_POSITION > self._position:
                self.touched += 1
        self._now = until

    def _change(self, now: float) -> None:
        """Stop at the limits; begin to close when it is time."""
        if self._direction > 0 and self._position >= 1:
            self._direction = 0
            wait_s = self.close_after_s if self._passed else self.no_passage_s
            self._close_at = math.inf if self._safety_says else self._closing_at(now, wait_s)
        elif self._direction < 0 and self._position <= 0:
            self._direction = 0
        elif self._direction == 0 and now >= self._close_at:
            self._close_at = math.inf
            self._direction = 0 if self._safety_says else -1


class DoorModel:
    """A door with an electric strike, a closer and a contact."""

    def __init__(self, *, strike_coil: int = 1, contact: int = 4, release_s: float = 3.0, closer_s: float = 2.0) -> None:
        self.strike_coil = strike_coil
        self.contact = contact
        self.release_s = release_s
        self.closer_s = closer_s
        self.openings = 0
        """How many strike pulses came."""
        self._energised = False
        self._released_until = -math.inf
        self._closes_at = -math.inf

    def drive(self, coil: int, now: float, *, on: bool) -> None:
        """Take the new state of a relay; the strike stays released for `release_s` after the pulse begins."""
        if coil != self.strike_coil:
            return
        if on and not self._energised:
            self.openings += 1
            self._released_until = now + self.release_s
        self._energised = on

    def inputs(self, now: float) -> dict[int, bool]:
        """Return what the contact says: active while the door is closed."""
        return {self.contact: not self.is_open(now)}

    def push(self, now: float) -> bool:
        """Let a person push the door; True where it opens. It closes by itself after `closer_s`."""
        if not self._energised and now > self._released_until:
            return False
        self._closes_at = now + self.closer_s
        return True

    def is_open(self, now: float) -> bool:
        """Say whether the door is open."""
        return now < self._closes_at
