"""How large the seeded suites run: `quick` in `make test`, `soak` (the judged sizes) in `make soak`."""

import os
from typing import TypeVar

T = TypeVar("T")

SIZE = os.environ.get("GATEHOUSE_SIZE", "quick")
assert SIZE in {"quick", "soak"}, f"GATEHOUSE_SIZE is quick or soak, not {SIZE}"


def sized(*, quick: T, soak: T) -> T:
    """Return the value for the size of this run."""
    return soak if SIZE == "soak" else quick
