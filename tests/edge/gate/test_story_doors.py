"""Story 8: doors and turnstiles: struck, held, forced, for two persons, from inside; each person a passage of their own."""

import pytest

from access.entries import Decided, PassageEnded
from edge.gate.actions import Tell
from tests.edge.gate.conftest import Play
from tests.edge.gate.playbook import (
    DOOR,
    LI,
    LIS_CARD,
    LOST_CARD,
    STRANGERS_CARD,
    WANG,
    WANGS_CARD,
    Playbook,
    answered,
    board,
    card,
    estate,
    guard,
    sees,
    settings,
    shows,
    wait,
)
from tests.edge.gate.scenes import (
    alarm_given,
    asked,
    awaited,
    decided,
    denied,
    goes_in,
    granted,
    noticed,
    opened_by_guard,
    openings,
    referred,
    results,
)
from tests.edge.gate.wiring import BLIND_DOOR, EXIT_BUTTON, FIRE, TURNSTILE


@pytest.fixture
def room(play: Play) -> Playbook:
    """A door with a contact and a button inside."""
    return play(settings(DOOR, **EXIT_BUTTON))


@pytest.fixture
def turnstile(play: Play) -> Playbook:
    """A turnstile that tells when it has turned, with a button inside."""
    return play(settings(TURNSTILE, **EXIT_BUTTON))


def button_pressed(playbook: Playbook, phase: str = "opening") -> Playbook:
    """Somebody inside presses the button."""
    playbook >> sees(exit_button=True) << "keep camera-in" << "write decision grant exit_button"
    return playbook << "write command open" << "open in-1" << f"-> {phase}" >> sees(exit_button=False)


def test_who_presses_the_button_inside_goes_out_by_the_door_where_others_come_in(room: Playbook) -> None:
    assert goes_in(button_pressed(room))
    assert [ended.direction for ended in room.bodies(PassageEnded)] == ["out"]
    (story,) = [action.story for action in room.sent if isinstance(action, Tell) and action.story]
    assert story["zh"].startswith("有人出门：出门按钮开门")
    assert story["en"].startswith("Somebody went out: opened by the exit button")


# --- a door ---------------------------------------------------------------------------------------


def test_the_person_at_the_door_is_told_what_to_do(room: Playbook) -> None:
    granted(room >> shows(kind="pedestrian", sign="welcome") >> card(LIS_CARD)) >> shows(sign="go", until_mono=1020.0)
    room >> sees(arm="moving") << "-> passing" >> shows(state="passing", sign="go", open_because="")
    assert room >> sees(arm="down") << "write passage passed" << "-> idle" >> shows(sign="welcome")


def test_the_strike_falls_back_when_nobody_opens_the_door(room: Playbook) -> None:
    granted(room >> card(LIS_CARD)) >> answered() << "write outcome ok" << "tell grant access_ok"
    assert room >> wait(20) << "write passage no_show" << "-> idle" >> sees(arm="down")
    assert not room.inside()


def test_a_door_held_is_told_once_and_says_why_it_stands_open(room: Playbook) -> None:
    granted(room >> card(LIS_CARD)) >> sees(arm="moving") << "-> passing" >> wait(30) << "write alarm door_held"
    room >> shows(state="passing", open_because="door_held") >> wait(600)
    assert room >> sees(arm="down") << "write passage passed" << "-> idle" >> shows(open_because="")


def test_the_next_person_at_a_held_door_waits_until_it_is_shut(room: Playbook) -> None:
    granted(room >> card(LIS_CARD)) >> sees(arm="moving") << "-> passing" >> wait(30) << "write alarm door_held"
    granted(room >> card(WANGS_CARD) >> wait(5) >> sees(arm="down") << "write passage passed")
    assert goes_in(room)
    assert room.inside() == {str(LI), str(WANG)}


def test_the_next_person_at_a_door_held_too_long_presents_again(room: Playbook) -> None:
    granted(room >> card(LIS_CARD)) >> sees(arm="moving") << "-> passing" >> wait(30) << "write alarm door_held"
    room >> card(WANGS_CARD) >> wait(20) >> sees(arm="down") << "write passage passed" << "-> idle"
    assert goes_in(granted(room >> card(WANGS_CARD)))


