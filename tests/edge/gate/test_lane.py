"""Stories of one vehicle lane, each a script in virtual time."""

from uuid import UUID

import pytest

from access.entries import Decided, PassageEnded
from tests.edge.gate.conftest import Play
from tests.edge.gate.playbook import (
    LI,
    LIS_CARD,
    LIS_CODE,
    LIS_PLATE,
    LIS_PLATE_MISREAD,
    LOST_CARD,
    STRANGERS_CARD,
    STRANGERS_PLATE,
    WANGS_CARD,
    Happening,
    answered,
    board,
    card,
    code,
    guard,
    plate,
    sees,
    store_fails,
    wait,
)
from tests.edge.gate.scenes import (
    arrive,
    asked,
    comes_down,
    decided,
    denied,
    driven_through,
    granted,
    looked_again,
    noticed,
    opened,
    opened_by_guard,
    passes,
    referred,
    under,
)


def test_a_card_opens_and_the_loops_close_the_passage(play: Play) -> None:
    playbook = comes_down(driven_through(play())) >> wait(1000)
    assert playbook
    assert playbook.inside() == {str(LI)}


@pytest.mark.parametrize("medium", ["plate", "code"])
def test_a_plate_and_a_code_open_too(play: Play, medium: str) -> None:
    happening = plate(LIS_PLATE) if medium == "plate" else code(LIS_CODE)
    assert granted(arrive(play()) >> happening, medium=medium)


def test_a_vehicle_of_which_nothing_is_read_is_the_guards_question(play: Play) -> None:
    playbook = arrive(play()) >> wait(6) << "keep camera-in" << "write decision refer unread" << "tell refer unread"
    assert playbook << "-> referred"


@pytest.mark.parametrize(
    ("act", "story"),
    [
        ("admit", ["keep camera-in", "write decision grant guard_admitted", "write command open", "open in-1", "-> opening"]),
        ("refuse", ["keep camera-in", "write decision deny guard_refused", "tell deny guard_refused", "-> denied"]),
    ],
)
def test_a_guard_answers_a_refer(play: Play, act: str, story: list[str]) -> None:
    playbook = referred(arrive(play()) >> plate(LIS_PLATE_MISREAD), "similar", "plate")
    asked(playbook, guard(act))
    for line in story:
        playbook << line
    assert playbook >> guard(act) << "answer r-1 yes"  # the same press again moves nothing
    assert asked(playbook, guard(act, "r-2"), "too_late")


def test_a_guard_who_chooses_a_candidate_says_who_it_is(play: Play) -> None:
    playbook = referred(arrive(play()) >> plate(LIS_PLATE_MISREAD), "similar", "plate")
    assert opened_by_guard(playbook, "admit", choice=str(UUID(int=15)))
    question, admitted = playbook.bodies(Decided)
    assert (question.holder, question.text) == ("", LIS_PLATE_MISREAD)
    assert (admitted.holder, admitted.text) == ("李*", LIS_PLATE_MISREAD)


def test_a_late_press_and_one_about_another_passage_move_nothing(play: Play) -> None:
    playbook = referred(arrive(play()) >> card(STRANGERS_CARD), "unknown_refer")
    asked(playbook, guard("open_once", late=True), "expired")
    asked(playbook, guard("admit", "r-2", passage="another"), "too_late")
    assert asked(playbook, guard("dance", "r-3"), "unknown_act")


def test_a_refer_that_nobody_answers_is_said_aloud_while_somebody_waits(play: Play) -> None:
    playbook = referred(arrive(play()) >> card(STRANGERS_CARD), "unknown_refer")
    assert playbook >> wait(240) << "write alarm refer_unanswered" << "write alarm refer_unanswered"
    assert playbook >> sees(arrival=False) << "write passage unanswered" << "-> idle" >> wait(1000)


def test_a_refer_without_a_vehicle_on_the_loop_ends_by_itself(play: Play) -> None:
    playbook = referred(play() >> card(STRANGERS_CARD), "unknown_refer")
    assert playbook >> wait(120) << "write passage unanswered" << "-> idle"


