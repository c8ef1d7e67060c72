"""From a board's inputs to what a lane understands: levels, the arm's position, and what has changed."""

from dataclasses import dataclass, replace

from edge.config import BarrierSection, InputPin
from edge.gate.phases import Stimulus

DETECTORS = ("arrival_loop", "safety_loop", "far_loop", "photocell")  # what tells of somebody: presence and safety inputs
UNDER_ARM = ("safety_loop", "photocell")
LIMITS = frozenset({"open_limit", "closed_limit"})
BUTTONS = ("push_button", "remote", "exit_button")


@dataclass(frozen=True, slots=True)
class Inputs:
    """A lane's inputs, named as in the configuration; each is None where it is not wired, or not known."""

    open_limit: bool | None = None
    closed_limit: bool | None = None
    safety_loop: bool | None = None
    arrival_loop: bool | None = None
    far_loop: bool | None = None
    photocell: bool | None = None
    push_button: bool | None = None
    remote: bool | None = None
    exit_button: bool | None = None
    passage_signal: bool | None = None

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

    @property
    def safety(self) -> bool | None:
        """Whether somebody is under the arm: one detector that sees them is enough, to be sure of nobody takes all."""
        if self.safety_loop or self.photocell:
            return True
        known = [level for level in (self.safety_loop, self.photocell) if level is not None]
        return False if known else None

    def near(self, *, turned: bool) -> bool | None:
        """Whether the loop where one arrives is occupied; `turned`: one arrives from the other side."""
        return self.far_loop if turned else self.arrival_loop

    def far(self, *, turned: bool) -> bool | None:
        """Whether the loop behind the arm is occupied."""
        return self.arrival_loop if turned else self.far_loop

    def without(self, ill: tuple[str, ...]) -> "Inputs":
        """Return the inputs with nothing known of these."""
        return replace(self, **dict.fromkeys(ill)) if ill else self


def read_inputs(wiring: BarrierSection, states: tuple[bool, ...]) -> Inputs:
    """Pick a lane's inputs out of its board's; an arm of which one limit is told, and is off, may be anywhere between."""
    levels = {name: _level(pin, states) for name, pin in wiring.pins.items()}
    limits = [levels[name] for name in LIMITS & levels.keys()]
    if None in limits and False in limits:
        levels |= dict.fromkeys(LIMITS, False)
    return Inputs(**levels)


def failed(wiring: BarrierSection, states: tuple[bool, ...]) -> frozenset[str]:
    """Name the wired inputs whose two contacts do not say the opposite of each other, or that the board does not tell."""
    return frozenset(name for name, pin in wiring.pins.items() if _level(pin, states) is None)


def clear_pins(wiring: BarrierSection) -> tuple[tuple[int, bool], ...]:
    """Return the pins (input, level) of all that tells of somebody, as the board reads them when nobody is there."""
    pins = [pin for name, pin in wiring.pins.items() if name in DETECTORS]
    own = [(pin.input, pin.active == "low") for pin in pins]
    return (*own, *((pin.check, pin.active == "high") for pin in pins if pin.check is not None))


def _level(pin: InputPin, states: tuple[bool, ...]) -> bool | None:
    if max(pin.input, pin.check or 0) >= len(states):
        return None
    if pin.check is not None and states[pin.check] == states[pin.input]:
        return None
    return states[pin.input] == (pin.active == "high")


def stimuli(before: Inputs, after: Inputs, *, turned: bool = False) -> list[Stimulus]:
    """Name what changed: the arm, the loops where one arrives and behind the arm, what is under it.

    Who clears two loops at once has driven through. What is not known says nothing: a loop that is not read is never taken for a
    clear one.
    """
    changes = (
        (before.closed, after.closed, Stimulus.ARM_DOWN, Stimulus.ARM_RISES),
        (before.open, after.open, Stimulus.ARM_UP, Stimulus.ARM_FALLS),
        (before.near(turned=turned), after.near(turned=turned), Stimulus.NEAR_ON, Stimulus.NEAR_OFF),
        (before.far(turned=turned), after.far(turned=turned), Stimulus.FAR_ON, Stimulus.FAR_OFF),
        (before.safety, after.safety, Stimulus.SAFETY_ON, Stimulus.SAFETY_OFF),
        (before.passage_signal, after.passage_signal, Stimulus.GONE_THROUGH, None),
    )
    named = [on if now else off for was, now, on, off in changes if now is not None and was is not now]
    if before.safety and after.safety is None:
        named.append(Stimulus.SAFETY_LOST)
    return [stimulus for stimulus in named if stimulus is not None]


def pressed(before: Inputs, after: Inputs) -> list[str]:
    """Name the buttons that have just been pressed; one that was not read as released before says nothing."""
    return [name for name in BUTTONS if getattr(before, name) is False and getattr(after, name)]
