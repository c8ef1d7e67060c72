"""Story 11: fire and evacuation open and stay, above all else; it ends by a guard alone; power, and the gate's own safeguard."""

import pytest

from access.entries import AlarmRaised, FactsChanged, PassageEnded
from edge.gate.safeguard import Safeguard
from tests.edge.gate.conftest import Play
from tests.edge.gate.playbook import (
    DOOR,
    LIS_CARD,
    LIS_PLATE,
    STRANGERS_CARD,
    VEHICLE,
    Playbook,
    answered,
    board,
    card,
    guard,
    office,
    plate,
    restart,
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
    closings,
    comes_down,
    decided,
    denied,
    driven_through,
    ended_by_guard,
    granted,
    noticed,
    opened,
    openings,
    referred,
    under,
)
from tests.edge.gate.wiring import AGENT, BUTTONS, FAR, FIRE, OUT


def site(play: Play, text: str = "", **keys: object) -> Playbook:
    """A lane that opens when the site is evacuated."""
    return play(settings(VEHICLE + FIRE + text, evacuation="open", **keys))


def evacuated(playbook: Playbook) -> Playbook:
    """The alarm is given, and the lane opens."""
    alarm_given(playbook) << "write lane evacuation input" << "write command open" << "open in-1" << "-> held_open"
    return playbook >> sees(arm="moving") >> sees(arm="up")


# --- it opens and stays ---------------------------------------------------------------------------


def test_an_evacuation_opens_and_stays_also_when_its_input_lets_go(play: Play) -> None:
    playbook = evacuated(site(play)) >> shows(state="held_open", mode="evacuation", sign="leave", open_because="evacuation")
    playbook >> sees(evacuation=False) >> wait(7200) >> shows(mode="evacuation", mode_until_utc=0.0)
    ended_by_guard(playbook) << "write lane normal guard" << "-> closing"
    assert comes_down(playbook) >> shows(mode="normal", sign="welcome")
    assert all(opening.vital for opening in openings(playbook))


def test_everybody_drives_out_without_an_alarm_whichever_way(play: Play) -> None:
    playbook = evacuated(site(play, **FAR)) >> sees(far=True) >> sees(safety=True) >> sees(far=False) >> sees(arrival=True)
    playbook >> sees(safety=False) << "write passage passed" >> sees(arrival=False)
    assert playbook
    assert [passage.direction for passage in playbook.bodies(PassageEnded)] == ["out"]
    assert [alarm.what for alarm in playbook.bodies(AlarmRaised)] == ["evacuation"]


def test_an_evacuation_does_not_end_while_its_input_is_active(play: Play) -> None:
    playbook = evacuated(site(play)) >> guard("end_evacuation", lane="") << "write guard end_evacuation evacuation_input"
    playbook << "answer r-1 evacuation_input" >> sees(evacuation=False)
    assert ended_by_guard(playbook) << "write lane normal guard" << "-> closing"


def test_a_guard_evacuates_the_site(play: Play) -> None:
    playbook = site(play, OUT) >> guard("evacuate", lane="") << "write guard evacuate accepted" << "answer r-1 yes"
    playbook << "write facts" << "write alarm evacuation" << "write lane evacuation guard" << "write command open" << "open in-1"
    playbook << "out-1: write lane evacuation guard" << "out-1: write command open" << "open out-1"
    assert playbook << "-> held_open" << "out-1 -> held_open"
    assert playbook.bodies(FactsChanged)[0].reason == "delivery"


def test_an_entry_that_is_not_to_open_goes_on_by_its_rules(play: Play) -> None:
    playbook = alarm_given(play(settings(VEHICLE + FIRE))) >> shows(mode="normal", state="idle")
    assert granted(arrive(playbook) >> card(LIS_CARD))


def test_a_late_word_of_a_guard_evacuates_nothing(play: Play) -> None:
    playbook = site(play) >> guard("evacuate", lane="", late=True) << "write guard evacuate expired"
    assert playbook << "answer r-1 expired" >> shows(mode="normal")


