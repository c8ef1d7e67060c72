"""`python -m edge.eyes --config gate.toml`: started by the supervisor."""

import importlib
import sys
from typing import Any

from edge.config import GateConfig
from edge.eyes.blind import blind, cameras_of
from edge.identity import Identity
from edge.places import Places
from edge.programs import Run, start


def _run(config: GateConfig, places: Places, identity: Identity, log: Any) -> None:
    """Load what sees where there is a camera: it is as large as all the other programs together."""
    _chosen(config)(config, places, identity, log)


def _chosen(config: GateConfig) -> Run:
    """Return the program; OpenCV may be absent, or lack a library of the system."""
    if not cameras_of(config):
        return blind("no camera is configured")
    try:
        run: Run = importlib.import_module("edge.eyes.program").run
    except ImportError as error:
        return blind(f"no pictures: {error}; install the extra: gatehouse-access[plates]")
    return run


if __name__ == "__main__":
    sys.exit(start("eyes", _run))