def test_who_is_denied_drives_off(play: Play) -> None:
    playbook = denied(arrive(play()) >> card(LOST_CARD), "inactive") >> wait(25)
    assert looked_again(playbook, 2) >> sees(arrival=False) << "write passage denied" << "-> idle"


def test_another_card_after_a_denied_one_is_decided_on_its_own(play: Play) -> None:
    playbook = denied(arrive(play()) >> card(LOST_CARD), "inactive") >> card(LOST_CARD)
    assert referred(playbook >> card(STRANGERS_CARD), "unknown_refer")
    lost, stranger = playbook.bodies(Decided)
    assert (lost.holder, stranger.holder, stranger.credential) == ("李*", "", "")


def test_nobody_comes_through_an_opened_arm(play: Play) -> None:
    playbook = opened(play()) >> sees(arrival=False) >> wait(20) << "write passage no_show" << "-> closing"
    assert comes_down(playbook)
    assert not playbook.inside()


def test_who_backs_out_from_under_the_arm_has_not_passed(play: Play) -> None:
    playbook = under(opened(play())) >> sees(safety=False) << "-> open"
    assert playbook >> sees(arrival=False) >> wait(20) << "write passage reversed" << "-> closing"


def test_both_loops_cleared_between_two_polls_is_a_passage(play: Play) -> None:
    playbook = under(opened(play()))
    assert playbook >> sees(arrival=False, safety=False) << "write passage passed" << "-> closing"


def test_a_second_vehicle_closing_up_does_not_make_the_first_one_back_out(play: Play) -> None:
    playbook = opened(play()) >> wait(1) >> sees(arrival=False) >> sees(arrival=True)
    playbook >> sees(safety=True) << "-> passing" >> sees(safety=False) << "write passage passed"
    assert playbook << "look camera-in" << "-> waiting" >> sees(arm="down")


def test_a_second_vehicle_is_served_while_the_arm_is_still_up(play: Play) -> None:
    assert granted(arrive(driven_through(play())) >> card(WANGS_CARD), phase="open")


def test_the_card_of_the_second_vehicle_waits_for_the_first_one_to_pass(play: Play) -> None:
    playbook = under(opened(play())) >> wait(1) >> sees(arrival=False) >> wait(1)
    playbook >> sees(arrival=True) >> card(WANGS_CARD) >> sees(safety=False) << "write passage passed"
    assert granted(playbook << "look camera-in", phase="open") >> sees(arm="down") << "-> opening" >> sees(arm="up") << "-> open"


@pytest.mark.parametrize(("medium", "late"), [("plate", plate(LIS_PLATE)), ("card", card(WANGS_CARD))])
def test_what_else_the_first_vehicle_shows_never_opens_for_the_stranger_behind(play: Play, medium: str, late: Happening) -> None:
    playbook = opened(play()) >> late << f"write reading {medium}"
    playbook >> sees(safety=True) << "-> passing" >> sees(arrival=False) >> wait(1) >> sees(arrival=True)
    playbook >> sees(safety=False) << "write passage passed" << "look camera-in" << "-> waiting"
    assert playbook >> sees(arm="down")


def test_a_plate_voted_after_its_vehicle_left_the_loop_is_not_the_next_ones(play: Play) -> None:
    playbook = driven_through(play()) >> sees(arm="down") << "-> idle" >> wait(1)
    arrive(playbook)
    assert playbook >> plate(LIS_PLATE, seen_ago=5) << "write reading plate" >> wait(1)


def test_a_plate_read_on_the_approach_counts_at_the_loop_for_a_few_seconds(play: Play) -> None:
    playbook = play() >> plate(LIS_PLATE) >> wait(3) >> sees(arrival=True) << "look camera-in"
    assert granted(playbook, medium="plate")
    stale = play() >> plate(LIS_PLATE) >> wait(7)
    assert arrive(stale)


def test_a_plate_that_has_just_passed_is_still_in_the_picture(play: Play) -> None:
    playbook = granted(arrive(play()) >> plate(LIS_PLATE), medium="plate")
    passes(playbook >> sees(arm="up") << "-> open")
    assert playbook >> wait(2) >> plate(LIS_PLATE) >> sees(arm="down") << "-> idle"


