"""The time server lies: the kernel says that its clock is synchronised, the registry says otherwise, and is believed."""

import pytest

from tests.faults.small_box import alarms
from tests.faults.wrong_clock import WrongClock
from tests.waiting import wait_until

pytestmark = pytest.mark.programs


def test_fault_24_time_server_lies(clock: WrongClock) -> None:
    rig = clock.rig
    with rig:
        clock.set(0.0, synchronised=True)
        clock.wait_for("trusted", source="ntp")
        clock.compare(0.0)
        clock.wait_for("trusted", source="registry")
        clock.set(6.0, synchronised=True)
        clock.compare(6.0)
        clock.wait_for("drifting", source="registry", offset_ms=6000)
        wait_until(lambda: "clock_off" in alarms(rig), what="the booth to show it")
        clock.set(0.0, synchronised=True)
        clock.compare(0.0)
        clock.wait_for("trusted", source="registry")
        wait_until(lambda: not alarms(rig), what="the booth to show that it is over")
