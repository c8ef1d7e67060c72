"""What the actors of the traffic share: pauses that end when the play does, and waiting with a deadline."""

import threading
import time
from collections.abc import Callable
from typing import Final

LOOK_S: Final = 0.05


class CurtainError(Exception):
    """The play is over, in the middle of an act."""


class Stage:
    """Ends in two ways: `closing` lets everybody finish the arrival at hand, `drop` breaks off at once."""

    def __init__(self) -> None:
        self.closing = threading.Event()
        self._dropped = threading.Event()

    def drop(self) -> None:
        """End the play now."""
        self.closing.set()
        self._dropped.set()

    def pause(self, seconds: float) -> None:
        """Let time pass. Raises CurtainError."""
        if self._dropped.wait(seconds):
            raise CurtainError

    def until(self, condition: Callable[[], bool], timeout_s: float) -> bool:
        """Wait for `condition`; False where it has not come true within `timeout_s`. Raises CurtainError."""
        deadline = time.monotonic() + timeout_s
        while not condition():
            if time.monotonic() >= deadline:
                return False
            self.pause(LOOK_S)
        return True
