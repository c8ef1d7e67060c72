"""Fault 7: the disk becomes read-only under load. The gate decides on as its lanes are set, shows it, and writes it later."""

from pathlib import Path

import pytest

from edge.messages import GateView
from tests.edge.gate.rig import RESIDENTS_CARD, Rig
from tests.faults.bad_disk import build_bad_disk
from tests.waiting import wait_until

pytestmark = pytest.mark.programs


def test_fault_07_a_lane_that_is_set_to_open_opens_and_all_of_it_is_written_when_the_disk_is_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    read_only = tmp_path / "read-only"
    monkeypatch.setenv("LD_PRELOAD", str(build_bad_disk(tmp_path)))
    monkeypatch.setenv("BAD_DISK_READ_ONLY", str(read_only))
    with Rig(tmp_path, on_store_failure="open") as rig:
        read_only.touch()
        rig.reader.present(RESIDENTS_CARD)
        wait_until(lambda: rig.arm.openings == 1, what="the arm to rise")
        assert rig.count("decision") == 0
        wait_until(lambda: any("store_failed" in view.alarm_codes for view in views(rig)), what="the booth to be told")
        read_only.unlink()
        assert rig.wait_for("decision", outcome="grant").fields["uncommitted"]
        rig.wait_for("alarm", what="disk_bad")
        rig.wait_for("outcome", ok=True)
        assert sum(entry.kind == "epoch" for entry in rig.entries()) == 1, "nothing was lost, and a new epoch was begun"


def views(rig: Rig) -> list[GateView]:
    return [message for message in rig.said if isinstance(message, GateView)]
