"""Fault 3: a program is killed at any moment. What was acknowledged is there, nothing is doubled, it is back within seconds."""

import os
import signal
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from random import Random
from statistics import median
from threading import Event

import pytest

from access.entries import Commanded
from edge.programs import PROGRAMS
from tests.faults.door import NO_REGISTRY, Door
from tests.faults.registry_program import RegistryProgram, assert_all_there_once, has_everything, told
from tests.sizes import sized
from tests.waiting import wait_until

pytestmark = pytest.mark.programs

KILLS = sized(quick=2, soak=200)
BACK_WITHIN_S = 5.0
NO_CAMERA = """
[[device]]
id = "camera"
protocol = "video"
url = "http://127.0.0.1:9/nobody-listens-there"
"""


def test_fault_03_a_gate_killed_again_and_again_loses_nothing_and_doubles_nothing(
    tmp_path: Path, record_property: Callable[[str, object], None]
) -> None:
    with RegistryProgram(tmp_path) as registry, Door(tmp_path / "east", registry=registry.url) as door:
        registry.seed("east")
        registry.enrol(door.config, "east")
        door.start("gate")
        door.start("courier")
        door.pass_one(60)  # the first rules must come down
        took = [kill_and_pass(door, Random(seed)) for seed in range(KILLS)]
        door.stop("gate")
        wait_until(lambda: has_everything(registry, door.places), 60, "everything to be at the registry")
        assert_all_there_once(registry, door.places)
    commanded = sum(isinstance(body, Commanded) and body.act == "open" for body in told(door.places))
    assert commanded >= door.openings, "every opening has its cause in the journal"
    record_property("restart_max_s", max(took))
    assert median(took) < BACK_WITHIN_S


def kill_and_pass(door: Door, chance: Random) -> float:
    """Kill the gate somewhere in a passage; returns the seconds until somebody passes again."""
    door.show_card()
    Event().wait(chance.uniform(0.0, 0.1))
    door.kill("gate")
    killed_at = time.monotonic()
    door.start("gate")
    door.pass_one()
    return time.monotonic() - killed_at


def test_fault_03_each_program_that_is_killed_is_back_within_five_seconds(tmp_path: Path) -> None:
    with Door(tmp_path / "east", registry=NO_REGISTRY) as door:
        with door.config.open("a", encoding="utf-8") as config:
            config.write(NO_CAMERA)
        door.start_all()
        door.pass_one(60)
        for program in PROGRAMS:
            before = door.started(program)
            os.kill(before[-1], signal.SIGKILL)
            wait_until(partial(_is_started_again, door, program, before), BACK_WITHIN_S, f"{program} to be started again")
        door.pass_one(30)
        door.stop("supervisor")


def _is_started_again(door: Door, program: str, before: list[int]) -> bool:
    return len(door.started(program)) > len(before)
