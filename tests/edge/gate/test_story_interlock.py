"""Story 7: lanes of one lock of which one at most stands open, and what may happen while one waits for the other."""

import pytest

from edge.gate.lane import Lane
from tests.edge.gate.conftest import Play
from tests.edge.gate.playbook import (
    DOOR,
    LIS_CARD,
    STRANGERS_CARD,
    VEHICLE,
    WANGS_CARD,
    Playbook,
    answered,
    board,
    card,
    guard,
    office,
    sees,
    settings,
    shows,
    store_fails,
    wait,
)
from tests.edge.gate.scenes import (
    alarm_given,
    arrive,
    asked,
    comes_down,
    decided,
    driven_through,
    granted,
    openings,
    referred,
    results,
    under,
)
from tests.edge.gate.wiring import BUTTONS, DOOR_OUT, EXIT_BUTTON, FIRE, LOCK, OUT, Keys


def lock(play: Play, fire: str = "", **keys: object) -> Playbook:
    """A sally port: an entry and an exit of which one at most is open."""
    return play(settings(VEHICLE + OUT + LOCK + fire, **keys))


def other_opens(playbook: Playbook) -> Playbook:
    """Wang is let out by the other lane, whose arm rises."""
    playbook >> sees(out_arrival=True) << "out-1 -> waiting" >> card(WANGS_CARD, reader="reader-out")
    playbook << "out-1: write reading card" << "out-1: write decision grant access_ok" << "out-1: write command open"
    return playbook << "open out-1" << "out-1 -> opening" >> sees(out_arm="up") << "out-1 -> open"


def other_passes(playbook: Playbook) -> Playbook:
    """Wang drives out; the arm of the other lane is still up."""
    playbook >> sees(out_safety=True) << "out-1 -> passing" >> sees(out_arrival=False) >> sees(out_safety=False)
    return playbook << "out-1: write passage passed" << "out-1 -> closing"


def waits_for_the_other(playbook: Playbook) -> Playbook:
    """Li has a grant, and must wait until the other lane is shut."""
    decided(arrive(other_opens(playbook)) >> card(LIS_CARD), "grant", "access_ok") << "tell grant access_ok"
    return playbook << "-> interlocked" >> shows(state="interlocked", sign="other_gate", outcome="grant")


def lanes_opened(playbook: Playbook) -> list[str]:
    return [opening.lane for opening in openings(playbook)]


def test_a_grant_waits_until_the_other_lane_is_shut(play: Play) -> None:
    playbook = other_passes(waits_for_the_other(lock(play))) >> wait(2) >> sees(out_arm="moving") >> wait(2)
    playbook >> sees(out_arm="down") << "write command open" << "open in-1" << "-> opening" << "out-1 -> idle"
    under(playbook >> sees(arm="up") << "-> open") >> sees(arrival=False)
    assert comes_down(playbook >> sees(safety=False) << "write passage passed" << "-> closing")
    assert lanes_opened(playbook) == ["out-1", "in-1"]


def test_two_who_wait_are_served_in_turn(play: Play) -> None:
    playbook = waits_for_the_other(lock(play))
    other_passes(playbook) >> wait(1) >> sees(out_arrival=True) << "out-1 -> waiting"
    playbook >> card(LIS_CARD, reader="reader-out") << "out-1: write reading card" << "out-1: write decision grant access_ok"
    playbook << "out-1: tell grant access_ok" << "out-1 -> interlocked" >> wait(1) >> sees(out_arm="down")
    playbook << "write command open" << "open in-1" << "-> opening" >> shows("out-1", state="interlocked")
    assert playbook
    assert lanes_opened(playbook) == ["out-1", "in-1"]


def test_who_waits_too_long_for_the_other_lane_is_told_of_and_asked_again(play: Play) -> None:
    playbook = waits_for_the_other(lock(play)) >> wait(19) >> wait(1) << "out-1: write alarm waiting_too_long"
    playbook >> wait(40) << "write alarm interlock_timeout" << "write passage not_opened" << "look camera-in" << "-> waiting"
    assert playbook >> sees(arrival=False) << "write passage left" << "-> idle"
    assert lanes_opened(playbook) == ["out-1"]


def test_who_drives_off_while_waiting_for_the_other_lane_leaves_no_opening_behind(play: Play) -> None:
    playbook = waits_for_the_other(lock(play)) >> sees(arrival=False) << "write passage not_opened" << "-> idle"
    other_passes(playbook) >> sees(out_arm="down") << "out-1 -> idle"
    assert playbook
    assert lanes_opened(playbook) == ["out-1"]


