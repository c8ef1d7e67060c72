"""Stories that overlap and belong to no one story more than to the other."""

from uuid import UUID

from access.entries import AlarmRaised
from tests.edge.gate.conftest import Play
from tests.edge.gate.playbook import (
    DOOR,
    LIS_CARD,
    LIS_PLATE,
    LOST_CARD,
    STRANGERS_CARD,
    VEHICLE,
    WANGS_CARD,
    Playbook,
    answered,
    board,
    card,
    estate,
    guard,
    office,
    plate,
    restart,
    sees,
    settings,
    shows,
    wait,
)
from tests.edge.gate.scenes import (
    alarm_given,
    arrive,
    asked,
    awaited,
    behind_the_first,
    comes_down,
    convoy,
    decided,
    denied,
    driven_through,
    ended_by_guard,
    granted,
    noticed,
    opened_by_guard,
    passes,
    referred,
    results,
    under,
)
from tests.edge.gate.wiring import AGENT, BUTTONS, CHECKED, FAR, FIRE, LOCK, OUT, TURNSTILE


def waits_for_the_card(playbook: Playbook) -> Playbook:
    """Li's plate is read where plate and card are asked for."""
    return awaited(arrive(playbook) >> plate(LIS_PLATE), "factor_awaited", "plate")


# --- a second factor is awaited -------------------------------------------------------------------


def test_a_lane_is_held_open_while_a_second_factor_is_awaited(play: Play) -> None:
    playbook = waits_for_the_card(play(rules=estate(1, factors="plate+card")))
    asked(playbook, guard("hold_open")) << "write lane held_open guard" << "write command open" << "open in-1"
    playbook << "-> held_open" >> sees(arm="up") >> wait(60) >> sees(safety=True) >> sees(arrival=False)
    assert playbook >> sees(safety=False) << "write passage passed"


def test_the_site_is_evacuated_while_a_second_factor_is_awaited(play: Play) -> None:
    playbook = play(settings(VEHICLE + FIRE, evacuation="open"), rules=estate(1, factors="plate+card"))
    alarm_given(waits_for_the_card(playbook))
    playbook << "write lane evacuation input" << "write command open" << "open in-1" << "-> held_open"
    assert playbook >> wait(7) >> sees(arm="up") >> shows(sign="leave")


def test_the_board_is_lost_while_a_second_factor_is_awaited(play: Play) -> None:
    playbook = waits_for_the_card(play(rules=estate(1, factors="plate+card"))) >> board(up=False)
    playbook << "write device io lost" << "write passage board_lost" << "-> unknown" >> board(up=True) << "write device io up"
    playbook >> sees(arm="down") << "look camera-in" << "-> waiting"
    assert awaited(playbook >> card(LIS_CARD), "factor_awaited") >> shows(sign="show_second")


def test_a_guard_opens_while_a_second_factor_is_awaited(play: Play) -> None:
    playbook = opened_by_guard(waits_for_the_card(play(rules=estate(1, factors="plate+card"))))
    under(playbook >> sees(arm="up") << "-> open") >> sees(arrival=False)
    assert comes_down(playbook >> sees(safety=False) << "write passage passed" << "-> closing")


def test_who_awaits_a_second_factor_and_drives_through_has_crashed(play: Play) -> None:
    playbook = waits_for_the_card(play(rules=estate(1, factors="plate+card"))) >> sees(safety=True)
    noticed(playbook >> sees(arrival=False), "gate_crash") << "-> crossing"
    assert playbook >> sees(safety=False) << "write passage crashed" << "-> idle"


# --- a guard and what happens meanwhile -----------------------------------------------------------


def test_a_lane_that_is_closed_and_resumed_still_asks_about_who_waits(play: Play) -> None:
    playbook = referred(arrive(play()) >> card(STRANGERS_CARD), "unknown_refer")
    asked(playbook, guard("hold_closed", "r-2")) << "write lane held_closed guard" >> shows(state="referred", sign="closed")
    asked(playbook, guard("resume", "r-3")) << "write lane normal guard" >> shows(state="referred", sign="guard_decides")
    assert opened_by_guard(playbook, "admit", "r-4")


def test_an_outcome_that_comes_after_the_arm_is_up_is_only_written(play: Play) -> None:
    playbook = granted(arrive(play()) >> card(LIS_CARD)) >> sees(arm="up") << "-> open" >> answered("no echo")
    playbook << "write outcome no echo" << "tell grant access_ok" >> shows(state="open")
    assert not playbook.bodies(AlarmRaised)
    assert playbook


def test_an_outcome_that_comes_after_the_passage_is_written_to_it(play: Play) -> None:
    playbook = under(granted(arrive(play()) >> card(LIS_CARD)) >> sees(arm="up") << "-> open") >> sees(arrival=False)
    playbook >> sees(safety=False) << "write passage passed" << "-> closing" >> answered() << "write outcome ok"
    assert comes_down(playbook << "tell grant access_ok")


