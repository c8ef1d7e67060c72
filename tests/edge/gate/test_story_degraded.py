"""Story 9: loops that stick or chatter, sensors with a broken wire, limits that disagree, arms that do not move, a lost board."""

import pytest

from access.entries import AlarmRaised
from edge.gate.events import DeviceReported
from tests.edge.gate.conftest import Play
from tests.edge.gate.playbook import (
    LIS_CARD,
    LIS_PLATE,
    WANGS_CARD,
    Playbook,
    answered,
    board,
    card,
    event,
    guard,
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
    driven_through,
    granted,
    noticed,
    opened,
    opened_by_guard,
    openings,
    passes,
    results,
    under,
)
from tests.edge.gate.wiring import AGENT, BUTTONS, CHECKED, FAR, PHOTOCELL


def chatters(playbook: Playbook, pin: str, times: int = 6) -> Playbook:
    """A loop goes on and off quickly, until it is not believed."""
    for number in range(1, times + 1):
        playbook >> wait(0.1) >> sees(**{pin: True}) >> wait(0.1) >> sees(**{pin: False})
        if number == times:
            playbook << "write alarm loop_chatters"
    return playbook


# --- loops that stick -----------------------------------------------------------------------------


def test_a_loop_that_sticks_behind_a_passage_is_told_of_and_the_lane_goes_on(play: Play) -> None:
    playbook = under(opened(play())) >> wait(5) >> sees(safety=False) << "-> open" >> wait(20) << "write alarm waiting_too_long"
    playbook >> wait(276) << "write alarm loop_stuck" >> shows(ill={"arrival_loop": "stuck"}, arrival=None)
    playbook >> wait(15) << "write passage reversed" << "-> closing"
    assert granted(comes_down(playbook) >> card(WANGS_CARD))


def test_a_stuck_arrival_loop_and_a_queue_go_on_by_what_is_presented(play: Play) -> None:
    playbook = arrive(play()) >> wait(6) << "keep camera-in" << "write decision refer unread" << "tell refer unread"
    playbook << "-> referred" >> wait(240) << "write alarm refer_unanswered" << "write alarm refer_unanswered" >> wait(54)
    playbook << "write alarm loop_stuck" >> wait(120) << "write passage unanswered" << "-> idle"
    granted(playbook >> plate(LIS_PLATE), medium="plate") >> sees(arm="up") << "-> open"
    under(playbook) >> sees(safety=False) << "write passage passed" << "-> closing"
    granted(comes_down(playbook) >> card(WANGS_CARD)) >> sees(arm="up") << "-> open"
    under(playbook) >> sees(safety=False) << "write passage passed" << "-> closing"
    assert comes_down(playbook) >> sees(arrival=False) << "write observation sensor_well" >> shows(ill={})


def test_who_follows_where_the_arrival_loop_is_stuck_is_still_seen_under_the_arm(play: Play) -> None:
    playbook = arrive(play()) >> wait(6) << "keep camera-in" << "write decision refer unread" << "tell refer unread"
    playbook << "-> referred" >> wait(240) << "write alarm refer_unanswered" << "write alarm refer_unanswered" >> wait(54)
    playbook << "write alarm loop_stuck" >> wait(120) << "write passage unanswered" << "-> idle"
    granted(playbook >> card(LIS_CARD)) >> sees(arm="up") << "-> open"
    under(playbook) >> sees(safety=False) << "write passage passed" << "-> closing" >> wait(1)
    noticed(playbook >> sees(safety=True), "tailgating") << "-> crossing" >> sees(safety=False)
    assert playbook << "write passage tailgated" << "-> closing"


def test_a_safety_loop_that_sticks_ends_the_passage_and_keeps_the_arm_up_where_we_close(play: Play) -> None:
    playbook = under(opened(play(**AGENT))) >> sees(arrival=False) >> wait(30) << "write alarm standing_under_arm"
    playbook >> wait(270) << "write alarm loop_stuck" << "write passage passed" << "-> closing" >> wait(45)
    playbook << "write alarm arm_not_down" >> shows(open_because="sensor_failed", ill={"safety_loop": "stuck"}) >> wait(600)
    assert playbook
    assert not closings(playbook)


def test_a_safety_loop_that_is_well_again_lets_us_close(play: Play) -> None:
    playbook = under(opened(play(**AGENT))) >> sees(arrival=False) >> wait(30) << "write alarm standing_under_arm"
    playbook >> wait(270) << "write alarm loop_stuck" << "write passage passed" << "-> closing" >> wait(45)
    playbook << "write alarm arm_not_down" >> sees(safety=False) << "write observation sensor_well"
    assert playbook >> wait(2) << "write command close" << "close in-1"


