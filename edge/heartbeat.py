"""A program's sign of life: a byte now and then, on a pipe that it inherits and its supervisor reads.

It beats from the loop that does its work and from nowhere else, so that a loop that hangs is noticed, and not only a process
that ended. As it starts it may beat too, and is given more time from one such beat to the next. `now` is monotonic seconds.
"""

import contextlib
import os
from collections.abc import Mapping
from typing import Final

VARIABLE: Final = "GATEHOUSE_HEARTBEAT"
"""Names the pipe to a program: the number of its descriptor."""

BEAT_EVERY_S: Final = 0.2
SILENT_AFTER_S: Final = 10.0
STARTS_WITHIN_S: Final = 300.0  # a big journal takes its time to be read, or to be made anew, on a slow disk
PAUSED_S: Final = 2.0  # who looks so seldom was stopped too, and can blame nobody
_READ_BYTES: Final = 4096
_STARTS, _RUNS = b"s", b"."


class Heart:
    """The program's end; with no pipe it beats for nobody."""

    def __init__(self, pipe: int | None = None) -> None:
        self._pipe = pipe
        self._next_at = 0.0

    def beat(self, now: float, *, starting: bool = False) -> None:
        """Show that the loop goes round, or that it is coming to that; never waits, whoever reads or not."""
        if self._pipe is None or now < self._next_at:
            return
        self._next_at = now + BEAT_EVERY_S
        with contextlib.suppress(OSError):  # full, or the supervisor is gone
            os.write(self._pipe, _STARTS if starting else _RUNS)


def heart_of(environment: Mapping[str, str]) -> Heart:
    """Return the heart that beats for the supervisor who started us, or for nobody where none did."""
    pipe = environment.get(VARIABLE, "")
    return Heart(int(pipe) if pipe.isdecimal() else None)


class Watch:
    """The supervisor's end of one program's pipe, from before it is started until it has ended."""

    def __init__(self, now: float, silent_after_s: float = SILENT_AFTER_S) -> None:
        self._reading, self.writing = os.pipe()
        os.set_blocking(self._reading, False)
        os.set_blocking(self.writing, False)
        self._silent_after_s = silent_after_s
        self._limit_s = STARTS_WITHIN_S
        self._heard_at = now
        self._looked_at = now

    def heard(self, now: float) -> bool:
        """Say whether it has beaten since this was last asked."""
        paused_s = now - self._looked_at
        self._looked_at = now
        try:
            beats = os.read(self._reading, _READ_BYTES)
        except BlockingIOError:
            beats = b""
        if _RUNS in beats:
            self._limit_s = self._silent_after_s
        if beats or paused_s > PAUSED_S:
            self._heard_at = now
        return bool(beats)

    def silent_s(self) -> float:
        """Return for how long it has not beaten, as of the last look."""
        return self._looked_at - self._heard_at

    def is_too_long(self) -> bool:
        """Say whether that is longer than a program that is well would take."""
        return self.silent_s() > self._limit_s

    def hand_over(self) -> None:
        """Close the program's end here, once it is the program's own."""
        os.close(self.writing)

    def close(self) -> None:
        """Give our end back."""
        os.close(self._reading)
