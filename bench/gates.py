"""200 gates that make an entry a second each, and send it at once: how long until the registry has acknowledged it, and the cost.

The installed registry and the gates (threads of this program: real HTTP, real signatures, real sealed entries) share the cores of
the machine; the processor time of each is told apart, in cores. An entry is visible in the office's log when it is acknowledged:
both are one commit. In the second row each gate has a backlog as well, as after a day without the registry.
"""

import argparse
import json
import sys
from collections.abc import Iterator
from typing import Any

from bench.machine import machine
from bench.registry import BACKENDS, registry_on
from simulators.load.run import Run, Wanted
from simulators.load.story import tell
from simulators.load.tally import Tally
from simulators.load.wire import Registry

GATES, SECONDS, BACKLOG = 200, 60.0, 200
QUICK_GATES, QUICK_SECONDS, QUICK_BACKLOG = 20, 3.0, 20
P99_AIM_MS = 2000.0


def measure(backend: str, gates: int, seconds: float, backlog: int, seed: int) -> Iterator[dict[str, Any]]:
    """Run the gates at their pace, then once more with a backlog."""
    story = tell(seed)
    with registry_on(backend) as measured:
        identities = measured.identities(gates)
        with measured.served() as (port, pid):
            registry = Registry.at(f"http://127.0.0.1:{port}")
            for waiting in (0, backlog):
                wanted = Wanted(rate=1.0, seconds=seconds, backlog=waiting)
                yield {"backend": backend, **Run(registry, identities, story, wanted).go(_watch, pid)}


def _watch(_tally: Tally, _gone_s: float) -> None:
    """Show nothing: what is measured has the machine to itself."""


def _line(row: dict[str, Any]) -> str:
    lag = f"lag p50 {row['lag_p50_ms']} ms  p99 {row['lag_p99_ms']} ms  max {row['lag_max_ms']} ms"
    cores = f"cores: clients {row['clients_cpu']}, server {row['server_cpu']}"
    backlog = f"backlog {row['backlog']} in {row['backlog_s']} s"
    return f"{row['backend']:>10}  {row['entries_per_s']:>7}/s  {lag}  {cores}  {backlog}  errors {row['errors']}"


def main() -> None:
    """Measure and print; status 1 where an entry is missing."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--backend", choices=[*BACKENDS, "both"], default="both")
    parser.add_argument("--quick", action="store_true", help="a size for every change")
    parser.add_argument("--seconds", type=float, default=SECONDS)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    options = parser.parse_args()
    gates, backlog = (QUICK_GATES, QUICK_BACKLOG) if options.quick else (GATES, BACKLOG)
    seconds = QUICK_SECONDS if options.quick else options.seconds
    rows = []
    for backend in BACKENDS if options.backend == "both" else (options.backend,):
        for row in measure(backend, gates, seconds, backlog, options.seed):
            rows.append(row)
            if not options.json:
                print(_line(row), flush=True)
    answer = {"rows": rows, "aim": {"lag_p99_ms": P99_AIM_MS}, "machine": machine()}
    print(json.dumps(answer) if options.json else f"aim: p99 under {P99_AIM_MS} ms; {answer['machine']}")
    sys.exit(any(row["waiting"] or row["parked"] for row in rows))


if __name__ == "__main__":
    main()