def test_a_vehicle_that_stands_on_the_stuck_loop_is_not_closed_onto_while_the_next_is_served(play: Play) -> None:
    playbook = under(opened(play(**AGENT))) >> sees(arrival=False) >> wait(30) << "write alarm standing_under_arm"
    playbook >> wait(270) << "write alarm loop_stuck" << "write passage passed" << "-> closing"
    granted(arrive(playbook) >> card(WANGS_CARD), phase="open") >> sees(arrival=False) >> wait(20)
    assert playbook << "write passage assumed" << "-> closing" >> wait(100) << "write alarm arm_not_down"
    assert not closings(playbook)


# --- loops that chatter ---------------------------------------------------------------------------


def arrivals_chatter(playbook: Playbook) -> Playbook:
    """The arrival loop goes on and off quickly: five arrivals, and a sixth that is not believed."""
    for _ in range(5):
        arrive(playbook >> wait(0.1)) >> wait(0.1) >> sees(arrival=False) << "write passage left" << "-> idle"
    return arrive(playbook >> wait(0.1)) >> wait(0.1) >> sees(arrival=False) << "write alarm loop_chatters"


def test_a_chattering_arrival_loop_makes_no_arrivals_once_it_is_known(play: Play) -> None:
    playbook = arrivals_chatter(play()) >> sees(arrival=True) >> sees(arrival=False) >> wait(6) << "keep camera-in"
    playbook << "write decision refer unread" << "tell refer unread" << "-> referred" >> wait(4)
    assert playbook << "write observation sensor_well" << "write passage unanswered" << "-> idle"


def test_a_card_opens_although_the_arrival_loop_chatters(play: Play) -> None:
    playbook = granted(arrivals_chatter(play()) >> wait(1) >> card(LIS_CARD)) >> sees(arm="up") << "-> open"
    assert comes_down(under(playbook) >> sees(safety=False) << "write passage passed" << "-> closing")


def test_a_chattering_safety_loop_during_a_passage_ends_it_once(play: Play) -> None:
    playbook = opened(play()) >> wait(1)
    for _ in range(5):
        under(playbook >> wait(0.1)) >> wait(0.1) >> sees(safety=False) << "-> open"
    under(playbook >> wait(0.1)) >> wait(0.1) >> sees(safety=False) << "write alarm loop_chatters"
    playbook << "write passage unfinished" << "look camera-in" << "-> waiting" >> shows(ill={"safety_loop": "chatters"})
    assert comes_down(playbook >> sees(arrival=False) << "write passage left" << "-> closing")


def test_a_loop_that_is_quiet_again_is_believed_again(play: Play) -> None:
    playbook = chatters(play(**FAR), "far") >> shows(ill={"far_loop": "chatters"}, far=None) >> wait(10)
    assert playbook << "write observation sensor_well" >> shows(ill={}, far=False)


def test_a_chattering_far_loop_does_not_hold_up_a_passage(play: Play) -> None:
    playbook = opened(play(**FAR))
    under(playbook)
    chatters(playbook, "far") >> sees(arrival=False) >> sees(safety=False) << "write passage passed" << "-> closing"
    assert comes_down(playbook)


def test_we_do_not_close_while_a_loop_chatters(play: Play) -> None:
    playbook = chatters(driven_through(play(**AGENT, **FAR)), "far") >> wait(9.9)
    playbook >> wait(0.2) << "write observation sensor_well" >> wait(2) << "write command close" << "close in-1"
    assert playbook


# --- sensors with a broken wire -------------------------------------------------------------------


def test_a_safety_sensor_whose_contacts_contradict_is_told_of_and_well_again(play: Play) -> None:
    playbook = play(**CHECKED) >> sees(safety="failed") << "write alarm sensor_failed"
    playbook >> shows(state="idle", ill={"safety_loop": "failed"}, safety=None) >> sees(safety=False)
    assert playbook << "write observation sensor_well"


def test_a_safety_sensor_that_fails_during_a_passage_ends_it_as_far_as_the_other_loops_tell(play: Play) -> None:
    playbook = under(opened(play(**CHECKED))) >> sees(arrival=False) >> sees(safety="failed") << "write alarm sensor_failed"
    assert comes_down(playbook << "write passage passed" << "-> closing")


