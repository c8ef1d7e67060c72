"""What must hold of a gate whatever happens: random events, losses and times, every action looked at by the oracle."""

import random

import pytest
from hypothesis import HealthCheck
from hypothesis import settings as sizes
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from edge.gate.phases import Stimulus
from edge.gate.transitions import PEOPLE, VEHICLES
from edge.link import decode, encode
from tests.edge.gate.layouts import LAYOUTS, Layout
from tests.edge.gate.moves import LOOKING_CLOSER, Move, drive_behind_one_grant, step, stroll
from tests.edge.gate.walks import Walk
from tests.sizes import sized


class GateUnderFire(RuleBasedStateMachine):
    """One gate, any order of moves; the oracle of the walk sees each answer as the shell would."""

    @initialize(layout=st.sampled_from(list(LAYOUTS.values())))
    def begin(self, layout: Layout) -> None:
        self.walk = Walk(layout)

    @rule(move=st.sampled_from(LOOKING_CLOSER), chance=st.randoms(use_true_random=False))
    def something_happens(self, move: Move, chance: random.Random) -> None:
        step(self.walk, move, chance)

    @invariant()
    def the_views_travel(self) -> None:
        for view in self.walk.gate.lane_views() if hasattr(self, "walk") else ():
            assert decode(encode(view)) == view

    def teardown(self) -> None:
        """When the world goes quiet, every lane comes to rest and no passage stays open."""
        if hasattr(self, "walk"):
            self.walk.come_to_rest()


TestGateUnderFire = GateUnderFire.TestCase
TestGateUnderFire.settings = sizes(
    max_examples=sized(quick=60, soak=5000),
    stateful_step_count=sized(quick=40, soak=100),
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],  # a step is many events
)


@pytest.mark.parametrize("name", LAYOUTS)
def test_long_walks_break_no_property(name: str) -> None:
    for seed in range(sized(quick=6, soak=500)):
        stroll(LAYOUTS[name], seed, steps=150)


@pytest.mark.parametrize("name", ["plain", "closed by us, every input", "two lanes", "door"])
def test_a_guard_who_looks_closer_breaks_no_property(name: str) -> None:
    for seed in range(sized(quick=4, soak=500)):
        stroll(LAYOUTS[name], seed, steps=150, moves=LOOKING_CLOSER)


@pytest.mark.parametrize("name", ["plain", "closed by us", "no limits", "two lanes"])
def test_one_grant_lets_one_vehicle_through(name: str) -> None:
    for seed in range(sized(quick=20, soak=1000)):
        drive_behind_one_grant(LAYOUTS[name], random.Random(seed))


def test_every_stimulus_is_answered_somewhere() -> None:
    assert {stimulus for _, stimulus in (*VEHICLES, *PEOPLE)} == set(Stimulus)
