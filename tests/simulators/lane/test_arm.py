"""The arm and its drive: inertia, limit switches, its own closing logic, and none at all."""

from dataclasses import replace

import pytest

from simulators.lane.arm import Arm, Drive
from simulators.lane.layout import Layout

STEP = 0.05
BARRIER = Layout(
    "barrier", far_loop=False, photocell=False, check=False, travel_s=2.0, close_after_s=1.0, no_passage_s=10.0, spring=False
)
AGENT = replace(BARRIER, closing="agent")


class Course:
    """A drive, and the time that it has run."""

    def __init__(self, layout: Layout) -> None:
        self.drive = Drive(layout)
        self.now = 0.0

    def run(self, seconds: float, *, sensed: bool = False) -> float:
        """Let time pass; returns where the arm is then."""
        for _ in range(round(seconds / STEP)):
            self.now += STEP
            self.drive.step(self.now, STEP, sensed=sensed)
        return self.drive.arm.position

    def up(self) -> "Course":
        self.drive.open(self.now)
        assert self.run(3.0) == 1.0
        return self


@pytest.mark.parametrize("layout", [BARRIER, AGENT])
def test_an_open_signal_raises_it_within_its_travel_time_and_the_limits_follow(layout: Layout) -> None:
    course = Course(layout)
    assert course.drive.arm.limits == {"open_limit": False, "closed_limit": True}
    course.drive.open(0.0)
    assert 0.3 < course.run(1.0) < 0.5
    assert course.drive.arm.limits == {"open_limit": False, "closed_limit": False}
    assert course.run(1.3) == 1.0
    assert course.drive.arm.limits == {"open_limit": True, "closed_limit": False}


def test_it_coasts_before_it_turns() -> None:
    course = Course(AGENT).up()
    course.drive.close()
    falling = course.run(1.0)
    course.drive.open(course.now)
    assert course.run(0.1) < falling
    assert course.run(2.0) == 1.0


def test_a_limit_switch_lets_go_later_than_it_takes_hold() -> None:
    arm, seen = Arm(2.0), []
    for position in (0.02, 0.04, 0.02, 0.01):
        arm.position = position
        arm.step(0, STEP)
        seen.append(arm.limits["closed_limit"])
    assert seen == [True, False, False, True]


def test_its_own_board_closes_behind_a_vehicle_or_when_none_comes() -> None:
    course = Course(BARRIER).up()
    assert course.run(4.0, sensed=True) == 1.0
    assert course.run(0.9) == 1.0
    assert course.run(3.0) == 0.0
    course.up()
    assert course.run(8.0) == 1.0
    assert course.run(5.0) == 0.0


def test_its_own_board_never_closes_over_somebody_and_rises_again() -> None:
    course = Course(BARRIER).up()
    assert course.run(60.0, sensed=True) == 1.0
    assert course.run(1.6) < 1.0
    assert course.run(3.0, sensed=True) == 1.0


def test_where_the_agent_closes_it_has_no_sense_of_its_own() -> None:
    course = Course(AGENT).up()
    assert course.run(600.0) == 1.0
    course.drive.close()
    assert course.run(3.0, sensed=True) == 0.0


def test_without_power_it_stays_or_its_spring_raises_it_and_nothing_else_moves_it() -> None:
    stays, rises = Course(BARRIER), Course(replace(BARRIER, spring=True))
    for course in (stays, rises):
        course.drive.powered = False
        course.drive.open(0.0)
    assert (stays.run(5.0), rises.run(5.0)) == (0.0, 1.0)
    rises.drive.restore(rises.now)
    assert rises.run(9.0) == 1.0
    assert rises.run(5.0) == 0.0


def test_an_arm_that_broke_off_is_above_everything_until_it_is_repaired() -> None:
    course = Course(AGENT)
    course.drive.arm.break_off()
    assert course.drive.arm.limits == {"open_limit": True, "closed_limit": False}
    course.drive.close()
    assert course.run(3.0) == 1.0
    assert course.drive.arm.is_above(1.0)
    course.drive.repair(course.now)
    course.drive.close()
    assert course.run(3.0) == 0.0
    assert not course.drive.arm.is_above(0.5)
