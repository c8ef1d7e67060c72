"""Story 7: held open, held closed, out of service, by a guard or by the office; and what is under way when that changes."""

import pytest

from access.entries import Decided, LaneChanged, PassageEnded
from tests.edge.gate.conftest import Play
from tests.edge.gate.playbook import (
    LIS_CARD,
    LIS_PLATE,
    LOST_CARD,
    STRANGERS_CARD,
    Playbook,
    answered,
    board,
    card,
    guard,
    office,
    plate,
    sees,
    shows,
    wait,
)
from tests.edge.gate.scenes import (
    arrive,
    asked,
    closings,
    comes_down,
    decided,
    denied,
    granted,
    noticed,
    opened,
    openings,
    referred,
    results,
    under,
)
from tests.edge.gate.wiring import AGENT, FAR, NO_LIMITS, Keys


def held_open(playbook: Playbook, minutes: int = 0) -> Playbook:
    """The guard holds the lane open: the arm rises and stays."""
    asked(playbook, guard("hold_open", "r-h", minutes=minutes)) << "write lane held_open guard" << "write command open"
    return playbook << "open in-1" << "-> held_open" >> sees(arm="moving") >> sees(arm="up")


def drives_through(playbook: Playbook) -> Playbook:
    """Somebody drives through a lane that stands open."""
    playbook >> sees(arrival=True) << "look camera-in" >> sees(safety=True) >> sees(arrival=False)
    return playbook >> sees(safety=False) << "write passage passed"


# --- held open ------------------------------------------------------------------------------------


def test_a_lane_held_open_lets_everybody_through_and_counts_them(play: Play) -> None:
    playbook = held_open(play()) >> shows(state="held_open", mode="held_open", sign="held_open", open_because="held_open")
    for _ in range(3):
        drives_through(playbook >> wait(5))
    assert playbook
    assert results(playbook) == ["passed"] * 3


def test_a_hold_ends_after_ten_minutes_by_itself(play: Play) -> None:
    playbook = held_open(play()) >> wait(599) >> shows(mode="held_open") >> wait(2) << "write lane normal timer" << "-> closing"
    assert comes_down(playbook >> shows(mode="normal", mode_until_utc=0.0))


def test_a_hold_of_more_than_ten_minutes_needs_a_second_person(play: Play) -> None:
    playbook = asked(play(), guard("hold_open", minutes=11), "second_person_needed")
    asked(playbook, guard("hold_open", "r-2", minutes=11, second="g-1"), "second_person_needed")
    asked(playbook, guard("hold_open", "r-3", minutes=721, second="g-2"), "too_long")
    asked(playbook, guard("hold_open", "r-4", minutes=11, second="g-2")) << "write lane held_open guard"
    assert playbook << "write command open" << "open in-1" << "-> held_open"


def test_what_is_presented_at_a_lane_held_open_is_decided_and_moves_nothing(play: Play) -> None:
    playbook = held_open(play()) >> sees(arrival=True) << "look camera-in"
    decided(playbook >> card(LIS_CARD), "grant", "lane_held_open") << "tell grant lane_held_open" >> sees(safety=True)
    assert playbook >> sees(arrival=False) >> sees(safety=False) << "write passage passed"
    assert len(openings(playbook)) == 1


def test_an_arm_that_its_board_lowers_is_raised_again_and_a_stubborn_one_is_told_of(play: Play) -> None:
    playbook = held_open(play())
    for number in range(1, 6):
        playbook >> wait(10) >> sees(arm="moving")
        alarm = playbook << "write alarm will_not_stay_open" if number == 5 else playbook
        alarm << "write command open" << "open in-1" >> sees(arm="up")
    playbook >> wait(5) >> sees(arm="down") >> wait(30) << "write command open" << "open in-1"
    assert playbook >> sees(arm="up")


def test_nothing_is_closed_while_a_lane_is_held_open_where_we_close(play: Play) -> None:
    playbook = drives_through(held_open(play(**AGENT))) >> wait(100) >> shows(state="held_open", arm="up")
    assert playbook
    assert not closings(playbook)


def test_who_comes_in_the_wrong_way_through_a_lane_held_open_is_told_of(play: Play) -> None:
    playbook = held_open(play(**FAR)) >> sees(far=True) >> wait(1)
    noticed(playbook >> sees(safety=True), "wrong_way") >> sees(far=False) >> sees(arrival=True)
    playbook >> sees(safety=False) << "write passage wrong_way" >> sees(arrival=False)
    assert drives_through(playbook >> wait(5) >> shows(state="held_open"))
    assert results(playbook) == ["wrong_way", "passed"]


