"""Random vehicles, drivers and faults at simulated lanes in virtual time: no property fails, and nobody is touched."""

import pytest

from simulators.lane.layout import Closing
from simulators.lane.runs import in_words, play_many
from tests.sizes import sized

VEHICLES = sized(quick=300, soak=25_000)  # of each of the four: 100 000 in all


@pytest.mark.timeout(sized(quick=120, soak=7200))
@pytest.mark.parametrize("with_faults", [False, True], ids=["nothing wrong", "faults"])
@pytest.mark.parametrize("closing", ["barrier", "agent"])
def test_no_vehicle_is_touched_and_no_lane_is_stuck(closing: Closing, *, with_faults: bool) -> None:
    report = play_many(1, closing, VEHICLES, with_faults=with_faults)
    assert not report.failed, in_words(report)
    assert report.vehicles == VEHICLES
    assert report.through > 0.5 * VEHICLES
    assert (report.closings > 0) is (closing == "agent")
