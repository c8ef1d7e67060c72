"""All gates come back at once, some with a long backlog: load is shared fairly, and what is new is not kept waiting."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from central.config import Settings
from simulators.load.enrolling import enrol_gates
from simulators.load.run import Run, Wanted
from simulators.load.story import tell
from simulators.load.wire import Registry
from tests.faults.registry_program import RegistryProgram
from tests.sizes import sized

GATES = sized(quick=30, soak=200)
DRAINING = GATES // 6
BACKLOG = sized(quick=500, soak=5_000)
SECONDS = sized(quick=3, soak=20)
LAG_MAX_MS = 2_000


def test_fault_35_new_entries_do_not_wait_for_backlogs(tmp_path: Path) -> None:
    with RegistryProgram(tmp_path) as served:
        gates = enrol_gates(Settings(served.data), "lakeside", GATES)
        registry, story = Registry.at(served.url), tell(1)
        draining = Run(registry, gates[:DRAINING], story, Wanted(rate=0, seconds=SECONDS, backlog=BACKLOG, batch=200))
        fresh = Run(registry, gates[DRAINING:], story, Wanted(rate=1, seconds=SECONDS))
        with ThreadPoolExecutor(2) as pool:
            drained, told = (running.result() for running in [pool.submit(run.go, _unwatched) for run in (draining, fresh)])
    assert told["lag_p99_ms"] < LAG_MAX_MS, (told, drained)
    assert (drained["backlog"], drained["waiting"], told["waiting"]) == (DRAINING * BACKLOG, 0, 0)
    assert set(drained["errors"]) | set(told["errors"]) <= {"429"}, "who is sent away comes again"


def _unwatched(*_: Any) -> None:
    """Let it run."""
