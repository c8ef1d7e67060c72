"""Story 4: a second vehicle on one grant is told of and never closed onto; in a convoy the guard has said so."""

import pytest

from access.entries import AlarmRaised, Decided, PassageEnded
from tests.edge.gate.conftest import Play
from tests.edge.gate.playbook import (
    LIS_CARD,
    LOST_CARD,
    STRANGERS_PLATE,
    Playbook,
    answered,
    card,
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
    convoy,
    decided,
    denied,
    driven_through,
    granted,
    noticed,
    opened,
    opened_by_guard,
    passes,
    results,
    under,
    wang_is_let_in,
)
from tests.edge.gate.wiring import AGENT, FAR, Keys


@pytest.mark.parametrize("wired", [{}, FAR])
def test_a_second_vehicle_under_the_open_arm_is_told_of_with_a_picture(play: Play, wired: Keys) -> None:
    playbook = arrive(driven_through(play(**wired)) >> wait(1))
    noticed(playbook >> wait(1) >> sees(safety=True), "tailgating") << "-> crossing"
    playbook >> shows(state="crossing", sign="keep_clear") >> sees(arrival=False) >> sees(safety=False)
    assert comes_down(playbook << "write passage tailgated" << "-> closing")
    assert [ended.vehicles for ended in playbook.bodies(PassageEnded)] == [1, 1]


def test_a_second_vehicle_close_behind_with_no_gap_under_the_arm_is_told_of(play: Play) -> None:
    playbook = under(opened(play())) >> wait(1) >> sees(arrival=False) >> wait(0.8) >> sees(arrival=True)
    noticed(playbook >> wait(1) >> sees(arrival=False), "tailgating") >> wait(1) >> sees(safety=False)
    playbook << "write passage passed" << "write passage tailgated" << "-> closing"
    assert comes_down(playbook)


def test_the_plate_of_who_follows_is_written_with_their_passage(play: Play) -> None:
    playbook = arrive(driven_through(play()) >> wait(1))
    decided(playbook >> plate(STRANGERS_PLATE), "refer", "unknown_refer", "plate") << "tell refer unknown_refer" << "-> referred"
    noticed(playbook >> sees(safety=True), "tailgating") << "-> crossing" >> sees(arrival=False) >> sees(safety=False)
    assert comes_down(playbook << "write passage tailgated" << "-> closing")
    assert [ended.plate for ended in playbook.bodies(PassageEnded)] == ["", STRANGERS_PLATE]


def test_where_we_close_nothing_closes_onto_who_follows(play: Play) -> None:
    playbook = arrive(driven_through(play(**AGENT)) >> wait(1.9))
    noticed(playbook >> sees(safety=True), "tailgating") << "-> crossing" >> wait(60) << "write alarm standing_under_arm"
    playbook >> shows(open_because="standing_under_arm") >> sees(arrival=False) >> sees(safety=False)
    playbook << "write passage tailgated" << "-> closing" >> wait(2) << "write command close" << "close in-1"
    assert comes_down(playbook >> answered(act="close") << "write outcome ok")
    assert len(closings(playbook)) == 1


# --- pairs ----------------------------------------------------------------------------------------


def test_behind_who_follows_the_next_one_is_served(play: Play) -> None:
    playbook = arrive(driven_through(play()) >> wait(1))
    noticed(playbook >> sees(safety=True), "tailgating") << "-> crossing" >> wait(1) >> sees(arrival=False)
    playbook >> wait(1) >> sees(arrival=True) >> sees(safety=False) << "write passage tailgated"
    playbook << "look camera-in" << "-> waiting"
    assert granted(playbook >> card(LIS_CARD), phase="open")
    assert results(playbook) == ["passed", "tailgated"]


def test_the_card_of_who_waits_behind_does_not_make_good_the_one_who_follows(play: Play) -> None:
    playbook = arrive(driven_through(play()) >> wait(1))
    noticed(playbook >> sees(safety=True), "tailgating") << "-> crossing" >> card(LIS_CARD) >> wait(1) >> sees(arrival=False)
    assert comes_down(playbook >> sees(safety=False) << "write passage tailgated" << "-> closing")
    assert len(playbook.bodies(Decided)) == 1


def test_a_third_vehicle_behind_the_one_that_follows_is_told_of_too(play: Play) -> None:
    playbook = arrive(driven_through(play()) >> wait(1))
    noticed(playbook >> sees(safety=True), "tailgating") << "-> crossing" >> wait(1) >> sees(arrival=False)
    playbook >> wait(1) >> sees(arrival=True) >> wait(1) >> sees(safety=False) << "write passage tailgated"
    playbook << "look camera-in" << "-> waiting"
    noticed(playbook >> wait(1) >> sees(safety=True), "tailgating") << "-> crossing" >> sees(arrival=False)
    assert comes_down(playbook >> sees(safety=False) << "write passage tailgated" << "-> closing")
    assert results(playbook) == ["passed", "tailgated", "tailgated"]


