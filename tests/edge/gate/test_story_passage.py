"""Story 2 and 3: through the loops in order, backing out, not coming at all, standing too long, and who queues behind."""

import pytest

from edge.gate.actions import Tell
from tests.edge.gate.conftest import Play
from tests.edge.gate.playbook import (
    LIS_CARD,
    LIS_PLATE,
    STRANGERS_PLATE,
    WANG,
    WANGS_CARD,
    answered,
    card,
    plate,
    sees,
    shows,
    wait,
)
from tests.edge.gate.scenes import (
    arrive,
    behind_the_first,
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
    wang_is_let_in,
)
from tests.edge.gate.wiring import AGENT, FAR, NO_LIMITS, PHOTOCELL, Keys

# --- through --------------------------------------------------------------------------------------


@pytest.mark.parametrize("wired", [{}, FAR, PHOTOCELL, FAR | PHOTOCELL])
def test_a_vehicle_drives_through_and_the_lane_is_free_again(play: Play, wired: Keys) -> None:
    playbook = under(opened(play(**wired))) >> sees(photocell=True) >> sees(far=True) >> sees(arrival=False)
    playbook >> sees(safety=False)
    if "barrier__photocell" not in wired:
        playbook << "write passage passed" << "-> closing" >> sees(photocell=False)
    else:
        playbook >> sees(photocell=False) << "write passage passed" << "-> closing"
    playbook >> wait(2) >> sees(far=False)
    assert comes_down(playbook) >> shows(state="idle", sign="welcome", open_because="") >> wait(1000)


def test_the_arm_comes_down_behind_a_vehicle_that_still_stands_on_the_far_loop(play: Play) -> None:
    playbook = under(opened(play(**FAR))) >> sees(far=True) >> sees(arrival=False) >> sees(safety=False)
    playbook << "write passage passed" << "-> closing"
    assert comes_down(playbook) >> wait(30) >> sees(far=False)


def test_a_photocell_alone_tells_who_is_under_the_arm(play: Play) -> None:
    playbook = opened(play(barrier__safety_loop=None, **PHOTOCELL)) >> sees(photocell=True) << "-> passing"
    playbook >> shows(photocell=True, safety=None) >> sees(arrival=False) >> sees(photocell=False)
    playbook << "write passage passed" << "-> closing"
    assert comes_down(playbook)


def test_a_lorry_whose_trailer_the_loop_loses_for_a_moment_is_one_vehicle(play: Play) -> None:
    playbook = under(opened(play())) >> wait(2) >> sees(safety=False) << "-> open" >> wait(0.2)
    under(playbook) >> wait(1) >> sees(arrival=False) >> wait(1) >> sees(safety=False)
    playbook << "write passage passed" << "-> closing" >> wait(0.5) >> sees(safety=True) >> wait(0.5)
    assert comes_down(playbook >> sees(safety=False))
    assert results(playbook) == ["passed"]


def test_the_gap_before_a_trailer_on_the_near_loop_is_not_a_second_vehicle(play: Play) -> None:
    playbook = under(opened(play())) >> wait(1) >> sees(arrival=False) >> wait(0.2) >> sees(arrival=True)
    playbook >> wait(1) >> sees(arrival=False) >> wait(1) >> sees(safety=False) << "write passage passed" << "-> closing"
    assert comes_down(playbook)
    assert results(playbook) == ["passed"]


def test_a_quick_vehicle_that_is_under_the_arm_before_it_is_up_passes(play: Play) -> None:
    playbook = granted(arrive(play()) >> card(LIS_CARD)) >> sees(arm="moving")
    under(playbook) >> sees(arm="up") >> sees(arrival=False) >> sees(safety=False)
    assert comes_down(playbook << "write passage passed" << "-> closing")


def test_a_passage_is_told_in_one_sentence_in_each_language(play: Play) -> None:
    playbook = comes_down(driven_through(play()))
    assert playbook
    (told,) = [action for action in playbook.sent if isinstance(action, Tell) and action.story]
    assert set(told.story) == {"zh", "en"}
    assert told.story["en"].startswith("李* (3-1201) came in by card …E9AE")
    assert "李*" in told.story["zh"]
    assert "进场" in told.story["zh"]


# --- not through ----------------------------------------------------------------------------------


def test_who_backs_out_where_a_far_loop_is_wired_has_not_passed(play: Play) -> None:
    playbook = under(opened(play(**FAR))) >> sees(safety=False) << "-> open" >> sees(arrival=False)
    playbook >> wait(20) << "write passage reversed" << "-> closing"
    assert comes_down(playbook)
    assert not playbook.inside()


