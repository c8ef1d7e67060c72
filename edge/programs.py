"""Which programs an edge has, and how each starts: arguments, configuration, identity, logs; its exit code when it cannot."""

import argparse
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

from edge.config import ConfigError, GateConfig
from edge.config_file import load
from edge.exit_codes import CANNOT_START
from edge.identity import Identity, IdentityError, load_identity
from edge.logs import Log
from edge.places import Places
from edge.store.errors import StoreError

PROGRAMS: Final = ("gate", "eyes", "desk", "courier")
Run = Callable[[GateConfig, Places, Identity, Log], None]


def programs_of(config: GateConfig) -> tuple[str, ...]:
    """Return the programs that a gate needs: no eyes where there is no camera, no courier to no registry."""
    spared = {"eyes": not config.cameras, "courier": config.central is None}
    return tuple(name for name in PROGRAMS if not spared.get(name))


def start(program: str, run: Run, arguments: Sequence[str] | None = None) -> int:
    """Read what every program needs and run it; returns its exit code."""
    parser = argparse.ArgumentParser(prog=f"python -m edge.{program}")
    parser.add_argument("--config", type=Path, required=True)
    options = parser.parse_args(arguments)
    log = Log(program)
    try:
        config = load(options.config)
        places = Places(config.gate.data)
        places.make()
        run(config, places, load_identity(places), log)
    except (ConfigError, IdentityError, StoreError) as error:
        log.critical("cannot_start", why=str(error))
        return CANNOT_START
    return 0
