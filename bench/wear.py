"""What a passage costs the disk in bytes written, without pictures: the installed gate and courier on simulated wires.

Counted is what the programs write to the files of their data folder, by the recorder of the power-cut tool: commits, checkpoints,
the signed head and the courier's notes of how far it has come included.
"""

import argparse
import contextlib
import json
import subprocess
import tempfile
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from uuid import UUID

from access.contract.sync import EnrolReply
from bench.machine import machine
from edge.config_file import load
from edge.identity import device_key, save_identity
from edge.places import Places
from edge.store.reader import JournalReader
from simulators.powercut.cuts import Recording
from simulators.powercut.recorder import build_recorder, recording_environment
from tests.edge.courier.wire import WireRegistry, serving
from tests.faults.door import NO_REGISTRY, Door
from tests.waiting import wait_until

BUDGET_BYTES = 20 * 1024
PROGRAMS = ("gate", "courier")
ID = UUID(int=0x0198_C0DE_0000_7000_8000_0000_0000_0EAD)


@dataclass(frozen=True, slots=True)
class Wear:
    """Bytes written by each program for so many passages, the entries that these made."""

    passages: int
    entries: int
    gate: int
    courier: int

    @property
    def per_passage(self) -> int:
        """Return what one passage costs."""
        return (self.gate + self.courier) // self.passages


@dataclass(frozen=True, slots=True)
class Running:
    """A program under the recorder."""

    process: subprocess.Popen[bytes]
    steps: Path

    def written(self) -> int:
        """Return how many bytes it has written to its files."""
        return sum(len(step.data) for step in Recording(self.steps, {}).steps if step.kind == "W")


def wear(folder: Path, passages: int) -> Wear:
    """Let that many residents through the doors of a gate whose files are under `folder`, and count."""
    with box(folder) as (door, registry, programs):
        door.pass_one()
        wait_until(lambda: registry.inserted, 60, "the courier to send")
        before = [program.written() for program in programs]
        entries = length(door.places)
        for _ in range(passages):
            door.pass_one()
        file = door.places.journal
        moved_at = file.stat().st_mtime_ns
        wait_until(lambda: file.stat().st_mtime_ns > moved_at, 60, "the write-ahead log to be moved when it is quiet")
        wait_until(lambda: len(registry.inserted) >= entries, 60, "the entries to be sent")
        gate, courier = (program.written() - base for program, base in zip(programs, before, strict=True))
        return Wear(passages, length(door.places) - entries, gate, courier)


@contextlib.contextmanager
def box(folder: Path) -> Iterator[tuple[Door, WireRegistry, list[Running]]]:
    """Run gate and courier against a registry at the wire."""
    with Door(folder / "east", registry=NO_REGISTRY) as door, serving(device_key(door.places).public_key()) as registry:
        door.config.write_text(door.config.read_text(encoding="utf-8").replace(NO_REGISTRY, registry.url), encoding="utf-8")
        key = registry.key.public_key().public_bytes_raw().hex()
        lanes = {lane.id: ID for lane in load(door.config).lane}
        save_identity(door.places, EnrolReply(edge=ID, gate=ID, site=ID, lanes=lanes, registry_key=key))
        recorder = build_recorder(folder)
        running = []
        for program in PROGRAMS:
            steps = folder / f"{program}.steps"
            door.start(program, environment=recording_environment(recorder, door.places.root, steps))
            running.append(Running(door.programs[program], steps))
        yield door, registry, running


def length(places: Places) -> int:
    """Return how many entries there are."""
    reader = JournalReader(places.journal)
    try:
        return reader.head()[1]
    finally:
        reader.close()


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--passages", type=int, default=300)
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        found = wear(Path(folder), options.passages)
    answer = {**asdict(found), "per_passage": found.per_passage, "budget": BUDGET_BYTES, "machine": machine()}
    if options.json:
        print(json.dumps(answer))
    else:
        kib, entries = found.per_passage / 1024, found.entries / found.passages
        print(f"{kib:.1f} KiB a passage of {entries:.1f} entries, of {BUDGET_BYTES // 1024} KiB that it may cost")
        print(f"{found.passages} passages: gate {found.gate} bytes, courier {found.courier}")
        print(answer["machine"])


if __name__ == "__main__":
    main()
