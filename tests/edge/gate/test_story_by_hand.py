"""Story 6: opened by hand: by a guard, the booth's push button, a radio remote, and the barrier's own remote that we only see."""

import pytest

from access.entries import AlarmRaised, Decided, GuardActed, PassageEnded
from tests.edge.gate.conftest import Play
from tests.edge.gate.playbook import (
    LIS_CARD,
    LOST_CARD,
    STRANGERS_CARD,
    WANG,
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
from tests.edge.gate.scenes import (
    arrive,
    asked,
    comes_down,
    denied,
    driven_through,
    granted,
    noticed,
    opened,
    opened_by_guard,
    openings,
    passes,
    referred,
    results,
)
from tests.edge.gate.wiring import BUTTONS, FAR


def through(playbook: Playbook) -> Playbook:
    """Whoever stands before the raised arm drives through, and it comes down."""
    return comes_down(passes(playbook))


# --- a guard --------------------------------------------------------------------------------------


def test_a_guard_opens_with_a_reason_and_a_picture(play: Play) -> None:
    playbook = opened_by_guard(arrive(play())) >> shows(state="opening", reason="guard_opened", outcome="grant")
    assert through(playbook >> sees(arm="up") << "-> open")
    (acted,) = playbook.bodies(GuardActed)
    assert (acted.guard, acted.reason, acted.words) == ("g-1", "delivery", "courier")
    assert playbook.bodies(Decided)[-1].values["why"] == "delivery"


def test_a_guard_opens_for_nobody_and_the_arm_comes_down_again(play: Play) -> None:
    playbook = opened_by_guard(play()) >> sees(arm="up") << "-> open" >> wait(20) << "write passage no_show" << "-> closing"
    assert comes_down(playbook)


def test_a_guard_overrules_a_refusal(play: Play) -> None:
    playbook = opened_by_guard(denied(arrive(play()) >> card(LOST_CARD), "inactive"))
    assert through(playbook >> sees(arm="up") << "-> open")
    assert [decision.reason for decision in playbook.bodies(Decided)] == ["inactive", "guard_opened"]


def test_a_press_that_comes_late_does_nothing(play: Play) -> None:
    assert asked(arrive(play()), guard("open_once", late=True), "expired") >> shows(state="waiting", arm="down")


def test_the_same_press_twice_is_one_opening(play: Play) -> None:
    playbook = opened_by_guard(arrive(play())) >> guard("open_once") << "answer r-1 yes" >> wait(1)
    assert playbook >> guard("open_once") << "answer r-1 yes"
    assert len(openings(playbook)) == 1


def test_an_answer_about_somebody_who_has_gone_does_not_open_for_the_next(play: Play) -> None:
    playbook = referred(arrive(play()) >> card(STRANGERS_CARD), "unknown_refer") >> sees(arrival=False)
    arrive(playbook << "write passage unanswered" << "-> idle" >> wait(2)) >> wait(6) << "keep camera-in"
    playbook << "write decision refer unread" << "tell refer unread" << "-> referred"
    assert asked(playbook, guard("admit", passage="the one before"), "too_late")
    assert not openings(playbook)


def test_a_guard_opens_again_after_a_command_failed(play: Play) -> None:
    playbook = granted(arrive(play()) >> card(LIS_CARD)) >> answered("no echo") << "write outcome no echo"
    playbook << "tell grant access_ok" << "write alarm command_failed" << "-> fault" >> wait(15)
    opened_by_guard(playbook >> shows(state="fault", sign="fault")) >> answered() << "write outcome ok"
    assert through(playbook << "tell grant guard_opened" >> sees(arm="up") << "-> open")


def test_a_guard_opens_again_where_the_arm_did_not_rise(play: Play) -> None:
    playbook = granted(arrive(play()) >> card(LIS_CARD)) >> wait(8) << "write alarm arm_not_up" << "-> fault" >> wait(5)
    opened_by_guard(playbook) >> wait(8) << "write alarm arm_not_up" << "-> fault" >> sees(arrival=False)
    assert playbook << "write passage not_opened" << "-> idle"
    assert [decision.reason for decision in playbook.bodies(Decided)] == ["access_ok", "guard_opened"]


def test_a_guard_who_opens_for_who_has_a_grant_already_lets_nobody_more_through(play: Play) -> None:
    playbook = opened(play())
    assert through(opened_by_guard(playbook, phase=""))
    assert results(playbook) == ["passed"]


def test_a_second_guard_who_answers_too_is_too_late(play: Play) -> None:
    playbook = opened_by_guard(referred(arrive(play()) >> card(STRANGERS_CARD), "unknown_refer"), "admit")
    assert asked(playbook, guard("refuse", "r-2"), "too_late")
    assert len(openings(playbook)) == 1


def test_sixty_openings_by_hand_are_not_kept_from_the_guard(play: Play) -> None:
    playbook = play()
    for number in range(60):
        opened_by_guard(arrive(playbook), request=f"r-{number}") >> sees(arm="up") << "-> open"
        through(playbook >> wait(4)) >> wait(6)
    assert playbook
    assert (len(openings(playbook)), playbook.bodies(AlarmRaised)) == (60, [])


# --- buttons --------------------------------------------------------------------------------------


@pytest.mark.parametrize(("button", "reason"), [("push_button", "push_button"), ("remote", "remote_control")])
def test_a_button_opens_once_for_each_press(play: Play, button: str, reason: str) -> None:
    playbook = arrive(play(**BUTTONS)) >> sees(**{button: True}) << "keep camera-in" << f"write decision grant {reason}"
    playbook << "write command open" << "open in-1" << "-> opening" >> wait(0.5) >> sees(**{button: False})
    assert through(playbook >> sees(arm="up") << "-> open")
    (decision,) = playbook.bodies(Decided)
    assert (decision.medium, decision.device) == ("button", button)


def test_a_button_that_is_held_down_opens_once(play: Play) -> None:
    playbook = arrive(play(**BUTTONS)) >> sees(push_button=True) << "keep camera-in" << "write decision grant push_button"
    playbook << "write command open" << "open in-1" << "-> opening"
    assert through(playbook >> sees(arm="up") << "-> open") >> wait(600)
    assert len(openings(playbook)) == 1


def test_a_button_that_is_down_at_the_start_opens_nothing(play: Play) -> None:
    playbook = play(ready=False, **BUTTONS) >> sees(push_button=True) << "-> idle" >> wait(10) >> sees(push_button=False)
    assert playbook
    assert not openings(playbook)


def test_who_presses_again_while_it_opens_sends_it_again_and_lets_nobody_more_through(play: Play) -> None:
    playbook = arrive(play(**BUTTONS)) >> sees(push_button=True) << "keep camera-in" << "write decision grant push_button"
    playbook << "write command open" << "open in-1" << "-> opening" >> sees(push_button=False) >> sees(push_button=True)
    playbook >> wait(1.2) >> sees(push_button=False) >> sees(push_button=True) << "write observation button_pressed"
    playbook << "write command open" << "open in-1" >> sees(arm="up") << "-> open"
    assert through(playbook >> sees(push_button=False))
    assert results(playbook) == ["passed"]


def test_a_button_of_a_lane_that_is_closed_is_ignored_and_written_down(play: Play) -> None:
    playbook = asked(play(**BUTTONS), guard("hold_closed")) << "write lane held_closed guard"
    assert playbook >> sees(push_button=True) << "write observation button_ignored" >> wait(5)


def test_a_button_means_who_is_asked_about(play: Play) -> None:
    playbook = referred(arrive(play(**BUTTONS)) >> card(STRANGERS_CARD), "unknown_refer") >> sees(remote=True)
    playbook << "keep camera-in" << "write decision grant remote_control" << "write command open" << "open in-1"
    assert through(playbook << "-> opening" >> sees(arm="up") << "-> open")
    assert playbook.bodies(PassageEnded)[0].text == STRANGERS_CARD.hex().upper()


def test_a_button_while_the_board_is_away_does_nothing_when_it_is_back(play: Play) -> None:
    playbook = arrive(play(**BUTTONS)) >> board(up=False) << "write device io lost" << "write passage board_lost" << "-> unknown"
    playbook >> board(up=True) << "write device io up" >> sees(push_button=True) << "look camera-in" << "-> waiting"
    assert playbook >> sees(push_button=False)
    assert not openings(playbook)


# --- the barrier's own remote ---------------------------------------------------------------------


def test_who_waits_and_is_let_in_by_the_barriers_own_remote_has_passed(play: Play) -> None:
    playbook = arrive(play()) >> sees(arm="moving") << "write observation opened_by_others" << "-> open"
    playbook >> shows(state="open", outcome="", sign="go") >> sees(arm="up")
    assert through(playbook)
    assert not playbook.bodies(Decided)


def test_who_was_refused_and_is_let_in_by_the_barriers_own_remote(play: Play) -> None:
    playbook = denied(arrive(play()) >> card(LOST_CARD), "inactive") >> sees(arm="moving")
    assert through(playbook << "write observation opened_by_others" << "-> open" >> sees(arm="up"))
    assert not openings(playbook)


def test_who_crashes_under_the_rising_arm_is_no_guest_of_the_remote(play: Play) -> None:
    playbook = arrive(play(**FAR)) >> sees(safety=True) >> wait(1) >> sees(arm="moving") << "-> crossing"
    playbook >> sees(far=True) >> sees(arrival=False) >> sees(safety=False) << "write observation gate_crash"
    playbook << "keep camera-in" << "write alarm gate_crash" << "write passage crashed" << "-> closing"
    assert comes_down(playbook >> sees(far=False))


def test_a_second_vehicle_under_the_arm_that_the_remote_raised_follows(play: Play) -> None:
    playbook = arrive(play()) >> sees(arm="moving") << "write observation opened_by_others" << "-> open" >> sees(arm="up")
    arrive(passes(playbook) >> wait(1))
    noticed(playbook >> sees(safety=True), "tailgating") << "-> crossing" >> sees(arrival=False) >> sees(safety=False)
    assert comes_down(playbook << "write passage tailgated" << "-> closing")


def test_the_remote_holds_the_arm_up_after_nobody_came(play: Play) -> None:
    playbook = play() >> sees(arm="moving") << "write observation opened_by_others" << "-> open" >> sees(arm="up") >> wait(20)
    playbook << "write passage no_show" << "-> closing" >> wait(45) << "write alarm arm_not_down"
    assert playbook >> shows(open_because="arm_not_down") >> wait(3600) >> sees(arm="down") << "-> idle"


def test_who_shows_a_card_under_the_arm_that_the_remote_raised_is_decided_on_and_so_is_known_to_be_inside(play: Play) -> None:
    playbook = arrive(play()) >> sees(arm="moving") << "write observation opened_by_others" << "-> open" >> sees(arm="up")
    playbook >> card(WANGS_CARD) << "write reading card" << "keep camera-in" << "write decision grant access_ok"
    assert through(playbook << "write command open" << "open in-1")
    assert playbook.inside() == {str(WANG)}


def test_the_remote_raises_the_arm_again_behind_who_passed(play: Play) -> None:
    playbook = driven_through(play()) >> sees(arm="moving") >> wait(1) >> sees(arm="up") >> wait(44) << "write alarm arm_not_down"
    assert playbook >> shows(open_because="arm_not_down") >> sees(arm="down") << "-> idle"
