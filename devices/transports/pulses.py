"""Pulses that wait for their line: what opens goes before what closes, and takes back the closing of its own arm."""

import threading
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from devices.barriers.modbus_rtu import Request

PULSES_MAX: Final = 16  # of each sort
AN_OPENING_CAME: Final = "an opening came first"

Done = Callable[[bool, str, float], None]
"""Whether the board echoed ON, else why not, and when the frame left (monotonic seconds; 0.0: it never did)."""

Clear = tuple[tuple[int, bool], ...]
"""Inputs, each with the level that says that nothing stands there."""


@dataclass(frozen=True, slots=True)
class Pulse:
    """One relay to be energised by the frame `on`, and released after `pulse_s`; not to be sent after `expires_at` (monotonic).

    `against` is the relay that is never on at the same time: the other one of the same arm. A pulse with `clear` lowers the arm.
    """

    on: Request
    pulse_s: float
    done: Done
    expires_at: float
    clear: Clear | None = None
    against: int | None = None

    @property
    def coil(self) -> int:
        """The relay that it energises."""
        return self.on.start

    def tell(self, error: str, sent_at: float = 0.0) -> None:
        """Call `done`; no error is success."""
        self.done(not error, error, sent_at)


def is_clear(states: Sequence[bool], clear: Clear) -> bool:
    """Say whether every one of these inputs reads its level; one that is not there does not, and none at all is no proof."""
    return bool(clear) and all(index < len(states) and states[index] == level for index, level in clear)


class PulseQueue:
    """Pulses on their way from any thread to the one that owns the line."""

    def __init__(self) -> None:
        self._opening: deque[Pulse] = deque()
        self._closing: deque[Pulse] = deque()
        self._woken = False
        self._changed = threading.Condition()

    def put(self, pulse: Pulse) -> None:
        """Queue a pulse, or refuse it where too many wait; an opening has the waiting closings of its arm refused in any case."""
        with self._changed:
            waiting = self._opening if pulse.clear is None else self._closing
            is_full = len(waiting) >= PULSES_MAX
            overtaken = self._take_closings(pulse.against) if pulse.clear is None else []
            if not is_full:
                waiting.append(pulse)
                self._changed.notify()
        if is_full:
            pulse.tell("too many commands are waiting")
        for closing in overtaken:
            closing.tell(AN_OPENING_CAME)

    def get(self, timeout_s: float) -> Pulse | None:
        """Return the next pulse, waiting for it at most so long; None also where `wake` was called."""
        with self._changed:
            self._changed.wait_for(lambda: self._woken or self._opening or self._closing, timeout_s)
            self._woken = False
            waiting = self._opening or self._closing
            return waiting.popleft() if waiting else None

    def wake(self) -> None:
        """Let `get` return at once."""
        with self._changed:
            self._woken = True
            self._changed.notify()

    def opens_against(self, coil: int) -> bool:
        """Say whether a pulse waits that must not meet this relay energised."""
        with self._changed:
            return any(pulse.against == coil for pulse in self._opening)

    def refuse_all(self, why: str) -> None:
        """Take out and refuse whatever waits."""
        with self._changed:
            refused = [*self._opening, *self._closing]
            self._opening.clear()
            self._closing.clear()
        for pulse in refused:
            pulse.tell(why)

    def _take_closings(self, coil: int | None) -> list[Pulse]:
        taken = [pulse for pulse in self._closing if pulse.coil == coil]
        self._closing = deque(pulse for pulse in self._closing if pulse.coil != coil)
        return taken