def test_an_arm_that_does_not_rise_is_an_alarm_and_never_pulsed_again(play: Play) -> None:
    playbook = granted(arrive(play()) >> card(LIS_CARD)) >> answered() << "write outcome ok" << "tell grant access_ok"
    playbook >> wait(8) << "write alarm arm_not_up" << "-> fault" >> card(LIS_CARD) >> wait(100)
    assert playbook >> sees(arrival=False) << "write passage not_opened" << "-> idle"


def test_an_arm_that_rises_after_all_is_open(play: Play) -> None:
    playbook = granted(arrive(play()) >> card(LIS_CARD)) >> wait(8) << "write alarm arm_not_up" << "-> fault"
    assert playbook >> sees(arm="moving") >> sees(arm="up") << "-> open"


def test_a_command_that_failed_is_not_repeated(play: Play) -> None:
    playbook = granted(arrive(play()) >> card(LIS_CARD)) >> answered("no echo")
    playbook << "write outcome no echo" << "tell grant access_ok" << "write alarm command_failed" << "-> fault" >> wait(60)
    assert playbook >> answered("no echo")  # told twice: already known


def test_each_of_two_commands_gets_its_outcome(play: Play) -> None:
    playbook = granted(arrive(play()) >> card(LIS_CARD))
    opened_by_guard(playbook, phase="") >> answered("no echo", opening_at=0) << "write outcome no echo"
    playbook << "tell grant guard_opened"
    assert playbook >> answered() << "write outcome ok" << "tell grant guard_opened" >> sees(arm="up") << "-> open"


def test_a_lost_board_ends_the_passage_and_moves_nothing_when_it_is_back(play: Play) -> None:
    playbook = granted(arrive(play()) >> card(LIS_CARD))
    playbook >> board(up=False) << "write device io lost" << "write passage board_lost" << "-> unknown"
    playbook >> card(LIS_CARD) << "write reading card"
    asked(playbook, guard("open_once"), "not_ready")
    assert playbook >> wait(5) >> board(up=True) << "write device io up" >> sees(arm="down") << "look camera-in" << "-> waiting"


def test_an_arm_found_up_is_written_down_and_waited_for(play: Play) -> None:
    playbook = play(ready=False) >> sees(arm="up") << "write observation arm_up_at_start" << "-> closing"
    assert playbook >> wait(1000) >> sees(arm="down") << "-> idle"


def test_an_arm_raised_by_others_is_an_observation_of_ours(play: Play) -> None:
    playbook = play() >> sees(arm="moving") << "write observation opened_by_others" << "-> open" >> sees(arm="up")
    assert playbook >> sees(arm="down") << "write passage no_show" << "-> idle"


def test_a_vehicle_that_follows_under_the_open_arm_is_an_alarm(play: Play) -> None:
    playbook = noticed(driven_through(play()) >> sees(safety=True), "tailgating") << "-> crossing"
    playbook >> sees(safety=False) << "write passage tailgated" << "-> closing"
    assert playbook >> sees(arm="down") << "-> idle"


def test_who_was_denied_and_follows_all_the_same_is_an_alarm(play: Play) -> None:
    playbook = denied(arrive(driven_through(play())) >> card(LOST_CARD), "inactive")
    noticed(playbook >> sees(safety=True), "tailgating") << "-> crossing" >> sees(arrival=False) >> sees(safety=False)
    assert playbook << "write passage tailgated" << "-> closing" >> sees(arm="down") << "-> idle"


def test_a_nose_under_a_lowered_arm_is_nothing_but_one_with_no_vehicle_before_is(play: Play) -> None:
    assert arrive(play()) >> sees(safety=True) >> sees(safety=False)
    assert noticed(play() >> sees(safety=True), "loop_without_grant") << "-> crossing"


def test_standing_under_the_arm_is_said_once(play: Play) -> None:
    assert under(opened(play())) >> wait(290) << "write alarm standing_under_arm"