def test_an_evacuation_twice_is_one(play: Play) -> None:
    playbook = evacuated(site(play)) >> sees(evacuation=False) >> wait(5) >> sees(evacuation=True)
    playbook >> guard("evacuate", "r-2", lane="") << "write guard evacuate accepted" << "answer r-2 yes"
    assert playbook
    assert len(openings(playbook)) == 1


def test_to_end_what_has_not_begun_does_nothing(play: Play) -> None:
    assert ended_by_guard(site(play)) >> shows(mode="normal")


def test_a_fire_at_the_start_opens_as_the_inputs_are_read(play: Play) -> None:
    playbook = play(settings(VEHICLE + FIRE, evacuation="open"), ready=False)
    alarm_given(playbook) << "write lane evacuation input" << "write command open" << "open in-1" << "-> held_open"
    assert playbook >> shows(sign="leave")


# --- it meets what is under way -------------------------------------------------------------------


def test_an_evacuation_ends_every_other_mode_of_the_lane(play: Play) -> None:
    for act, mode in [("hold_closed", "held_closed"), ("out_of_service", "out_of_service")]:
        playbook = asked(site(play), guard(act)) << f"write lane {mode} guard"
        evacuated(playbook) >> sees(evacuation=False)
        ended_by_guard(playbook) << f"write lane {mode} guard" << "-> closing"
        assert comes_down(playbook) >> shows(state=mode)


def test_an_evacuation_takes_over_a_lane_held_open(play: Play) -> None:
    playbook = asked(site(play), guard("hold_open", minutes=1)) << "write lane held_open guard" << "write command open"
    playbook << "open in-1" << "-> held_open" >> sees(arm="up") >> wait(30)
    alarm_given(playbook) << "write lane evacuation input" >> shows(open_because="evacuation", sign="leave") >> wait(600)
    ended_by_guard(playbook >> sees(evacuation=False)) << "write lane normal guard" << "-> closing"
    assert comes_down(playbook)


def test_a_guard_can_hold_or_close_nothing_while_the_site_is_evacuated(play: Play) -> None:
    playbook = evacuated(site(play))
    asked(playbook, guard("resume"), "nothing_to_resume")
    (
        asked(playbook, guard("hold_closed", "r-2"))
        << "write lane evacuation guard"
        >> shows(mode="evacuation", arm="up")
        >> wait(60)
    )
    ended_by_guard(playbook >> sees(evacuation=False)) << "write lane held_closed guard" << "-> closing"
    assert comes_down(playbook) >> shows(state="held_closed")


def test_an_evacuation_during_a_passage_keeps_the_arm_up_behind_it(play: Play) -> None:
    playbook = alarm_given(under(opened(site(play)))) << "write lane evacuation input" >> shows(state="passing", sign="leave")
    playbook >> sees(arrival=False) >> sees(safety=False) << "write passage passed" << "-> held_open" >> wait(60)
    assert playbook


def test_an_evacuation_raises_an_arm_that_comes_down(play: Play) -> None:
    playbook = alarm_given(driven_through(site(play)) >> wait(10) >> sees(arm="moving")) << "write lane evacuation input"
    assert playbook << "write command open" << "open in-1" << "-> held_open" >> sees(arm="up")


def test_an_evacuation_raises_the_arm_that_we_lower(play: Play) -> None:
    playbook = driven_through(site(play, **AGENT)) >> wait(2) << "write command close" << "close in-1" >> wait(6.5)
    alarm_given(playbook >> sees(arm="moving")) << "write lane evacuation input" << "write command open" << "open in-1"
    assert playbook << "-> held_open" >> sees(arm="up") >> wait(600)
    assert len(closings(playbook)) == 1


def test_an_evacuation_lets_out_who_was_refused(play: Play) -> None:
    playbook = referred(arrive(site(play)) >> card(STRANGERS_CARD), "unknown_refer")
    evacuated(playbook) >> sees(safety=True) >> sees(arrival=False) >> sees(safety=False)
    assert playbook << "write passage passed"