@pytest.mark.parametrize("wiring", [{}, FAR])
def test_a_loop_that_flickers_at_the_end_of_a_vehicle_has_seen_nobody_else(play: Play, wiring: Keys) -> None:
    playbook = held_open(play(**wiring)) >> wait(5) >> sees(arrival=True) << "look camera-in" >> sees(safety=True)
    playbook >> wait(1) >> sees(arrival=False) >> sees(far=True) >> wait(1) >> sees(safety=False) << "write passage passed"
    playbook >> wait(0.1) >> sees(safety=True) >> wait(0.1) >> sees(safety=False) >> sees(far=False)
    assert drives_through(playbook >> wait(10))
    assert results(playbook) == ["passed", "passed"]


def test_a_guard_resumes_normal_service_and_the_arm_comes_down(play: Play) -> None:
    playbook = held_open(play()) >> wait(60)
    asked(playbook, guard("resume", "r-2")) << "write lane normal guard" << "-> closing"
    assert comes_down(playbook)
    assert asked(playbook, guard("resume", "r-3"), "nothing_to_resume")


# --- a hold meets what is under way ---------------------------------------------------------------


def test_a_hold_ends_while_somebody_is_under_the_arm_and_they_still_pass(play: Play) -> None:
    playbook = held_open(play(), minutes=1) >> wait(58) >> sees(arrival=True) << "look camera-in" >> sees(safety=True)
    playbook >> wait(3) << "write lane normal timer" << "-> passing" >> shows(state="passing", mode="normal", sign="go")
    playbook >> sees(arrival=False) >> sees(safety=False) << "write passage passed" << "-> closing"
    assert comes_down(playbook)


def test_who_stands_before_the_arm_as_the_hold_ends_is_an_arrival(play: Play) -> None:
    playbook = held_open(play(), minutes=1) >> wait(58) >> sees(arrival=True) << "look camera-in" >> wait(3)
    playbook << "write lane normal timer" << "write passage left" << "look camera-in" << "-> waiting"
    assert granted(playbook >> card(LIS_CARD), phase="open")


def test_a_hold_lets_in_who_was_being_asked_about(play: Play) -> None:
    playbook = referred(arrive(play()) >> card(STRANGERS_CARD), "unknown_refer")
    held_open(playbook) >> sees(safety=True) >> sees(arrival=False)
    assert playbook >> sees(safety=False) << "write passage passed"
    assert playbook.bodies(PassageEnded)[0].text == STRANGERS_CARD.hex().upper()


def test_a_hold_during_a_passage_begins_as_it_ends(play: Play) -> None:
    playbook = under(opened(play()))
    asked(playbook, guard("hold_open")) << "write lane held_open guard" >> shows(state="passing", mode="held_open")
    playbook >> sees(arrival=False) >> sees(safety=False) << "write passage passed" << "-> held_open"
    assert playbook >> wait(500) >> shows(open_because="held_open")


def test_a_hold_that_ends_during_a_passage_leaves_nothing_behind(play: Play) -> None:
    playbook = under(opened(play()))
    asked(playbook, guard("hold_open", minutes=1)) << "write lane held_open guard" >> wait(25)
    asked(playbook, guard("resume", "r-2")) << "write lane normal guard"
    playbook >> sees(arrival=False) >> sees(safety=False) << "write passage passed" << "-> closing"
    assert comes_down(playbook)


def test_a_hold_again_makes_it_longer(play: Play) -> None:
    playbook = held_open(play(), minutes=1) >> wait(50)
    asked(playbook, guard("hold_open", "r-2", minutes=5)) << "write lane held_open guard" >> wait(290) >> shows(mode="held_open")
    assert playbook >> wait(11) << "write lane normal timer" << "-> closing"


def test_a_board_that_is_lost_while_held_open_is_held_open_again_when_it_is_back(play: Play) -> None:
    playbook = held_open(play()) >> wait(60) >> board(up=False) << "write device io lost" << "-> unknown"
    playbook >> shows(state="unknown", sign="fault", open_because="board_lost", mode="held_open") >> wait(5)
    playbook >> board(up=True) << "write device io up" >> sees(arm="down") << "write command open" << "open in-1"
    assert playbook << "-> held_open" >> sees(arm="up")


