"""Orders in which things come now and then: two changes in one look, an eager driver, a contact that bounces."""

import pytest

from tests.edge.gate.conftest import Play
from tests.edge.gate.playbook import (
    DOOR,
    LIS_CARD,
    LOST_CARD,
    VEHICLE,
    WANGS_CARD,
    Playbook,
    answered,
    card,
    guard,
    sees,
    settings,
    shows,
    wait,
)
from tests.edge.gate.scenes import arrive, comes_down, denied, granted, noticed, under
from tests.edge.gate.wiring import BUTTONS, EXIT_BUTTON, LOCK, NO_LIMITS, OUT, TURNSTILE, Keys

# --- two changes in one look ----------------------------------------------------------------------


def test_who_presses_the_button_inside_and_is_out_at_once_has_forced_nothing(play: Play) -> None:
    room = play(settings(DOOR, **EXIT_BUTTON)) >> sees(exit_button=True, arm="moving") << "keep camera-in"
    room << "write decision grant exit_button" << "write command open" << "open in-1" << "-> passing"
    assert room >> sees(exit_button=False) >> wait(2) >> sees(arm="down") << "write passage passed" << "-> idle"


def test_an_arm_that_rises_as_its_button_is_seen_was_raised_by_the_button(play: Play) -> None:
    playbook = arrive(play(**BUTTONS)) >> sees(push_button=True, arm="moving") << "keep camera-in"
    playbook << "write decision grant push_button" << "write command open" << "open in-1" << "-> opening"
    under(playbook >> sees(push_button=False, arm="up") << "-> open") >> sees(arrival=False) >> sees(safety=False)
    assert comes_down(playbook << "write passage passed" << "-> closing")


def test_a_button_pressed_as_the_arm_comes_to_rest_raises_it_anew(play: Play) -> None:
    playbook = arrive(play(**BUTTONS)) >> sees(push_button=True) << "keep camera-in" << "write decision grant push_button"
    playbook << "write command open" << "open in-1" << "-> opening" >> sees(arm="up", push_button=False) << "-> open"
    under(playbook) >> sees(arrival=False) >> sees(safety=False) << "write passage passed" << "-> closing"
    playbook >> wait(2) >> sees(arm="down", push_button=True) << "keep camera-in" << "write decision grant push_button"
    assert playbook << "write command open" << "open in-1" << "-> opening"


def test_an_arm_that_is_down_as_its_loop_is_seen_left_came_down_behind_the_vehicle(play: Play) -> None:
    playbook = under(granted(arrive(play()) >> card(LIS_CARD)) >> sees(arm="up") << "-> open") >> wait(1)
    assert playbook >> sees(arrival=False, safety=False, arm="down") << "write passage passed" << "-> idle"


# --- eager ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(("wired", "then"), [({}, "closing"), (NO_LIMITS, "idle")])
def test_who_follows_one_that_drove_before_the_arm_was_up_is_a_tailgater(play: Play, wired: Keys, then: str) -> None:
    playbook = under(granted(arrive(play(**wired)) >> card(LIS_CARD)) >> sees(arm="moving")) >> sees(arm="up")
    playbook >> wait(1) >> sees(arrival=False) >> wait(1) >> sees(safety=False) << "write passage passed" << "-> closing"
    noticed(arrive(playbook >> wait(1)) >> sees(safety=True, arrival=False), "tailgating") << "-> crossing"
    assert playbook >> wait(1) >> sees(safety=False) << "write passage tailgated" << f"-> {then}"


def test_the_card_of_the_next_counts_where_no_loop_tells_of_arrivals(play: Play) -> None:
    playbook = under(granted(play(barrier__arrival_loop=None) >> card(LIS_CARD)) >> sees(arm="up") << "-> open")
    playbook >> wait(1) >> card(WANGS_CARD) >> wait(1) >> sees(safety=False) << "write passage passed"
    granted(playbook, phase="open")
    under(playbook >> wait(1)) >> wait(1) >> sees(safety=False) << "write passage passed"
    assert comes_down(playbook << "-> closing")


# --- an arm that has failed -----------------------------------------------------------------------


def test_an_arm_that_does_not_obey_bars_the_other_lane_of_its_lock_no_longer_than_it_could_rise(play: Play) -> None:
    playbook = granted(arrive(play(settings(VEHICLE + OUT + LOCK))) >> card(LIS_CARD)) >> answered("no echo")
    playbook << "write outcome no echo" << "tell grant access_ok" << "write alarm command_failed" << "-> fault"
    playbook >> sees(out_arrival=True) << "out-1 -> waiting" >> card(WANGS_CARD, reader="reader-out")
    playbook << "out-1: write reading card" << "out-1: write decision grant access_ok" << "out-1: tell grant access_ok"
    playbook << "out-1 -> interlocked" >> wait(9) >> shows(state="fault", since_mono=1000.0) >> wait(1)
    assert playbook << "out-1: write command open" << "open out-1" << "out-1 -> opening"


