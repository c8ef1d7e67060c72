"""Waiting in tests: for a condition with a deadline, never for a length of time."""

import time
from collections.abc import Callable
from typing import Final, TypeVar

T = TypeVar("T")

_LOOK_AGAIN_S: Final = 0.01
_REST: Final = 4  # times what a look costs the processor: what is waited for needs it more


def wait_until(condition: Callable[[], T], timeout_s: float = 30, what: str = "the condition") -> T:
    """Return the condition's first true value; AssertionError naming `what` when none came within `timeout_s`."""
    deadline = time.monotonic() + timeout_s
    began = time.thread_time()
    while not (value := condition()):
        assert time.monotonic() < deadline, f"waited {timeout_s} s for {what}"
        time.sleep(max(_LOOK_AGAIN_S, _REST * (time.thread_time() - began)))
        began = time.thread_time()
    return value
