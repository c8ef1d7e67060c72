"""Where the agent closes: only with everything that sees somebody well and clear, three times at most, up again over anybody."""

import pytest

from access.entries import AlarmRaised, Commanded
from edge.gate.opening import CLOSE_AGAIN_S, lower_arm
from edge.gate.passage import Moment
from tests.edge.gate.conftest import Play
from tests.edge.gate.playbook import (
    LIS_CARD,
    WANGS_CARD,
    Playbook,
    answered,
    board,
    card,
    guard,
    sees,
    shows,
    wait,
)
from tests.edge.gate.scenes import arrive, asked, closings, comes_down, driven_through, granted, noticed, opened, passes, under
from tests.edge.gate.wiring import AGENT, FAR, PHOTOCELL, Keys


def told_to_close(playbook: Playbook) -> Playbook:
    """All is clear for two seconds: the arm is told to come down."""
    return playbook >> wait(2) << "write command close" << "close in-1" >> answered(act="close") << "write outcome ok"


def test_the_arm_is_lowered_behind_a_passage(play: Play) -> None:
    playbook = comes_down(told_to_close(driven_through(play(**AGENT)))) >> wait(600)
    assert playbook
    (close,) = closings(playbook)
    assert close.clear == ((2, False), (3, False))
    assert close.expires == pytest.approx(1002.5)


@pytest.mark.parametrize(("pin", "wired"), [("far", FAR), ("photocell", PHOTOCELL)])
def test_nothing_is_lowered_while_anything_sees_somebody(play: Play, pin: str, wired: Keys) -> None:
    playbook = under(opened(play(**AGENT, **wired))) >> sees(arrival=False)
    if pin == "photocell":
        playbook >> sees(photocell=True) >> sees(safety=False) >> wait(5) >> sees(photocell=False)
        playbook << "write passage passed" << "-> closing"
    else:
        playbook >> sees(far=True) >> sees(safety=False) << "write passage passed" << "-> closing" >> wait(5) >> sees(far=False)
    assert comes_down(told_to_close(playbook))


def test_who_arrives_before_it_is_lowered_is_served_under_the_raised_arm(play: Play) -> None:
    playbook = arrive(driven_through(play(**AGENT)) >> wait(1.9)) >> wait(3)
    granted(playbook >> card(WANGS_CARD), phase="open")
    passes(playbook)
    assert comes_down(told_to_close(playbook))


def test_who_arrives_before_the_falling_arm_does_not_stop_it(play: Play) -> None:
    playbook = arrive(told_to_close(driven_through(play(**AGENT))) >> sees(arm="moving")) >> sees(arm="down")
    assert granted(playbook >> card(WANGS_CARD))


def test_a_grant_while_the_arm_is_lowered_raises_it_again_at_once(play: Play) -> None:
    playbook = arrive(told_to_close(driven_through(play(**AGENT))) >> sees(arm="moving") >> wait(1))
    granted(playbook >> card(WANGS_CARD)) >> sees(arm="up") << "-> open"
    passes(playbook)
    assert comes_down(told_to_close(playbook))


def test_a_grant_before_the_arm_has_left_its_limit_opens_again_whatever_it_does(play: Play) -> None:
    playbook = arrive(told_to_close(driven_through(play(**AGENT))))
    granted(playbook >> card(WANGS_CARD), phase="open") >> sees(arm="moving") >> wait(1) >> sees(arm="up") >> wait(5)
    passes(playbook)
    assert comes_down(told_to_close(playbook))


def test_somebody_under_the_falling_arm_raises_it(play: Play) -> None:
    playbook = told_to_close(driven_through(play(**AGENT))) >> sees(arm="moving") >> wait(1) >> sees(safety=True)
    noticed(playbook << "write observation obstructed" << "write command open" << "open in-1", "tailgating") << "-> crossing"
    playbook >> sees(arm="up") >> wait(2) >> sees(safety=False) << "write passage tailgated" << "-> closing"
    assert comes_down(told_to_close(playbook))


