"""Fault 1: the power fails at any moment. What was acknowledged is there, nothing is half there, nothing moved without its cause.

The gate is the real program under real traffic; the recorder notes each of its writes and syncs, and each word it says to relay
board and booth. What the disk may hold after a cut is laid out and opened as at the next start.
"""

import time
from collections.abc import Callable
from pathlib import Path
from random import Random

import pytest

from edge.link import LinkClient
from edge.messages import Hello
from edge.places import Places
from edge.store.scribe import TIDY_EVERY
from simulators.powercut.cuts import Recording, everything_under
from simulators.powercut.recorder import build_recorder, recording_environment
from tests.faults.cut_checks import Findings, judge
from tests.faults.door import Booth, Door
from tests.sizes import sized
from tests.waiting import wait_until

pytestmark = pytest.mark.programs

CUTS = sized(quick=30, soak=300)
PASSAGES = sized(quick=6, soak=60)
GUARDS_ROUNDS = 2  # more openings by hand would be a storm
SEED = 7
Traffic = Callable[[Door], None]


def record(folder: Path, runs: list[Traffic], module: str = "") -> tuple[Places, Recording]:
    """Let a gate work under the recorder, from an empty journal on; an orderly end after each run folds the log into the file."""
    library = build_recorder(folder)
    with Door(folder / "east") as door:
        before = everything_under(door.places.root)
        environment = recording_environment(library, door.places.root, folder / "steps")
        carrier = LinkClient(door.places.gate_socket, Hello("courier", "test"), lambda _: None)
        carrier.start()  # who is told each time how far the journal is
        for traffic in runs:
            door.start("gate", module, environment)
            traffic(door)
            door.stop("gate")
        carrier.stop()
    return door.places, Recording(folder / "steps", before)


def people(door: Door) -> None:
    for _ in range(PASSAGES):
        door.pass_one()


def people_and_guard(door: Door) -> None:
    people(door)
    booth = Booth(door.places)
    for _ in range(GUARDS_ROUNDS):
        replies = booth.ask("open_once", "hold_closed", "resume", now=time.monotonic())
        assert all(reply.accepted for reply in replies)
        wait_until(door.are_shut, what="the door to be shut")
    booth.close()
    if 3 * PASSAGES > TIDY_EVERY:
        folded_before = door.places.journal.stat().st_mtime_ns
        wait_until(lambda: door.places.journal.stat().st_mtime_ns > folded_before, 30, "the log to be folded when it is quiet")
        people(door)  # into a log that begins anew


def cut_often(places: Places, recording: Recording, cuts: int) -> list[Findings]:
    chance = Random(SEED)
    moments = [chance.randint(0, len(recording.steps)) for _ in range(cuts)]
    return [found for at in moments if (found := judge(recording, at, chance, places))]


def test_fault_01_no_power_cut_loses_or_damages_what_was_acknowledged(tmp_path: Path) -> None:
    places, recording = record(tmp_path, [people_and_guard, people])
    assert cut_often(places, recording, CUTS) == []


def test_fault_01_commits_that_are_not_synced_are_found_out(
    tmp_path: Path, record_property: Callable[[str, object], None]
) -> None:
    places, recording = record(tmp_path, [people], "tests.faults.lax_gate")
    losing = [found.lost for found in cut_often(places, recording, CUTS) if found.lost]
    record_property("losing", f"{len(losing)} of {CUTS}")
    assert losing
