"""Story 5: the wrong way, through the lowered arm, and an arm that is not there any more."""

import pytest

from access.entries import AlarmRaised, PassageEnded
from tests.edge.gate.conftest import Play
from tests.edge.gate.playbook import LIS_CARD, LOST_CARD, Playbook, card, sees, shows, wait
from tests.edge.gate.scenes import (
    arrive,
    comes_down,
    denied,
    driven_through,
    granted,
    noticed,
    opened,
    opened_by_guard,
    passes,
    under,
)
from tests.edge.gate.wiring import AGENT, FAR, Keys


def ended(playbook: Playbook) -> list[tuple[str, str, int]]:
    return [(body.result, body.direction, body.vehicles) for body in playbook.bodies(PassageEnded)]


# --- the wrong way --------------------------------------------------------------------------------


def test_who_drives_out_through_the_lowered_arm_of_an_entry_goes_the_wrong_way(play: Play) -> None:
    playbook = noticed(play(**FAR) >> sees(far=True) >> wait(1) >> sees(safety=True), "wrong_way") << "-> crossing"
    playbook >> shows(state="crossing", sign="keep_clear", far=True) >> sees(far=False) >> sees(arrival=True)
    playbook >> sees(safety=False) << "write passage wrong_way" << "-> idle"
    assert playbook >> sees(arrival=False) >> wait(100)
    assert ended(playbook) == [("wrong_way", "out", 1)]


def test_without_a_far_loop_the_wrong_way_shows_where_others_arrive(play: Play) -> None:
    playbook = noticed(play() >> sees(safety=True), "loop_without_grant") << "-> crossing" >> wait(1)
    playbook >> sees(arrival=True) << "write observation wrong_way" << "write alarm wrong_way"
    playbook >> sees(safety=False) << "write passage wrong_way" << "-> idle" >> sees(arrival=False)
    assert playbook >> wait(100)
    assert ended(playbook) == [("wrong_way", "out", 1)]


def test_who_came_the_wrong_way_is_not_taken_for_an_arrival_while_they_leave(play: Play) -> None:
    playbook = noticed(play(**FAR) >> sees(far=True) >> sees(safety=True), "wrong_way") << "-> crossing" >> sees(far=False)
    playbook >> sees(arrival=True) >> sees(safety=False) << "write passage wrong_way" << "-> idle" >> wait(5)
    playbook >> sees(arrival=False) >> wait(5)
    assert granted(arrive(playbook) >> card(LIS_CARD))


def test_who_draws_back_from_the_wrong_side_has_not_gone_out(play: Play) -> None:
    playbook = noticed(play(**FAR) >> sees(far=True) >> sees(safety=True), "wrong_way") << "-> crossing"
    playbook >> wait(2) >> sees(safety=False) << "write passage withdrew" << "-> idle"
    assert playbook >> sees(far=False)


def test_somebody_against_whom_a_vehicle_waits_is_no_reason_to_open(play: Play) -> None:
    playbook = arrive(play(**FAR)) >> sees(far=True) >> sees(safety=True) >> wait(1) >> shows(state="waiting")
    playbook >> sees(safety=False) >> sees(far=False)
    assert granted(playbook >> card(LIS_CARD))


def test_who_comes_towards_the_one_that_has_the_grant_is_seen_when_both_are_gone(play: Play) -> None:
    playbook = opened(play(**FAR)) >> sees(far=True) >> wait(1)
    passes(playbook)
    assert comes_down(playbook >> sees(far=False))


# --- through the arm ------------------------------------------------------------------------------


def test_who_drives_through_the_lowered_arm_is_told_of(play: Play) -> None:
    playbook = arrive(play()) >> wait(1) >> sees(safety=True) >> wait(1)
    noticed(playbook >> sees(arrival=False), "gate_crash") << "-> crossing" >> shows(sign="keep_clear")
    playbook >> sees(safety=False) << "write passage crashed" << "-> idle"
    assert playbook >> wait(100)
    assert ended(playbook) == [("crashed", "in", 1)]


def test_a_nose_under_the_lowered_arm_that_draws_back_is_nothing(play: Play) -> None:
    playbook = arrive(play()) >> sees(safety=True) >> wait(1) >> sees(safety=False)
    assert playbook >> sees(arrival=False) << "write passage left" << "-> idle"


def test_who_pushes_the_arm_up_has_crashed_it(play: Play) -> None:
    playbook = arrive(play()) >> sees(safety=True) >> sees(arm="moving") << "-> crossing" >> wait(1) >> sees(arrival=False)
    playbook >> sees(safety=False) << "write observation gate_crash" << "keep camera-in" << "write alarm gate_crash"
    playbook << "write passage crashed" << "-> closing" >> sees(arm="down") << "-> idle"
    assert playbook >> wait(100)


def test_who_was_refused_and_drives_through_is_told_of_with_what_was_read(play: Play) -> None:
    playbook = denied(arrive(play()) >> card(LOST_CARD), "inactive") >> sees(safety=True)
    noticed(playbook >> sees(arrival=False), "gate_crash") << "-> crossing"
    assert playbook >> sees(safety=False) << "write passage crashed" << "-> idle"
    assert playbook.bodies(PassageEnded)[0].text == LOST_CARD.hex().upper()


def test_a_crash_while_the_command_is_out_is_a_passage_on_its_grant(play: Play) -> None:
    playbook = granted(arrive(play()) >> card(LIS_CARD)) >> wait(0.5)
    passes(playbook, phase="idle")
    assert comes_down(playbook >> sees(arm="moving") << "-> closing" >> sees(arm="up"))


