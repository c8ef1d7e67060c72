"""Fault 2: the power fails between the commit and the pulse. The next start opens nothing: it is written, and the guard asked."""

import threading
from pathlib import Path

import pytest

from tests.edge.gate.rig import RESIDENTS_CARD, Rig
from tests.waiting import wait_until

pytestmark = pytest.mark.programs


def test_fault_02_what_was_granted_is_not_opened_later_and_the_guard_is_asked(tmp_path: Path) -> None:
    power = threading.Event()
    with Rig(tmp_path) as rig:
        board = threading.Thread(target=rig.board.apply, args=(lambda _now: power.wait(),))  # it reads no wire meanwhile
        board.start()
        rig.reader.present(RESIDENTS_CARD)
        rig.wait_for("command", act="open")
        rig.kill()
        assert rig.count("outcome") == 0
        rig.board_port.unplug()  # what was on the wire is gone with the power, and what the board had just read of it
        rig.board.fault, rounds = "silent", rig.board.rounds
        power.set()
        board.join()
        wait_until(lambda: rig.board.rounds > rounds, what="the board to have done what it had read")
        rig.board.fault = "none"
        rig.board_port.replug()
        rig.start()
        rig.wait_for_state("referred", "not_confirmed")
        assert rig.arm.openings == 0, "opened by itself"
        assert rig.wait_for("alarm", what="granted_not_confirmed")
        assert rig.wait_for("passage").fields["result"] == "interrupted"
        assert rig.wait_for("decision", outcome="grant").fields["uncommitted"] is False