def test_a_lane_whose_other_is_raised_by_its_own_remote_does_not_open(play: Play) -> None:
    playbook = lock(play) >> sees(out_arm="moving") << "out-1: write observation opened_by_others" << "out-1 -> open"
    decided(arrive(playbook >> sees(out_arm="up")) >> card(LIS_CARD), "grant", "access_ok") << "tell grant access_ok"
    playbook << "-> interlocked" >> sees(out_arm="down") << "out-1: write passage no_show" << "write command open"
    assert playbook << "open in-1" << "-> opening" << "out-1 -> idle"


def test_a_guard_cannot_open_both_either(play: Play) -> None:
    playbook = other_opens(lock(play))
    asked(playbook, guard("open_once")) << "keep camera-in" << "write decision grant guard_opened"
    playbook << "tell grant guard_opened" << "-> interlocked"
    assert asked(playbook, guard("hold_open", "r-2"), "interlocked")
    assert asked(playbook, guard("convoy", "r-3"), "interlocked")
    assert lanes_opened(playbook) == ["out-1"]


def test_a_lane_that_is_held_open_keeps_the_other_shut(play: Play) -> None:
    playbook = asked(lock(play), guard("hold_open")) << "write lane held_open guard" << "write command open" << "open in-1"
    playbook << "-> held_open" >> sees(arm="up") >> sees(out_arrival=True) << "out-1 -> waiting"
    playbook >> card(WANGS_CARD, reader="reader-out") << "out-1: write reading card"
    playbook << "out-1: write decision grant access_ok" << "out-1: tell grant access_ok" << "out-1 -> interlocked"
    asked(playbook, guard("resume", "r-2")) << "write lane normal guard" << "-> closing" >> sees(arm="moving")
    playbook >> sees(arm="down") << "out-1: write command open" << "open out-1" << "-> idle" << "out-1 -> opening"
    assert playbook


# --- pairs ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(("button", "reason"), [("push_button", "push_button"), ("remote", "remote_control")])
def test_a_button_waits_for_the_other_lane_too(play: Play, button: str, reason: str) -> None:
    playbook = other_opens(lock(play, **BUTTONS)) >> sees(**{button: True}) << "keep camera-in"
    playbook << f"write decision grant {reason}" << f"tell grant {reason}" << "-> interlocked" >> sees(**{button: False})
    playbook >> wait(2) >> sees(**{button: True}) << "write observation button_pressed"
    other_passes(playbook) >> sees(out_arm="down") << "write command open" << "open in-1" << "-> opening"
    assert playbook << "out-1 -> idle"
    assert lanes_opened(playbook) == ["out-1", "in-1"]


def test_an_evacuation_opens_both_lanes_of_a_lock(play: Play) -> None:
    playbook = waits_for_the_other(lock(play, FIRE, evacuation="open")) >> sees(evacuation=True) << "write facts"
    playbook << "write alarm evacuation" << "write lane evacuation input" << "write command open" << "open in-1"
    playbook << "out-1: write lane evacuation input" << "-> held_open" >> shows(sign="leave", mode="evacuation")
    playbook >> sees(arm="up") >> sees(safety=True) >> sees(arrival=False) >> sees(safety=False)
    assert playbook << "write passage passed"


def test_a_door_that_stands_unlocked_bars_its_lock_also_where_its_lane_trips(play: Play, monkeypatch: pytest.MonkeyPatch) -> None:
    playbook = asked(play(settings(DOOR + DOOR_OUT + LOCK)), guard("hold_open", "r-h", minutes=1))
    playbook << "write lane held_open guard" << "write command open" << "open in-1" << "-> held_open" >> wait(10)
    asked(playbook, guard("resume", "r-r")) << "write lane normal guard" << "-> idle"
    assert playbook

    def trips(*_: object) -> None:
        raise ValueError

    with monkeypatch.context() as broken:
        broken.setattr(Lane, "present", trips)
        assert playbook >> card(LIS_CARD) << "write alarm event_failed"
    playbook >> card(WANGS_CARD, reader="reader-out") << "out-1: write reading card"
    playbook << "out-1: write decision grant access_ok" << "out-1: tell grant access_ok" << "out-1 -> interlocked"
    assert playbook >> wait(20) << "out-1: write command open" << "open out-1" << "out-1 -> opening"


def test_an_evacuation_that_this_lane_does_not_open_for_leaves_it_waiting(play: Play) -> None:
    playbook = alarm_given(waits_for_the_other(lock(play, FIRE)))
    playbook << "out-1: write lane evacuation input" >> wait(60) << "out-1: write alarm waiting_too_long"
    assert playbook << "write alarm interlock_timeout" << "write passage not_opened" << "look camera-in" << "-> waiting"