def test_a_safety_loop_that_sticks_does_not_hold_the_lane_for_ever(play: Play) -> None:
    playbook = under(opened(play())) >> sees(arrival=False)
    assert playbook >> sees(arm="down") << "write alarm arm_down_over_loop" << "write passage passed" << "-> idle"


def test_both_limits_at_once_are_a_fault_of_the_wiring(play: Play) -> None:
    playbook = play()
    assert playbook >> sees(arm="both") << "write alarm limits_contradict" >> sees(arm="both")
    assert playbook.lane.inputs.arm == "unknown"


@pytest.mark.parametrize(
    ("setting", "outcome", "phase"), [("deny", "deny", "denied"), ("refer", "refer", "referred"), ("open", "deny", "denied")]
)
def test_where_nothing_can_be_written_the_lane_does_as_it_is_set(play: Play, setting: str, outcome: str, phase: str) -> None:
    playbook = granted(arrive(play(on_store_failure=setting)) >> card(LIS_CARD)) >> store_fails()
    assert playbook << f"write decision {outcome} store_failed" << f"tell {outcome} store_failed" << f"-> {phase}"
    assert playbook >> answered()  # of a command that was withheld nothing can be true


def test_without_rules_the_guard_decides_and_sees_only_the_end_of_the_number(play: Play) -> None:
    playbook = referred(arrive(play(rules=False)) >> card(LIS_CARD), "no_rules")
    assert playbook
    assert playbook.gate.lane_views()[0].shown == "…E9AE"


def test_a_lane_with_only_an_open_limit_works(play: Play) -> None:
    playbook = play(barrier__closed_limit=None)
    passes(granted(arrive(playbook) >> card(LIS_CARD)) >> sees(arm="up") << "-> open")
    playbook >> sees(arm="moving") << "-> idle"
    assert playbook >> sees(arm="up") << "write observation opened_by_others" << "-> open"


def test_a_lane_without_limits_trusts_its_times(play: Play) -> None:
    playbook = play(barrier__closed_limit=None, barrier__open_limit=None)
    passes(granted(arrive(playbook) >> card(LIS_CARD)) >> wait(8) << "-> open")
    assert playbook >> wait(45) << "-> idle"


def test_a_passage_says_how_long_it_waited_and_stood_open(play: Play) -> None:
    playbook = granted(arrive(play()) >> wait(2) >> card(LIS_CARD)) >> wait(1.5) >> sees(arm="up") << "-> open" >> wait(3)
    playbook >> sees(safety=True) << "-> passing" >> sees(arrival=False) >> wait(1)
    assert playbook >> sees(safety=False) << "write passage passed" << "-> closing"
    (ended,) = playbook.bodies(PassageEnded)
    assert (ended.waited_ms, ended.opened_ms, ended.vehicles, ended.text) == (3500, 4000, 1, LIS_CARD.hex().upper())


def test_a_stranger_is_never_taken_for_a_resident(play: Play) -> None:
    assert referred(arrive(play()) >> plate(STRANGERS_PLATE), "unknown_refer", "plate")
    for confidence in (0.4, float("nan")):
        playbook = decided(arrive(play()) >> plate(LIS_PLATE, confidence=confidence), "refer", "doubtful", "plate")
        assert playbook << "tell refer doubtful" << "look camera-in" << "-> referred"


def test_who_drives_through_an_arm_that_never_rose_does_not_block_the_lane(play: Play) -> None:
    assert passes(granted(arrive(play()) >> card(LIS_CARD)), phase="idle")


def test_limits_that_agree_again_are_believed_again(play: Play) -> None:
    playbook = driven_through(play()) >> sees(arm="both") << "write alarm limits_contradict"
    assert playbook >> sees(arm="down") << "-> idle"


def test_a_failed_commit_of_a_passage_that_is_over_changes_nothing(play: Play) -> None:
    playbook = granted(arrive(play()) >> card(LIS_CARD)) >> board(up=False)
    playbook << "write device io lost" << "write passage board_lost" << "-> unknown"
    assert playbook >> store_fails()
