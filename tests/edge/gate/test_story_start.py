"""Story 10: a start: inputs are read before anything moves, a raised arm stays up, and what was not confirmed is asked."""

from datetime import timedelta

import pytest

from tests.edge.gate.conftest import Play
from tests.edge.gate.playbook import (
    LI,
    LIS_CARD,
    LIS_PLATE,
    STRANGERS_CARD,
    WANGS_CARD,
    Happening,
    Playbook,
    board,
    card,
    guard,
    plate,
    restart,
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
    referred,
    results,
    under,
)
from tests.edge.gate.wiring import AGENT, BUTTONS, FAR


def commands(playbook: Playbook) -> int:
    return len(openings(playbook)) + len(closings(playbook))


def question(playbook: Playbook) -> Playbook:
    """The guard is asked about a grant that was not confirmed."""
    return playbook << "write decision refer not_confirmed" << "tell refer not_confirmed"


# --- before the inputs are read -------------------------------------------------------------------


def test_nothing_moves_before_the_inputs_are_read(play: Play) -> None:
    playbook = play(ready=False) >> shows(state="unknown", sign="fault", arm="unknown")
    playbook >> card(LIS_CARD) << "write reading card" >> plate(LIS_PLATE) << "write reading plate"
    asked(playbook, guard("open_once"), "not_ready")
    playbook >> wait(60) >> sees(arm="down") << "-> idle" >> wait(600)
    assert playbook
    assert commands(playbook) == 0


def test_a_card_shown_before_the_inputs_were_read_does_not_open_later(play: Play) -> None:
    playbook = play(ready=False) >> card(LIS_CARD) << "write reading card" >> wait(1)
    arrive(playbook)
    assert granted(playbook >> card(WANGS_CARD))
    assert commands(playbook) == 1


def test_a_vehicle_that_stands_there_at_the_start_is_an_arrival(play: Play) -> None:
    playbook = arrive(play(ready=False)) >> wait(6)
    playbook << "keep camera-in" << "write decision refer unread" << "tell refer unread" << "-> referred"
    assert granted(playbook >> card(LIS_CARD))


# --- a raised arm ---------------------------------------------------------------------------------


def test_a_raised_arm_stays_up_at_a_start_until_a_guard_acts(play: Play) -> None:
    playbook = play(ready=False, **AGENT) >> sees(arm="up") << "write observation arm_up_at_start" << "-> closing"
    playbook >> shows(state="closing", open_because="arm_up_at_start", sign="keep_clear") >> wait(3600)
    asked(playbook, guard("resume")) << "write lane normal guard" >> shows(open_because="") >> wait(2)
    playbook << "write command close" << "close in-1"
    assert comes_down(playbook)


def test_a_raised_arm_over_a_vehicle_stays_up_also_when_a_guard_acts(play: Play) -> None:
    playbook = play(ready=False, **AGENT) >> sees(arm="up", safety=True) << "write observation arm_up_at_start" << "-> closing"
    asked(playbook, guard("resume")) << "write lane normal guard" >> wait(40) >> sees(safety=False) >> wait(1.9)
    assert playbook >> shows(arm="up") >> wait(0.1) << "write command close" << "close in-1"


def test_who_drives_under_the_arm_that_was_up_at_the_start_had_no_grant(play: Play) -> None:
    playbook = play(ready=False) >> sees(arm="up") << "write observation arm_up_at_start" << "-> closing" >> wait(60)
    noticed(arrive(playbook) >> sees(safety=True), "loop_without_grant") << "-> crossing" >> sees(arrival=False)
    playbook >> sees(safety=False) << "write passage unauthorised" << "-> closing" >> shows(open_because="arm_up_at_start")
    assert playbook


def test_a_vehicle_before_the_arm_that_was_up_at_the_start_is_read_and_let_in(play: Play) -> None:
    playbook = play(ready=False, **AGENT) >> sees(arm="up", arrival=True) << "write observation arm_up_at_start"
    granted(playbook << "look camera-in" << "-> waiting" >> card(LIS_CARD), phase="open") >> shows(open_because="")
    passes(playbook)
    assert playbook >> wait(2) << "write command close" << "close in-1"


