"""From a board's inputs to levels, the arm's position and what has changed."""

import pytest

from edge.config import BarrierSection
from edge.gate.inputs import Inputs, read_inputs, stimuli
from edge.gate.phases import Stimulus

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
        ((False,), Inputs(False, False)),  # what is not told is unknown, not clear; and what is not up need not be down
        ((True,), Inputs(True)),
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
        (DOWN, MOVING, [Stimulus.ARM_RISES]),
        (MOVING, UP, [Stimulus.ARM_UP]),
        (DOWN, UP, [Stimulus.ARM_RISES, Stimulus.ARM_UP]),
        (UP, MOVING, [Stimulus.ARM_FALLS]),
        (MOVING, DOWN, [Stimulus.ARM_DOWN]),
        (UP, BOTH, []),
        (BOTH, DOWN, [Stimulus.ARM_DOWN, Stimulus.ARM_FALLS]),
        (BOTH, MOVING, [Stimulus.ARM_RISES, Stimulus.ARM_FALLS]),  # wherever it was, it is neither down nor up now
        (Inputs(open_limit=False), Inputs(open_limit=True), [Stimulus.ARM_RISES, Stimulus.ARM_UP]),
        (Inputs(open_limit=True), Inputs(open_limit=False), [Stimulus.ARM_DOWN, Stimulus.ARM_FALLS]),
        (
            Inputs(arrival_loop=True, safety_loop=True),
            Inputs(arrival_loop=False, safety_loop=False),
            [Stimulus.NEAR_OFF, Stimulus.SAFETY_OFF],
        ),
        (
            Inputs(arrival_loop=False, safety_loop=True),
            Inputs(arrival_loop=True, safety_loop=False),
            [Stimulus.NEAR_ON, Stimulus.SAFETY_OFF],
        ),
        (Inputs(safety_loop=True), Inputs(safety_loop=None), [Stimulus.SAFETY_LOST]),
        (Inputs(safety_loop=None), Inputs(safety_loop=True), [Stimulus.SAFETY_ON]),
    ],
)
def test_what_has_changed(before: Inputs, after: Inputs, named: list[Stimulus]) -> None:
    assert stimuli(before, after) == named
