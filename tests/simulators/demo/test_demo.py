"""The whole over real wires: programs killed and the registry stopped in mid-traffic, and one short run as a person does."""

import json
import os
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from access.sealing import Opened
from edge.store.reader import JournalReader
from simulators.demo.host import Host
from simulators.demo.ledgers import read_ledgers
from simulators.demo.programs import installed
from simulators.demo.registry import visiting
from simulators.demo.show import Show
from simulators.demo.site import DemoSite, SiteWanted
from tests.waiting import wait_until

pytestmark = [pytest.mark.programs, pytest.mark.timeout(240)]  # a loaded machine takes several times as long to start all

PROGRAMS = ("gate", "eyes", "desk", "courier")
LANES_OF_COILS = {0: "in-1", 1: "out-1", 2: "door-1"}
COMMAND_LIFE_S = 3.0
AFTERWARDS_S = 6.0
KEYS = {
    *("passages", "granted", "denied", "referred", "journal_entries", "central_entries", "lost", "duplicated"),
    *("plate_reads", "plate_reads_wrong", "reading_to_barrier_ms", "event_to_central_ms", "unclosed_passages", "wires", "faults"),
}


def processes() -> Iterator[tuple[int, int, list[str]]]:
    """Yield id, parent's id and command line of every process that lives."""
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            state, parent = (folder / "stat").read_text().rpartition(")")[2].split()[:2]
            command = (folder / "cmdline").read_bytes().decode(errors="replace").split("\0")
        except (FileNotFoundError, ProcessLookupError):
            continue
        if state != "Z":
            yield int(folder.name), int(parent), command


def programs(site: DemoSite) -> dict[str, int]:
    """Return the process ids of the edge's programs by name."""
    return {
        name: pid
        for pid, parent, command in processes()
        for name in PROGRAMS
        if parent == site.edge.pid and f"edge.{name}" in command
    }


def kill(site: DemoSite, name: str) -> None:
    """Kill one program, and see the others go on and this one come back."""
    before = programs(site)
    os.kill(before.pop(name), signal.SIGKILL)

    def is_back() -> bool:
        now = programs(site)
        return now.pop(name, 0) != 0 and now == before

    wait_until(is_back, what=f"{name} to be back")


def entries(site: DemoSite) -> list[Opened]:
    reader = JournalReader(site.places.edge.journal)
    try:
        return list(reader.every())
    finally:
        reader.close()


def count(site: DemoSite, kind: str) -> int:
    return sum(entry.kind == kind for entry in entries(site))


def wait_for_more(site: DemoSite, kind: str) -> None:
    """Wait until the gate writes one more of this kind: it goes on."""
    before = count(site, kind)
    wait_until(lambda: count(site, kind) > before, 30, f"another {kind} entry")


def stored(site: DemoSite) -> int:
    database = visiting(site.places.registry)
    try:
        return len(read_ledgers(site.places.edge.journal, database).registry)
    finally:
        database.close()


def test_nothing_is_lost_or_doubled_whatever_is_killed(tmp_path: Path) -> None:
    with DemoSite(SiteWanted(seed=5, data=tmp_path, port=0), print) as site, Show(site, seed=5) as show:
        for name in ("eyes", "desk", "courier"):
            kill(site, name)
            wait_for_more(site, "decision")
        host = Host(site.office_url(), site.memory.password, site.estate)
        assert host.invite().startswith("GP1:")
        site.central.stop()
        assert host.invite() == ""
        host.close()
        known = stored(site)
        wait_for_more(site, "passage")
        kill(site, "gate")
        wait_until(lambda: count(site, "start") == 2, what="the gate to begin again")
        wait_for_more(site, "passage")
        assert stored(site) == known
        site.central.start()
        show.go_on(AFTERWARDS_S)
        report = show.account()
        relay_frames = [frame for frame in site.wiring.board.frames if frame.energises]
        journal = entries(site)
    assert report["faults"] == []
    assert report["lost"] == report["duplicated"] == report["unclosed_passages"] == 0
    assert report["journal_entries"] == report["central_entries"]
    # Neither the gate's new start nor anything else moved an arm that no entry had been written for.
    commands = [(entry.lane, entry.stamp.mono_us / 1e6) for entry in journal if entry.kind == "command"]
    for frame in relay_frames:
        lane = LANES_OF_COILS[frame.coil]
        assert [at for where, at in commands if where == lane and frame.at - COMMAND_LIFE_S <= at <= frame.at]
    assert len(relay_frames) <= len(commands)


def test_short_run_prints_one_object_and_leaves_nothing_behind(tmp_path: Path) -> None:
    command = [installed("gatehouse-sim"), "demo", "--seed", "6", "--for", "5", "--json", "--data", str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=110, check=False)
    assert done.returncode == 0, done.stderr
    report = json.loads(done.stdout)
    assert report.keys() == KEYS
    assert report["passages"] > 0
    assert not [command for _, _, command in processes() if any(str(tmp_path) in word for word in command)]