def test_a_third_attempt_that_is_obstructed_is_the_last(play: Play) -> None:
    playbook = driven_through(play(**AGENT, **PHOTOCELL))
    for _ in range(3):
        told_to_close(playbook) >> sees(arm="moving") >> sees(photocell=True) << "write observation obstructed"
        playbook << "write command open" << "open in-1"
        noticed(playbook, "tailgating") << "-> crossing" >> sees(arm="up") >> wait(3)
        playbook >> sees(photocell=False) << "write passage tailgated" << "-> closing"
    playbook >> wait(2) << "write alarm cannot_close" >> shows(open_because="obstructed", state="closing") >> wait(3600)
    assert playbook
    assert len(closings(playbook)) == 3


def cannot_close(playbook: Playbook) -> Playbook:
    """The board refuses each of three attempts to lower the arm behind Li."""
    driven_through(playbook) >> wait(2)
    for _ in range(3):
        playbook << "write command close" << "close in-1" >> answered("no echo", act="close") << "write outcome no echo"
        playbook >> wait(CLOSE_AGAIN_S)
    return playbook << "write alarm cannot_close"


def test_a_guard_lets_an_arm_that_was_obstructed_try_again(play: Play) -> None:
    playbook = cannot_close(play(**AGENT)) >> wait(60)
    asked(playbook, guard("resume")) << "write lane normal guard"
    assert comes_down(told_to_close(playbook))


def test_an_arm_that_does_not_obey_is_not_told_again(play: Play) -> None:
    playbook = told_to_close(driven_through(play(**AGENT))) >> wait(8) << "write alarm arm_not_down"
    playbook >> shows(open_because="arm_not_down") >> wait(3600)
    assert playbook
    assert len(closings(playbook)) == 1


def test_a_close_that_the_board_refuses_is_tried_again_and_not_for_ever(play: Play) -> None:
    playbook = cannot_close(play(**AGENT)) >> shows(open_because="obstructed") >> wait(600)
    assert playbook
    assert len(closings(playbook)) == 3


def test_a_close_whose_board_saw_somebody_is_withheld_there_and_comes_again_when_clear(play: Play) -> None:
    playbook = driven_through(play(**AGENT)) >> wait(2) << "write command close" << "close in-1"
    arrive(playbook) >> answered("occupied", act="close")
    playbook << "write outcome occupied" >> wait(1) >> sees(arrival=False) << "write passage left" << "-> closing"
    assert comes_down(told_to_close(playbook))


@pytest.mark.parametrize("is_answered", [False, True])
def test_a_close_that_is_told_late_to_have_failed_does_not_hide_the_one_under_way(play: Play, *, is_answered: bool) -> None:
    playbook = driven_through(play(**AGENT)) >> wait(2) << "write command close" << "close in-1" >> sees(safety=True)
    playbook << "write observation obstructed" << "write command open" << "open in-1"
    noticed(playbook, "tailgating") << "-> crossing" >> answered() << "write outcome ok" >> wait(3)
    playbook >> sees(safety=False) << "write passage tailgated" << "-> closing"
    playbook >> wait(2) << "write command close" << "close in-1"
    if is_answered:
        playbook >> answered(act="close") << "write outcome ok"
    playbook >> answered("no echo", opening_at=0, act="close") << "write outcome no echo"
    playbook >> sees(arm="moving") >> sees(safety=True) << "write observation obstructed" << "write command open" << "open in-1"
    assert noticed(playbook, "tailgating") << "-> crossing"


def test_a_board_that_is_lost_while_the_arm_is_lowered(play: Play) -> None:
    playbook = told_to_close(driven_through(play(**AGENT))) >> sees(arm="moving") >> board(up=False) << "write device io lost"
    playbook << "-> unknown" >> shows(open_because="board_lost") >> wait(20) >> board(up=True) << "write device io up"
    playbook >> sees(arm="moving") << "write observation arm_up_at_start" << "-> closing" >> wait(5)
    assert playbook >> sees(arm="down") << "-> idle"


