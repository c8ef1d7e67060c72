"""Fault 2: the power fails between the commit and the pulse. The next start opens nothing: it is written, and the guard asked."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.edge.gate.rig import RESIDENTS_CARD, Rig
from tests.waiting import wait_until

pytestmark = pytest.mark.programs
TRIES = 3  # a gate that waits for the board gives up after a moment: on a loaded machine before it can be killed


@contextmanager
def deaf(rig: Rig) -> Iterator[Callable[[], None]]:
    """Have the board read no wire until what this gives is called."""
    power = threading.Event()
    held = threading.Thread(target=rig.board.apply, args=(lambda _now: power.wait(),))
    held.start()

    def go_on() -> None:
        power.set()
        held.join()

    try:
        yield go_on
    finally:
        go_on()


def is_cut_before_pulse(folder: Path) -> bool:
    """Tell whether the gate was killed in time; if so, all was as it must be afterwards."""
    folder.mkdir()
    with Rig(folder) as rig, deaf(rig) as go_on:
        rig.reader.present(RESIDENTS_CARD)
        rig.wait_for("command", act="open")
        rig.kill()
        if rig.count("outcome"):
            return False
        rig.board_port.unplug()  # what was on the wire is gone with the power, and what the board had just read of it
        rig.board.fault, rounds = "silent", rig.board.rounds
        go_on()
        wait_until(lambda: rig.board.rounds > rounds, what="the board to have done what it had read")
        rig.board.fault = "none"
        rig.board_port.replug()
        rig.start()
        rig.wait_for_state("referred", "not_confirmed")
        assert rig.arm.openings == 0, "opened by itself"
        assert rig.wait_for("alarm", what="granted_not_confirmed")
        assert rig.wait_for("passage").fields["result"] == "interrupted"
        assert rig.wait_for("decision", outcome="grant").fields["uncommitted"] is False
    return True


def test_fault_02_what_was_granted_is_not_opened_later_and_the_guard_is_asked(tmp_path: Path) -> None:
    assert any(is_cut_before_pulse(tmp_path / str(attempt)) for attempt in range(TRIES))