def test_who_backs_out_and_comes_again_at_once_still_has_the_grant(play: Play) -> None:
    playbook = under(opened(play())) >> sees(safety=False) << "-> open" >> wait(5)
    assert comes_down(passes(playbook))
    assert len(openings(playbook)) == 1


def test_who_backs_out_before_a_second_vehicle_leaves_the_grant_to_nobody(play: Play) -> None:
    playbook = under(opened(play())) >> sees(safety=False) << "-> open" >> wait(1) >> sees(arrival=False) >> wait(5)
    playbook >> sees(arrival=True) << "write passage reversed" << "look camera-in" << "-> waiting"
    playbook >> shows(sign="wait", arm="up") >> sees(arm="moving") >> sees(arm="down")
    assert wang_is_let_in(playbook)
    assert not playbook.inside()


def test_the_second_vehicle_that_drives_under_the_arm_of_one_who_backed_out_is_told_of(play: Play) -> None:
    playbook = under(opened(play())) >> sees(safety=False) << "-> open" >> wait(1) >> sees(arrival=False) >> wait(5)
    playbook >> sees(arrival=True) << "write passage reversed" << "look camera-in" << "-> waiting"
    noticed(playbook >> sees(safety=True), "tailgating") << "-> crossing" >> sees(arrival=False) >> sees(safety=False)
    assert comes_down(playbook << "write passage tailgated" << "-> closing")


def test_nobody_comes_through_and_the_grant_is_over(play: Play) -> None:
    playbook = opened(play()) >> wait(1) >> sees(arrival=False) >> shows(state="open", sign="go")
    playbook >> wait(18.9) >> wait(0.2) << "write passage no_show" << "-> closing" >> shows(sign="keep_clear")
    assert comes_down(playbook)
    assert not playbook.inside()


def test_who_stands_before_the_open_arm_has_time_and_is_told_of_once(play: Play) -> None:
    playbook = opened(play()) >> wait(20) << "write alarm waiting_too_long" >> wait(60) >> shows(state="open", open_because="")
    assert comes_down(passes(playbook))


def test_who_stands_before_the_open_arm_and_drives_off_has_not_come(play: Play) -> None:
    playbook = opened(play()) >> wait(30) << "write alarm waiting_too_long" >> sees(arrival=False)
    assert comes_down(playbook >> wait(20) << "write passage no_show" << "-> closing")


def test_an_arm_that_comes_down_by_itself_before_who_was_let_in_ends_the_grant(play: Play) -> None:
    playbook = opened(play()) >> wait(15) >> sees(arm="moving") >> sees(arm="down") << "write passage no_show"
    playbook << "look camera-in" << "-> waiting" >> shows(state="waiting", arm="down")
    assert granted(playbook >> card(LIS_CARD))


# --- standing under the arm -----------------------------------------------------------------------


def test_who_stands_under_the_arm_is_told_of_once_and_nothing_closes(play: Play) -> None:
    playbook = under(opened(play())) >> sees(arrival=False) >> wait(30) << "write alarm standing_under_arm"
    playbook >> shows(state="passing", open_because="standing_under_arm") >> wait(60)
    assert comes_down(playbook >> sees(safety=False) << "write passage passed" << "-> closing")


def test_who_stands_under_the_arm_while_we_close_is_never_closed_onto(play: Play) -> None:
    playbook = under(opened(play(**AGENT))) >> sees(arrival=False) >> wait(40) << "write alarm standing_under_arm"
    playbook >> sees(safety=False) << "write passage passed" << "-> closing" >> wait(1.9) >> sees(safety=True)
    playbook << "write observation tailgating" << "keep camera-in" << "write alarm tailgating" << "-> crossing"
    playbook >> wait(20) >> sees(safety=False) << "write passage tailgated" << "-> closing"
    assert playbook >> wait(2) << "write command close" << "close in-1"


# --- who queues -----------------------------------------------------------------------------------


def test_a_queue_of_three_is_served_one_after_the_other_under_the_raised_arm(play: Play) -> None:
    playbook = arrive(driven_through(play()) >> wait(1))
    granted(playbook >> card(WANGS_CARD), phase="open") >> answered() << "write outcome ok" << "tell grant access_ok"
    under(playbook) >> wait(1) >> sees(arrival=False) >> wait(1) >> sees(arrival=True) >> wait(1) >> sees(safety=False)
    playbook << "write passage passed" << "look camera-in" << "-> waiting"
    granted(playbook >> card(LIS_CARD), phase="open")
    assert comes_down(passes(playbook))
    assert results(playbook) == ["passed"] * 3