def test_an_arm_that_comes_down_by_itself_after_the_start_is_shut(play: Play) -> None:
    playbook = play(ready=False) >> sees(arm="moving") << "write observation arm_up_at_start" << "-> closing"
    assert playbook >> wait(3) >> sees(arm="down") << "-> idle" >> shows(state="idle", open_because="")


# --- granted, not confirmed -----------------------------------------------------------------------


def test_a_grant_that_was_not_confirmed_is_the_guards_question(play: Play) -> None:
    playbook = question(granted(arrive(play()) >> card(LIS_CARD)) >> sees(arrival=False) >> restart(unconfirmed=True))
    playbook << "-> referred" >> shows(state="referred", reason="not_confirmed", sign="guard_decides", holder="李*")
    asked(playbook, guard("passed")) << "write passage passed" << "-> idle"
    assert playbook
    assert playbook.inside() == {str(LI)}
    assert commands(playbook) == 1


def test_who_has_not_passed_after_all_is_still_outside(play: Play) -> None:
    playbook = question(granted(arrive(play()) >> card(LIS_CARD)) >> sees(arrival=False) >> restart(unconfirmed=True))
    asked(playbook << "-> referred", guard("refuse")) << "keep camera-in" << "write decision deny guard_refused"
    playbook << "tell deny guard_refused" << "-> denied" >> wait(10) << "write passage denied" << "-> idle"
    assert playbook
    assert not playbook.inside()


def test_a_question_that_nobody_answers_ends_after_half_an_hour_and_moves_nothing(play: Play) -> None:
    playbook = question(granted(arrive(play()) >> card(LIS_CARD)) >> sees(arrival=False) >> restart(unconfirmed=True))
    assert playbook << "-> referred" >> wait(1800) << "write passage unanswered" << "-> idle"
    assert commands(playbook) == 1


def test_a_raised_arm_a_vehicle_and_a_grant_not_confirmed_together(play: Play) -> None:
    playbook = granted(arrive(play()) >> card(LIS_CARD)) >> sees(arm="up") << "-> open" >> restart(unconfirmed=True)
    playbook << "write observation arm_up_at_start" << "look camera-in" << "-> waiting"
    playbook >> shows(state="waiting", open_because="arm_up_at_start", sign="wait")
    granted(playbook >> card(LIS_CARD), phase="open")
    passes(playbook)
    assert comes_down(playbook) >> shows(state="idle")
    assert results(playbook) == ["passed"]


def test_somebody_else_who_stands_there_goes_first_and_the_question_comes_after(play: Play) -> None:
    playbook = granted(arrive(play()) >> card(LIS_CARD)) >> restart(unconfirmed=True) << "look camera-in" << "-> waiting"
    granted(playbook >> card(WANGS_CARD)) >> sees(arm="up") << "-> open"
    passes(playbook)
    question(playbook >> sees(arm="down")) << "-> referred" >> wait(5)
    asked(playbook, guard("passed")) << "write passage passed" << "-> idle"
    assert playbook
    assert len(playbook.inside()) == 2


def test_an_arrival_puts_the_question_aside_for_a_while(play: Play) -> None:
    playbook = question(granted(arrive(play()) >> card(LIS_CARD)) >> sees(arrival=False) >> restart(unconfirmed=True))
    arrive(playbook << "-> referred" >> wait(60)) >> wait(2)
    playbook >> sees(arrival=False) << "write passage left" << "-> referred" >> shows(reason="not_confirmed")
    assert asked(playbook, guard("passed")) << "write passage passed" << "-> idle"


def test_a_card_shown_during_the_question_is_decided(play: Play) -> None:
    playbook = question(granted(arrive(play()) >> card(LIS_CARD)) >> sees(arrival=False) >> restart(unconfirmed=True))
    assert granted(playbook << "-> referred" >> card(WANGS_CARD))


