"""What an edge costs where nothing happens: all its programs, no device attached, a registry at hand, 20,000 cardholders.

The installed programs run under their supervisor; after they have settled (the first snapshot is built, the modules are read),
the processor time of each is taken over a minute, and its memory at the end. RSS counts pages that several programs share in each
of them, and its sum is what must fit; PSS shares them out, so that its sum is what the machine has less. The lanes are wired to
ports that are not there. There is no camera, so no plate is read.
"""

import argparse
import json
import sqlite3
import sys
import tempfile
import time
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path
from typing import Any, Final

from access.contract.sync import EnrolReply
from bench import estate
from bench.machine import machine
from bench.registry import SITE, Measured, registry_on
from edge.config import GateConfig
from edge.config_file import load
from edge.identity import device_key, save_identity
from edge.places import Places
from simulators.demo.programs import Program, python_module
from simulators.demo.waiting import within
from simulators.load.enrolling import GateKey
from simulators.load.run import cpu_s

HOLDERS, SETTLE_S, SECONDS = 20_000, 30.0, 60.0
QUICK_HOLDERS, QUICK_SETTLE_S, QUICK_SECONDS = 1_000, 6.0, 5.0
UP_WITHIN_S: Final = 60.0
CPU_MUST, MEMORY_MUST_MB = 0.02, 250.0
GATE_TOML: Final = """
[gate]
site = "{site}"
name = "gate-0"

[central]
url = "http://127.0.0.1:{port}"

[booth]
port = 0

[[device]]
id = "io"
protocol = "modbus-rtu"
url = "serial:///dev/not-attached"

[[lane]]
id = "in-1"
kind = "vehicle"
direction = "in"

[lane.barrier]
device = "io"
open = {{ coil = 1 }}
"""


def measure(holders: int, settle_s: float, seconds: float) -> dict[str, Any]:
    """Run an edge with nothing to do, and return what it cost."""
    with registry_on("sqlite") as measured, tempfile.TemporaryDirectory() as folder:
        config_path = Path(folder) / "gate.toml"
        places = _laid_out(config_path, measured, holders)
        with measured.served() as (port, _):
            config_path.write_text(GATE_TOML.format(site=SITE, port=port), encoding="utf-8")
            edge = Program(python_module("edge.cli", "run", "--config", str(config_path)), Path(folder) / "edge.log")
            edge.start()
            try:
                return {"holders": holders, "seconds": seconds, **_watched(edge, places, holders, settle_s, seconds)}
            finally:
                edge.stop()


def _laid_out(path: Path, measured: Measured, holders: int) -> Places:
    """Lay out a gate that has the rules already, as its registry has them."""
    path.write_text(GATE_TOML.format(site=SITE, port=1), encoding="utf-8")
    config: GateConfig = load(path)
    places = Places(config.gate.data)
    places.make()
    (identity,) = measured.enrolled([GateKey(config.gate.name, device_key(places))])
    registry_key = identity.registry_key.public_bytes_raw().hex()
    save_identity(
        places,
        EnrolReply(edge=identity.edge, gate=identity.gate, site=identity.site, lanes=identity.lanes, registry_key=registry_key),
    )
    estate.write_database(places.courier, holders)
    with closing(sqlite3.connect(measured.data / "registry.db")) as database, database:
        database.execute("UPDATE sites SET revision = ?", (holders,))
    return places


def _watched(edge: Program, places: Places, holders: int, settle_s: float, seconds: float) -> dict[str, Any]:
    if not within(lambda: _is_up(edge, places, holders), UP_WITHIN_S):
        raise TimeoutError("the edge does not come up")
    time.sleep(settle_s)
    before = {pid: cpu_s(pid) for pid in _programs(edge.pid)}
    began = time.monotonic()
    time.sleep(seconds)
    took = time.monotonic() - began
    rows = {name: _row(pid, (cpu_s(pid) - before[pid]) / took) for pid, name in _programs(edge.pid).items() if pid in before}
    return {
        "programs": rows,
        "sum": {key: round(sum(row[key] for row in rows.values()), 4) for key in ("cpu", "rss_mb", "pss_mb")},
    }


def _is_up(edge: Program, places: Places, holders: int) -> bool:
    edge.check()
    return (places.snapshots / f"{holders}.snapshot").exists() and places.booth_address.exists()


def _programs(root: int) -> dict[int, str]:
    """Return the processes under `root`, itself included, by what they are called."""
    parents = {int(path.parent.name): path.read_text().rpartition(") ")[2].split() for path in Path("/proc").glob("[0-9]*/stat")}
    found = {root}
    while more := {pid for pid, fields in parents.items() if int(fields[1]) in found} - found:
        found |= more
    return {pid: name for pid in found if (name := _called(pid))}


def _called(pid: int) -> str:
    words = Path(f"/proc/{pid}/cmdline").read_bytes().decode().split("\0")
    return words[words.index("-m") + 1].removeprefix("edge.") if "-m" in words else ""


def _row(pid: int, cpu: float) -> Mapping[str, float]:
    sizes = dict(line.split()[:2] for line in Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="ascii").splitlines()[1:])
    return {"cpu": round(cpu, 4), "rss_mb": int(sizes["Rss:"]) / 1000, "pss_mb": int(sizes["Pss:"]) / 1000}


def main() -> None:
    """Measure and print; status 1 where a must is missed."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="a size for every change")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    options = parser.parse_args()
    sizes = (QUICK_HOLDERS, QUICK_SETTLE_S, QUICK_SECONDS) if options.quick else (HOLDERS, SETTLE_S, SECONDS)
    row = measure(*sizes)
    answer = {**row, "must": {"cpu": CPU_MUST, "rss_mb": MEMORY_MUST_MB}, "machine": machine()}
    if options.json:
        print(json.dumps(answer))
    else:
        for name, figures in [*row["programs"].items(), ("sum", row["sum"])]:
            print(
                f"{name:>11}  cpu {figures['cpu'] * 100:5.2f} %  RSS {figures['rss_mb']:6.1f} MB  PSS {figures['pss_mb']:6.1f} MB"
            )
        print(f"must: under {CPU_MUST * 100:g} % of a core, {MEMORY_MUST_MB:g} MB of RSS in sum; {answer['machine']}")
    sys.exit(not options.quick and (row["sum"]["cpu"] >= CPU_MUST or row["sum"]["rss_mb"] >= MEMORY_MUST_MB))


if __name__ == "__main__":
    main()