def test_a_command_that_fails_as_a_hold_begins_is_told_and_tried_again(play: Play) -> None:
    playbook = asked(play(), guard("hold_open")) << "write lane held_open guard" << "write command open" << "open in-1"
    playbook << "-> held_open" >> answered("no echo") << "write outcome no echo" << "write alarm command_failed"
    assert playbook >> wait(8) << "write command open" << "open in-1" >> sees(arm="up") >> wait(100)


# --- closed ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(("act", "mode", "sign"), [("hold_closed", "held_closed", "closed"), ("out_of_service",) * 3])
def test_a_lane_that_is_closed_opens_for_nobody(play: Play, act: str, mode: str, sign: str) -> None:
    playbook = asked(play(), guard(act)) << f"write lane {mode} guard" >> shows(state=mode, mode=mode, sign=sign)
    denied(arrive(playbook) >> card(LIS_CARD), f"lane_{mode}") >> shows(sign=sign)
    asked(playbook, guard("open_once", "r-2"), mode)
    playbook >> sees(arrival=False) << "write passage denied" << "-> idle"
    asked(playbook, guard("resume", "r-3")) << "write lane normal guard" >> shows(state="idle", sign="welcome")
    assert granted(arrive(playbook) >> card(LIS_CARD))


def test_closing_the_lane_during_a_passage_lets_it_end(play: Play) -> None:
    playbook = under(opened(play()))
    asked(playbook, guard("hold_closed")) << "write lane held_closed guard" >> shows(state="passing", sign="go")
    playbook >> sees(arrival=False) >> sees(safety=False) << "write passage passed" << "-> closing"
    assert comes_down(playbook) >> shows(state="held_closed", sign="closed")


def test_closing_a_lane_that_is_held_open_lets_the_arm_come_down(play: Play) -> None:
    playbook = asked(held_open(play()), guard("hold_closed")) << "write lane held_closed guard" << "-> closing"
    assert comes_down(playbook >> shows(sign="closed")) >> shows(state="held_closed")


def test_who_waits_for_the_guard_as_the_lane_is_closed_can_only_be_refused(play: Play) -> None:
    playbook = referred(arrive(play()) >> card(STRANGERS_CARD), "unknown_refer")
    asked(playbook, guard("out_of_service")) << "write lane out_of_service guard" >> shows(sign="out_of_service")
    asked(playbook, guard("admit", "r-2"), "out_of_service")
    asked(playbook, guard("refuse", "r-3")) << "keep camera-in" << "write decision deny guard_refused"
    playbook << "tell deny guard_refused" << "-> denied" >> sees(arrival=False)
    assert playbook << "write passage denied" << "-> idle" >> shows(state="out_of_service")


def test_a_closed_lane_that_somebody_drives_through_still_tells(play: Play) -> None:
    playbook = asked(play(), guard("hold_closed")) << "write lane held_closed guard"
    arrive(playbook) >> sees(safety=True)
    noticed(playbook >> sees(arrival=False), "gate_crash") << "-> crossing" >> sees(safety=False)
    assert playbook << "write passage crashed" << "-> idle" >> shows(state="held_closed")


# --- the office -----------------------------------------------------------------------------------


def test_the_office_holds_a_lane_open_and_lets_it_be_again(play: Play) -> None:
    playbook = play() >> office(2, mode="held_open") << "write snapshot" << "write lane held_open office"
    playbook << "write command open" << "open in-1" << "-> held_open" >> sees(arm="up")
    drives_through(playbook) >> office(3) << "write snapshot" << "write lane normal office" << "-> closing"
    assert comes_down(playbook)


def test_the_office_closes_a_lane_during_a_passage(play: Play) -> None:
    playbook = under(opened(play())) >> office(2, mode="held_closed") << "write snapshot" << "write lane held_closed office"
    playbook >> sees(arrival=False) >> sees(safety=False) << "write passage passed" << "-> closing"
    denied(arrive(comes_down(playbook)) >> card(LIS_CARD), "lane_held_closed")
    assert playbook >> sees(arrival=False) << "write passage denied" << "-> idle"


