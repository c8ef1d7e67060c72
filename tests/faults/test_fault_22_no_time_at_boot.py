"""No time at boot (1970): a floor is the time, it is said so, residents pass; the registry's word corrects it."""

import time

import pytest

from edge.gate.clock import RELEASED_S
from edge.store.received import Kept, Received
from tests.faults.small_box import alarms, pass_once
from tests.faults.wrong_clock import WrongClock
from tests.waiting import wait_until

pytestmark = pytest.mark.programs


@pytest.mark.parametrize("clock", [0.0], ids=["1970"], indirect=True)
def test_fault_22_no_time_at_boot(clock: WrongClock) -> None:
    rig, confirmed_utc = clock.rig, int(RELEASED_S) + 90 * 86_400
    received = Received(rig.places.courier)
    received.keep(Kept({}, rules_utc=confirmed_utc))  # of an earlier run, by the clock of that time
    received.close()
    with rig:
        clock.wait_for("floor")
        wait_until(lambda: "clock_behind" in alarms(rig), what="the booth to show it")
        pass_once(rig, 1)
        decided = rig.wait_for("decision", outcome="grant")
        assert decided.stamp.quality == "floor"
        assert decided.stamp.utc_us >= confirmed_utc * 1e6
        assert decided.fields["at_us"] >= confirmed_utc * 1e6
        clock.compare(-time.time())
        clock.wait_for("floor", source="registry")
        clock.set(0.0, synchronised=True)
        clock.compare(0.0)
        judged = clock.wait_for("trusted", source="registry")
        assert abs(judged.stamp.utc_us / 1e6 - time.time()) < 60
