"""Where randomness comes from: a function from a count to that many bytes, so that tests and worlds can seed it."""

from collections.abc import Callable

Chance = Callable[[int], bytes]
