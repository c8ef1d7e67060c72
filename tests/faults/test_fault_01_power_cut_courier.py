"""Fault 1, on the courier's side: after any cut its rules are those of one revision, and it believes no more sent than is."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from contextlib import ExitStack, closing
from functools import partial
from pathlib import Path
from random import Random
from typing import Any
from uuid import UUID

import pytest

from access.snapshot import SnapshotError
from central.access_rules.stream import rules_page
from central.registry import Registry
from edge.identity import Identity
from edge.messages import SyncState
from edge.places import Places
from edge.store.received import Received, reading_rules
from edge.store.rules import map_snapshot, newest_first
from simulators.powercut.cuts import Recording, everything_under
from simulators.powercut.recorder import build_recorder, recording_environment
from tests.faults.linked_box import Box, estate, lakeside
from tests.sizes import sized

pytestmark = pytest.mark.programs

CUTS = sized(quick=20, soak=300)
RUNS = sized(quick=1, soak=6)
SEED = 11


def work_under(environment: dict[str, str], box: Box, change_rules: Callable[[], None]) -> None:
    """Let the courier carry entries up and rules down, from its start to an orderly end."""
    box.write_many(100)
    command = [sys.executable, "-m", "edge.courier", "--config", str(box.config)]
    with subprocess.Popen(command, env=os.environ | environment, stderr=subprocess.DEVNULL) as courier, ExitStack() as undo:
        undo.callback(courier.kill)

        def is_level(state: SyncState) -> bool:
            return state.acked_through == box.journal.seq and state.rules_revision > 0

        known = box.end.wait_for(SyncState, is_level, 30).rules_revision
        change_rules()
        box.end.wait_for(SyncState, lambda state: state.rules_revision > known)
        courier.terminate()
        assert courier.wait(20) == 0


def rules_of(registry: Registry, identity: Identity, revision: int | None = None) -> dict[UUID, Any]:
    """Return what the registry's rules were at a revision, or are now."""
    with registry.read() as work:
        page = rules_page(work.session, identity.site, identity.gate, since=0, until=revision)
    return {upsert.record.id: json.loads(upsert.record.model_dump_json()) for upsert in page.upserts}


def judge(places: Places, registry: Registry, identity: Identity, stored: int) -> None:
    """Open what is left as the courier does at its next start, and look."""
    with closing(Received(places.courier)) as received:
        assert all(seq <= stored for seq in received.kept().acked.values())
    with reading_rules(places.courier) as (revision, rows):
        living = {record: data for _, record, data in rows}
    with reading_rules(places.courier, revision) as (_, rows):
        held = {record: data for _, record, data in rows}
    assert held == (rules_of(registry, identity, revision) if revision else {})
    # The blocks that are the change may be there before it, by a deny list: all of them, or none.
    assert living in (held, rules_of(registry, identity))
    for path in newest_first(places.snapshots):
        try:
            map_snapshot(path)
        except SnapshotError:
            continue  # half there, and known to be


def test_fault_01_no_power_cut_leaves_half_of_the_rules_or_forgets_to_send(tmp_path: Path, migrated_sqlite: Path) -> None:
    library, chance = build_recorder(tmp_path), Random(SEED)
    with lakeside(tmp_path / "registry", migrated_sqlite) as central:
        with Box(tmp_path / "box", central, central.url) as box:
            places, steps = box.places, tmp_path / "steps"
            before = everything_under(places.root)
            environment = dict(recording_environment(library, places.root, steps))
            for run in range(RUNS):
                blocks = [{"plate": f"粤B{run:02d}{number:03d}", "reason": "stolen"} for number in range(20)]
                work_under(environment, box, partial(central.seed, {**estate(["east"]), "blocks": blocks}))
        stored = len(central.stored(box))
        recording = Recording(steps, before)
        for _ in range(CUTS):
            recording.cut(chance.randint(0, len(recording.steps)), chance).lay(places.root)
            judge(places, central.registry, box.identity, stored)
