"""An arm that the agent closes, by a real gate program over a real pty: its board knows nothing of who stands there."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.edge.gate.rig import RESIDENTS_CARD, Rig
from tests.waiting import wait_until

pytestmark = pytest.mark.programs

CLOSES = 'closing = "agent"\nclose = { coil = 1, pulse_ms = 100 }\nclose_clear_s = 0.5\ntravel_s = 2.0'


@pytest.fixture
def rig(tmp_path: Path) -> Iterator[Rig]:
    with Rig(tmp_path, barrier=CLOSES, close_coil=1) as rig:
        yield rig
        assert rig.arm.touched == 0, "the arm came down on somebody"


def position(rig: Rig) -> float:
    return rig.board.apply(rig.arm.position)


def drive_under(rig: Rig) -> None:
    """A resident is let in and stands under the raised arm."""
    rig.board.apply(lambda now: rig.arm.occupy_arrival(now, on=True))
    rig.reader.present(RESIDENTS_CARD)
    wait_until(lambda: position(rig) == 1.0, what="the arm to rise")
    rig.board.apply(lambda now: rig.arm.occupy_safety(now, on=True))
    rig.board.apply(lambda now: rig.arm.occupy_arrival(now, on=False))


def test_the_arm_is_lowered_once_behind_who_has_passed(rig: Rig) -> None:
    drive_under(rig)
    rig.wait_for_state("passing")
    assert rig.arm.closings == 0
    rig.board.apply(lambda now: rig.arm.occupy_safety(now, on=False))
    rig.wait_for("passage", result="passed")
    wait_until(lambda: position(rig) == 0.0, what="the arm to come down")
    rig.wait_for_state("idle")
    assert (rig.arm.openings, rig.arm.closings) == (1, 1)
    command = rig.wait_for("command", act="close")
    assert command.fields["cause"] == str(rig.wait_for("passage").id)
    assert rig.board.coils() == (False,) * 8


def test_who_comes_under_the_arm_as_it_comes_down_has_it_raised_again(rig: Rig) -> None:
    rig.arm.travel_s = 1.5
    drive_under(rig)
    rig.wait_for_state("passing")
    rig.board.apply(lambda now: rig.arm.occupy_safety(now, on=False))
    wait_until(lambda: 0.6 < position(rig) < 0.98, what="the arm to begin to come down")
    rig.board.apply(lambda now: rig.arm.occupy_safety(now, on=True))
    rig.wait_for("observation", what="obstructed")
    wait_until(lambda: position(rig) == 1.0, what="the arm to rise again")
    rig.board.apply(lambda now: rig.arm.occupy_safety(now, on=False))
    wait_until(lambda: position(rig) == 0.0, what="the arm to come down after all")


def test_nothing_is_lowered_that_could_not_be_written(rig: Rig) -> None:
    drive_under(rig)
    rig.wait_for_state("passing")
    with rig.held_journal():
        rig.board.apply(lambda now: rig.arm.occupy_safety(now, on=False))
        wait_until(lambda: rig.log().count('"event": "store_failed"') >= 2, what="the passage and the command to be refused")
        assert rig.arm.closings == 0
    rig.wait_for("passage", result="passed")
    rig.wait_for("outcome", ok=False)
    wait_until(lambda: position(rig) == 0.0, timeout_s=20, what="the arm to come down once it can be written")