def test_an_evacuation_where_nothing_can_be_written_opens_all_the_same(play: Play) -> None:
    playbook = granted(arrive(site(play)) >> card(LIS_CARD)) >> store_fails() << "write decision deny store_failed"
    evacuated(playbook << "tell deny store_failed" << "-> denied")
    assert playbook
    assert openings(playbook)[-1].vital


def test_a_grant_that_cannot_be_written_during_an_evacuation_closes_nothing(play: Play) -> None:
    playbook = evacuated(site(play)) >> sees(arrival=True) << "look camera-in"
    decided(playbook >> plate(LIS_PLATE), "grant", "lane_held_open", "plate") << "tell grant lane_held_open" >> store_fails()
    playbook << "write decision deny store_failed" << "tell deny store_failed" >> shows(state="held_open", sign="leave")
    assert playbook


def test_a_button_during_an_evacuation_moves_nothing_that_is_up(play: Play) -> None:
    playbook = evacuated(site(play, **BUTTONS)) >> sees(push_button=True) >> wait(1) >> sees(push_button=False)
    assert playbook
    assert len(openings(playbook)) == 1


def test_rules_that_close_the_lane_do_not_end_an_evacuation(play: Play) -> None:
    playbook = evacuated(site(play)) >> office(2, mode="held_closed") << "write snapshot" >> shows(mode="evacuation", arm="up")
    ended_by_guard(playbook >> sees(evacuation=False)) << "write lane held_closed guard" << "-> closing"
    assert comes_down(playbook)


# --- power ----------------------------------------------------------------------------------------


def test_an_evacuation_outlives_the_program(play: Play) -> None:
    playbook = evacuated(site(play)) >> restart() << "write lane evacuation restart" << "-> held_open"
    playbook >> shows(sign="leave", open_because="evacuation") >> sees(evacuation=False)
    assert ended_by_guard(playbook) << "write lane normal guard" << "-> closing"


def test_power_returns_after_an_evacuation_and_the_arm_is_raised_again(play: Play) -> None:
    playbook = evacuated(site(play)) >> wait(60) >> sees(arm="down") << "write command open" << "open in-1" >> sees(arm="up")
    playbook >> board(up=False) << "write device io lost" << "-> unknown" >> wait(60) >> board(up=True)
    playbook << "write device io up" >> sees(arm="down") << "write command open" << "open in-1" << "-> held_open"
    assert playbook >> sees(arm="up")


def test_a_command_that_fails_in_an_evacuation_is_sent_again(play: Play) -> None:
    playbook = alarm_given(site(play)) << "write lane evacuation input" << "write command open" << "open in-1" << "-> held_open"
    playbook >> answered("no echo") << "write outcome no echo" << "write alarm command_failed" >> wait(8)
    assert playbook << "write command open" << "open in-1" >> sees(arm="up")


# --- the safeguard --------------------------------------------------------------------------------


def test_what_must_not_leave_is_withheld_and_the_lane_goes_out_of_service(play: Play, monkeypatch: pytest.MonkeyPatch) -> None:
    playbook = arrive(site(play))
    monkeypatch.setattr(Safeguard, "_wrong", lambda *_: "moved_without_cause")
    decided(playbook >> card(LIS_CARD), "grant", "access_ok")
    playbook << "write alarm safety_violated" << "write lane out_of_service gate" << "-> opening"
    assert playbook >> shows(mode="out_of_service")
    assert not openings(playbook)


def test_a_lane_that_stands_open_for_no_reason_goes_out_of_service_once(play: Play, monkeypatch: pytest.MonkeyPatch) -> None:
    playbook = opened(site(play))
    assert playbook
    monkeypatch.setattr("edge.gate.safeguard._stuck_open", lambda _: "open_without_reason")
    playbook >> sees(safety=True) << "write alarm safety_violated" << "write lane out_of_service gate" << "-> passing"
    playbook >> sees(arrival=False) >> sees(safety=False) << "write passage passed" << "-> closing"
    assert comes_down(playbook) >> shows(state="out_of_service")