def test_who_comes_out_under_the_arm_that_was_raised_for_another_goes_the_wrong_way(play: Play) -> None:
    playbook = driven_through(play(**FAR)) >> wait(6) >> sees(far=True) >> wait(1)
    noticed(playbook >> sees(safety=True), "wrong_way") << "-> crossing" >> sees(far=False) >> sees(arrival=True)
    assert comes_down(playbook >> sees(safety=False) << "write passage wrong_way" << "-> closing" >> sees(arrival=False))


def test_who_has_passed_and_backs_out_again_goes_the_wrong_way(play: Play) -> None:
    playbook = noticed(driven_through(play()) >> wait(6) >> sees(safety=True), "tailgating") << "-> crossing" >> wait(1)
    playbook >> sees(arrival=True) << "write observation wrong_way" << "write alarm wrong_way" >> wait(1)
    playbook >> sees(safety=False) << "write passage wrong_way" << "-> closing" >> sees(arrival=False)
    assert comes_down(playbook)
    assert [ended.direction for ended in playbook.bodies(PassageEnded)] == ["in", "out"]


def test_an_arrival_behind_who_follows_is_not_who_follows_coming_back(play: Play) -> None:
    playbook = arrive(driven_through(play()) >> wait(1)) >> wait(1)
    noticed(playbook >> sees(safety=True), "tailgating") << "-> crossing" >> sees(arrival=False) >> wait(2)
    playbook >> sees(arrival=True) >> sees(safety=False) << "write passage tailgated" << "look camera-in" << "-> waiting"
    assert playbook


def test_a_tailgater_who_backs_out_again_has_not_come_in(play: Play) -> None:
    playbook = arrive(driven_through(play()) >> wait(1))
    noticed(playbook >> sees(safety=True), "tailgating") << "-> crossing" >> sees(safety=False)
    playbook << "write passage withdrew" << "look camera-in" << "-> waiting"
    assert wang_is_let_in(playbook >> sees(arm="down"))


def test_who_was_refused_and_follows_is_told_of_by_name(play: Play) -> None:
    playbook = denied(arrive(driven_through(play())) >> card(LOST_CARD), "inactive")
    noticed(playbook >> sees(safety=True), "tailgating") << "-> crossing" >> sees(arrival=False) >> sees(safety=False)
    assert comes_down(playbook << "write passage tailgated" << "-> closing")
    assert [alarm.what for alarm in playbook.bodies(AlarmRaised)] == ["tailgating"]


def test_who_follows_after_a_guard_opened_for_the_first(play: Play) -> None:
    playbook = opened_by_guard(arrive(play())) >> sees(arm="up") << "-> open"
    noticed(arrive(passes(playbook) >> wait(1)) >> sees(safety=True), "tailgating") << "-> crossing" >> sees(arrival=False)
    assert comes_down(playbook >> sees(safety=False) << "write passage tailgated" << "-> closing")


# --- convoy ---------------------------------------------------------------------------------------


def one_of_the_convoy(playbook: Playbook, result: str = "passed") -> Playbook:
    """One vehicle of it drives through."""
    playbook >> wait(1) >> sees(arrival=True) << "look camera-in" >> wait(1) >> sees(safety=True) >> sees(arrival=False)
    return playbook >> sees(safety=False) << f"write passage {result}"


def test_a_convoy_passes_without_alarms_and_each_vehicle_is_counted(play: Play) -> None:
    playbook = convoy(play()) >> shows(mode="convoy", state="held_open", sign="held_open", open_because="convoy")
    for _ in range(3):
        one_of_the_convoy(playbook)
    assert playbook >> wait(10)
    assert results(playbook) == ["passed"] * 3
    assert not playbook.bodies(AlarmRaised)


def test_a_convoy_ends_by_itself_and_the_arm_comes_down(play: Play) -> None:
    playbook = one_of_the_convoy(convoy(play(), minutes=2)) >> wait(118) << "write lane normal timer" << "-> closing"
    assert comes_down(playbook >> shows(mode="normal", mode_until_utc=0.0))