def test_the_office_opens_a_lane_under_whoever_waits(play: Play) -> None:
    playbook = denied(arrive(play()) >> card(LOST_CARD), "inactive") >> office(2, mode="held_open") << "write snapshot"
    playbook << "write lane held_open office" << "write command open" << "open in-1" << "-> held_open" >> sees(arm="up")
    playbook >> sees(safety=True) >> sees(arrival=False) >> sees(safety=False)
    assert playbook << "write passage passed"


def test_what_a_guard_has_closed_for_service_the_office_does_not_open(play: Play) -> None:
    playbook = asked(play(), guard("out_of_service")) << "write lane out_of_service guard" >> office(2, mode="held_open")
    assert playbook << "write snapshot" >> shows(mode="out_of_service") >> wait(100)


def test_what_a_guard_held_open_is_over_when_the_office_sets_it_otherwise(play: Play) -> None:
    playbook = held_open(play()) >> office(2, mode="held_closed") << "write snapshot" << "write lane held_closed office"
    assert comes_down(playbook << "-> closing") >> shows(state="held_closed")


def test_new_rules_that_leave_the_mode_as_it_was_change_nothing_a_guard_has_set(play: Play) -> None:
    playbook = held_open(play()) >> office(2) << "write snapshot" >> shows(mode="held_open") >> wait(605)
    assert playbook << "write lane normal timer" << "-> closing"


def test_a_guard_resumes_what_the_office_has_closed(play: Play) -> None:
    playbook = play() >> office(2, mode="held_closed") << "write snapshot" << "write lane held_closed office"
    asked(playbook, guard("resume")) << "write lane normal guard"
    assert granted(arrive(playbook) >> plate(LIS_PLATE), medium="plate")
    assert [decision.reason for decision in playbook.bodies(Decided)] == ["access_ok"]
    assert [changed.source for changed in playbook.bodies(LaneChanged)] == ["office", "guard"]


# --- coming and going before a lane that stands open ----------------------------------------------


def test_who_comes_and_drives_off_again_before_a_lane_held_open_has_left(play: Play) -> None:
    playbook = held_open(play()) >> wait(1) >> sees(arrival=True) << "look camera-in" >> wait(5) >> sees(arrival=False) >> wait(5)
    playbook >> sees(arrival=True) << "write passage left" << "look camera-in" >> sees(safety=True) >> sees(arrival=False)
    assert playbook >> sees(safety=False) << "write passage passed"


def test_who_backs_out_of_a_lane_held_open_has_not_passed(play: Play) -> None:
    playbook = held_open(play()) >> wait(1) >> sees(arrival=True) << "look camera-in" >> sees(safety=True) >> wait(1)
    playbook >> sees(safety=False) >> wait(5) >> sees(arrival=False) >> wait(600) << "write lane normal timer"
    assert playbook << "write passage left" << "-> closing"


def test_who_is_under_the_arm_already_as_it_is_held_open_is_not_counted(play: Play) -> None:
    playbook = play(ready=False) >> sees(arm="up", safety=True) << "write observation arm_up_at_start" << "-> closing"
    asked(playbook, guard("hold_open")) << "write lane held_open guard" << "-> held_open" >> sees(safety=False) >> wait(5)
    assert drives_through(playbook)


def test_the_next_one_close_behind_in_a_lane_held_open_is_read_when_the_first_has_passed(play: Play) -> None:
    playbook = held_open(play()) >> wait(1) >> sees(arrival=True) << "look camera-in" >> sees(safety=True) >> sees(arrival=False)
    playbook >> wait(1) >> sees(arrival=True) >> wait(1) >> sees(safety=False) << "write passage passed" << "look camera-in"
    assert playbook


def test_without_rules_what_is_presented_at_a_lane_held_open_is_a_question_of_the_record_only(play: Play) -> None:
    playbook = held_open(play(rules=False)) >> sees(arrival=True) << "look camera-in"
    decided(playbook >> card(LIS_CARD), "refer", "no_rules") << "tell refer no_rules" >> shows(state="held_open")
    assert playbook


def test_an_arm_that_no_limit_tells_of_is_raised_again_behind_each_that_passes(play: Play) -> None:
    playbook = asked(play(**NO_LIMITS), guard("hold_open")) << "write lane held_open guard" << "write command open"
    playbook << "open in-1" << "-> held_open" >> wait(8) << "write command open" << "open in-1" >> wait(60)
    assert drives_through(playbook) << "write command open" << "open in-1" >> wait(60)
