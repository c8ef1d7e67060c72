"""The time server lies: the kernel says that its clock is synchronised, the registry says otherwise, and is believed."""

from pathlib import Path

import pytest

from edge.courier.progress import Progress
from edge.gate.clock import ClockJudge
from edge.gate.offline import ANNOUNCED, WITHDRAWN, on_own_clock, weaker
from edge.messages import TimeTold
from edge.store.received import Received
from tests.faults.small_box import alarms, seen_after
from tests.faults.wrong_clock import WrongClock
from tests.waiting import wait_until

pytestmark = pytest.mark.programs

UTC_S = 1_800_000_000.0


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
        seen_after(rig, "clock_off")


def test_fault_24_rules_confirmed_while_the_clock_lied_grow_old_all_the_same(tmp_path: Path) -> None:
    """The machine was a year ahead as the registry confirmed the rules; then it is put right, and the line is cut."""
    judge, year = ClockJudge(0.0, UTC_S, UTC_S), 365 * 86_400.0
    judge.compare(0.0, 0.05, 0.0, UTC_S)
    received = Received(tmp_path / "courier.db")
    progress = Progress(received)
    told = judge.tell(60.0, UTC_S + 60.0 + year)
    progress.time_told(TimeTold(60.0, told.at, told.quality == "trusted"))
    progress.rules_current(60.0)
    progress.keep(60.0)
    in_this_run, after_a_restart = progress.state({}), Progress(received).state({})
    received.close()
    now, at_utc = 60.0 + 86_400.0, judge.tell(60.0 + 86_400.0, UTC_S + 60.0 + 86_400.0).at
    for state in (in_this_run, after_a_restart):
        own = on_own_clock(state, None, 0, now, at_utc)
        assert at_utc - own.rules_utc == pytest.approx(86_400.0, abs=1)
        assert {WITHDRAWN, ANNOUNCED} <= set(weaker(own, 1, "trusted", at_utc))
