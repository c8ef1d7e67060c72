"""From a board's inputs to levels, the arm's position and what has changed."""

import pytest

from edge.config import BarrierSection
from edge.gate.inputs import Inputs, read_inputs, stimuli
from edge.gate.transitions import S, Stimulus

WIRING = BarrierSection.model_validate(
    {
        "device": "io",
        "open": {"coil": 0},
        "open_limit": {"input": 0},
        "closed_limit": {"input": 1, "active": "low"},
        "safety_loop": {"input": 2, "active": "low"},
    }
)
UP, DOWN, MOVING, BOTH = Inputs(True, False), Inputs(False, True), Inputs(False, False), Inputs(True, True)


@pytest.mark.parametrize(
    ("states", "inputs"),
    [
        ((True, True, True), Inputs(True, False, False)),
        ((False, False, False), Inputs(False, True, True)),
        ((False,), Inputs(False)),  # what the board does not tell is unknown, not clear
        ((), Inputs()),
        ((True, True, True, True, True), Inputs(True, False, False)),
    ],
)
def test_pins_are_read_as_wired(states: tuple[bool, ...], inputs: Inputs) -> None:
    assert read_inputs(WIRING, states) == inputs


@pytest.mark.parametrize(
    ("inputs", "arm"),
    [
        (UP, "up"),
        (DOWN, "down"),
        (MOVING, "moving"),
        (BOTH, "unknown"),
        (Inputs(), "unknown"),
        (Inputs(open_limit=True), "up"),
        (Inputs(open_limit=False), "down"),
        (Inputs(closed_limit=True), "down"),
        (Inputs(closed_limit=False), "up"),
    ],
)
def test_where_the_arm_is(inputs: Inputs, arm: str) -> None:
    assert inputs.arm == arm


@pytest.mark.parametrize(
    ("before", "after", "named"),
    [
        (DOWN, DOWN, []),
        (DOWN, MOVING, [S.ARM_RISES]),
        (MOVING, UP, [S.ARM_UP]),
        (DOWN, UP, [S.ARM_RISES, S.ARM_UP]),
        (UP, MOVING, []),
        (MOVING, DOWN, [S.ARM_DOWN]),
        (UP, BOTH, []),
        (BOTH, DOWN, [S.ARM_DOWN]),
        (Inputs(open_limit=False), Inputs(open_limit=True), [S.ARM_RISES, S.ARM_UP]),
        (Inputs(open_limit=True), Inputs(open_limit=False), [S.ARM_DOWN]),
        (Inputs(arrival=True, safety=True), Inputs(arrival=False, safety=False), [S.ARRIVAL_OFF, S.SAFETY_OFF]),
        (Inputs(arrival=False, safety=True), Inputs(arrival=True, safety=False), [S.ARRIVAL_ON, S.SAFETY_OFF]),
        (Inputs(safety=True), Inputs(safety=None), []),
        (Inputs(safety=None), Inputs(safety=True), [S.SAFETY_ON]),
    ],
)
def test_what_has_changed(before: Inputs, after: Inputs, named: list[Stimulus]) -> None:
    assert stimuli(before, after) == named
