"""Drivers: they queue without touching, wait before the arm, go under it only while it is up, and stop where it comes down."""

import itertools
import random

import pytest

from simulators.lane.arm import Drive
from simulators.lane.crossings import Crossings
from simulators.lane.layout import ARRIVAL, SAFETY, Layout
from simulators.lane.road import Road
from simulators.lane.vehicles import NOSE_LINE, STOP_LINE, Manner, Vehicle, drawn

STEP = 0.05
LAYOUT = Layout(
    "agent", far_loop=False, photocell=False, check=False, travel_s=2.0, close_after_s=1.0, no_passage_s=10.0, spring=False
)


class Scene:
    """A road and its arm, with nobody at work on them."""

    def __init__(self) -> None:
        self.drive = Drive(LAYOUT)
        self.road = Road(self.drive)
        self.crossings = Crossings(far_loop=False)
        self.now = 0.0
        self.gone: list[Vehicle] = []

    def comes(self, manner: Manner = "goes", seed: int = 1) -> Vehicle:
        vehicle = drawn(len(self.road.vehicles) + 1, "粤B12345", "plate", manner, random.Random(seed), badly_seen=False)
        vehicle.wrong_way = manner == "wrong_way"
        self.road.add(vehicle)
        return vehicle

    def run(self, seconds: float) -> None:
        for _ in range(round(seconds / STEP)):
            self.now += STEP
            self.gone += self.road.step(self.now, STEP)
            self.drive.step(self.now, STEP, sensed=False)
            self.crossings.look(self.road, self.now)
            bodies = [v.body for v in self.road.vehicles if not v.wrong_way and v.beside is None]
            assert all(behind[1] <= before[0] for before, behind in itertools.pairwise(bodies)), "driven through"


def test_they_wait_on_the_arrival_loop_before_a_lowered_arm() -> None:
    scene = Scene()
    first, second = scene.comes(), None
    scene.run(3.0)
    second = scene.comes(seed=2)
    scene.run(40.0)
    assert first.front == pytest.approx(STOP_LINE, abs=0.2)
    assert first.covers(ARRIVAL)
    assert not first.covers(SAFETY)
    assert scene.road.head() is first
    assert second.front < first.front - first.length
    assert scene.road.still


def test_the_first_goes_when_the_arm_has_risen_for_him_and_the_next_waits_for_his_own() -> None:
    scene = Scene()
    first = scene.comes()
    scene.run(3.0)
    second = scene.comes(seed=2)
    scene.run(20.0)
    scene.drive.open(scene.now)
    scene.run(15.0)
    assert first in scene.gone
    assert second.front == pytest.approx(STOP_LINE, abs=0.2)
    assert scene.crossings.through == 1


def test_who_tailgates_does_not_wait() -> None:
    scene = Scene()
    scene.comes()
    scene.run(3.0)
    scene.comes("tailgates", seed=2)
    scene.run(20.0)
    scene.drive.open(scene.now)
    scene.run(30.0)
    assert scene.crossings.through == 2


def test_who_can_still_stop_does_so_when_the_arm_comes_down() -> None:
    scene = Scene()
    scene.drive.open(0.0)
    vehicle = scene.comes("tailgates")
    while vehicle.front < -6.0:
        scene.run(STEP)
    scene.drive.close()
    scene.run(10.0)
    assert vehicle.front <= NOSE_LINE + 0.05
    assert vehicle.speed == 0.0


def test_who_backs_out_goes_away_again() -> None:
    scene = Scene()
    vehicle = scene.comes("backs_out")
    scene.run(20.0)
    scene.drive.open(scene.now)
    scene.run(60.0)
    assert scene.gone == [vehicle]
    assert scene.crossings.through == 0


def test_who_gets_nothing_turns_off_in_the_end() -> None:
    scene = Scene()
    vehicle = scene.comes()
    scene.run(vehicle.patience + 25.0)
    assert scene.gone == [vehicle]


def test_from_the_other_side_one_comes_only_under_a_raised_arm() -> None:
    scene = Scene()
    free = [scene.road.is_free_for_wrong_way]
    scene.drive.open(0.0)
    scene.run(3.0)
    free.append(scene.road.is_free_for_wrong_way)
    assert free == [False, True]
    vehicle = scene.comes("wrong_way")
    scene.run(15.0)
    assert scene.gone == [vehicle]
    assert scene.crossings.through == 1