def test_an_arm_that_rises_late_is_nobodys_opening_for_who_comes_next(play: Play) -> None:
    playbook = granted(arrive(play()) >> card(LIS_CARD)) >> wait(0.5)
    passes(playbook, phase="idle")
    arrive(playbook) >> sees(arm="moving") >> sees(arm="up") >> sees(safety=True)
    assert noticed(playbook, "loop_without_grant") << "-> crossing"


def test_who_crashes_it_while_the_barriers_own_remote_opens_for_another(play: Play) -> None:
    playbook = arrive(play()) >> sees(safety=True) >> sees(arm="moving") << "-> crossing" >> wait(1)
    playbook >> sees(arm="up") << "write observation opened_by_others" << "-> passing" >> sees(arrival=False)
    assert comes_down(playbook >> sees(safety=False) << "write passage passed" << "-> closing")


def test_who_stands_under_the_arm_they_pushed_up_is_told_of(play: Play) -> None:
    playbook = arrive(play()) >> sees(safety=True) >> sees(arm="moving") << "-> crossing" >> wait(8)
    playbook << "write observation gate_crash" << "keep camera-in" << "write alarm gate_crash" >> wait(30)
    playbook << "write alarm standing_under_arm" >> shows(open_because="standing_under_arm", state="crossing")
    playbook >> sees(arrival=False) >> sees(safety=False) << "write passage crashed" << "-> closing"
    assert comes_down(playbook)


# --- an arm that is gone --------------------------------------------------------------------------


def crashed(playbook: Playbook, *more: str) -> Playbook:
    """A vehicle drives through an arm whose limits say that it is down."""
    arrive(playbook) >> sees(safety=True)
    noticed(playbook >> sees(arrival=False), "gate_crash") << "-> crossing" >> sees(safety=False)
    for line in more:
        playbook << line
    return playbook << "write passage crashed" << "-> idle" >> wait(60)


def test_the_second_vehicle_through_an_arm_that_did_not_move_means_that_it_is_missing(play: Play) -> None:
    playbook = crashed(crashed(crashed(play()), "write alarm arm_missing"))
    assert playbook
    assert [alarm.what for alarm in playbook.bodies(AlarmRaised)].count("arm_missing") == 1


def let_in_under_an_arm_that_stays(playbook: Playbook, *more: str) -> Playbook:
    """A vehicle is let in and drives through, and the limits say all the time that the arm is down."""
    under(granted(arrive(playbook) >> card(LIS_CARD)) >> wait(2)) >> sees(arrival=False) >> wait(2) >> sees(safety=False)
    for line in more:
        playbook << line
    return playbook << "write passage passed" << "-> idle" >> wait(60)


def test_the_second_who_is_let_in_under_an_arm_that_did_not_move_means_that_it_is_missing(play: Play) -> None:
    playbook = let_in_under_an_arm_that_stays(play())
    playbook = let_in_under_an_arm_that_stays(playbook, "write alarm arm_missing")
    assert let_in_under_an_arm_that_stays(playbook)


def test_an_arm_that_rises_again_is_there_again(play: Play) -> None:
    playbook = crashed(crashed(play()), "write alarm arm_missing")
    assert crashed(crashed(comes_down(driven_through(playbook))), "write alarm arm_missing")


def test_an_arm_whose_open_limit_never_leaves_is_not_down_and_then_missing(play: Play) -> None:
    playbook = driven_through(play()) >> wait(45) << "write alarm arm_not_down"
    playbook >> shows(state="closing", open_because="arm_not_down", sign="keep_clear") >> wait(300)
    noticed(arrive(playbook) >> sees(safety=True), "loop_without_grant") << "write alarm arm_missing" << "-> crossing"
    playbook >> sees(arrival=False) >> sees(safety=False) << "write passage unauthorised" << "-> closing"
    noticed(arrive(playbook) >> sees(safety=True), "loop_without_grant") << "-> crossing" >> sees(arrival=False)
    assert playbook >> sees(safety=False) << "write passage unauthorised" << "-> closing"


def test_who_drives_through_while_the_arm_does_not_rise_has_passed(play: Play) -> None:
    playbook = granted(arrive(play()) >> card(LIS_CARD)) >> wait(8) << "write alarm arm_not_up" << "-> fault"
    under(playbook >> shows(state="fault", sign="fault") >> wait(3)) >> sees(arrival=False)
    assert playbook >> sees(safety=False) << "write passage passed" << "-> idle"


@pytest.mark.parametrize("wired", [{}, AGENT])
def test_a_guard_opens_for_the_one_behind_a_crash(play: Play, wired: Keys) -> None:
    playbook = opened_by_guard(arrive(crashed(play(**wired)))) >> sees(arm="up") << "-> open"
    passes(playbook)
    assert playbook >> shows(state="closing")


def test_an_arm_that_is_raised_by_hand_to_be_mended_is_an_observation(play: Play) -> None:
    playbook = crashed(play()) >> sees(arm="moving") << "write observation opened_by_others" << "-> open" >> sees(arm="up")
    playbook >> wait(20) << "write passage no_show" << "-> closing" >> wait(45) << "write alarm arm_not_down"
    assert playbook >> shows(open_because="arm_not_down") >> sees(arm="down") << "-> idle"


def test_who_comes_the_wrong_way_under_the_arm_of_one_who_drove_off(play: Play) -> None:
    playbook = opened(play(**FAR)) >> wait(1) >> sees(arrival=False) >> wait(5) >> sees(far=True) >> wait(1)
    noticed(playbook >> sees(safety=True) << "write passage no_show", "wrong_way") << "-> crossing" >> sees(far=False)
    playbook >> sees(arrival=True) >> sees(safety=False) << "write passage wrong_way" << "-> closing"
    assert comes_down(playbook >> sees(arrival=False))
    assert not playbook.inside()
