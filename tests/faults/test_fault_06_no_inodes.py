"""No inodes left: no new file can be made; the journal goes on, pictures go, people are told, and that it is over."""

from pathlib import Path

import pytest

from edge.space.levels import RELIEVED
from tests.disks import mounting, small_disk
from tests.edge.gate.rig import Rig
from tests.faults.small_box import lay_pictures, pass_once, seen_after, small_box

pytestmark = pytest.mark.programs

INODES = 256


def use_up_inodes(folder: Path) -> None:
    folder.mkdir()
    for number in range(INODES):
        try:
            (folder / f"{number}").touch()
        except OSError:
            return


@mounting
def test_fault_06_no_inodes(tmp_path: Path) -> None:
    with small_disk(tmp_path / "data", mib=64, inodes=INODES), small_box(Rig(tmp_path)) as rig:
        lay_pictures(rig, size=1000)
        foreign = rig.places.root / "foreign"
        use_up_inodes(foreign)
        pass_once(rig, 1)
        gone = rig.wait_for("expiry", what="pictures", reason="full")
        assert gone.fields["count"] >= INODES * (100 - RELIEVED) // 100, "as many files as are missing, however small they are"
        told = rig.wait_for("alarm", what="space_95")
        assert told.fields["detail"] == "inodes"
        for path in foreign.iterdir():
            path.unlink()
        seen_after(rig, "space_95")