def test_a_lane_out_of_service_by_its_safeguard_opens_again_when_a_guard_resumes(
    play: Play, monkeypatch: pytest.MonkeyPatch
) -> None:
    playbook = arrive(site(play))
    with monkeypatch.context() as broken:
        broken.setattr(Safeguard, "_wrong", lambda *_: "moved_without_cause")
        decided(playbook >> card(LIS_CARD), "grant", "access_ok")
        assert playbook << "write alarm safety_violated" << "write lane out_of_service gate" << "-> opening"
    (
        playbook
        >> wait(8)
        << "write alarm arm_not_up"
        << "-> fault"
        >> sees(arrival=False)
        << "write passage not_opened"
        << "-> idle"
    )
    denied(arrive(playbook) >> card(LIS_CARD), "lane_out_of_service")
    asked(playbook, guard("resume")) << "write lane normal guard" >> sees(arrival=False) << "write passage denied" << "-> idle"
    assert granted(arrive(playbook) >> card(LIS_CARD))


def test_an_evacuation_whose_board_is_lost_can_be_ended_and_its_input_begins_it_anew(play: Play) -> None:
    playbook = evacuated(site(play))
    playbook >> guard("end_evacuation", "r-1", lane="") << "write guard end_evacuation evacuation_input"
    playbook << "answer r-1 evacuation_input"
    playbook >> board(up=False) << "write device io lost" << "-> unknown"
    ended_by_guard(playbook) << "write lane normal guard"
    playbook >> board(up=True) << "write device io up" >> sees() << "write facts" << "write alarm evacuation"
    playbook << "write lane evacuation input" << "-> held_open"
    assert playbook >> shows(sign="leave")


def test_a_failure_told_late_does_not_leave_a_door_locked(play: Play) -> None:
    door = alarm_given(play(settings(DOOR + FIRE))) << "write lane evacuation input" << "write command open" << "open in-1"
    door << "-> held_open" >> wait(26) >> answered("no echo") << "write outcome no echo" << "write alarm command_failed"
    assert door >> wait(3) << "write command open" << "open in-1"


def test_a_door_that_is_evacuated_says_so(play: Play) -> None:
    door = alarm_given(play(settings(DOOR + FIRE))) << "write lane evacuation input" << "write command open" << "open in-1"
    assert door << "-> held_open" >> shows(kind="pedestrian", sign="leave", mode="evacuation")


def test_somebody_under_the_arm_as_the_evacuation_ends_passes(play: Play) -> None:
    playbook = evacuated(site(play)) >> sees(arrival=True) << "look camera-in" >> sees(safety=True) >> sees(evacuation=False)
    ended_by_guard(playbook) << "write lane normal guard" << "-> passing" >> sees(arrival=False)
    assert comes_down(playbook >> sees(safety=False) << "write passage passed" << "-> closing")


def test_who_comes_the_wrong_way_after_the_evacuation_is_told_of_again(play: Play) -> None:
    playbook = evacuated(site(play, **FAR)) >> sees(evacuation=False)
    comes_down(ended_by_guard(playbook) << "write lane normal guard" << "-> closing") >> wait(5) >> sees(far=True)
    assert noticed(playbook >> sees(safety=True), "wrong_way") << "-> crossing"


def test_an_arm_that_does_not_obey_in_an_evacuation_is_raised_again_over_who_stands_under_it(play: Play) -> None:
    playbook = under(opened(site(play)) >> sees(arm="moving"))
    alarm_given(playbook) << "write lane evacuation input" << "write command open" << "open in-1"
    for _ in range(2):
        playbook >> wait(8) << "write command open" << "open in-1"
    assert playbook >> sees(arm="up") >> wait(21) << "write alarm standing_under_arm"


@pytest.mark.parametrize("arm", ["both", "up"])
def test_an_arm_that_is_not_up_any_more_is_raised_wherever_it_seemed_to_be(play: Play, arm: str) -> None:
    playbook = evacuated(site(play)) >> wait(60)
    if arm == "both":
        playbook >> sees(arm="both") << "write alarm limits_contradict" >> wait(60)
    assert playbook >> sees(arm="moving") << "write command open" << "open in-1"