def test_the_failed_lane_of_a_lock_that_is_taken_out_of_service_lets_the_other_one_open(play: Play) -> None:
    playbook = granted(arrive(play(settings(VEHICLE + OUT + LOCK))) >> card(LIS_CARD)) >> wait(8) << "write alarm arm_not_up"
    playbook << "-> fault" >> guard("out_of_service") << "write guard out_of_service accepted" << "answer r-1 yes"
    playbook << "write lane out_of_service guard" >> wait(20) >> sees(out_arrival=True) << "out-1 -> waiting"
    playbook >> card(WANGS_CARD, reader="reader-out") << "out-1: write reading card"
    playbook << "out-1: write decision grant access_ok" << "out-1: write command open" << "open out-1"
    assert playbook << "out-1 -> opening"


# --- contacts that bounce -------------------------------------------------------------------------


def opens_and_bounces(playbook: Playbook) -> Playbook:
    """Li opens the door; its contact bounces."""
    granted(playbook >> card(LIS_CARD)) >> sees(arm="moving") << "-> passing" >> wait(0.1)
    return playbook >> sees(arm="down") << "write passage passed" << "-> idle" >> wait(0.1)


def test_a_door_whose_contact_bounces_is_not_forced(door: Playbook) -> None:
    assert opens_and_bounces(door) >> sees(arm="moving") << "-> closing" >> wait(2) >> sees(arm="down") << "-> idle"


def test_a_door_that_stays_open_after_its_contact_bounced_is_held(door: Playbook) -> None:
    opens_and_bounces(door) >> sees(arm="moving") << "-> closing" >> wait(30) << "write alarm door_held"
    assert door >> shows(open_because="door_held") >> sees(arm="down") << "-> idle"


def test_a_door_that_is_opened_again_a_while_later_is_forced(door: Playbook) -> None:
    noticed(opens_and_bounces(door) >> wait(0.3) >> sees(arm="moving"), "door_forced")
    assert door << "write passage door_forced" << "-> closing"


def test_a_turnstile_whose_signal_bounces_has_let_one_through(play: Play) -> None:
    playbook = granted(play(settings(TURNSTILE)) >> card(LIS_CARD)) >> sees(passage_signal=True) << "write passage passed"
    playbook << "-> idle" >> wait(0.1) >> sees(passage_signal=False) >> wait(0.1) >> sees(passage_signal=True)
    assert playbook >> sees(passage_signal=False) >> shows(state="idle")


def test_a_turnstile_whose_signal_bounces_leaves_the_next_one_their_grant(play: Play) -> None:
    playbook = granted(play(settings(TURNSTILE)) >> card(LIS_CARD)) >> wait(1) >> card(WANGS_CARD) >> sees(passage_signal=True)
    granted(playbook << "write passage passed", phase="") >> wait(0.1) >> sees(passage_signal=False) >> wait(0.1)
    playbook >> sees(passage_signal=True) >> sees(passage_signal=False) >> wait(2) >> shows(state="opening")
    assert playbook >> sees(passage_signal=True) << "write passage passed" << "-> idle"


def test_a_turnstile_that_is_held_open_counts_one_for_a_signal_that_bounces(play: Play) -> None:
    playbook = play(settings(TURNSTILE)) >> guard("hold_open") << "write guard hold_open accepted" << "answer r-1 yes"
    playbook << "write lane held_open guard" << "write command open" << "open in-1" << "-> held_open"
    playbook >> sees(passage_signal=True) << "write passage passed" >> sees(passage_signal=False) >> wait(0.1)
    assert playbook >> sees(passage_signal=True) >> sees(passage_signal=False)


def test_a_forced_door_whose_contact_bounces_as_it_shuts_is_forced_once(door: Playbook) -> None:
    noticed(door >> sees(arm="moving"), "door_forced") << "write passage door_forced" << "-> closing" >> wait(3)
    door >> sees(arm="down") << "-> idle" >> wait(0.1) >> sees(arm="moving") << "-> closing"
    assert door >> wait(0.1) >> sees(arm="down") << "-> idle"


def test_a_contact_that_bounces_does_not_let_in_who_was_refused(door: Playbook) -> None:
    granted(door >> card(LIS_CARD)) >> sees(arm="moving") << "-> passing" >> wait(1) >> card(LOST_CARD) >> sees(arm="down")
    denied(door << "write passage passed", "inactive") >> wait(0.1) >> sees(arm="moving") >> wait(0.1) >> sees(arm="down")
    assert door >> wait(10) << "write passage denied" << "-> idle"