def test_a_convoy_becomes_a_hold_and_ends_when_the_hold_does(play: Play) -> None:
    playbook = convoy(play(), minutes=1) >> wait(30)
    asked(playbook, guard("hold_open", "r-2", minutes=2)) << "write lane held_open guard" >> wait(100)
    assert comes_down(playbook >> shows(mode="held_open") >> wait(20) << "write lane normal timer" << "-> closing")


def test_a_convoy_and_a_lost_board(play: Play) -> None:
    playbook = convoy(play(), minutes=1) >> board(up=False) << "write device io lost" << "-> unknown" >> wait(61)
    playbook << "write lane normal timer" >> board(up=True) << "write device io up" >> sees(arm="up")
    assert comes_down(playbook << "write observation arm_up_at_start" << "-> closing")


def test_the_evacuation_follows_a_convoy_and_the_convoy_does_not_come_back(play: Play) -> None:
    playbook = alarm_given(convoy(play(settings(VEHICLE + FIRE, evacuation="open")), minutes=1))
    playbook << "write lane evacuation input" >> sees(evacuation=False) >> wait(120)
    assert comes_down(ended_by_guard(playbook) << "write lane normal guard" << "-> closing")


def test_a_button_pressed_for_who_was_refused(play: Play) -> None:
    playbook = denied(arrive(play(**BUTTONS)) >> card(LOST_CARD), "inactive") >> sees(push_button=True) << "keep camera-in"
    playbook << "write decision grant push_button" << "write command open" << "open in-1" << "-> opening"
    assert playbook >> sees(push_button=False)


# --- who comes behind -----------------------------------------------------------------------------


def test_the_board_is_lost_with_one_under_the_arm_and_one_granted_behind(play: Play) -> None:
    playbook = behind_the_first(play()) >> board(up=False) << "write device io lost" << "write passage board_lost"
    assert playbook << "write passage board_lost" << "-> unknown"
    assert results(playbook) == ["board_lost", "board_lost"]


def test_the_arm_comes_down_with_one_under_it_and_one_granted_behind(play: Play) -> None:
    playbook = behind_the_first(play()) >> sees(arm="moving") >> sees(arm="down") << "write alarm arm_down_over_loop"
    assert playbook << "write passage passed" << "write passage no_show" << "look camera-in" << "-> waiting"


def test_a_lane_is_held_open_with_one_under_the_arm_and_one_granted_behind(play: Play) -> None:
    playbook = behind_the_first(play())
    asked(playbook, guard("hold_open", "r-2")) << "write lane held_open guard" >> wait(1) >> sees(safety=False)
    playbook << "write passage passed" << "-> open" >> wait(1) >> sees(safety=True) << "-> passing" >> sees(arrival=False)
    assert playbook >> sees(safety=False) << "write passage passed" << "-> held_open"


def test_a_third_vehicle_behind_the_one_that_the_guard_let_in_too_follows(play: Play) -> None:
    playbook = behind_the_first(play()) >> wait(1) >> sees(safety=False) << "write passage passed" << "-> open" >> wait(1)
    passes(playbook) >> wait(2)
    noticed(arrive(playbook) >> sees(safety=True), "tailgating") << "-> crossing" >> sees(arrival=False)
    assert comes_down(playbook >> sees(safety=False) << "write passage tailgated" << "-> closing")


# --- locks, doors, starts -------------------------------------------------------------------------


def test_a_restart_finds_the_other_lane_of_a_lock_up_and_opens_nothing(play: Play) -> None:
    playbook = play(settings(VEHICLE + OUT + LOCK)) >> sees(out_arm="up") << "out-1: write observation opened_by_others"
    playbook << "out-1 -> open" >> restart() << "out-1: write observation arm_up_at_start" << "-> idle" << "out-1 -> closing"
    decided(arrive(playbook) >> card(LIS_CARD), "grant", "access_ok") << "tell grant access_ok" << "-> interlocked"
    assert playbook >> sees(out_arm="down") << "write command open" << "open in-1" << "-> opening" << "out-1 -> idle"


def test_a_crash_in_one_lane_of_a_lock_keeps_the_other_shut_meanwhile(play: Play) -> None:
    playbook = arrive(play(settings(VEHICLE + OUT + LOCK))) >> sees(safety=True)
    noticed(playbook >> sees(arrival=False), "gate_crash") << "-> crossing" >> sees(out_arrival=True) << "out-1 -> waiting"
    playbook >> card(WANGS_CARD, reader="reader-out") << "out-1: write reading card"
    playbook << "out-1: write decision grant access_ok" << "out-1: tell grant access_ok" << "out-1 -> interlocked"
    playbook >> sees(safety=False) << "write passage crashed" << "out-1: write command open" << "open out-1" << "-> idle"
    assert playbook << "out-1 -> opening"


