"""Where a demonstration keeps its files, and what it must remember to go on another day with the same estate."""

import json
import secrets
import shutil
import socket
import tempfile
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

from edge.places import Places

BOOTH_PORT: Final = 8600
OFFICE_PORT: Final = 8601


@dataclass(frozen=True, slots=True)
class DemoPlaces:
    """Paths under the demonstration's data folder `root`."""

    root: Path

    @property
    def registry(self) -> Path:
        """The registry's data."""
        return self.root / "registry"

    @property
    def config(self) -> Path:
        """The gate's configuration."""
        return self.root / "edge" / "gate.toml"

    @property
    def edge(self) -> Places:
        """The gate's own data: beside its configuration, as gate.toml has it by default."""
        return Places(self.config.parent / "var")

    @property
    def wires(self) -> Path:
        """Stable names of the simulated serial ports."""
        return self.root / "wires"

    @property
    def seed_file(self) -> Path:
        """The estate, as `gatehouse-central seed` takes it."""
        return self.root / "estate.json"

    @property
    def memory(self) -> Path:
        """What must be remembered."""
        return self.root / "demo.json"

    @property
    def logs(self) -> Path:
        """What the programs say."""
        return self.root / "logs"


@dataclass(frozen=True, slots=True)
class Memory:
    """The seed of the estate, the office user's password, and the shift leader's PIN."""

    seed: int
    password: str
    leader_pin: str = ""

    def save(self, places: DemoPlaces) -> None:
        """Keep it, for this user alone."""
        places.memory.touch(mode=0o600)
        places.memory.write_text(json.dumps(asdict(self)), encoding="utf-8")


def recall(places: DemoPlaces, seed: int) -> tuple[Memory, bool]:
    """Return what was remembered in this folder, or a new memory with this seed; and whether it is new."""
    if places.memory.exists():
        return Memory(**json.loads(places.memory.read_text(encoding="utf-8"))), False
    return Memory(seed, secrets.token_urlsafe(9), f"{secrets.randbelow(1_000_000):06d}"), True


def temporary_folder() -> Path:
    """Return a new folder for one run."""
    return Path(tempfile.mkdtemp(prefix="gatehouse-demo-"))


def remove(folder: Path) -> None:
    """Remove a run's temporary folder."""
    shutil.rmtree(folder, ignore_errors=True)


def choose_ports(wanted: int | None) -> tuple[int, int]:
    """Return the ports of booth and office: P and the next; 0: any free ones; None: the usual ones, or free ones if taken."""
    if wanted:
        return wanted, wanted + 1
    if wanted is None and _is_free(BOOTH_PORT) and _is_free(OFFICE_PORT):
        return BOOTH_PORT, OFFICE_PORT
    return free_port(), free_port()


def free_port() -> int:
    """Return a port of this machine that nobody listens on now."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return int(probe.getsockname()[1])


def answers(port: int) -> bool:
    """Tell whether somebody listens on a port of this machine."""
    with socket.socket() as probe:
        probe.settimeout(1.0)
        return probe.connect_ex(("127.0.0.1", port)) == 0


def _is_free(port: int) -> bool:
    try:
        socket.create_server(("127.0.0.1", port)).close()
    except OSError:
        return False
    return True