def test_who_comes_to_the_end_of_a_convoy_is_an_arrival_of_their_own(play: Play) -> None:
    playbook = one_of_the_convoy(convoy(play(), minutes=1)) >> wait(50) >> sees(arrival=True) << "look camera-in" >> wait(8)
    playbook << "write lane normal timer" << "write passage left" << "look camera-in" << "-> waiting"
    playbook >> shows(sign="wait", mode="normal")
    assert granted(playbook >> card(LIS_CARD), phase="open")


def test_who_drives_on_after_the_end_of_a_convoy_is_told_of(play: Play) -> None:
    playbook = one_of_the_convoy(convoy(play(), minutes=1)) >> wait(50) >> sees(arrival=True) << "look camera-in" >> wait(8)
    playbook << "write lane normal timer" << "write passage left" << "look camera-in" << "-> waiting"
    noticed(playbook >> sees(safety=True), "loop_without_grant") << "-> crossing" >> sees(arrival=False)
    assert comes_down(playbook >> sees(safety=False) << "write passage unauthorised" << "-> closing")


def test_the_last_of_a_convoy_who_is_under_the_arm_at_its_end_still_belongs_to_it(play: Play) -> None:
    playbook = one_of_the_convoy(convoy(play(), minutes=1)) >> wait(50) >> sees(arrival=True) << "look camera-in" >> wait(4)
    playbook >> sees(safety=True) >> wait(4) << "write lane normal timer" << "-> passing"
    playbook >> shows(mode="normal", sign="go") >> sees(arrival=False) >> sees(safety=False)
    assert comes_down(playbook << "write passage passed" << "-> closing")
    assert results(playbook) == ["passed", "passed"]


def test_where_we_close_the_arm_is_lowered_when_the_convoy_is_over(play: Play) -> None:
    playbook = one_of_the_convoy(convoy(play(**AGENT), minutes=1)) >> wait(58) << "write lane normal timer" << "-> closing"
    assert playbook >> wait(2) << "write command close" << "close in-1"
    assert len(closings(playbook)) == 1


def test_an_arm_that_its_board_lowers_between_two_of_a_convoy_is_raised_again(play: Play) -> None:
    playbook = one_of_the_convoy(convoy(play())) >> sees(arm="moving") << "write command open" << "open in-1"
    playbook >> answered() << "write outcome ok" >> sees(arm="up")
    assert one_of_the_convoy(playbook)


def test_a_convoy_of_more_than_half_an_hour_is_refused(play: Play) -> None:
    assert asked(play(), guard("convoy", minutes=31), "too_long")
    assert asked(play(), guard("convoy", minutes=-1), "too_long")


def test_a_tailgater_whose_loop_flickers_as_it_is_reached_is_one_tailgater(play: Play) -> None:
    playbook = arrive(driven_through(play()) >> wait(2)) >> wait(1) >> sees(safety=True)
    noticed(playbook, "tailgating") << "-> crossing" >> wait(0.05) >> sees(safety=False) >> wait(0.1) >> sees(safety=True)
    playbook >> wait(2) >> sees(arrival=False) >> wait(1) >> sees(safety=False) << "write passage tailgated" << "-> closing"
    assert comes_down(playbook)


def test_a_tailgater_who_only_touches_the_loop_has_drawn_back(play: Play) -> None:
    playbook = arrive(driven_through(play()) >> wait(2)) >> wait(1) >> sees(safety=True)
    noticed(playbook, "tailgating") << "-> crossing" >> wait(0.05) >> sees(safety=False) >> wait(1)
    assert playbook << "write passage withdrew" << "look camera-in" << "-> waiting"


def test_a_loop_that_flickers_while_the_one_before_leaves_the_far_one_has_seen_nobody_pass(play: Play) -> None:
    playbook = opened(play(**FAR)) >> sees(safety=True) << "-> passing" >> wait(1) >> sees(far=True) >> sees(arrival=False)
    playbook >> wait(1) >> sees(safety=False) << "write passage passed" << "-> closing" >> wait(1)
    granted(arrive(playbook) >> card(LIS_CARD), phase="open") >> wait(0.05) >> sees(arrival=False) >> wait(0.05)
    assert playbook >> sees(far=False) >> wait(0.05) >> sees(arrival=True)


def test_loops_that_flicker_on_both_sides_of_the_arm_have_seen_nobody_pass(play: Play) -> None:
    playbook = opened(play(**FAR)) >> wait(1) >> sees(safety=True) << "-> passing" >> wait(0.05) >> sees(far=True) >> wait(0.05)
    playbook >> sees(safety=False, far=False) << "-> open" >> wait(0.05) >> sees(safety=True) << "-> passing" >> wait(2)
    playbook >> sees(far=True) >> wait(1) >> sees(arrival=False) >> wait(1) >> sees(safety=False) << "write passage passed"
    assert playbook << "-> closing"