def test_a_safety_sensor_that_fails_before_the_vehicle_has_left_its_loop_says_nothing(play: Play) -> None:
    playbook = under(opened(play(**CHECKED))) >> sees(safety="failed") << "write alarm sensor_failed"
    playbook << "write passage unfinished" << "look camera-in" << "-> waiting" >> sees(arrival=False)
    assert comes_down(playbook << "write passage left" << "-> closing")


def test_a_safety_sensor_that_fails_under_the_falling_arm_raises_it_where_we_close(play: Play) -> None:
    playbook = driven_through(play(**AGENT, **CHECKED)) >> wait(2) << "write command close" << "close in-1"
    playbook >> answered(act="close") << "write outcome ok" >> sees(arm="moving") >> sees(safety="failed")
    playbook << "write alarm sensor_failed" << "write observation obstructed" << "write command open" << "open in-1"
    playbook >> sees(arm="up") >> wait(60) << "write alarm arm_not_down"
    assert playbook >> shows(open_because="sensor_failed") >> wait(600)
    assert len(closings(playbook)) == 1


def test_we_never_close_with_a_failed_sensor_at_the_start(play: Play) -> None:
    playbook = play(ready=False, **AGENT, **CHECKED) >> sees(arm="up", safety="failed") << "write alarm sensor_failed"
    playbook << "write observation arm_up_at_start" << "-> closing"
    asked(playbook, guard("resume")) << "write lane normal guard" >> wait(1000) << "write alarm arm_not_down"
    assert playbook
    assert not closings(playbook)


def test_a_photocell_sees_who_the_loop_does_not(play: Play) -> None:
    playbook = opened(play(**PHOTOCELL)) >> sees(photocell=True) << "-> passing" >> sees(arrival=False)
    assert comes_down(playbook >> sees(photocell=False) << "write passage passed" << "-> closing")


def test_three_vehicles_that_the_safety_loop_did_not_see_mean_that_it_is_blind(play: Play) -> None:
    playbook = play(**FAR)
    for number in range(1, 4):
        granted(arrive(playbook) >> wait(1) >> card(LIS_CARD)) >> sees(arm="up") << "-> open" >> wait(1)
        playbook >> sees(arrival=False) >> sees(far=True) >> sees(far=False) << "write passage passed" << "-> closing"
        playbook >> wait(15) >> sees(arm="moving")
        if number == 3:
            playbook << "write alarm safety_blind"
        playbook >> sees(arm="down") << "-> idle"
    assert playbook >> shows(ill={"safety_loop": "blind"})
    assert results(playbook) == ["passed"] * 3


# --- limits ---------------------------------------------------------------------------------------


def test_limits_that_contradict_during_a_passage_do_not_end_it(play: Play) -> None:
    playbook = under(opened(play())) >> sees(arm="both") << "write alarm limits_contradict" >> shows(arm="unknown")
    playbook >> sees(arrival=False) >> sees(safety=False) << "write passage passed" << "-> closing"
    assert playbook >> sees(arm="moving") >> sees(arm="down") << "-> idle"


def test_limits_that_contradict_when_an_arm_is_told_to_rise(play: Play) -> None:
    playbook = granted(arrive(play()) >> card(LIS_CARD)) >> sees(arm="both") << "write alarm limits_contradict"
    playbook >> wait(8) << "write alarm arm_not_up" << "-> fault" >> shows(sign="fault")
    assert playbook >> sees(arm="up") << "-> open"


# --- the arm --------------------------------------------------------------------------------------


def test_an_arm_that_does_not_rise_is_not_told_again(play: Play) -> None:
    playbook = granted(arrive(play(**BUTTONS)) >> card(LIS_CARD)) >> wait(8) << "write alarm arm_not_up" << "-> fault"
    playbook >> wait(100) >> shows(state="fault", sign="fault") >> sees(arrival=False) << "write passage not_opened"
    assert playbook << "-> idle"
    assert len(openings(playbook)) == 1


def test_an_arm_that_does_not_come_down_is_told_once_and_the_lane_goes_on(play: Play) -> None:
    playbook = driven_through(play()) >> wait(45) << "write alarm arm_not_down" >> shows(open_because="arm_not_down") >> wait(500)
    granted(arrive(playbook) >> card(WANGS_CARD), phase="open") >> shows(open_because="")
    passes(playbook) >> wait(45)
    assert comes_down(playbook << "write alarm arm_not_down")