def test_who_queues_and_is_not_decided_holds_the_lane_while_the_arm_comes_down(play: Play) -> None:
    playbook = arrive(driven_through(play()) >> wait(1))
    playbook >> sees(arm="moving") >> sees(arm="down") >> shows(state="waiting", arm="down", open_because="")
    assert wang_is_let_in(playbook) >> sees(arm="up") << "-> open"


def test_an_opening_while_the_arm_comes_down_raises_it_again_at_once(play: Play) -> None:
    playbook = arrive(driven_through(play()) >> sees(arm="moving") >> wait(1))
    wang_is_let_in(playbook) >> sees(arm="up") << "-> open"
    assert comes_down(passes(playbook))
    assert len(playbook.inside()) == 2


def test_an_arm_that_reaches_the_ground_after_it_was_told_to_rise_rises_all_the_same(play: Play) -> None:
    playbook = arrive(driven_through(play()) >> sees(arm="moving") >> wait(1))
    wang_is_let_in(playbook) >> sees(arm="down") >> sees(arm="moving") >> sees(arm="up") << "-> open"
    assert passes(playbook)
    assert str(WANG) in playbook.inside()


def test_the_card_of_who_queues_waits_its_turn_and_grows_old(play: Play) -> None:
    playbook = under(opened(play())) >> wait(1) >> sees(arrival=False) >> sees(arrival=True) >> card(WANGS_CARD)
    playbook >> wait(16) >> sees(safety=False) << "write passage passed" << "look camera-in" << "-> waiting"
    assert wang_is_let_in(playbook >> sees(arm="down"))


def test_who_queues_and_drives_off_again_is_forgotten(play: Play) -> None:
    playbook = arrive(driven_through(play()) >> wait(1))
    playbook >> wait(3) >> sees(arrival=False) << "write passage left" << "-> closing"
    assert comes_down(playbook)


def test_a_guard_opens_for_the_next_while_the_first_is_under_the_arm(play: Play) -> None:
    playbook = behind_the_first(play()) >> shows(state="passing") >> wait(1)
    playbook >> sees(safety=False) << "write passage passed" << "-> open"
    assert comes_down(passes(playbook))
    assert results(playbook) == ["passed", "passed"]


def test_a_lane_with_no_limits_passes_a_queue_by_its_times(play: Play) -> None:
    playbook = granted(arrive(play(**NO_LIMITS)) >> card(LIS_CARD)) >> wait(8) << "-> open"
    under(playbook) >> wait(1) >> sees(arrival=False) >> wait(1) >> sees(arrival=True) >> sees(safety=False)
    playbook << "write passage passed" << "look camera-in" << "-> waiting"
    wang_is_let_in(playbook) >> wait(8) << "-> open"
    passes(playbook)
    assert playbook >> wait(45) << "-> idle"


def test_an_arm_that_came_down_by_itself_before_who_was_let_in_is_no_fault(play: Play) -> None:
    playbook = granted(arrive(play()) >> card(LIS_CARD)) >> wait(2) >> sees(arm="up") << "-> open" >> wait(3)
    playbook >> sees(arm="moving") >> wait(2) >> sees(arm="down") << "write passage no_show" << "look camera-in"
    assert wang_is_let_in(playbook << "-> waiting" >> wait(4))


def test_an_arm_that_was_up_when_it_was_told_and_came_down_on_nobody_is_no_fault(play: Play) -> None:
    playbook = granted(arrive(driven_through(play()) >> wait(1)) >> card(WANGS_CARD), phase="open") >> wait(2)
    playbook >> sees(arm="moving") >> wait(2) >> sees(arm="down") << "-> opening" >> shows(state="opening")
    playbook >> wait(4) << "write passage no_show" << "look camera-in" << "-> waiting"
    assert wang_is_let_in(playbook) >> sees(arm="up") << "-> open"


# --- where nothing is under the arm ----------------------------------------------------------------

BLIND: Keys = {"barrier__safety_loop": None}
BARE: Keys = BLIND | {"barrier__arrival_loop": None}