def test_a_board_that_is_lost_while_one_waits_ends_the_wait(play: Play) -> None:
    playbook = waits_for_the_other(lock(play)) >> board(up=False) << "write device io lost" << "write passage board_lost"
    playbook << "out-1: write passage board_lost" << "-> unknown" << "out-1 -> unknown" >> wait(5)
    playbook >> board(up=True) << "write device io up" >> sees(out_arm="down") << "look camera-in"
    assert playbook << "-> waiting" << "out-1 -> waiting"
    assert lanes_opened(playbook) == ["out-1"]


def test_what_could_not_be_written_opens_nothing_when_the_other_lane_is_shut(play: Play) -> None:
    playbook = waits_for_the_other(lock(play)) >> store_fails() << "write decision deny store_failed"
    playbook << "tell deny store_failed" << "-> denied"
    other_passes(playbook) >> sees(out_arm="down") << "out-1 -> idle"
    assert playbook >> sees(arrival=False) << "write passage denied" << "-> idle"
    assert lanes_opened(playbook) == ["out-1"]


def test_the_store_fails_as_the_other_lane_becomes_free(play: Play) -> None:
    playbook = other_passes(waits_for_the_other(lock(play))) >> sees(out_arm="down") << "write command open" << "open in-1"
    playbook << "-> opening" << "out-1 -> idle" >> store_fails() << "write decision deny store_failed"
    assert playbook << "tell deny store_failed" << "-> denied"


def test_an_arm_of_the_other_lane_that_stays_up_keeps_this_one_shut(play: Play) -> None:
    playbook = other_passes(other_opens(lock(play))) >> wait(45) << "out-1: write alarm arm_not_down"
    playbook >> shows("out-1", open_because="arm_not_down")
    decided(arrive(playbook) >> card(LIS_CARD), "grant", "access_ok") << "tell grant access_ok" << "-> interlocked"
    assert (
        playbook >> wait(60) << "write alarm interlock_timeout" << "write passage not_opened" << "look camera-in" << "-> waiting"
    )


def test_a_lane_taken_out_of_service_while_one_waits_opens_no_more(play: Play) -> None:
    playbook = waits_for_the_other(lock(play))
    asked(playbook, guard("out_of_service")) << "write lane out_of_service guard" << "write passage not_opened"
    playbook << "look camera-in" << "-> waiting" >> shows(sign="out_of_service")
    assert other_passes(playbook) >> sees(out_arm="down") << "out-1 -> idle"
    assert lanes_opened(playbook) == ["out-1"]


def test_the_office_closes_the_lane_while_one_waits(play: Play) -> None:
    playbook = waits_for_the_other(lock(play)) >> office(2, mode="held_closed") << "write snapshot"
    playbook << "write lane held_closed office" << "write passage not_opened" << "look camera-in"
    playbook << "out-1: write lane held_closed office" << "-> waiting" >> shows(sign="closed")
    other_passes(playbook) >> sees(out_arm="down") << "out-1 -> idle"
    assert playbook
    assert lanes_opened(playbook) == ["out-1"]


def test_who_waits_for_the_other_lane_and_drives_through_the_arm_is_told_of(play: Play) -> None:
    playbook = waits_for_the_other(lock(play)) >> sees(safety=True) >> wait(1) >> sees(arrival=False)
    playbook << "write observation gate_crash" << "keep camera-in" << "write alarm gate_crash" << "-> crossing"
    assert playbook >> sees(safety=False) << "write passage crashed" << "-> idle"


def test_a_second_card_while_waiting_is_only_written_down(play: Play) -> None:
    playbook = waits_for_the_other(lock(play)) >> card(STRANGERS_CARD) << "write reading card"
    other_passes(playbook) >> sees(out_arm="down") << "write command open" << "open in-1" << "-> opening"
    assert playbook << "out-1 -> idle"


def test_one_who_waits_is_opened_for_by_the_guard_only_when_the_other_is_shut(play: Play) -> None:
    playbook = other_opens(lock(play))
    referred(arrive(playbook) >> card(STRANGERS_CARD), "unknown_refer")
    asked(playbook, guard("admit")) << "keep camera-in" << "write decision grant guard_admitted"
    playbook << "tell grant guard_admitted" << "-> interlocked"
    other_passes(playbook) >> sees(out_arm="down") << "write command open" << "open in-1" << "-> opening"
    assert playbook << "out-1 -> idle"


def test_the_passage_of_one_lane_does_not_disturb_the_other(play: Play) -> None:
    playbook = driven_through(lock(play)) >> sees(out_arrival=True) << "out-1 -> waiting"
    playbook >> card(WANGS_CARD, reader="reader-out") << "out-1: write reading card"
    playbook << "out-1: write decision grant access_ok" << "out-1: tell grant access_ok" << "out-1 -> interlocked"
    playbook >> sees(arm="moving") >> sees(arm="down") << "out-1: write command open" << "open out-1"
    assert playbook << "-> idle" << "out-1 -> opening"
    assert results(playbook) == ["passed"]