def test_who_is_opened_for_by_hand_during_the_question_is_somebody_else(play: Play) -> None:
    playbook = question(granted(arrive(play()) >> card(LIS_CARD)) >> sees(arrival=False) >> restart(unconfirmed=True))
    opened_by_guard(playbook << "-> referred") >> shows(holder="", reason="guard_opened") >> sees(arm="up") << "-> open"
    under(playbook) >> sees(safety=False) << "write passage passed" << "-> closing" >> sees(arm="down") << "-> referred"
    asked(playbook >> shows(reason="not_confirmed", holder="李*"), guard("refuse", "r-2")) << "keep camera-in"
    assert playbook << "write decision deny guard_refused" << "tell deny guard_refused" << "-> denied"
    assert not playbook.inside()


def test_a_button_pressed_during_the_question_opens_for_somebody_else(play: Play) -> None:
    playbook = play(**BUTTONS)
    question(granted(arrive(playbook) >> card(LIS_CARD)) >> sees(arrival=False) >> restart(unconfirmed=True))
    playbook << "-> referred" >> sees(push_button=True) << "keep camera-in" << "write decision grant push_button"
    playbook << "write command open" << "open in-1" << "-> opening" >> shows(holder="") >> sees(push_button=False)
    assert playbook


def test_who_drives_through_a_lane_held_open_during_the_question_is_somebody_else(play: Play) -> None:
    playbook = question(granted(arrive(play()) >> card(LIS_CARD)) >> sees(arrival=False) >> restart(unconfirmed=True))
    asked(playbook << "-> referred", guard("hold_open", "r-h", minutes=1)) << "write lane held_open guard"
    playbook << "write command open" << "open in-1" << "-> held_open" >> sees(arm="up") >> sees(arrival=True)
    playbook << "look camera-in" >> sees(safety=True) >> sees(arrival=False) >> sees(safety=False) << "write passage passed"
    assert playbook >> wait(60) << "write lane normal timer" << "-> closing" >> sees(arm="down") << "-> referred"
    assert not playbook.inside()


def test_a_question_of_any_other_kind_is_not_answered_with_passed(play: Play) -> None:
    playbook = referred(arrive(play()) >> card(STRANGERS_CARD), "unknown_refer")
    assert asked(playbook, guard("passed"), "too_late")


# --- a restart in the middle ----------------------------------------------------------------------


def test_a_restart_while_somebody_is_under_the_arm_closes_onto_nobody(play: Play) -> None:
    playbook = under(opened(play(**AGENT))) >> sees(arrival=False) >> restart() << "write observation arm_up_at_start"
    playbook << "-> closing" >> sees(safety=False) >> wait(100) >> shows(open_because="arm_up_at_start")
    assert playbook
    assert commands(playbook) == 1


def test_a_restart_behind_a_passage_leaves_the_arm_to_its_board(play: Play) -> None:
    playbook = driven_through(play()) >> restart() << "write observation arm_up_at_start" << "-> closing"
    assert comes_down(playbook)


def test_a_lane_that_was_held_open_is_held_open_again(play: Play) -> None:
    playbook = asked(play(), guard("hold_open")) << "write lane held_open guard" << "write command open" << "open in-1"
    playbook << "-> held_open" >> sees(arm="up") >> wait(60) >> restart() << "write lane held_open restart" << "-> held_open"
    playbook >> shows(mode="held_open", open_because="held_open") >> wait(540)
    assert comes_down(playbook << "write lane normal timer" << "-> closing")


def held_open(playbook: Playbook) -> Playbook:
    """A guard holds the lane open."""
    asked(playbook, guard("hold_open")) << "write lane held_open guard" << "write command open" << "open in-1"
    return playbook << "-> held_open" >> sees(arm="up")


def test_who_is_in_a_lane_that_is_held_open_at_the_start_is_read_and_counted(play: Play) -> None:
    playbook = held_open(play()) >> sees(arrival=True) << "look camera-in" >> restart() << "write lane held_open restart"
    playbook << "look camera-in" << "-> held_open" >> sees(safety=True) >> sees(arrival=False) >> wait(1)
    assert playbook >> sees(safety=False) << "write passage passed"