@pytest.mark.parametrize("wired", [BARE, BARE | {"barrier__closed_limit": None}])
def test_who_is_let_in_where_nothing_could_see_them_is_taken_as_passed(play: Play, wired: Keys) -> None:
    playbook = granted(play(**wired) >> card(LIS_CARD)) >> sees(arm="up") << "-> open" >> wait(5)
    assert playbook >> sees(arm="down") << "write passage assumed" << "-> idle"
    assert playbook.inside()


def test_who_leaves_the_only_loop_before_the_open_arm_is_taken_as_passed(play: Play) -> None:
    playbook = opened(play(**BLIND)) >> wait(1) >> sees(arrival=False) >> wait(5)
    assert playbook >> sees(arm="down") << "write passage assumed" << "-> idle"


def test_nobody_is_taken_as_passed_who_never_came_to_the_loop(play: Play) -> None:
    playbook = opened_by_guard(play(**BLIND)) >> sees(arm="up") << "-> open" >> wait(5)
    assert playbook >> sees(arm="down") << "write passage no_show" << "-> idle"


def test_nobody_is_taken_as_passed_where_others_raised_the_arm(play: Play) -> None:
    playbook = play(**BARE) >> sees(arm="moving") << "write observation opened_by_others" << "-> open" >> sees(arm="up")
    assert playbook >> wait(5) >> sees(arm="down") << "write passage no_show" << "-> idle"


def test_a_stuck_loop_under_the_arm_tells_nothing_of_who_went_through(play: Play) -> None:
    playbook = under(opened(play())) >> sees(arrival=False) >> wait(30) << "write alarm standing_under_arm" >> wait(270)
    playbook << "write alarm loop_stuck" << "write passage passed" << "-> closing" >> sees(arm="down") << "-> idle"
    granted(arrive(playbook) >> card(WANGS_CARD)) >> sees(arm="up") << "-> open" >> wait(1) >> sees(arrival=False)
    assert playbook >> wait(5) >> sees(arm="down") << "write passage assumed" << "-> idle"


# --- a queue with no gap --------------------------------------------------------------------------


def test_the_plate_of_the_next_one_tells_that_the_first_has_passed_though_the_near_loop_saw_no_gap(play: Play) -> None:
    playbook = granted(arrive(play()) >> plate(LIS_PLATE), medium="plate") >> sees(arm="up") << "-> open"
    under(playbook) >> wait(2) >> plate(STRANGERS_PLATE) >> sees(safety=False) << "write passage passed" << "look camera-in"
    playbook << "write reading plate" << "keep camera-in" << "write decision refer unknown_refer"
    assert playbook << "tell refer unknown_refer" << "-> referred"


def test_the_card_of_the_next_one_tells_that_the_first_did_not_back_out(play: Play) -> None:
    playbook = under(opened(play())) >> wait(2) >> sees(safety=False) << "-> open" >> wait(1) >> card(WANGS_CARD)
    playbook << "write passage passed" << "write reading card" << "keep camera-in" << "write decision grant access_ok"
    under(playbook << "write command open" << "open in-1") >> sees(arrival=False) >> sees(safety=False)
    assert comes_down(playbook << "write passage passed" << "-> closing")
    assert len(playbook.inside()) == 2


def test_what_the_first_one_shows_twice_is_not_the_next_one(play: Play) -> None:
    playbook = under(opened(play())) >> wait(2) >> plate(LIS_PLATE) << "write reading plate"
    assert playbook >> sees(safety=False) << "-> open"


def test_a_vehicle_that_nothing_under_the_arm_sees_passes_by_the_loops_around_it(play: Play) -> None:
    playbook = opened(play(barrier__safety_loop=None, **FAR, **PHOTOCELL)) >> wait(1) >> sees(arrival=False) >> sees(far=True)
    assert comes_down(playbook >> wait(1) >> sees(far=False) << "write passage passed" << "-> closing")


def test_who_comes_to_the_far_loop_long_after_the_near_one_was_left_is_somebody_else(play: Play) -> None:
    playbook = opened(play(**FAR)) >> wait(1) >> sees(arrival=False) >> wait(5) >> sees(far=True) >> sees(far=False)
    assert comes_down(playbook >> wait(20) << "write passage no_show" << "-> closing")


def test_a_plate_read_before_its_vehicle_was_under_the_arm_is_no_other_vehicles(play: Play) -> None:
    playbook = granted(arrive(play()) >> plate(LIS_PLATE), medium="plate") >> sees(arm="up") << "-> open" >> wait(3)
    under(playbook) >> plate(STRANGERS_PLATE, seen_ago=2) << "write amendment plate" >> wait(1)
    assert playbook >> sees(safety=False) << "-> open"
