"""Story 13: bicycles and e-bikes in a lane of vehicles, side by side with each other and beside a car."""

from uuid import UUID

import pytest

from access.card import CardNumber, card_hash
from access.snapshot import Snapshot
from simulators.standalone import Rule, resident
from simulators.standalone import card as card_rule
from tests.edge.gate.conftest import Play
from tests.edge.gate.playbook import (
    CARD_KEY,
    LIS_CARD,
    STRANGERS_CARD,
    WANGS_CARD,
    Playbook,
    card,
    estate,
    sees,
    wait,
)
from tests.edge.gate.scenes import arrive, comes_down, decided, granted, noticed, opened, openings, passes, results, under

ZHAO, SUN = UUID(int=41), UUID(int=42)
ZHAOS_TAG = bytes.fromhex("0100E81CE1")
SUNS_TAG = bytes.fromhex("0100E81CE2")
LOST_TAG = bytes.fromhex("0100E81CE3")


def riders() -> Snapshot:
    """Zhao and Sun have e-bikes with a card on each; a third card was lost."""
    tags = [(ZHAO, ZHAOS_TAG, "active"), (SUN, SUNS_TAG, "active"), (SUN, LOST_TAG, "lost")]
    more: list[Rule] = [resident(ZHAO, "赵*", "1-0101"), resident(SUN, "孙*", "1-0102")]
    for number, (person, tag, status) in enumerate(tags):
        kind, identity, data = card_rule(UUID(int=50 + number), person, [card_hash(CARD_KEY, CardNumber(tag, 40))], status=status)
        more.append((kind, identity, {**data, "vehicle_class": "bicycle"}))
    return estate(1, *more)


@pytest.fixture
def lane(play: Play) -> Playbook:
    """A vehicle lane that e-bikes use too."""
    return play(rules=riders())


def beside(playbook: Playbook, number: bytes) -> Playbook:
    """Somebody rides up beside the one that has a grant."""
    return decided(playbook >> card(number), "grant", "access_ok") << "tell grant access_ok"


def test_an_e_bike_that_no_loop_sees_counts_as_passed(lane: Playbook) -> None:
    granted(lane >> card(ZHAOS_TAG)) >> sees(arm="up") << "-> open" >> wait(20) << "write passage assumed" << "-> closing"
    assert comes_down(lane)
    assert lane.inside() == {str(ZHAO)}


def test_an_e_bike_that_the_loops_see_passes_as_a_car_does(lane: Playbook) -> None:
    granted(arrive(lane) >> card(ZHAOS_TAG)) >> sees(arm="up") << "-> open"
    assert comes_down(passes(lane))


def test_an_e_bike_under_the_arm_before_the_arm_comes_down_again(lane: Playbook) -> None:
    granted(lane >> card(ZHAOS_TAG)) >> sees(arm="up") << "-> open" >> wait(3) >> sees(arm="moving") >> wait(6)
    lane >> sees(arm="down") << "write passage assumed" << "-> idle"
    assert lane


def test_two_e_bikes_side_by_side_each_have_a_passage(lane: Playbook) -> None:
    granted(arrive(lane) >> card(ZHAOS_TAG)) >> sees(arm="up") << "-> open"
    passes(beside(lane >> wait(1), SUNS_TAG), phase="open") >> wait(20) << "write passage assumed" << "-> closing"
    assert comes_down(lane)
    assert lane.inside() == {str(ZHAO), str(SUN)}
    assert len(openings(lane)) == 1


def test_two_e_bikes_one_behind_the_other_are_seen_each(lane: Playbook) -> None:
    granted(arrive(lane) >> card(ZHAOS_TAG)) >> sees(arm="up") << "-> open"
    under(beside(lane >> wait(1), SUNS_TAG)) >> sees(arrival=False)
    lane >> sees(safety=False) << "write passage passed" << "-> open" >> wait(1)
    under(lane) >> sees(safety=False) << "write passage passed" << "-> closing"
    assert comes_down(lane)
    assert results(lane) == ["passed", "passed"]


