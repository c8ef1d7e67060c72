"""One lane for a while in virtual time: physics in steps of the board's poll, the real gate between them, and its judge.

Where nothing moves, time jumps to what happens next. Everything follows from the seed.
"""

import functools
import math
import random
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from edge.booth_messages import GuardRequest
from edge.gate.events import PlatePresented
from simulators.lane import faults, layout
from simulators.lane.agenda import Agenda
from simulators.lane.agent import Agent
from simulators.lane.arm import Drive
from simulators.lane.board import Board, States, states_of
from simulators.lane.booth import Booth, reason_named
from simulators.lane.crossings import Crossings
from simulators.lane.detectors import Detector
from simulators.lane.eyes import READS_FROM, Due, Eyes, card_shown
from simulators.lane.layout import SPANS, Closing
from simulators.lane.oracle import WAITS_MAX_S, Oracle, must
from simulators.lane.road import Road
from simulators.lane.traces import Trace
from simulators.lane.traffic import Traffic
from simulators.lane.vehicles import Vehicle

STEP_S: Final = 0.05
CALM_STEPS: Final = 4  # without anything moving, before time jumps
PER_VEHICLE_S: Final = 15.0  # about; faults are spread over so long
REST_WITHIN_S: Final = 1500.0
ECHO_S: Final = 400.0  # so long after a fault, waiting may still be its doing
SHOWS_CARD_EVERY_S: Final = 6.0
GLIMPSED: Final = 0.3  # how often a plate is read behind another vehicle
BREAKS: Final = 0.6  # how often an arm does that somebody drives through
REPAIRED_S: Final = (60.0, 300.0)
HONEST: Final = frozenset({"goes", "stands_under"})


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one world."""

    vehicles: int
    through: int
    seconds: float
    openings: int
    closings: int
    longest_wait_s: float
    crashes: int
    faults: tuple[str, ...]
    results: Mapping[str, int]
    alarms: tuple[str, ...]


class World:
    """One lane, some vehicles, and perhaps faults; `run` raises PropertyFailedError, then `trace` tells how it came to that."""

    def __init__(self, seed: int, closing: Closing, vehicles: int, *, with_faults: bool) -> None:
        self.chance = random.Random(f"lane {seed} {closing}")
        self.layout = layout.drawn(self.chance, closing)
        self.plan = faults.planned(self.layout, self.chance, PER_VEHICLE_S * vehicles) if with_faults else []
        self.now = 0.0
        self.trace = Trace()
        self.drive = Drive(self.layout)
        self.board = Board(self.drive, self.chance)
        self.oracle = Oracle(self.layout)
        self.agent = Agent(layout.gate_config(self.layout), self.board, self.oracle, self.trace)
        self.road = Road(self.drive)
        self.crossings = Crossings(far_loop=self.layout.far_loop)
        self.detectors = {name: Detector(self.chance) for name in self.layout.sensors}
        self.forced: dict[str, bool] = {}
        self._vehicles = vehicles
        badly_seen = not any(fault.name in faults.NEED_EVERY_EYE for fault in self.plan)
        self._traffic = Traffic(vehicles, self.layout, self.chance, crashes=with_faults, badly_seen=badly_seen)
        self._eyes = Eyes(self.chance)
        self._booth = Booth(self.chance)
        self._agenda = Agenda()
        self._calm = 0
        self._wrong = 0  # how many faults are there now
        self._disturbed_at = -math.inf
        self._longest_wait_s = 0.0
        self._crashes = 0
        self._put_faults()
        self.board.find()

    def run(self) -> Outcome:
        """Let everybody come and go, and the lane come to rest."""
        while not (self._traffic.is_over and not self.road.vehicles and not self._wrong and self._last_fault < self.now):
            self._step()
        until = self.now + REST_WITHIN_S
        while not self._is_at_rest():
            must(holds=self.now < until, what=f"does not come to rest: {self._standing()}")
            self._step()
        if not self.plan:
            self._count()
        return self._outcome()

    # --- the course of time -----------------------------------------------------------------------

    def _step(self) -> None:
        self.now = self._next_moment()
        self._calm += 1
        self._move()
        for event in self.board.poll(self.now, self._states()):
            self.agent.give(event, self.now)
        for act in self._agenda.take(self.now):
            act()
            self._calm = 0
        self.agent.take_time(self.now)
        if self.agent.was_busy:
            self._follow_agent()
        if self.now >= self._booth.looks_at:
            self._look_after()

    def _next_moment(self) -> float:
        if self._calm < CALM_STEPS:
            return self.now + STEP_S
        times = [self.drive.close_at, self.road.wakes_at(self.now), self._booth.looks_at]
        times += [self._agenda.next_at, self._traffic.next_at]
        deadline = self.agent.gate.next_deadline()
        return max(self.now + STEP_S, min([*times, deadline or math.inf]))

    def _move(self) -> None:
        if self._traffic.step(self.road, self.now) is not None:
            self._calm = 0
        for vehicle in self.road.step(self.now, STEP_S):
            self._see_off(vehicle)
        self.drive.step(self.now, STEP_S, sensed=self._senses())
        for vehicle in self.road.vehicles:
            self._watch(vehicle)
        self.crossings.look(self.road, self.now)
        settled = all(detector.is_settled for detector in self.detectors.values())
        if not (self.road.still and self.drive.is_still and settled and self.board.is_quiet):
            self._calm = 0

    def _senses(self) -> bool:
        """Tell what the barrier's own board sees: its loop and its light beam, by the same contacts as the agent."""
        beam = self.detectors.get("photocell")
        return self.detectors["safety_loop"].says or (beam is not None and beam.says)

    def _states(self) -> States:
        levels = dict(self.drive.arm.limits)
        for name, detector in self.detectors.items():
            span = SPANS[name]
            seen_by = Vehicle.covers if name == "photocell" else Vehicle.shows
            levels[name] = detector.sample(sees=any(seen_by(vehicle, span) for vehicle in self.road.vehicles))
        if self.layout.check:
            levels["safety_check"] = self.detectors["safety_loop"].check
        return states_of(levels | self.forced)

    def _follow_agent(self) -> None:
        """Let driver, camera and guard react to what the gate has just made of things."""
        agent = self.agent
        agent.was_busy = False
        self._calm = 0
        self.road.invites = agent.view.mode in ("held_open", "evacuation")
        head = self.road.head()
        if agent.wants_look and head is not None:
            self._read(self._eyes.looks(head, self.now))
        agent.wants_look = False
        answer = self._booth.answers(agent.view, self.road, self.now)
        if answer is not None:
            self._agenda.put(answer[0], functools.partial(self._press, answer[1]))

    # --- what the road shows ----------------------------------------------------------------------

    def _watch(self, vehicle: Vehicle) -> None:
        low, high = vehicle.body
        if low < 0.0 < high and not self.drive.arm.is_above(vehicle.roof) and not vehicle.crashed:
            crashes = vehicle.manner == "crashes"
            must(holds=crashes, what=f"the arm touched a vehicle of {vehicle.length:.1f} m that {vehicle.manner}")
            self._crash(vehicle)
        if not vehicle.read and vehicle.front > READS_FROM:
            self._meet(vehicle)

    def _meet(self, vehicle: Vehicle) -> None:
        """Read a vehicle once nobody stands between it and the camera; some are read on the approach already."""
        first = self.road.head() is vehicle
        if vehicle.ticket == "card":
            vehicle.read = first
            if first:
                self._agenda.put(self.now + vehicle.reaction * 8, functools.partial(self._show_card, vehicle))
        elif first or not (vehicle.glimpsed or vehicle.wrong_way or vehicle.beside):
            vehicle.read, vehicle.glimpsed = first, True
            if first or self.chance.random() < GLIMPSED:
                self._read(self._eyes.sees(vehicle, self.now))

    def _read(self, readings: list[Due]) -> None:
        for at, reading in readings:
            self._agenda.put(at, functools.partial(self._present, reading))

    def _present(self, reading: PlatePresented) -> None:
        self.agent.give(reading, self.now)

    def _show_card(self, vehicle: Vehicle) -> None:
        """Hold out a card before the arm; and again, where nothing comes of it."""
        if vehicle.going or vehicle not in self.road.vehicles:
            return
        if self.road.head() is vehicle:
            self.agent.give(card_shown(vehicle, self.now), self.now)
        self._agenda.put(self.now + SHOWS_CARD_EVERY_S, functools.partial(self._show_card, vehicle))

    def _crash(self, vehicle: Vehicle) -> None:
        vehicle.crashed = True
        self._crashes += 1
        self._disturbed_at = self.now
        self.trace.note(self.now, "road", f"vehicle {vehicle.number} drives through the arm")
        if self.chance.random() < BREAKS and not self.drive.arm.broken:
            self.drive.arm.break_off()
            self._wrong += 1
            repaired = self.now + self.chance.uniform(*REPAIRED_S)
            self._agenda.put(repaired, functools.partial(self._end, "arm broken", lambda site: site.drive.repair(site.now)))

    def _see_off(self, vehicle: Vehicle) -> None:
        self.trace.note(self.now, "road", f"vehicle {vehicle.number} is gone, that {vehicle.manner}")
        if vehicle.manner not in HONEST or vehicle.ticket == "stranger" or vehicle.head_since == math.inf:
            return
        is_calm = not self._wrong and self._disturbed_at + ECHO_S < vehicle.head_since
        if is_calm and not reason_named(self.agent.view):
            waited = min(vehicle.let_in_at, self.now) - vehicle.head_since
            self._longest_wait_s = max(self._longest_wait_s, waited)
            must(holds=waited <= WAITS_MAX_S, what=f"vehicle {vehicle.number} waited {waited:.0f} s: {self._standing()}")

    # --- faults and the guard ---------------------------------------------------------------------

    @property
    def _last_fault(self) -> float:
        return max((fault.ends for fault in self.plan), default=0.0)

    def _put_faults(self) -> None:
        for fault in self.plan:
            kind = faults.KINDS[fault.name]
            self._agenda.put(fault.begins, functools.partial(self._begin, fault.name, kind.begin))
            self._agenda.put(fault.ends, functools.partial(self._end, fault.name, kind.end))

    def _begin(self, name: str, act: faults.Act) -> None:
        self.trace.note(self.now, "fault", f"{name}: begins")
        self._wrong += 1
        act(self)

    def _end(self, name: str, act: faults.Act) -> None:
        self.trace.note(self.now, "fault", f"{name}: ends")
        self._wrong -= 1
        self._disturbed_at = self.now
        act(self)

    def press(self, act: str, minutes: int = 0) -> None:
        """Let a guard press a button on the page."""
        self.agent.give(self._booth.press(act, self.now, minutes=minutes), self.now)

    def _press(self, request: GuardRequest) -> None:
        self.agent.give(request, self.now)

    def _look_after(self) -> None:
        pressed, by_hand = self._booth.looks_after(self.agent.view, self.road, self.now)
        if self._wrong or pressed is None:
            return
        self.agent.give(pressed, self.now)
        if by_hand:
            self.trace.note(self.now, "booth", "closes the barrier by its own control")
            self.drive.close()

    # --- the end ----------------------------------------------------------------------------------

    def _is_at_rest(self) -> bool:
        is_down = self.drive.is_still and self.drive.arm.position == 0.0 and not self.crossings.is_open
        return is_down and self.agent.view.state == "idle"

    def _standing(self) -> str:
        view, arm = self.agent.view, self.drive.arm
        return f"{view.state}, {view.mode}, because {view.open_because!r}, ill {dict(view.ill)}, arm at {arm.position:.2f}"

    def _count(self) -> None:
        """Hold what was told of vehicles against those that went through."""
        least, most, told = self.crossings.at_least, self.crossings.at_most, self.oracle.vehicles_told
        must(holds=least <= told <= most, what=f"{told} vehicles told, {least} to {most} went through: {self.oracle.results}")

    def _outcome(self) -> Outcome:
        oracle = self.oracle
        return Outcome(
            self._vehicles,
            self.crossings.through,
            self.now,
            oracle.openings,
            oracle.closings,
            self._longest_wait_s,
            self._crashes,
            tuple(fault.name for fault in self.plan),
            oracle.results,
            tuple(sorted(oracle.alarms)),
        )