def test_a_door_that_nobody_had_a_grant_for_is_forced(room: Playbook) -> None:
    noticed(room >> sees(arm="moving"), "door_forced") << "write passage door_forced" << "-> closing"
    room >> shows(state="closing", sign="keep_clear") >> wait(30) << "write alarm door_held" >> shows(open_because="door_held")
    assert room >> sees(arm="down") << "-> idle"
    assert not room.inside()


def test_who_was_refused_and_forces_the_door_is_told_of_with_their_card(room: Playbook) -> None:
    denied(room >> card(LOST_CARD), "inactive")
    noticed(room >> sees(arm="moving"), "door_forced") << "write passage door_forced" << "-> closing"
    assert room >> sees(arm="down") << "-> idle"
    assert room.bodies(PassageEnded)[0].text == LOST_CARD.hex().upper()


def test_a_door_opened_after_its_strike_fell_back_is_forced(room: Playbook) -> None:
    granted(room >> card(LIS_CARD)) >> wait(20) << "write passage no_show" << "-> idle" >> wait(1)
    assert noticed(room >> sees(arm="moving"), "door_forced") << "write passage door_forced" << "-> closing"


def test_a_question_at_a_door_is_the_guards_and_its_answer_opens(room: Playbook) -> None:
    referred(room >> card(STRANGERS_CARD), "unknown_refer") >> shows(sign="guard_decides")
    assert goes_in(opened_by_guard(room, "admit"))


def test_a_person_who_goes_away_from_a_question_is_forgotten(room: Playbook) -> None:
    referred(room >> card(STRANGERS_CARD), "unknown_refer")
    assert room >> wait(120) << "write passage unanswered" << "-> idle"


def test_a_command_that_fails_at_a_door_ends_without_a_passage(room: Playbook) -> None:
    granted(room >> card(LIS_CARD)) >> answered("no echo") << "write outcome no echo" << "tell grant access_ok"
    room << "write alarm command_failed" << "-> fault" >> shows(sign="fault") >> wait(10) << "write passage not_opened"
    assert goes_in(granted(room << "-> idle" >> card(LIS_CARD)))


def test_a_door_that_opens_although_its_command_seemed_to_fail(room: Playbook) -> None:
    granted(room >> card(LIS_CARD)) >> answered("no echo") << "write outcome no echo" << "tell grant access_ok"
    assert goes_in(room << "write alarm command_failed" << "-> fault" >> wait(2))


def test_a_door_whose_board_is_lost_while_it_is_open(room: Playbook) -> None:
    granted(room >> card(LIS_CARD)) >> sees(arm="moving") << "-> passing" >> board(up=False) << "write device io lost"
    room << "write passage board_lost" << "-> unknown" >> board(up=True) << "write device io up" >> sees(arm="moving")
    room << "write observation arm_up_at_start" << "-> closing" >> shows(open_because="arm_up_at_start") >> wait(60)
    assert room >> sees(arm="down") << "-> idle"


# --- from inside ----------------------------------------------------------------------------------


def test_the_button_inside_opens_and_who_leaves_goes_out(play: Play) -> None:
    room = play(settings(DOOR, direction="both", **EXIT_BUTTON))
    goes_in(granted(room >> card(LIS_CARD)))
    assert goes_in(button_pressed(room))
    assert [ended.direction for ended in room.bodies(PassageEnded)] == ["in", "out"]


@pytest.mark.parametrize("act", ["hold_closed", "out_of_service"])
def test_the_button_inside_opens_a_closed_door_too(room: Playbook, act: str) -> None:
    mode = {"hold_closed": "held_closed"}.get(act, act)
    asked(room, guard(act)) << f"write lane {mode} guard"
    denied(room >> card(LIS_CARD), f"lane_{mode}") >> wait(10) << "write passage denied" << "-> idle"
    assert goes_in(button_pressed(room))


def test_the_button_inside_makes_no_forced_door_of_a_forced_one(room: Playbook) -> None:
    noticed(room >> sees(arm="moving"), "door_forced") << "write passage door_forced" << "-> closing"
    assert button_pressed(room, "passing") >> sees(arm="down") << "write passage passed" << "-> idle"
    assert results(room) == ["door_forced", "passed"]