def test_a_command_that_failed_leaves_the_other_lane_free_after_its_vehicle_has_gone(play: Play) -> None:
    playbook = granted(arrive(lock(play)) >> card(LIS_CARD)) >> answered("no echo") << "write outcome no echo"
    playbook << "tell grant access_ok" << "write alarm command_failed" << "-> fault" >> sees(out_arrival=True)
    playbook << "out-1 -> waiting" >> card(WANGS_CARD, reader="reader-out") << "out-1: write reading card"
    playbook << "out-1: write decision grant access_ok" << "out-1: tell grant access_ok" << "out-1 -> interlocked"
    playbook >> sees(arrival=False) << "write passage not_opened" << "out-1: write command open" << "open out-1"
    assert playbook << "-> idle" << "out-1 -> opening"


# --- doors of a lock ------------------------------------------------------------------------------

EXIT_DOOR: Keys = {"direction": "out", **EXIT_BUTTON}


def doors(play: Play, fire: str = "") -> Playbook:
    """A lock of two doors."""
    return play(settings(DOOR + DOOR_OUT + LOCK + fire, **EXIT_DOOR))


def test_the_second_door_of_a_lock_opens_as_the_first_is_shut(play: Play) -> None:
    playbook = doors(play) >> card(WANGS_CARD, reader="reader-out") << "out-1: write reading card"
    playbook << "out-1: write decision grant access_ok" << "out-1: write command open" << "open out-1" << "out-1 -> opening"
    playbook >> sees(out_arm="moving") << "out-1 -> passing"
    decided(playbook >> card(LIS_CARD), "grant", "access_ok") << "tell grant access_ok" << "-> interlocked"
    playbook >> shows(sign="other_gate") >> sees(out_arm="down") << "out-1: write passage passed" << "write command open"
    assert playbook << "open in-1" << "-> opening" << "out-1 -> idle"


def test_the_button_inside_a_lock_waits_for_the_other_door_but_not_in_a_fire(play: Play) -> None:
    playbook = doors(play, FIRE) >> card(WANGS_CARD, reader="reader-out") << "out-1: write reading card"
    playbook << "out-1: write decision grant access_ok" << "out-1: write command open" << "open out-1" << "out-1 -> opening"
    playbook >> sees(out_arm="moving") << "out-1 -> passing" >> sees(exit_button=True) << "keep camera-in"
    playbook << "write decision grant exit_button" << "tell grant exit_button" << "-> interlocked" >> sees(evacuation=True)
    playbook << "write facts" << "write alarm evacuation" << "write lane evacuation input" << "write command open"
    playbook << "open in-1" << "out-1: write lane evacuation input" << "-> held_open"
    assert playbook >> shows(sign="leave")


def test_a_lane_that_the_office_holds_open_rises_when_the_other_one_is_shut(play: Play) -> None:
    playbook = other_opens(lock(play)) >> office(2, mode="held_open", of=("in-1",)) << "write snapshot"
    playbook << "write lane held_open office" << "-> held_open" >> wait(4) >> shows(state="held_open", arm="down")
    other_passes(playbook) >> sees(out_arm="down") << "out-1 -> idle" >> wait(2) << "write command open" << "open in-1"
    assert playbook >> sees(arm="up")
    assert lanes_opened(playbook) == ["out-1", "in-1"]


def test_two_arms_that_move_at_once_are_not_both_raised(play: Play) -> None:
    playbook = lock(play) >> office(2, mode="held_open", of=("in-1",)) << "write snapshot" << "write lane held_open office"
    playbook << "write command open" << "open in-1" << "-> held_open" >> sees(arm="up") >> wait(60)
    playbook >> sees(arm="moving", out_arm="moving") << "out-1: write observation opened_by_others" << "out-1 -> open"
    playbook >> wait(10) >> sees(out_arm="down") << "out-1: write passage no_show" << "out-1 -> idle"
    assert playbook >> wait(2) << "write command open" << "open in-1"


def test_a_lane_that_opens_already_keeps_its_lock_as_the_guard_presses_again(play: Play) -> None:
    playbook = lock(play) >> sees(out_arrival=True) << "out-1 -> waiting" >> card(WANGS_CARD, reader="reader-out")
    playbook << "out-1: write reading card" << "out-1: write decision grant access_ok" << "out-1: write command open"
    playbook << "open out-1" << "out-1 -> opening" >> card(LIS_CARD)
    decided(playbook, "grant", "access_ok") << "tell grant access_ok" << "-> interlocked" >> wait(1)
    playbook >> guard("open_once", lane="out-1") << "out-1: write guard open_once accepted" << "answer r-1 yes"
    playbook << "out-1: write decision grant guard_opened" << "out-1: write command open" << "open out-1"
    assert playbook >> wait(1) >> shows(state="interlocked")
