"""`python -m tests.edge.desk.moved_clock --config C`: the desk program on a machine whose clocks a test moves while it runs.

The file that GATEHOUSE_TEST_CLOCK names says by how many seconds each is ahead.
"""

import functools
import json
import os
import sys
import time
from pathlib import Path

from edge.desk.program import run
from edge.desk.renderer import Clock
from edge.programs import start

VARIABLE = "GATEHOUSE_TEST_CLOCK"


def move(path: Path, *, now: float = 0.0, utc: float = 0.0) -> None:
    """Set the clocks so many seconds ahead: `now` of the monotonic one, `utc` of the time of day."""
    draft = path.with_suffix(".draft")
    draft.write_text(json.dumps({"now": now, "utc": utc}), encoding="utf-8")
    draft.replace(path)


def main() -> int:
    """Run the desk program by those clocks."""
    path = Path(os.environ[VARIABLE])

    def ahead(which: str) -> float:
        return float(json.loads(path.read_text(encoding="utf-8"))[which])

    clock = Clock(now=lambda: time.monotonic() + ahead("now"), utc=lambda: time.time() + ahead("utc"))
    return start("desk", functools.partial(run, clock=clock))


if __name__ == "__main__":
    sys.exit(main())
