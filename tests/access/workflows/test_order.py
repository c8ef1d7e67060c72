"""The order of facts of several clocks: as a table, and as properties over any facts."""

from dataclasses import replace
from datetime import timedelta
from random import Random
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from access.workflows.events import Event, Fact
from access.workflows.order import SLACK, in_order
from tests.access.workflows.cast import GUARD, at, facts

SECOND = 1 / 3600


def moment(seconds: float) -> Event:
    return Event(at=at(8 + seconds * SECOND), by=GUARD)


def told(origin: str, *seconds: float, quality: str = "trusted") -> list[Fact]:
    return facts(origin, *map(moment, seconds), quality=quality)


@pytest.mark.parametrize(
    ("recorded", "order"),
    [
        ([*told("a", 0, 60), *told("b", 30)], "a b a"),
        ([*told("b", 4), *told("a", 9)], "b a"),
        # within the slack of both clocks the better one comes first, then what the clocks say
        ([*told("a", 0, quality="drifting"), *told("b", 60)], "b a"),
        ([*told("a", 0, quality="drifting"), *told("b", 299 + 6)], "b a"),
        ([*told("a", 0, quality="drifting"), *told("b", 301 + 5)], "a b"),
        ([*told("a", 0, quality="drifting"), *told("b", 60, quality="drifting")], "a b"),
        ([*told("a", 0, quality="drifting"), *told("b", 60, quality="floor")], "a b"),
        # a floor says only "not before", so it comes after all that other origins may have done meanwhile
        ([*told("a", 0, quality="floor"), *told("b", 3600, 7200)], "b b a"),
        ([*told("a", 7200, quality="floor"), *told("b", 60)], "b a"),
        # an origin's own order stands whatever its clock said
        ([*told("a", 100, 50), *told("b", 75)], "a a b"),
        ([*told("a", 5000, 0)], "a a"),
    ],
)
def test_order(recorded: list[Fact], order: str) -> None:
    assert " ".join(fact.origin for fact in in_order(recorded)) == order


def test_a_floor_is_bounded_by_what_the_same_origin_did_next() -> None:
    first, second = told("a", 0, 12)
    mixed = [replace(first, quality="floor"), second, *told("b", 30)]
    assert [fact.origin for fact in in_order(mixed)] == ["a", "a", "b"]


SOME_FACTS = st.lists(
    st.tuples(st.sampled_from("abc"), st.integers(0, 1_000), st.sampled_from(list(SLACK))), min_size=1, max_size=20
)


def recorded_from(drawn: list[tuple[str, int, str]]) -> list[Fact]:
    return [Fact(UUID(int=seq), origin, seq, moment(seconds), quality) for seq, (origin, seconds, quality) in enumerate(drawn)]


@given(SOME_FACTS, st.randoms())
def test_the_order_given_does_not_matter_nor_does_repetition(drawn: list[tuple[str, int, str]], chance: Random) -> None:
    recorded = recorded_from(drawn)
    shuffled = [*recorded, *recorded[::2]]
    chance.shuffle(shuffled)
    assert in_order(shuffled) == in_order(recorded)
    assert len(in_order(recorded)) == len(recorded)


@given(SOME_FACTS)
def test_each_origin_keeps_its_own_order(drawn: list[tuple[str, int, str]]) -> None:
    ordered = in_order(recorded_from(drawn))
    for origin in "abc":
        own = [fact.seq for fact in ordered if fact.origin == origin]
        assert own == sorted(own)


@given(SOME_FACTS)
def test_what_is_surely_earlier_comes_first(drawn: list[tuple[str, int, str]]) -> None:
    ordered = in_order(recorded_from(sorted(drawn, key=lambda one: one[1])))
    for place, later in enumerate(ordered):
        for earlier in ordered[:place]:
            latest = later.event.at + SLACK[later.quality]
            surely_before = later.quality != "floor" and latest < earlier.event.at - SLACK[earlier.quality]
            assert not surely_before


def test_slack_grows_as_clocks_get_worse() -> None:
    assert timedelta() < SLACK["trusted"] < SLACK["drifting"] <= SLACK["floor"]
