"""`python -m edge.eyes --config gate.toml`: started by the supervisor."""

import importlib
import sys

from edge.eyes.blind import blind
from edge.programs import Run, start


def _loaded() -> Run:
    """Return the program; OpenCV may be absent, or lack a library of the system."""
    try:
        run: Run = importlib.import_module("edge.eyes.program").run
    except ImportError as error:
        return blind(f"no pictures: {error}; install the extra: gatehouse-access[plates]")
    return run


if __name__ == "__main__":
    sys.exit(start("eyes", _loaded()))
