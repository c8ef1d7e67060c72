"""Story 7: one lane for both directions: who is at which end, whose turn it is, and when the guard sets it to one direction."""

import pytest

from access.entries import Decided, PassageEnded
from tests.edge.gate.conftest import Play
from tests.edge.gate.playbook import (
    LIS_CARD,
    LOST_CARD,
    VEHICLE,
    WANGS_CARD,
    Happening,
    Playbook,
    card,
    guard,
    restart,
    sees,
    settings,
    shows,
    wait,
)
from tests.edge.gate.scenes import (
    arrive,
    asked,
    comes_down,
    decided,
    denied,
    granted,
    looked_again,
    noticed,
    opened_by_guard,
    openings,
    under,
)
from tests.edge.gate.wiring import READER_OUT, REVERSIBLE


@pytest.fixture
def lane(play: Play) -> Playbook:
    """A lane of both directions with a reader at each end."""
    return play(settings(VEHICLE + READER_OUT, **REVERSIBLE))


def at_the_far_end(number: bytes) -> Happening:
    return card(number, reader="reader-out")


def comes_to_the_far_end(playbook: Playbook) -> Playbook:
    return playbook >> sees(far=True) << "look camera-in" << "-> waiting"


def drives_out(playbook: Playbook) -> Playbook:
    """Whoever has a grant at the far end drives out."""
    under(playbook >> sees(arm="up") << "-> open") >> sees(far=False) >> sees(arrival=True)
    return playbook >> sees(safety=False) << "write passage passed" << "-> closing"


def directions(playbook: Playbook) -> list[tuple[str, str]]:
    return [(ended.result, ended.direction) for ended in playbook.bodies(PassageEnded)]


def test_each_end_is_served_in_its_direction(lane: Playbook) -> None:
    granted(arrive(lane) >> card(LIS_CARD))
    under(lane >> sees(arm="up") << "-> open") >> sees(far=True) >> sees(arrival=False)
    comes_down(lane >> sees(safety=False) << "write passage passed" << "-> closing") >> sees(far=False) >> wait(10)
    granted(comes_to_the_far_end(lane) >> at_the_far_end(LIS_CARD))
    assert comes_down(drives_out(lane)) >> sees(arrival=False) >> wait(10)
    assert directions(lane) == [("passed", "in"), ("passed", "out")]
    assert not lane.inside()


def test_who_comes_out_is_no_arrival_at_the_other_end(lane: Playbook) -> None:
    drives_out(granted(comes_to_the_far_end(lane) >> at_the_far_end(LIS_CARD))) >> wait(5)
    assert comes_down(lane) >> wait(20) >> sees(arrival=False)
    assert granted(arrive(lane >> wait(20)) >> card(WANGS_CARD))


def test_both_ends_at_once_are_served_one_after_the_other(lane: Playbook) -> None:
    arrive(lane) >> sees(far=True)
    granted(lane >> at_the_far_end(WANGS_CARD) >> card(LIS_CARD))
    under(lane >> sees(arm="up") << "-> open") >> sees(arrival=False)
    lane >> wait(1) >> sees(safety=False) << "write passage passed" << "-> closing"
    comes_down(lane >> wait(5))
    assert drives_out(granted(lane >> at_the_far_end(WANGS_CARD)))
    assert directions(lane) == [("passed", "in"), ("passed", "out")]


def test_a_card_at_the_other_end_waits_until_the_first_one_has_gone(lane: Playbook) -> None:
    denied(arrive(lane) >> card(LOST_CARD), "inactive") >> sees(far=True) >> at_the_far_end(LIS_CARD)
    lane >> wait(5) >> sees(arrival=False) << "write passage denied" << "look camera-in"
    assert granted(lane)
    assert lane.bodies(Decided)[-1].direction == "out"


def test_who_backs_out_at_the_far_end_has_not_gone_out(lane: Playbook) -> None:
    granted(comes_to_the_far_end(lane) >> wait(1) >> at_the_far_end(LIS_CARD))
    under(lane >> sees(arm="up") << "-> open") >> wait(1) >> sees(safety=False) << "-> open" >> sees(far=False)
    assert comes_down(lane >> wait(20) << "write passage reversed" << "-> closing")


def test_a_guard_lets_out_who_waits_at_the_far_end(lane: Playbook) -> None:
    assert drives_out(opened_by_guard(comes_to_the_far_end(lane)))
    assert directions(lane) == [("passed", "out")]


# --- set to one direction -------------------------------------------------------------------------


def directed(playbook: Playbook, choice: str, request: str = "r-d") -> Playbook:
    return asked(playbook, guard("direct", request, choice=choice)) << "write lane normal guard"


