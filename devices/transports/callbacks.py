"""What every transport tells its owner, from its own thread: the callee must be quick and must not raise."""

from collections.abc import Callable

from devices.readings import Reading

Emit = Callable[[Reading, float], None]
"""A reading and when its last byte was received (monotonic seconds)."""

State = Callable[[bool, str], None]
"""Whether the wire is up, and why: told on every change, never twice the same."""
