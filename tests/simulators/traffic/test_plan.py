"""The plan: the same for a seed, and with the needed mix for every seed, at every hour."""

from datetime import UTC, datetime
from itertools import islice

from hypothesis import given
from hypothesis import strategies as st

from simulators.estate import LANES, Lane, make_estate
from simulators.traffic.plan import ANSWER_AFTER_S, GAP_S, ROUNDS, LanePlan
from simulators.traffic.stories import Arrival

seeds = st.integers(0, 2**32)
moments = st.integers(1_767_000_000, 1_900_000_000).map(lambda utc: datetime.fromtimestamp(utc, UTC))
lanes = st.sampled_from(LANES)
LANE_IN, LANE_OUT, LANE_DOOR = LANES


def dealt(lane: Lane, seed: int, at: datetime, count: int) -> list[Arrival]:
    plan = LanePlan(lane, make_estate(seed), seed)
    return [plan.next(at) for _ in range(count)]


@given(lanes, seeds, moments)
def test_same_seed_same_plan(lane: Lane, seed: int, at: datetime) -> None:
    assert dealt(lane, seed, at, 25) == dealt(lane, seed, at, 25)


@given(seeds, moments)
def test_first_four_of_the_entry_use_its_wires_and_have_every_outcome(seed: int, at: datetime) -> None:
    first = {arrival.story: arrival for arrival in dealt(LANE_IN, seed, at, 4)}
    assert first.keys() == {"by_card", "stranger_admitted", "resident", "blocked"}
    assert first["by_card"].card
    assert first["stranger_admitted"].plate in make_estate(seed).strangers
    assert first["blocked"].plate == make_estate(seed).blocked


@given(seeds, moments)
def test_first_of_the_other_lanes_use_their_wires(seed: int, at: datetime) -> None:
    assert {arrival.story for arrival in dealt(LANE_OUT, seed, at, 2)} == {"resident", "by_card"}
    first = dealt(LANE_DOOR, seed, at, 4)
    assert {arrival.story for arrival in first} == {"walks_by_card", "walks_by_code", "off_shift", "foreign_code"}
    assert any(arrival.code for arrival in first)
    assert any(arrival.card for arrival in first)


@given(lanes, seeds, moments)
def test_every_round_tells_all_stories(lane: Lane, seed: int, at: datetime) -> None:
    told = sorted(story.__name__ for group in ROUNDS[lane.direction] for story in group)
    arrivals = iter(dealt(lane, seed, at, 3 * len(told)))
    for _ in range(3):
        assert sorted(arrival.story for arrival in islice(arrivals, len(told))) == told


@given(lanes, seeds, moments)
def test_right_is_what_the_estate_says(lane: Lane, seed: int, at: datetime) -> None:
    estate = make_estate(seed)
    plates = {holder.plate for holder in estate.residents}
    cards = {holder.card for holder in (*estate.residents, *estate.on_shift(at))}
    codes = {holder.code for holder in estate.visitors}
    for arrival in dealt(lane, seed, at, 20):
        on_record = arrival.plate in plates if arrival.plate and not arrival.card else False
        assert arrival.own_right == (on_record or arrival.card in cards or arrival.code in codes - {""})
        assert arrival.plate or arrival.card or arrival.code


@given(lanes, seeds, moments)
def test_times_follow_the_pace(lane: Lane, seed: int, at: datetime) -> None:
    estate = make_estate(seed)
    calm = LanePlan(lane, estate, seed, pace=4.0)
    for arrival in dealt(lane, seed, at, 20):
        slow = calm.next(at)
        assert GAP_S[0] <= arrival.gap_s <= GAP_S[1]
        assert ANSWER_AFTER_S[0] <= arrival.answer_after_s <= ANSWER_AFTER_S[1]
        assert (slow.gap_s, slow.answer_after_s) == (4 * arrival.gap_s, 4 * arrival.answer_after_s)
        assert slow.story == arrival.story


def test_garbage_comes_now_and_then() -> None:
    arrivals = dealt(LANE_IN, 1, datetime(2026, 3, 2, tzinfo=UTC), 10)
    assert [bool(arrival.garbage) for arrival in arrivals] == [False, True, False, False, False] * 2