@pytest.mark.parametrize(("near", "far", "counted"), [(True, False, True), (False, False, True), (False, True, False)])
def test_who_is_under_an_arm_held_open_as_the_board_is_back_is_counted(play: Play, near: bool, far: bool, counted: bool) -> None:
    """Who is over the far loop already may have come from there."""
    playbook = held_open(play(**FAR)) >> board(up=False) << "write device io lost" << "-> unknown" >> board(up=True)
    playbook << "write device io up" >> sees(arrival=near, safety=True, far=far)
    playbook = playbook << "look camera-in" << "-> held_open" if near else playbook << "-> held_open"
    playbook >> wait(1) >> sees(arrival=False) >> wait(1) >> sees(safety=False)
    assert playbook << "write passage passed" if counted else playbook


def test_a_hold_that_was_over_while_the_program_stood_still_is_over(play: Play) -> None:
    playbook = asked(play(), guard("hold_open", minutes=1)) << "write lane held_open guard" << "write command open"
    playbook << "open in-1" << "-> held_open" >> sees(arm="up") >> wait(59)
    playbook >> slept(30) >> restart() << "write observation arm_up_at_start" << "-> closing" >> shows(mode="normal")
    assert comes_down(playbook)


def test_a_hold_is_no_longer_than_it_could_be_set_for_where_the_clock_was_lost(play: Play) -> None:
    playbook = asked(play(), guard("hold_open")) << "write lane held_open guard" << "write command open" << "open in-1"
    playbook << "-> held_open" >> sees(arm="up") >> clock_set(days=-3650) >> restart() << "write lane held_open restart"
    playbook << "-> held_open" >> wait(719 * 60) >> shows(mode="held_open") >> wait(60)
    assert comes_down(playbook << "write lane normal timer" << "-> closing")


@pytest.mark.parametrize(("act", "mode"), [("hold_closed", "held_closed"), ("out_of_service", "out_of_service")])
def test_a_lane_that_was_closed_is_closed_after_a_restart(play: Play, act: str, mode: str) -> None:
    playbook = asked(play(), guard(act)) << f"write lane {mode} guard" >> restart() << f"write lane {mode} restart"
    assert playbook << "-> idle" >> shows(state=mode)


def test_a_board_that_comes_later_than_the_program_changes_nothing(play: Play) -> None:
    playbook = play(ready=False) >> board(up=False) << "write device io lost" >> wait(300) >> board(up=True)
    assert playbook << "write device io up" >> sees(arm="down") << "-> idle"


def slept(seconds: float) -> Happening:
    """The program stands still for so long: no deadline is met."""

    def play(playbook: Playbook) -> list[str]:
        playbook.now += seconds
        return []

    return Happening(f"slept {seconds:g}", play)


def clock_set(days: float) -> Happening:
    """The clock is set: UTC jumps, the monotonic one goes on."""

    def play(playbook: Playbook) -> list[str]:
        playbook.clock_off += timedelta(days=days)
        return []

    return Happening(f"clock set {days:+g} days", play)


def test_without_rules_the_question_says_only_what_was_shown(play: Play) -> None:
    playbook = granted(arrive(play()) >> card(LIS_CARD)) >> sees(arrival=False)
    assert playbook
    playbook.gate.rules = None
    question(playbook >> restart(unconfirmed=True)) << "-> referred"
    assert asked(playbook, guard("passed")) << "write passage passed" << "-> idle"
    assert not playbook.inside()


def test_a_question_that_grew_old_while_somebody_else_was_there_ends(play: Play) -> None:
    playbook = question(granted(arrive(play()) >> card(LIS_CARD)) >> sees(arrival=False) >> restart(unconfirmed=True))
    granted(arrive(playbook << "-> referred" >> wait(1795)) >> card(WANGS_CARD)) >> sees(arm="up") << "-> open"
    under(playbook) >> wait(2) >> sees(arrival=False) >> sees(safety=False) << "write passage passed" << "-> closing"
    assert playbook >> wait(5) >> sees(arm="down") << "write passage unanswered" << "-> idle"