def test_a_lane_set_inwards_lets_nobody_out(lane: Playbook) -> None:
    directed(lane, "in") >> shows(headed="in") >> sees(far=True) >> wait(5)
    looked_again(denied(lane >> at_the_far_end(LIS_CARD), "lane_other_way") >> wait(25), 2)
    lane >> sees(far=False) << "write passage denied" << "-> idle"
    assert granted(arrive(lane) >> card(LIS_CARD))


def test_a_lane_set_outwards_lets_nobody_in(lane: Playbook) -> None:
    denied(arrive(directed(lane, "out")) >> card(LIS_CARD), "lane_other_way") >> sees(arrival=False)
    granted(comes_to_the_far_end(lane << "write passage denied" << "-> idle") >> at_the_far_end(LIS_CARD))
    assert comes_down(drives_out(lane)) >> sees(arrival=False)


def test_who_drives_against_the_set_direction_goes_the_wrong_way(lane: Playbook) -> None:
    directed(lane, "in") >> sees(far=True) >> wait(1)
    noticed(lane >> sees(safety=True), "wrong_way") << "-> crossing" >> sees(far=False) >> sees(arrival=True)
    assert lane >> sees(safety=False) << "write passage wrong_way" << "-> idle" >> sees(arrival=False)


def test_the_direction_changes_while_somebody_waits_at_the_far_end(lane: Playbook) -> None:
    directed(comes_to_the_far_end(lane), "in") >> shows(state="waiting", headed="in")
    denied(lane >> at_the_far_end(LIS_CARD), "lane_other_way")
    assert lane >> sees(far=False) << "write passage denied" << "-> idle"


def test_the_direction_changes_during_a_passage_and_it_goes_on(lane: Playbook) -> None:
    granted(comes_to_the_far_end(lane) >> at_the_far_end(LIS_CARD))
    directed(lane, "in")
    assert comes_down(drives_out(lane)) >> sees(arrival=False)
    assert directions(lane) == [("passed", "out")]


def test_the_direction_is_given_free_again(lane: Playbook) -> None:
    directed(directed(lane, "out"), "", "r-2") >> shows(headed="")
    assert granted(arrive(lane) >> card(LIS_CARD))


def test_a_direction_outlives_a_hold_and_the_program(lane: Playbook) -> None:
    asked(directed(lane, "out"), guard("hold_open")) << "write lane held_open guard" << "write command open"
    lane << "open in-1" << "-> held_open" >> sees(arm="up") >> wait(600) << "write lane normal timer" << "-> closing"
    comes_down(lane >> shows(headed="out")) >> wait(5) >> shows(headed="out")
    assert denied(arrive(lane) >> card(LIS_CARD), "lane_other_way")


def goes_through(playbook: Playbook, first: str, then: str) -> Playbook:
    """Somebody drives from one loop to the other through a lane that stands open."""
    playbook >> sees(safety=True) >> sees(**{first: False}) >> sees(**{then: True}) >> sees(safety=False)
    return playbook << "write passage passed" >> sees(**{then: False}) >> wait(30)


def test_who_drives_through_a_lane_held_open_goes_the_way_they_drive(lane: Playbook) -> None:
    asked(lane, guard("hold_open")) << "write lane held_open guard" << "write command open"
    lane << "open in-1" << "-> held_open" >> sees(arm="up") >> wait(30)
    goes_through(lane >> sees(arrival=True) << "look camera-in", "arrival", "far")
    goes_through(lane >> sees(far=True), "far", "arrival")
    assert goes_through(lane >> sees(arrival=True), "arrival", "far")
    assert directions(lane) == [("passed", "in"), ("passed", "out"), ("passed", "in")]


def test_a_direction_is_still_set_after_a_restart(lane: Playbook) -> None:
    directed(lane, "out") >> restart() << "-> idle" >> shows(headed="out")
    assert denied(arrive(lane) >> card(LIS_CARD), "lane_other_way")


def test_a_lane_of_one_direction_cannot_be_turned(play: Play) -> None:
    assert asked(play(), guard("direct", choice="in"), "not_reversible")
    reversible = play(settings(VEHICLE + READER_OUT, **REVERSIBLE))
    assert asked(reversible, guard("direct", choice="up"), "not_reversible")


def test_one_grant_opens_once_whichever_end_it_is_shown_at(lane: Playbook) -> None:
    decided(comes_to_the_far_end(lane) >> at_the_far_end(LIS_CARD), "grant", "access_ok") << "write command open"
    lane << "open in-1" << "-> opening" >> at_the_far_end(LIS_CARD) >> card(LIS_CARD)
    assert drives_out(lane)
    assert len(openings(lane)) == 1
