"""The clock jumps back: entries are in order, residents pass, time goes on from where it was until somebody vouches for it."""

import time

import pytest

from tests.faults.small_box import alarms, pass_once, seen_after
from tests.faults.wrong_clock import WrongClock
from tests.waiting import wait_until

pytestmark = pytest.mark.programs

HOUR, YEAR = 3600.0, 365 * 86_400.0


def test_fault_20_clock_back(clock: WrongClock) -> None:
    rig = clock.rig
    with rig:
        clock.compare(0.0)
        clock.wait_for("trusted", source="registry")
        for times, back in enumerate((HOUR, YEAR), start=1):
            clock.set(-back)
            clock.wait_for("floor")
            pass_once(rig, times)
        wait_until(lambda: {"clock_behind", "clock_off"} <= alarms(rig), what="the booth to show it")
        clock.set(0.0)
        clock.wait_for("trusted")
        seen_after(rig, "clock_behind", "clock_off")
    entries = rig.entries()
    assert [entry.seq for entry in entries] == list(range(1, len(entries) + 1))
    stamps = [(entry.stamp.mono_us, entry.stamp.utc_us) for entry in entries]
    assert stamps == sorted(stamps), "neither clock of the entries ever goes back"
    assert abs(entries[-1].stamp.utc_us / 1e6 - time.time()) < 60
    jumps = [entry.fields["jump_ms"] / 1000 for entry in entries if entry.kind == "clock" and entry.fields["jump_ms"]]
    assert jumps == pytest.approx([-HOUR, HOUR - YEAR, YEAR], abs=1)