def test_nothing_is_lowered_that_others_have_raised_until_nobody_came(play: Play) -> None:
    playbook = play(**AGENT) >> sees(arm="moving") << "write observation opened_by_others" << "-> open" >> sees(arm="up")
    playbook >> wait(20) << "write passage no_show" << "-> closing"
    assert comes_down(told_to_close(playbook))


def test_a_guard_who_closes_the_lane_sends_no_close_himself(play: Play) -> None:
    playbook = opened(play(**AGENT))
    asked(playbook, guard("hold_closed")) << "write lane held_closed guard" >> wait(5)
    assert playbook >> shows(state="open", arm="up")
    assert not closings(playbook)


def test_every_close_names_the_end_of_the_passage_as_its_cause(play: Play) -> None:
    playbook = told_to_close(driven_through(play(**AGENT)))
    assert playbook
    opening, close = playbook.bodies(Commanded)
    assert close.act == "close"
    assert close.cause not in ("", opening.cause)
    assert not playbook.bodies(AlarmRaised)


def test_an_agent_waits_as_long_as_it_is_told_before_it_closes(play: Play) -> None:
    playbook = driven_through(play(**AGENT, barrier__close_clear_s=10.0)) >> wait(9.9)
    assert playbook >> wait(0.2) << "write command close" << "close in-1"


def test_a_card_alone_before_a_lowered_arm_opens_it(play: Play) -> None:
    assert granted(comes_down(told_to_close(driven_through(play(**AGENT)))) >> card(LIS_CARD))


def test_nothing_is_lowered_where_its_moment_has_gone_by(play: Play) -> None:
    playbook = comes_down(told_to_close(driven_through(play(**AGENT))))
    assert playbook
    moment = Moment(playbook.now, playbook.at, playbook.gate.rules, playbook.gate.presence)
    assert lower_arm(playbook.lane.state, moment) == []


def test_a_lane_that_is_held_open_as_the_close_leaves_is_raised_at_once(play: Play) -> None:
    playbook = told_to_close(driven_through(play(**AGENT)))
    asked(playbook, guard("hold_open")) << "write lane held_open guard" << "write command open" << "open in-1" << "-> held_open"
    assert playbook >> wait(0.5) >> sees(arm="moving") >> wait(1) >> sees(arm="up") >> wait(20)


def test_a_resume_does_not_hide_the_close_under_way(play: Play) -> None:
    playbook = asked(told_to_close(driven_through(play(**AGENT))) >> sees(arm="moving"), guard("hold_closed", "r-1"))
    asked(playbook << "write lane held_closed guard", guard("resume", "r-2")) << "write lane normal guard" >> sees(safety=True)
    playbook << "write observation obstructed" << "write command open" << "open in-1"
    assert noticed(playbook, "tailgating") << "-> crossing"


def test_limits_that_contradict_do_not_make_the_attempts_begin_anew(play: Play) -> None:
    playbook = cannot_close(play(**AGENT)) >> sees(arm="both") << "write alarm limits_contradict" >> sees(arrival=True)
    playbook << "look camera-in" << "-> waiting" >> wait(1) >> sees(arrival=False) << "write passage left" << "-> idle"
    playbook >> sees(arm="up") << "write observation opened_by_others" << "-> open" >> wait(20)
    playbook << "write passage no_show" << "-> closing" >> wait(2) << "write alarm cannot_close"
    assert playbook
    assert len(closings(playbook)) == 3


def test_limits_that_contradict_do_not_hide_the_close_under_way(play: Play) -> None:
    playbook = told_to_close(driven_through(play(**AGENT))) >> sees(arm="both") << "write alarm limits_contradict"
    arrive(playbook) >> wait(1) >> sees(arrival=False) << "write passage left" << "-> closing" >> sees(safety=True)
    playbook << "write observation obstructed" << "write command open" << "open in-1"
    assert noticed(playbook, "loop_without_grant") << "-> crossing"
