"""Waiting for programs, which tell of themselves only when asked."""

import time
from collections.abc import Callable
from typing import Final

LOOK_S: Final = 0.2


def within(condition: Callable[[], bool], timeout_s: float) -> bool:
    """Ask until `condition` holds; False where it does not within `timeout_s`."""
    deadline = time.monotonic() + timeout_s
    while not condition():
        if time.monotonic() >= deadline:
            return False
        time.sleep(LOOK_S)
    return True
