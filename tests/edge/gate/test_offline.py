"""What a gate that is cut off says of itself: a table."""

from dataclasses import replace
from datetime import timedelta
from typing import Literal

import pytest

from access.decision import Decision
from access.on_record import ListAge
from access.rules.list_age import LIMITS
from edge.gate.offline import ANNOUNCED, CLOCK, ELSEWHERE, NO_RULES, OFFICE, WITHDRAWN, on_own_clock, outlook, weaker
from edge.messages import SyncState
from tests.access.rules import world

NOW = 1_800_000_000.0
HOUR = 3600


def sync(*, online: bool = True, rules: float = 0, deny: float = 0, facts: float = 0) -> SyncState:
    """Return what the courier says, lists as old as given (seconds)."""
    return SyncState(online, 1, 0, NOW, 4, NOW - rules, deny_utc=NOW - deny, facts_utc=NOW - facts)


@pytest.mark.parametrize(
    ("told", "revision", "clock", "expected"),
    [
        (sync(), 4, "trusted", ()),
        (sync(rules=80, deny=80, facts=80), 4, "trusted", ()),
        (sync(online=False), 4, "trusted", (OFFICE,)),
        (sync(online=False, rules=100, deny=100, facts=100), 4, "trusted", (WITHDRAWN, ANNOUNCED, ELSEWHERE, OFFICE)),
        (sync(online=False, rules=100, deny=10, facts=100), 4, "trusted", (ANNOUNCED, ELSEWHERE, OFFICE)),
        (sync(facts=100), 4, "drifting", (ELSEWHERE, CLOCK)),
        (sync(online=True, rules=100, deny=100, facts=100), 4, "trusted", (WITHDRAWN, ANNOUNCED, ELSEWHERE)),
        (None, 0, "floor", (NO_RULES, WITHDRAWN, ANNOUNCED, ELSEWHERE, OFFICE, CLOCK)),
    ],
)
def test_which_checks_are_weaker(told: SyncState | None, revision: int, clock: str, expected: tuple[str, ...]) -> None:
    assert weaker(told, revision, clock, NOW) == expected


def test_what_was_confirmed_by_a_clock_that_was_ahead_is_old() -> None:
    assert weaker(sync(rules=-3600, deny=-3600, facts=-3600), 4, "trusted", NOW) == (WITHDRAWN, ANNOUNCED, ELSEWHERE)


def test_the_times_of_lists_are_on_the_gates_own_clock() -> None:
    kept = SyncState(True, 1, 0, NOW, 4, NOW - 700, deny_utc=NOW - 50)
    assert on_own_clock(kept, None, 4, 1000.0, NOW) == kept, "nothing was confirmed in this run"
    told = replace(kept, rules_mono=970.0, facts_mono=995.0)
    own = on_own_clock(told, None, 4, 1000.0, NOW)
    assert (own.rules_utc, own.deny_utc, own.facts_utc) == (NOW - 30, NOW - 30, NOW - 5)
    assert on_own_clock(told, None, 3, 1000.0, NOW).rules_utc == 0, "other rules than those in force"
    assert on_own_clock(told, own, 3, 1010.0, NOW + 10).rules_utc == NOW - 30


LANES = {"in-1": "in", "in-2": "in", "out-1": "out", "side": "both"}


def test_what_each_lane_does_and_when() -> None:
    limits = {"visitor": ListAge(4, "deny"), "contractor": ListAge(4, "deny")}
    shown = outlook(LANES, limits, NOW - 5 * HOUR, NOW)
    assert {(one.direction, one.lanes) for one in shown} == {("in", ("in-1", "in-2", "side")), ("out", ("out-1", "side"))}
    for direction in ("in", "out"):
        steps = [one for one in shown if one.direction == direction]
        assert [(one.hours, one.then) for one in steps] == [
            (4, "deny"),
            (24, "as_set"),
            (168, "refer"),
            (720, "refer"),
        ]
        assert set(steps[0].categories) == {"visitor", "contractor"}
        assert [one.utc <= NOW for one in steps] == [True, False, False, False]


def test_a_gate_that_only_lets_in_says_nothing_of_leaving() -> None:
    assert {one.direction for one in outlook({"in-1": "in"}, {}, NOW - HOUR, NOW)} == {"in"}


@pytest.mark.parametrize("then", ["refer", "deny"])
@pytest.mark.parametrize("direction", ["in", "out"])
@pytest.mark.parametrize("category", LIMITS)
def test_what_is_foretold_is_what_the_rules_do(category: str, direction: str, then: Literal["refer", "deny"]) -> None:
    site = world.site(list_age=({"category": category, "hours": 4, "then": then},))
    (step,) = (
        one for one in outlook({"lane": direction}, {category: ListAge(4, then)}, NOW - HOUR, NOW) if category in one.categories
    )
    holder = (site, world.lane("out", goods_checks=()), world.person(category=category), world.vehicle())
    shows = world.shows_plate(direction=direction)

    def decision(*known: world.Fact, more_s: int) -> Decision:
        return world.decided(world.world(*holder, *known, list_age=timedelta(hours=step.hours, seconds=more_s)), shows)

    before, after = decision(more_s=0), decision(more_s=1)
    if step.then == "as_set":
        assert after == before
        assert after.reason in ("emergency_ok", "officer_refer"), "as the lane of this world is set"
        return
    assert (before.outcome, after.outcome) == ("grant", then)
    if direction == "out":
        assert decision(world.inside(), more_s=1).outcome == "grant", "who is inside may leave"


@pytest.mark.parametrize("confirmed", [0.0, NOW - 60])
def test_on_fresh_rules_or_none_nothing_is_foretold(confirmed: float) -> None:
    assert outlook(LANES, {}, confirmed, NOW) == ()
