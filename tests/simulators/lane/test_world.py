"""A world that can be hurt: an arm lowered onto somebody is seen, and a gate that does nothing is told apart from a good one."""

import pytest

from simulators.lane.layout import BEAM
from simulators.lane.oracle import PropertyFailedError
from simulators.lane.world import World


def test_an_arm_that_is_lowered_onto_somebody_touches_him() -> None:
    world = World(3, "agent", 5, with_faults=False)

    def meddle() -> None:
        if any(vehicle.covers(BEAM) for vehicle in world.road.vehicles):
            world.drive.close()

    for tenth in range(3000):
        world._agenda.put(tenth / 10, meddle)
    with pytest.raises(PropertyFailedError, match="the arm touched a vehicle"):
        world.run()
    assert any("OPEN" in line for line in world.trace.lines())


def test_a_lane_whose_barrier_never_hears_keeps_people_waiting() -> None:
    world = World(3, "barrier", 5, with_faults=False)
    world.drive.deaf = True
    with pytest.raises(PropertyFailedError, match="waited"):
        world.run()


def test_a_world_without_faults_tells_what_happened_in_it() -> None:
    outcome = World(3, "agent", 10, with_faults=False).run()
    assert outcome.vehicles == 10
    assert 0 < outcome.through <= 10
    assert outcome.openings > 0
    assert outcome.closings > 0
    assert outcome.faults == ()
    assert sum(outcome.results.values()) >= outcome.through
