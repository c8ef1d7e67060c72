"""The clock jumps ten years forward: nothing expires by it, residents pass; only the registry's word makes it the time."""

import pytest

from tests.faults.small_box import PICTURES, lay_pictures, pass_once, small_box
from tests.faults.wrong_clock import WrongClock

pytestmark = pytest.mark.programs

TEN_YEARS = 3650 * 86_400.0


def test_fault_21_clock_forward(clock: WrongClock) -> None:
    with small_box(clock.rig) as rig:
        clock.compare(0.0)
        clock.wait_for("trusted")
        lay_pictures(rig, size=1000)
        clock.set(TEN_YEARS, synchronised=True)
        judged = clock.wait_for("drifting")
        assert judged.fields["jump_ms"] == pytest.approx(TEN_YEARS * 1000, abs=1000)
        pass_once(rig, 1)
        pass_once(rig, 2)
        assert rig.count("expiry") == 0
        assert len(list(rig.places.evidence.rglob("*.jpg"))) == PICTURES
        clock.compare(0.0)  # it is the time indeed
        clock.wait_for("trusted")
        assert rig.wait_for("expiry", what="pictures", reason="age").fields["count"] == PICTURES