def test_an_arm_that_sticks_half_way_is_told_of(play: Play) -> None:
    playbook = granted(arrive(play()) >> card(LIS_CARD)) >> sees(arm="moving") >> wait(8) << "write alarm arm_not_up"
    opened_by_guard(playbook << "-> fault" >> wait(20)) >> sees(arm="up") << "-> open"
    assert under(playbook)


def test_an_arm_that_comes_down_over_an_occupied_loop_is_told_of(play: Play) -> None:
    playbook = under(opened(play())) >> sees(arrival=False) >> sees(arm="moving") >> sees(arm="down")
    playbook << "write alarm arm_down_over_loop" << "write passage passed" << "-> idle" >> sees(safety=False)
    assert playbook >> wait(100)


def test_a_queue_before_an_arm_that_does_not_come_down_is_the_reason_it_is_up(play: Play) -> None:
    playbook = arrive(driven_through(play()) >> wait(40)) >> wait(5) << "write alarm arm_not_down"
    playbook >> shows(open_because="vehicle_waiting", state="waiting")
    granted(playbook >> card(WANGS_CARD), phase="open")
    assert under(playbook)


# --- a lost board ---------------------------------------------------------------------------------


@pytest.mark.parametrize("state", ["opening", "open", "passing"])
def test_a_board_that_is_lost_ends_what_was_under_way(play: Play, state: str) -> None:
    playbook = granted(arrive(play()) >> card(LIS_CARD))
    if state != "opening":
        playbook >> sees(arm="up") << "-> open"
    if state == "passing":
        under(playbook)
    playbook >> board(up=False) << "write device io lost" << "write passage board_lost" << "-> unknown"
    playbook >> shows(state="unknown", sign="fault", arm="unknown", arrival=None) >> wait(600)
    assert playbook
    assert not playbook.inside()


def test_a_board_that_is_lost_while_somebody_is_under_the_arm_finds_them_when_it_is_back(play: Play) -> None:
    playbook = under(opened(play(**AGENT))) >> sees(arrival=False) >> board(up=False) << "write device io lost"
    playbook << "write passage board_lost" << "-> unknown" >> wait(3) >> board(up=True) << "write device io up"
    playbook >> sees(arm="up") << "write observation arm_up_at_start" << "-> closing" >> sees(safety=False) >> wait(60)
    assert playbook >> shows(open_because="arm_up_at_start")
    assert not closings(playbook)


def test_an_outcome_that_comes_after_the_board_was_lost_is_written(play: Play) -> None:
    playbook = granted(arrive(play()) >> card(LIS_CARD)) >> board(up=False) << "write device io lost"
    playbook << "write passage board_lost" << "-> unknown" >> answered("board lost") << "write outcome board lost"
    assert playbook << "tell grant access_ok"


def test_a_guard_cannot_move_what_no_board_tells_of(play: Play) -> None:
    playbook = play() >> board(up=False) << "write device io lost" << "-> unknown"
    asked(playbook, guard("open_once"), "not_ready")
    asked(playbook, guard("hold_open", "r-2")) << "write lane held_open guard" >> shows(mode="held_open", state="unknown")
    playbook >> board(up=True) << "write device io up" >> sees(arm="down") << "write command open" << "open in-1"
    assert playbook << "-> held_open"
    assert [alarm.what for alarm in playbook.bodies(AlarmRaised)] == []


def test_where_the_safety_loop_is_blind_who_leaves_the_near_loop_counts_as_passed(play: Play) -> None:
    playbook = play()
    for number in range(1, 5):
        granted(arrive(playbook) >> wait(1) >> card(LIS_CARD)) >> sees(arm="up") << "-> open" >> wait(1) >> sees(arrival=False)
        playbook >> wait(20) << f"write passage {'assumed' if number == 4 else 'no_show'}" << "-> closing"
        playbook >> wait(2) >> sees(arm="moving")
        if number == 3:
            playbook << "write alarm safety_blind"
        playbook >> sees(arm="down") << "-> idle" >> wait(15)
    assert playbook
    assert results(playbook) == ["no_show"] * 3 + ["assumed"]


def test_a_relay_that_does_not_let_go_is_told_of(play: Play) -> None:
    stuck = event("relay stuck", lambda _: DeviceReported("io", up=True, why="coil 0 is still on"))
    assert play() >> stuck << "write device io up" << "write alarm relay_stuck" >> shows(state="idle")


def test_an_answer_to_a_question_while_no_board_tells_of_the_lane_is_refused(play: Play) -> None:
    playbook = play() >> board(up=False) << "write device io lost" << "-> unknown"
    assert asked(playbook, guard("admit"), "not_ready")