def test_a_door_pulled_before_its_button_is_forced(room: Playbook) -> None:
    noticed(room >> sees(arm="moving"), "door_forced") << "write passage door_forced" << "-> closing"
    assert room >> sees(arm="down") << "-> idle"
    assert goes_in(button_pressed(room >> wait(5)))


def test_who_goes_out_by_the_button_is_not_the_one_outside_whom_the_guard_is_asked_about(room: Playbook) -> None:
    referred(room >> card(STRANGERS_CARD), "unknown_refer") >> sees(exit_button=True) << "write passage unanswered"
    room << "keep camera-in" << "write decision grant exit_button" << "write command open" << "open in-1" << "-> opening"
    assert goes_in(room)
    assert [passage.text for passage in room.bodies(PassageEnded)] == [STRANGERS_CARD.hex().upper(), ""]


def test_the_button_inside_while_the_door_stands_open_unlocks_it_again(room: Playbook) -> None:
    granted(room >> card(LIS_CARD)) >> sees(arm="moving") << "-> passing" >> wait(2) >> sees(exit_button=True)
    room << "write observation button_pressed" << "write command open" << "open in-1" >> sees(exit_button=False)
    assert room >> sees(arm="down") << "write passage passed" << "-> idle"


# --- two persons ----------------------------------------------------------------------------------


def for_two(play: Play, text: str = DOOR) -> Playbook:
    return play(settings(text, **EXIT_BUTTON), rules=estate(1, two_person=True, lane_kind="pedestrian"))


def both(playbook: Playbook) -> Playbook:
    awaited(playbook >> card(LIS_CARD), "person_awaited") << "-> waiting"
    return granted(playbook >> shows(sign="show_second", until_mono=1030.0) >> wait(5) >> card(WANGS_CARD))


def test_two_persons_go_in_together(play: Play) -> None:
    assert goes_in(both(room := for_two(play)))
    assert room.inside() == {str(LI), str(WANG)}


def test_who_slips_through_behind_two_persons_needs_two_of_their_own(play: Play) -> None:
    room = goes_in(both(for_two(play)))
    noticed(room >> wait(0.5) >> sees(arm="moving"), "door_forced") << "write passage door_forced" << "-> closing"
    assert room >> sees(arm="down") << "-> idle"
    assert results(room) == ["passed", "door_forced"]


def test_two_persons_of_whom_one_is_refused_do_not_go_in(play: Play) -> None:
    room = for_two(play)
    awaited(room >> card(LIS_CARD), "person_awaited") << "-> waiting"
    denied(room >> card(LOST_CARD), "inactive") >> wait(10) << "write passage denied" << "-> idle"
    assert room
    assert not openings(room)


def test_the_third_person_is_not_the_second_of_a_later_pair(play: Play) -> None:
    room = goes_in(both(for_two(play)))
    awaited(room >> card(LIS_CARD), "person_awaited") << "-> waiting"
    assert room >> wait(30) << "write passage denied" << "-> idle"
    assert len(openings(room)) == 1


# --- a turnstile ----------------------------------------------------------------------------------


def turns(playbook: Playbook) -> Playbook:
    """The turnstile turns once."""
    return playbook >> sees(passage_signal=True)


def test_a_turnstile_lets_one_person_through_for_each_grant(turnstile: Playbook) -> None:
    turns(granted(turnstile >> card(LIS_CARD))) << "write passage passed" << "-> idle" >> sees(passage_signal=False)
    turns(granted(turnstile >> card(WANGS_CARD))) << "write passage passed" << "-> idle"
    assert turnstile >> sees(passage_signal=False)
    assert turnstile.inside() == {str(LI), str(WANG)}


def test_who_turns_it_without_a_grant_is_told_of(turnstile: Playbook) -> None:
    turns(granted(turnstile >> card(LIS_CARD))) << "write passage passed" << "-> idle" >> sees(passage_signal=False)
    noticed(turns(turnstile >> wait(0.5)), "door_forced") << "write passage door_forced"
    assert turnstile
    assert results(turnstile) == ["passed", "door_forced"]