def test_a_door_held_open_whose_board_was_lost_is_unlocked_again(play: Play) -> None:
    door = asked(play(settings(DOOR)), guard("hold_open")) << "write lane held_open guard" << "write command open"
    door << "open in-1" << "-> held_open" >> wait(5) >> board(up=False) << "write device io lost" << "-> unknown" >> wait(5)
    door >> board(up=True) << "write device io up" >> sees(arm="down") << "write command open" << "open in-1" << "-> held_open"
    assert door >> wait(28) << "write command open" << "open in-1"


def test_a_turnstile_in_an_evacuation_lets_everybody_through(play: Play) -> None:
    turnstile = alarm_given(play(settings(TURNSTILE + FIRE)))
    turnstile << "write lane evacuation input" << "write command open" << "open in-1" << "-> held_open"
    for _ in range(3):
        turnstile >> wait(2) >> sees(passage_signal=True) << "write passage passed" >> sees(passage_signal=False)
    assert turnstile
    assert [alarm.what for alarm in turnstile.bodies(AlarmRaised)] == ["evacuation"]


def test_a_lane_taken_out_of_service_while_it_is_asked_whether_somebody_passed(play: Play) -> None:
    playbook = granted(arrive(play()) >> card(LIS_CARD)) >> sees(arrival=False) >> restart(unconfirmed=True)
    playbook << "write decision refer not_confirmed" << "tell refer not_confirmed" << "-> referred"
    asked(playbook, guard("out_of_service")) << "write lane out_of_service guard" >> shows(state="referred")
    assert asked(playbook, guard("passed", "r-2")) << "write passage passed" << "-> idle" >> shows(state="out_of_service")


def test_the_office_opens_the_lane_where_a_wrong_way_vehicle_stands_under_the_arm(play: Play) -> None:
    playbook = noticed(play(**FAR) >> sees(far=True) >> sees(safety=True), "wrong_way") << "-> crossing"
    playbook >> office(2, mode="held_open") << "write snapshot" << "write lane held_open office" << "write command open"
    playbook << "open in-1" >> sees(arm="up") >> sees(far=False) >> sees(arrival=True) >> sees(safety=False)
    assert playbook << "write passage wrong_way" << "-> held_open" >> sees(arrival=False)


def test_where_we_close_a_queue_with_no_gap_is_never_closed_onto(play: Play) -> None:
    playbook = arrive(driven_through(play(**AGENT)) >> wait(1)) >> wait(6)
    playbook << "keep camera-in" << "write decision refer unread" << "tell refer unread" << "-> referred" >> wait(38)
    assert playbook << "write alarm arm_not_down" >> shows(open_because="vehicle_waiting", arm="up")
    assert UUID(playbook.gate.lane_views()[0].passage)


def test_the_site_is_evacuated_while_somebody_is_under_the_arm_without_a_grant(play: Play) -> None:
    playbook = arrive(play(settings(VEHICLE + FIRE, evacuation="open"))) >> sees(safety=True)
    noticed(playbook >> sees(arrival=False), "gate_crash") << "-> crossing" >> sees(evacuation=True) << "write facts"
    playbook << "write alarm evacuation" << "write lane evacuation input" << "write command open" << "open in-1"
    playbook >> sees(arm="moving") >> sees(arm="up") >> sees(safety=False) << "write passage crashed" << "-> held_open"
    assert playbook


def test_the_site_is_evacuated_while_somebody_presses_the_arm_up(play: Play) -> None:
    playbook = arrive(play(settings(VEHICLE + FIRE, evacuation="open"))) >> sees(safety=True) >> sees(arm="moving")
    alarm_given(playbook << "-> crossing")
    playbook << "write lane evacuation input" << "write command open" << "open in-1" >> sees(arm="up") << "-> passing"
    assert playbook >> sees(arrival=False) >> sees(safety=False) << "write passage passed" << "-> held_open"


def test_a_sensor_that_fails_over_a_wrong_way_vehicle_leaves_the_lane_with_open_eyes(play: Play) -> None:
    playbook = noticed(play(**FAR, **CHECKED) >> sees(far=True) >> sees(safety=True), "wrong_way") << "-> crossing"
    playbook >> sees(safety="failed") << "write alarm sensor_failed" << "write passage unfinished" << "-> idle"
    playbook >> sees(far=False, safety=False) << "write observation sensor_well" >> wait(5) >> sees(arm="moving")
    assert playbook << "write observation opened_by_others" << "-> open"


def test_a_wrong_way_vehicle_that_stood_for_long_and_is_let_out_by_remote_is_watched_again(play: Play) -> None:
    playbook = noticed(play(**FAR) >> sees(far=True) >> sees(safety=True), "wrong_way") << "-> crossing" >> wait(30)
    playbook << "write alarm standing_under_arm" >> wait(60) >> sees(arm="moving") >> sees(arm="up") >> wait(30)
    playbook << "write alarm standing_under_arm" >> shows(state="crossing", open_because="standing_under_arm")
    playbook >> sees(arrival=True, safety=False, far=False) << "write passage wrong_way" << "-> closing"
    assert comes_down(playbook >> sees(arrival=False))
