"""The actors: what a plan says is done on the far side of the wires, a thread a lane, in real time."""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Final

from simulators.estate import Lane
from simulators.traffic.guard import Call, SimulatedGuard
from simulators.traffic.plan import LanePlan
from simulators.traffic.stage import CurtainError, Stage
from simulators.traffic.stories import Arrival
from simulators.traffic.truth import Truth, Visit
from simulators.wires.barrier_model import BarrierModel, DoorModel
from simulators.wires.board import ModbusBoard
from simulators.wires.camera import Camera

APPROACH_S: Final = 0.8
CARD_AFTER_S: Final = 1.5  # a driver looks at the arm so long before reaching for the card
CALL_AFTER_S: Final = 3.0  # ... and so long before calling the guard
PATIENCE_S: Final = 4.0
PATIENCE_FOR_GUARD_S: Final = 40.0
CROSSING_S: Final = 0.5
REST_WITHIN_S: Final = 40.0
SHOW_AGAIN_S: Final = 0.4
WALK_S: Final = 0.5


@dataclass(frozen=True, slots=True)
class VehicleWires:
    """The far side of a vehicle lane's wires; `disturb` puts garbage on them."""

    board: ModbusBoard
    arm: BarrierModel
    camera: Camera
    show_card: Callable[[bytes], None]
    disturb: Callable[[bytes], None]


@dataclass(frozen=True, slots=True)
class DoorWires:
    """The far side of a pedestrian lane's wires."""

    board: ModbusBoard
    door: DoorModel
    show_card: Callable[[bytes], None]
    scan: Callable[[str], None]
    disturb: Callable[[bytes], None]


class Actor:
    """Acts out one lane's plan, arrival after arrival, until the stage closes."""

    def __init__(self, lane: Lane, plan: LanePlan, stage: Stage, truth: Truth) -> None:
        self.lane = lane
        self._plan = plan
        self._stage = stage
        self._truth = truth
        self._thread = threading.Thread(target=self._run, name=f"traffic {lane.slug}", daemon=True)

    def start(self) -> None:
        """Let traffic come."""
        self._thread.start()

    @property
    def is_acting(self) -> bool:
        """Whether it goes on."""
        return self._thread.is_alive()

    def join(self, timeout_s: float) -> bool:
        """Wait for the arrival at hand to be over; False where it is not within `timeout_s`."""
        self._thread.join(max(0.0, timeout_s))
        return not self._thread.is_alive()

    def _run(self) -> None:
        try:
            while not self._stage.closing.is_set():
                arrival = self._plan.next(datetime.now(UTC))
                self._stage.pause(arrival.gap_s)
                began = time.monotonic()
                passed = self._visit(arrival)
                plate = arrival.plate.text if arrival.plate else ""
                self._truth.note(Visit(self.lane.slug, arrival.story, arrival.own_right, plate, began, time.monotonic(), passed))
                self._await_rest()
        except CurtainError:
            return

    def _visit(self, arrival: Arrival) -> bool:
        """Come, and pass if the way is opened; True where it was passed."""
        raise NotImplementedError

    def _await_rest(self) -> None:
        """Leave room for the next: wait until arm or door is shut again."""
        raise NotImplementedError


class VehicleLane(Actor):
    """Vehicles come one after another, wait before the arm, and drive through when it is up."""

    def __init__(
        self, lane: Lane, plan: LanePlan, stage: Stage, truth: Truth, wires: VehicleWires, guard: SimulatedGuard
    ) -> None:
        super().__init__(lane, plan, stage, truth)
        self._wires = wires
        self._guard = guard

    def _visit(self, arrival: Arrival) -> bool:
        assert arrival.plate is not None, "vehicles have plates"
        if arrival.garbage:
            self._wires.disturb(arrival.garbage)
        self._wires.camera.show(arrival.plate.text, arrival.plate.colour, approach_s=APPROACH_S)
        self._stage.pause(APPROACH_S)
        self._occupy(self._wires.arm.occupy_arrival, on=True)
        opened = self._is_opened_for(arrival)
        if opened and arrival.goes:
            self._drive_through()
            return True
        self._wires.camera.clear()
        self._occupy(self._wires.arm.occupy_arrival, on=False)
        return False

    def _is_opened_for(self, arrival: Arrival) -> bool:
        """Wait before the arm, hold up the card, call the guard; True when the arm is up, False when all that was in vain."""
        if self._stage.until(self._is_up, CARD_AFTER_S):
            return True
        if arrival.card:
            self._wires.show_card(arrival.card)
        if arrival.own_right and self._stage.until(self._is_up, CALL_AFTER_S):
            return True
        if not arrival.guard:
            return self._stage.until(self._is_up, PATIENCE_S)
        call = self._guard.call(self.lane.slug, arrival.guard, arrival.answer_after_s)
        return self._stage.until(lambda: self._is_up() or _is_refused(call), PATIENCE_FOR_GUARD_S) and self._is_up()

    def _drive_through(self) -> None:
        """Roll over both loops; the arm is watched by the drive's own board, not by us."""
        self._stage.pause(CROSSING_S)
        self._occupy(self._wires.arm.occupy_safety, on=True)
        self._wires.camera.clear()
        self._stage.pause(CROSSING_S)
        self._occupy(self._wires.arm.occupy_arrival, on=False)
        self._stage.pause(CROSSING_S)
        self._occupy(self._wires.arm.occupy_safety, on=False)

    def _await_rest(self) -> None:
        self._stage.until(lambda: self._wires.board.apply(self._wires.arm.position) <= 0, REST_WITHIN_S)

    def _is_up(self) -> bool:
        return self._wires.board.apply(self._wires.arm.position) >= 1

    def _occupy(self, loop: Callable[..., None], *, on: bool) -> None:
        self._wires.board.apply(lambda now: loop(now, on=on))


def _is_refused(call: Call) -> bool:
    return call.verdict == "refuse" and call.answered.is_set()


class PedestrianLane(Actor):
    """People hold up a card or a code, try the door, and walk through."""

    def __init__(
        self, lane: Lane, plan: LanePlan, stage: Stage, truth: Truth, wires: DoorWires, invite: Callable[[], str]
    ) -> None:
        """`invite` gives the signed code of a new visit, "" where there is none."""
        super().__init__(lane, plan, stage, truth)
        self._wires = wires
        self._invite = invite

    def _visit(self, arrival: Arrival) -> bool:
        if arrival.invited:
            arrival = replace(arrival, code=self._invite() or arrival.code)
        if arrival.garbage:
            self._wires.disturb(arrival.garbage)
        for time_shown in range(arrival.times):
            if time_shown:
                self._stage.pause(SHOW_AGAIN_S)
            self._present(arrival)
        if not arrival.goes:
            self._stage.pause(self._wires.door.release_s)
            return False
        passed = self._stage.until(self._push, PATIENCE_S if arrival.own_right else CARD_AFTER_S)
        self._stage.pause(WALK_S)
        return passed

    def _present(self, arrival: Arrival) -> None:
        if arrival.card:
            self._wires.show_card(arrival.card)
        if arrival.code:
            self._wires.scan(arrival.code)

    def _await_rest(self) -> None:
        self._stage.until(lambda: not self._wires.board.apply(self._wires.door.is_open), REST_WITHIN_S)

    def _push(self) -> bool:
        return self._wires.board.apply(self._wires.door.push)
