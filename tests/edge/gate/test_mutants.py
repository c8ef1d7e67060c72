"""Each property fails on an automaton that is broken on purpose; the unbroken one survives the same walks."""

import random
from collections import Counter

import pytest

from tests.edge.gate.layouts import LAYOUTS
from tests.edge.gate.moves import ALL_MOVES, drive_behind_one_grant, step, stroll
from tests.edge.gate.mutants import MUTANTS, Mutant, broken
from tests.edge.gate.oracle import PropertyError
from tests.edge.gate.walks import Walk
from tests.sizes import sized

WALKS_MAX = 60
STEPS = 150
PROPERTIES = {
    *("no close", "reopen", "cause", "one grant", "reason", "bounded", "blind start", "late", "pulse", "evacuation", "interlock"),
    *("rest", "goes on"),
}


def caught(mutant: Mutant) -> bool:
    """Walk with it until it breaks its property; whatever else it breaks does not count."""
    for seed in range(WALKS_MAX):
        layout = LAYOUTS[mutant.layouts[seed % len(mutant.layouts)]]
        try:
            stroll(layout, seed, STEPS)
            drive_behind_one_grant(layout, random.Random(seed))
        except PropertyError as error:
            if error.which == mutant.property:
                return True
    return False


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.name)
def test_a_broken_automaton_is_caught_without_its_safeguard(mutant: Mutant) -> None:
    with broken(mutant):
        assert caught(mutant), f"nobody notices that it {mutant.name}"


@pytest.mark.parametrize("mutant", [one for one in MUTANTS if one.held_as], ids=lambda mutant: mutant.name)
def test_the_safeguard_withholds_the_command_and_takes_the_lane_out_of_service(mutant: Mutant) -> None:
    with broken(mutant, guarded=True):
        for seed in range(WALKS_MAX):
            walk = Walk(LAYOUTS[mutant.layouts[seed % len(mutant.layouts)]])
            if why := tripped(walk, random.Random(seed)):
                break
        assert why == mutant.held_as
        stopped = [view.lane for view in walk.gate.lane_views() if view.mode in ("out_of_service", "evacuation")]
        assert stopped, "no lane is out of service"


def tripped(walk: Walk, chance: random.Random) -> str:
    """Walk until a safeguard trips and say what for; a property that breaks first fails the test."""
    try:
        for _ in range(STEPS):
            step(walk, chance.choice(ALL_MOVES), chance)
    except PropertyError as error:
        if error.which != "safeguard":
            raise
        return str(error).removeprefix("safeguard: ")
    return ""


def test_the_unbroken_automaton_survives_the_same_walks() -> None:
    for name in sorted({name for mutant in MUTANTS for name in mutant.layouts}):
        for seed in range(sized(quick=4, soak=WALKS_MAX)):
            stroll(LAYOUTS[name], seed, STEPS)


def test_every_property_has_its_mutants() -> None:
    broken_by = Counter(mutant.property for mutant in MUTANTS)
    assert set(broken_by) == PROPERTIES
    assert len({mutant.name for mutant in MUTANTS}) == len(MUTANTS) >= 24
