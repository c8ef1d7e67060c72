"""Fault 9: the disk stalls for five seconds. Nobody passes before it is written, or waits longer than two; nothing is lost."""

import time
from pathlib import Path

import pytest

from edge.messages import GateView
from tests.edge.gate.rig import RESIDENTS_CARD, Rig
from tests.faults.bad_disk import build_bad_disk
from tests.waiting import wait_until

pytestmark = pytest.mark.programs
STALL_MS = 5000
ANSWER_WITHIN_S = 2.0


def test_fault_09_a_card_is_answered_in_two_seconds_while_the_disk_stalls_for_five(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stall = tmp_path / "stall"
    monkeypatch.setenv("LD_PRELOAD", str(build_bad_disk(tmp_path)))
    monkeypatch.setenv("BAD_DISK_STALL", str(stall))
    with Rig(tmp_path) as rig:
        stall.write_text(str(STALL_MS), encoding="ascii")
        rig.reader.present(RESIDENTS_CARD)
        began = time.monotonic()
        rig.wait_for_state("denied", "store_failed")
        assert time.monotonic() - began < ANSWER_WITHIN_S
        before = gate_views(rig)
        wait_until(lambda: gate_views(rig) > before + 2, timeout_s=3, what="the gate to go on while the disk stalls")
        stall.unlink()
        rig.wait_for("alarm", what="disk_slow")
        rig.wait_for("decision", outcome="deny", reason="store_failed")
        assert rig.arm.openings == 0
        assert [entry.fields["outcome"] for entry in rig.entries() if entry.kind == "decision"] == ["grant", "deny"]


def gate_views(rig: Rig) -> int:
    """How often the gate has shown itself to the booth."""
    return sum(isinstance(message, GateView) for message in list(rig.said))
