"""The road of one lane: vehicles queue, wait before the arm, go through, back out, turn off; nobody drives through another."""

import math
from typing import Final

from simulators.lane.arm import Drive
from simulators.lane.vehicles import (
    BACKS_AT,
    ENTERS_AT,
    NOSE_LINE,
    STOP_LINE,
    TURNS_OFF_S,
    UP_ENOUGH,
    WRONG_STOP_LINE,
    WRONG_WAY_ENTERS_AT,
    Vehicle,
    beyond,
    leaves,
)

HEAD_FROM: Final = -7.0  # who is first and so near is waited for
GAP_M: Final = 0.7  # between bumpers
YIELDS_AT: Final = -9.0  # where those who come in wait for one who comes out the wrong way
IMPATIENT_S: Final = 20.0  # so long an arm stands up before somebody takes it as meant for him
STANDS_ACROSS: Final = 1.8  # metres beyond the arm


class Road:
    """All vehicles at the lane, the first one first; `still` once nothing has moved or changed in a step."""

    def __init__(self, drive: Drive) -> None:
        self.vehicles: list[Vehicle] = []
        self.still = True
        self.invites = False  # a sign tells everybody to go
        self._drive = drive
        self._up_since = math.inf
        self._low_at = 0.0
        self._lowers_since = math.inf

    @property
    def has_room(self) -> bool:
        """Whether another can come in sight."""
        last = self.vehicles[-1] if self.vehicles else None
        return last is None or (not last.wrong_way and last.front - last.length > ENTERS_AT + 2)

    @property
    def is_free_for_wrong_way(self) -> bool:
        """Whether somebody could come through from the other side now."""
        return self._up_since < math.inf and all(v.front < YIELDS_AT for v in self.vehicles)

    def add(self, vehicle: Vehicle) -> None:
        """Let a vehicle come in sight; who drives beside another comes with him."""
        if vehicle.wrong_way:
            vehicle.front = WRONG_WAY_ENTERS_AT
            self.vehicles.insert(0, vehicle)
        else:
            self.vehicles.append(vehicle)

    def head(self) -> Vehicle | None:
        """Return who is next to go through, if he is near enough."""
        for vehicle in self.vehicles:
            if not (vehicle.wrong_way or vehicle.beside or beyond(vehicle)):
                return vehicle if vehicle.front > HEAD_FROM else None
        return None

    def wakes_at(self, now: float) -> float:
        """Return when the first driver does something that he has put off."""
        times = [t for v in self.vehicles for t in (v.go_at, v.gone_at, v.paused_until, v.head_since + v.patience) if t > now]
        if self._up_since < math.inf:
            times += [max(self._up_since, v.head_since) + IMPATIENT_S for v in self.vehicles]
        return min((t for t in times if t > now), default=math.inf)

    def step(self, now: float, seconds: float) -> list[Vehicle]:
        """Move everybody; returns who has left the picture."""
        self._watch_arm(now)
        self.still = True
        ahead, meets = math.inf, any(v.wrong_way for v in self.vehicles)
        for vehicle in self.vehicles:
            before = vehicle.front
            self._decide(vehicle, now)
            self._move(vehicle, self._limit(vehicle, ahead, meets=meets), now, seconds)
            if not vehicle.wrong_way and vehicle.beside is None:
                ahead = vehicle.front - vehicle.length
            self.still = self.still and vehicle.front == before
        gone = [v for v in self.vehicles if self._is_gone(v, now)]
        for vehicle in gone:
            self.vehicles.remove(vehicle)
        self.still = self.still and not gone
        return gone

    def _is_gone(self, vehicle: Vehicle, now: float) -> bool:
        """Tell whether it is out of sight; two who drive beside each other are when both are."""
        if vehicle.beside is not None:
            return vehicle.beside not in self.vehicles
        company = [other for other in self.vehicles if other.beside is vehicle]
        return now >= vehicle.gone_at or all(map(leaves, (vehicle, *company)))

    # --- what drivers see and do ------------------------------------------------------------------

    def _watch_arm(self, now: float) -> None:
        arm = self._drive.arm
        up = arm.position >= UP_ENOUGH and not self._drive.lowers
        self._up_since = min(self._up_since, now) if up else math.inf
        self._lowers_since = min(self._lowers_since, now) if self._drive.lowers else math.inf
        if arm.position < 0.5:
            self._low_at = now

    def _decide(self, vehicle: Vehicle, now: float) -> None:
        """Let a driver change his mind."""
        if vehicle.beside is not None or vehicle.backing or now < vehicle.paused_until:
            return
        if vehicle.head_since == math.inf and (vehicle.wrong_way or self.head() is vehicle):
            vehicle.head_since = now
        if vehicle.going:
            self._on_the_way(vehicle, now)
        elif now >= vehicle.go_at:
            vehicle.go_at, vehicle.going = math.inf, self._up_since < math.inf or vehicle.manner == "crashes"
            vehicle.let_in_at = min(vehicle.let_in_at, now)
        elif self._is_let_in(vehicle, now):
            vehicle.go_at = min(vehicle.go_at, now + vehicle.reaction)
        elif now >= vehicle.head_since + vehicle.patience and vehicle.gone_at == math.inf:
            self._turn_off(vehicle, now)

    def _is_let_in(self, vehicle: Vehicle, now: float) -> bool:
        """Tell whether he takes the arm as open for him: it has risen, or its relay clicked, since he was first."""
        if vehicle.manner == "crashes":
            return vehicle.front > STOP_LINE - 0.5
        if math.inf in (self._up_since, vehicle.head_since) or vehicle.gone_at < math.inf:
            return False
        if vehicle.wrong_way or vehicle.manner == "tailgates" or self.invites:
            return True
        for_him = max(self._low_at, self._drive.opened_at) >= vehicle.head_since
        return for_him or now >= max(self._up_since, vehicle.head_since) + IMPATIENT_S

    def _on_the_way(self, vehicle: Vehicle, now: float) -> None:
        """Go through, unless the arm comes down while he can still stop, or he means something else."""
        if vehicle.manner == "takes_grant_and_leaves":
            vehicle.going = False
            self._turn_off(vehicle, now + vehicle.pause / 4)
        elif vehicle.manner == "backs_out" and vehicle.front > NOSE_LINE - 0.1 and vehicle.speed < 0.3:
            vehicle.backing = vehicle.front < 0 and self._is_last(vehicle)
            vehicle.manner = "backs_out" if vehicle.backing else "goes"
        elif vehicle.manner == "stands_under" and vehicle.front > STANDS_ACROSS:
            vehicle.manner, vehicle.paused_until = "goes", now + vehicle.pause
        elif now >= self._lowers_since + vehicle.reaction and vehicle.manner != "crashes":
            line = NOSE_LINE if not vehicle.wrong_way else WRONG_STOP_LINE + 0.9
            vehicle.going = vehicle.front + vehicle.stopping > line

    def _is_last(self, vehicle: Vehicle) -> bool:
        return self.vehicles[-1] is vehicle or self.vehicles[-1].beside is vehicle

    def _turn_off(self, vehicle: Vehicle, now: float) -> None:
        if vehicle.front < NOSE_LINE:
            vehicle.gone_at = now + TURNS_OFF_S

    def _limit(self, vehicle: Vehicle, ahead: float, *, meets: bool) -> float:
        """Return how far he may go, along his own way."""
        if vehicle.wrong_way:
            return math.inf if vehicle.going else WRONG_STOP_LINE
        limit = ahead - GAP_M
        if meets and vehicle.front < YIELDS_AT + 1:
            limit = min(limit, YIELDS_AT)
        if not vehicle.going:
            limit = min(limit, STOP_LINE if vehicle.front <= STOP_LINE + 0.1 else NOSE_LINE)
        elif vehicle.manner == "backs_out":
            limit = min(limit, NOSE_LINE)
        return limit

    def _move(self, vehicle: Vehicle, limit: float, now: float, seconds: float) -> None:
        if vehicle.beside is not None:
            vehicle.front = vehicle.beside.front - 0.3
        elif vehicle.backing:
            vehicle.speed = 0.0
            vehicle.front -= BACKS_AT * seconds
        elif now < vehicle.paused_until:
            vehicle.speed = max(0.0, vehicle.speed - vehicle.brake * seconds)
            vehicle.front += vehicle.speed * seconds
        else:
            vehicle.drive(limit, seconds)
