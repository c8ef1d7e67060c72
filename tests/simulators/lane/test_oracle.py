"""The judge itself: each property that it holds a gate to is seen to fail."""

from uuid import UUID

import pytest

from access.entries import AlarmRaised, Body, Commanded, Decided, Draft, PassageEnded
from edge.booth_messages import LaneView
from edge.gate.actions import Action, Append, CloseBarrier, OpenBarrier
from simulators.lane.board import states_of
from simulators.lane.layout import BOARD, CLOSE_COIL, LANE, OPEN_COIL, PINS, Layout
from simulators.lane.oracle import COMMANDS_MAX, Oracle, PropertyFailedError

LAYOUT = Layout(
    "agent", far_loop=False, photocell=False, check=False, travel_s=2.0, close_after_s=1.0, no_passage_s=10.0, spring=False
)
DOWN = states_of({"closed_limit": True})
UP = states_of({"open_limit": True})
CLEAR = tuple((PINS[name], False) for name in LAYOUT.sensors)
VIEW = LaneView(LANE, LANE, "vehicle", "in", "closing", 0.0, "up", arrival=False, safety=False)


def entry(number: int, body: Body) -> Append:
    return Append(Draft(UUID(int=number), body, LANE, "p"))


def granted(number: int = 1) -> Append:
    return entry(number, Decided("grant", "access_ok", "plate", "camera-in", 1, "in"))


def opening(number: int = 2, cause: int = 1, expires: float = 3.0) -> list[Action]:
    command = f"c-{number}"
    commanded = entry(number, Commanded(BOARD, "open", str(UUID(int=cause)), command))
    return [commanded, OpenBarrier(LANE, "p", BOARD, OPEN_COIL, 500, command, expires)]


def closing(number: int = 3, clear: tuple[tuple[int, bool], ...] = CLEAR) -> list[Action]:
    command = f"c-{number}"
    commanded = entry(number, Commanded(BOARD, "close", str(UUID(int=1)), command))
    return [commanded, CloseBarrier(LANE, "p", BOARD, CLOSE_COIL, 500, command, 0.5, clear)]


def ended(number: int, result: str = "passed") -> Append:
    return entry(number, PassageEnded(result, "in", 1))


@pytest.mark.parametrize(
    ("told", "answers", "what"),
    [
        (None, [[granted(), *opening()]], "before the inputs were read"),
        (DOWN, [[granted(), opening()[1]]], "without an entry"),
        (DOWN, [[granted(), *opening(cause=9)]], "without a cause"),
        (DOWN, [[granted(), *opening(expires=60.0)]], "lives too long"),
        (DOWN, [[granted(), *opening()], opening(number=4)], "one decision opened twice"),
        (UP, [[granted(), *opening(number=at)] for at in range(2, COMMANDS_MAX + 3)], "commands in"),
        (states_of({"safety_loop": True}), [[granted(), *closing()]], "safety_loop is active"),
        (states_of({"arrival_loop": True}), [[granted(), *closing()]], "arrival_loop is active"),
        (UP, [[granted(), *closing(clear=CLEAR[:1])]], "without asking for safety_loop"),
        (DOWN, [[ended(2)]], "without a grant"),
        (DOWN, [[granted(), ended(2)], [ended(3)]], "ended twice"),
        (DOWN, [[entry(2, AlarmRaised("safety_violated", "x"))]], "safety_violated"),
    ],
)
def test_a_property_that_does_not_hold_is_named(told: tuple[bool, ...] | None, answers: list[list[Action]], what: str) -> None:
    oracle = Oracle(LAYOUT)
    oracle.board_told(told)
    *before, last = answers
    for actions in before:
        oracle.judge(actions, VIEW, 1.0, 0.0)
    with pytest.raises(PropertyFailedError, match=what):
        oracle.judge(last, VIEW, 1.0, 0.0)


def test_an_arm_that_is_up_for_no_reason_is_named() -> None:
    oracle = Oracle(LAYOUT)
    oracle.board_told(UP)
    oracle.judge([], VIEW, 1.0, 0.0)
    with pytest.raises(PropertyFailedError, match="neither deadline nor reason"):
        oracle.judge([], VIEW, None, 0.0)


def test_a_passage_as_it_should_be_is_counted() -> None:
    oracle = Oracle(LAYOUT)
    oracle.board_told(DOWN)
    oracle.judge([granted(), *opening()], VIEW, 1.0, 0.0)
    oracle.board_told(UP)
    oracle.judge([ended(4), *closing(number=5)], VIEW, 1.0, 0.2)
    assert (oracle.openings, oracle.closings, oracle.vehicles_told, oracle.results) == (1, 1, 1, {"passed": 1})