def test_an_e_bike_beside_a_car_has_its_own_grant(lane: Playbook) -> None:
    beside(opened(lane), ZHAOS_TAG)
    passes(lane, phase="open") >> wait(2)
    under(lane) >> sees(safety=False) << "write passage passed" << "-> closing"
    assert comes_down(lane)


def test_an_e_bike_without_a_grant_beside_a_car_follows(lane: Playbook) -> None:
    passes(opened(lane)) >> wait(1)
    noticed(lane >> sees(safety=True), "tailgating") << "-> crossing" >> sees(safety=False)
    assert comes_down(lane << "write passage tailgated" << "-> closing")


def test_a_refused_e_bike_beside_a_car_is_written_and_does_not_hold_up_the_car(lane: Playbook) -> None:
    decided(opened(lane) >> card(LOST_TAG), "deny", "inactive") << "tell deny inactive" << "write passage denied"
    assert comes_down(passes(lane))
    assert results(lane) == ["denied", "passed"]


def test_another_cars_card_beside_a_car_is_only_written(lane: Playbook) -> None:
    under(opened(lane) >> card(WANGS_CARD) << "write reading card" >> card(STRANGERS_CARD) << "write reading card")
    lane >> sees(arrival=False) >> sees(safety=False) << "write passage passed" << "-> closing"
    assert comes_down(lane)


def test_the_same_e_bike_shown_twice_is_one(lane: Playbook) -> None:
    beside(opened(lane), ZHAOS_TAG) >> card(ZHAOS_TAG) << "write reading card" >> card(LIS_CARD)
    passes(lane, phase="open")
    assert lane >> wait(20) << "write passage assumed" << "-> closing"


def test_no_more_than_four_ride_beside(play: Play) -> None:
    numbers = [bytes.fromhex(f"0100E81D0{number}") for number in range(6)]
    more: list[Rule] = []
    for number, tag in enumerate(numbers):
        person = UUID(int=70 + number)
        kind, identity, data = card_rule(UUID(int=80 + number), person, [card_hash(CARD_KEY, CardNumber(tag, 40))])
        more += [resident(person, f"周{number}", "2-0101"), (kind, identity, {**data, "vehicle_class": "bicycle"})]
    lane = opened(play(rules=estate(1, *more)))
    for tag in numbers[:4]:
        beside(lane, tag)
    assert lane >> card(numbers[4]) << "write reading card"
    assert len(lane.lane.state.following) == 4


def test_the_arm_comes_down_before_who_rode_beside_was_seen(lane: Playbook) -> None:
    beside(opened(lane), ZHAOS_TAG)
    passes(lane, phase="open") >> sees(arm="moving")
    assert lane >> sees(arm="down") << "write passage assumed" << "-> idle"


def test_the_arm_comes_down_before_any_of_two_was_seen(lane: Playbook) -> None:
    granted(lane >> card(ZHAOS_TAG)) >> sees(arm="up") << "-> open" >> wait(10)
    beside(lane, SUNS_TAG) >> sees(arm="moving") >> sees(arm="down") << "write passage assumed"
    assert lane << "write passage assumed" << "-> idle"
    assert lane.inside() == {str(ZHAO), str(SUN)}


def test_a_car_that_comes_after_the_first_of_two_e_bikes_waits_for_the_second(lane: Playbook) -> None:
    granted(arrive(lane) >> card(ZHAOS_TAG)) >> sees(arm="up") << "-> open"
    beside(lane >> wait(1), SUNS_TAG) >> sees(arrival=False) >> wait(5) >> sees(arrival=True) << "write passage assumed"
    lane >> wait(20) << "write passage assumed" << "look camera-in" << "-> waiting"
    assert lane
    assert lane.inside() == {str(ZHAO), str(SUN)}
