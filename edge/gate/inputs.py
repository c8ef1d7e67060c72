"""From a board's inputs to what a lane understands: levels, the arm's position, and what has changed."""

from dataclasses import dataclass

from edge.config import BarrierSection, InputPin
from edge.gate.transitions import Stimulus


@dataclass(frozen=True, slots=True)
class Inputs:
    """A lane's inputs; each is None where it is not wired, or not known."""

    open_limit: bool | None = None
    closed_limit: bool | None = None
    safety: bool | None = None
    arrival: bool | None = None

    @property
    def closed(self) -> bool | None:
        """Whether the arm is down; where only its open limit is wired, down is all that is not up."""
        if self.contradict:
            return None
        if self.closed_limit is not None or self.open_limit is None:
            return self.closed_limit
        return not self.open_limit

    @property
    def open(self) -> bool | None:
        """Whether the arm is up, as far as its open limit tells."""
        return None if self.contradict else self.open_limit

    @property
    def contradict(self) -> bool:
        """Tell whether both limits are active at once: a fault of the wiring."""
        return bool(self.open_limit and self.closed_limit)

    @property
    def arm(self) -> str:
        """Where the limits say the arm is: up, down, moving or unknown (not wired, or both at once)."""
        if self.contradict:
            return "unknown"
        if self.open_limit:
            return "up"
        if self.closed_limit:
            return "down"
        if self.open_limit is None:
            return "unknown" if self.closed_limit is None else "up"
        return "down" if self.closed_limit is None else "moving"


def read_inputs(wiring: BarrierSection, states: tuple[bool, ...]) -> Inputs:
    """Pick a lane's inputs out of its board's."""
    return Inputs(
        _level(wiring.open_limit, states),
        _level(wiring.closed_limit, states),
        _level(wiring.safety_loop, states),
        _level(wiring.arrival_loop, states),
    )


def _level(pin: InputPin | None, states: tuple[bool, ...]) -> bool | None:
    if pin is None or pin.input >= len(states):
        return None
    return states[pin.input] == (pin.active == "high")


def stimuli(before: Inputs, after: Inputs) -> list[Stimulus]:
    """Name what changed: the arm, the arrival loop, the loop under the arm; who clears both loops at once has driven through.

    What is not known says nothing: a loop that is not read is never taken for a clear one.
    """
    changes = (
        (before.closed, after.closed, Stimulus.ARM_DOWN, Stimulus.ARM_RISES),
        (before.open, after.open, Stimulus.ARM_UP, None),
        (before.arrival, after.arrival, Stimulus.ARRIVAL_ON, Stimulus.ARRIVAL_OFF),
        (before.safety, after.safety, Stimulus.SAFETY_ON, Stimulus.SAFETY_OFF),
    )
    named = (on if now else off for was, now, on, off in changes if now is not None and was is not now)
    return [stimulus for stimulus in named if stimulus is not None]
