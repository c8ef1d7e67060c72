"""How each program of an edge starts: arguments, configuration, identity, logs; and its exit code when it cannot."""

import argparse
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from edge.config import ConfigError, GateConfig
from edge.config_file import load
from edge.identity import Identity, IdentityError, load_identity
from edge.logs import configure
from edge.places import Places
from edge.store.errors import StoreError

CANNOT_START = 3  # the supervisor does not try again: a person must act
Run = Callable[[GateConfig, Places, Identity, Any], None]


def start(program: str, run: Run, arguments: Sequence[str] | None = None) -> int:
    """Read what every program needs and run it; returns its exit code."""
    parser = argparse.ArgumentParser(prog=f"python -m edge.{program}")
    parser.add_argument("--config", type=Path, required=True)
    options = parser.parse_args(arguments)
    log = configure(program)
    try:
        config = load(options.config)
        places = Places(config.gate.data)
        places.make()
        run(config, places, load_identity(places), log)
    except (ConfigError, IdentityError, StoreError) as error:
        log.critical("cannot_start", why=str(error))
        return CANNOT_START
    return 0
