"""Disk full: the gate goes on deciding and opening, from the reserve; pictures go, with proof; then all is as it was."""

import hashlib
from pathlib import Path

import pytest

from tests.disks import fill, mounting, small_disk
from tests.edge.gate.rig import Rig
from tests.faults.small_box import lay_pictures, pass_once, seen_after, small_box
from tests.waiting import wait_until

pytestmark = pytest.mark.programs


@mounting
def test_fault_05_disk_full(tmp_path: Path) -> None:
    with small_disk(tmp_path / "data", mib=12), small_box(Rig(tmp_path)) as rig:
        lay_pictures(rig)
        wait_until(rig.places.ballast.exists, what="the ballast")
        fill(rig.places.root / "foreign")
        before = {path.stem for path in rig.places.evidence.rglob("*.jpg")}
        for opened in (1, 2):
            pass_once(rig, opened)
        gone = rig.wait_for("expiry", what="pictures", reason="full")
        raised = {entry.fields["what"] for entry in rig.entries() if entry.kind == "alarm"}
        assert "disk_full" in raised
        wait_until(rig.places.ballast.exists, what="the ballast again: pictures have made room for it")
        left = {path.stem for path in rig.places.evidence.rglob("*.jpg")}
        assert gone.fields["count"] == len(before - left) > 0
        assert gone.fields["digest"] == hashlib.sha256(b"".join(sorted(map(bytes.fromhex, before - left)))).digest()
        decisions = [entry.fields for entry in rig.entries() if entry.kind == "decision"]
        assert [(fields["outcome"], fields["uncommitted"]) for fields in decisions] == [("grant", False)] * 2
        (rig.places.root / "foreign").unlink()
        wait_until(rig.places.ballast.exists, timeout_s=15, what="the ballast once more")
        seen_after(rig, "disk_full")
        assert [entry.fields["level"] for entry in rig.entries() if entry.kind == "health"][-1] == "good"
