"""The registry is restored from an old backup: its rules are older than the gate's, and the gate takes them as they are now."""

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

from edge.messages import SnapshotReady
from edge.store.rules import map_snapshot
from simulators.wires.fault_proxy import FaultProxy
from tests.faults.linked_box import Box, estate, lakeside


def test_fault_26_a_running_gate_follows_a_registry_that_went_back(tmp_path: Path, migrated_sqlite: Path) -> None:
    with (
        lakeside(tmp_path / "registry", migrated_sqlite) as central,
        FaultProxy(central.target) as link,
        Box(tmp_path / "box", central, link.url) as box,
    ):
        box.start()
        first = box.end.wait_for(SnapshotReady, lambda _: True)
        backup = _backup(tmp_path / "registry", tmp_path / "backup")
        later = {"name": "王五", "unit": "2-202", "levels": ["all"], "cards": [{"raw": "0badcafe"}]}
        central.seed({**estate(["east"]), "persons": [later]})
        second = box.end.wait_for(SnapshotReady, lambda ready: ready.revision > first.revision)
        assert not second.back
        with lakeside(backup, None) as restored:
            link.target = restored.target
            link.cut()
            back = box.end.wait_for(SnapshotReady, lambda ready: ready.revision < second.revision)
            assert (back.revision, back.back) == (first.revision, True)
            assert map_snapshot(Path(back.path)).credentials == 1
            restored.seed({**estate(["east"]), "persons": [{**later, "unit": "3-303"}]})
            again = box.end.wait_for(SnapshotReady, lambda ready: ready.revision > back.revision)
            assert map_snapshot(Path(again.path)).credentials == 2
            box.stop()


def _backup(data: Path, to: Path) -> Path:
    """Copy a registry's folder as its administrator would, while it runs."""
    to.mkdir()
    shutil.copy(data / "registry.key", to / "registry.key")
    with closing(sqlite3.connect(data / "registry.db")) as source, closing(sqlite3.connect(to / "registry.db")) as copy:
        source.backup(copy)
    return to