def test_a_turnstile_that_nobody_goes_through_locks_again(turnstile: Playbook) -> None:
    assert granted(turnstile >> card(LIS_CARD)) >> wait(20) << "write passage no_show" << "-> idle"


def test_the_second_person_at_a_turnstile_waits_for_the_first(turnstile: Playbook) -> None:
    granted(turnstile >> card(LIS_CARD)) >> wait(1) >> card(WANGS_CARD)
    granted(turns(turnstile) << "write passage passed", phase="") >> sees(passage_signal=False)
    turns(turnstile) << "write passage passed" << "-> idle"
    assert turnstile
    assert turnstile.inside() == {str(LI), str(WANG)}


def test_a_turnstile_that_is_held_open_counts_who_goes_through(turnstile: Playbook) -> None:
    asked(turnstile, guard("hold_open", minutes=1)) << "write lane held_open guard" << "write command open" << "open in-1"
    turnstile << "-> held_open" >> shows(sign="held_open", open_because="held_open")
    for _ in range(2):
        turns(turnstile >> wait(5)) << "write passage passed" >> sees(passage_signal=False)
    turnstile >> wait(18) << "write command open" << "open in-1" >> wait(28) << "write command open" << "open in-1"
    assert turnstile >> wait(4) << "write lane normal timer" << "-> idle"


# --- a door of which nothing tells ----------------------------------------------------------------


def test_a_grant_at_a_blind_door_counts_as_used(play: Play) -> None:
    blind = play(settings(BLIND_DOOR))
    assert granted(blind >> card(LIS_CARD)) >> wait(20) << "write passage assumed" << "-> idle"
    assert blind.inside() == {str(LI)}


def test_the_next_person_at_a_blind_door_ends_the_one_before(play: Play) -> None:
    blind = play(settings(BLIND_DOOR))
    granted(blind >> card(LIS_CARD)) >> wait(2)
    granted(blind >> card(WANGS_CARD) << "write passage assumed", phase="") >> wait(20) << "write passage assumed"
    assert blind << "-> idle"
    assert [decision.reason for decision in blind.bodies(Decided)] == ["access_ok", "access_ok"]


# --- a fire ---------------------------------------------------------------------------------------


def test_a_fire_unlocks_the_door_for_as_long_as_it_lasts(play: Play) -> None:
    room = alarm_given(play(settings(DOOR + FIRE, **EXIT_BUTTON)))
    room << "write lane evacuation input" << "write command open" << "open in-1" << "-> held_open" >> shows(sign="leave")
    room >> sees(arm="moving") >> wait(28) << "write command open" << "open in-1" >> sees(arm="down")
    assert room << "write passage passed" >> wait(28) << "write command open" << "open in-1"


def test_a_turnstile_that_is_held_open_is_not_unlocked_for_each_card(turnstile: Playbook) -> None:
    asked(turnstile, guard("hold_open", minutes=1)) << "write lane held_open guard" << "write command open" << "open in-1"
    turnstile << "-> held_open"
    for _ in range(12):
        decided(turnstile >> wait(1) >> card(LIS_CARD), "grant", "lane_held_open") << "tell grant lane_held_open"
        turnstile >> sees(passage_signal=True) << "write passage passed" >> sees(passage_signal=False)
    assert turnstile


def test_a_door_that_nothing_tells_of_is_not_unlocked_for_each_card_in_an_evacuation(play: Play) -> None:
    blind = granted(play(settings(BLIND_DOOR + FIRE)) >> card(LIS_CARD)) >> wait(1) >> sees(evacuation=True)
    blind << "write facts" << "write alarm evacuation" << "write lane evacuation input" << "write command open" << "open in-1"
    for shown in (WANGS_CARD, LIS_CARD):
        decided(blind >> wait(1) >> card(shown) << "write passage assumed", "grant", "lane_held_open")
        blind << "tell grant lane_held_open"
    blind >> wait(20) << "write passage assumed" << "write command open" << "open in-1" << "-> held_open"
    assert blind >> wait(28) << "write command open" << "open in-1"
