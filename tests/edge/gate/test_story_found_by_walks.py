"""Playbooks of what random walks have found: each was once answered wrongly."""

from access.entries import Observed
from edge.gate.actions import Append
from edge.gate.detectors import Detectors
from edge.gate.inputs import Inputs
from tests.edge.gate.conftest import Play
from tests.edge.gate.playbook import (
    DOOR,
    LIS_CARD,
    LIS_PLATE,
    VEHICLE,
    WANGS_CARD,
    Playbook,
    answered,
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
    comes_down,
    decided,
    driven_through,
    granted,
    noticed,
    opened,
    opened_by_guard,
    openings,
    under,
)
from tests.edge.gate.wiring import AGENT, BLIND_DOOR, DOOR_OUT, EXIT_BUTTON, FIRE, LOCK, OUT

SALLY_PORT = VEHICLE + OUT + LOCK
FIRE_OPENS = {"evacuation": "open"}


def evacuated(playbook: Playbook) -> Playbook:
    """The fire alarm goes off, and the lane is set to open."""
    return alarm_given(playbook) << "write lane evacuation input"


def test_a_card_that_comes_late_is_only_written_down(play: Play) -> None:
    playbook = play() >> card(LIS_CARD, seen_ago=60) << "write reading card"
    assert granted(playbook >> card(LIS_CARD))


def test_what_is_seen_of_an_arm_that_others_raise_belongs_to_the_passage_that_begins(play: Play) -> None:
    playbook = play() >> sees(arm="moving") << "write observation opened_by_others" << "-> open"
    assert playbook
    (seen,) = [one.draft for one in playbook.sent if isinstance(one, Append) and isinstance(one.draft.body, Observed)]
    assert playbook.lane.passage is not None
    assert seen.passage == playbook.lane.passage.id


def test_a_door_with_no_input_at_all_opens(play: Play) -> None:
    assert granted(play(settings(BLIND_DOOR)) >> card(LIS_CARD))


def test_a_lane_of_a_lock_that_the_office_holds_open_waits_until_the_other_is_shut(play: Play) -> None:
    playbook = comes_down(driven_through(play(settings(SALLY_PORT))))
    playbook >> sees(out_arm="up") << "out-1: write observation opened_by_others" << "out-1 -> open"
    playbook >> office(2, mode="held_open") << "write snapshot" << "write lane held_open office"
    playbook << "out-1: write lane held_open office" << "-> held_open" >> wait(4)
    assert playbook >> shows(state="held_open", arm="down")
    assert not openings(playbook)[1:]


def test_a_lane_whose_limits_contradict_is_not_taken_as_shut(play: Play) -> None:
    playbook = play(settings(SALLY_PORT)) >> sees(out_arm="both") << "out-1: write alarm limits_contradict"
    decided(playbook >> card(LIS_CARD), "grant", "access_ok") << "tell grant access_ok" << "-> interlocked"
    playbook >> sees(out_arm="down") << "write command open" << "open in-1" << "-> opening"
    assert playbook


def test_an_evacuation_raises_the_arm_also_over_somebody_who_presses_against_it(play: Play) -> None:
    playbook = noticed(play(settings(VEHICLE + FIRE, **FIRE_OPENS)) >> sees(safety=True), "loop_without_grant") << "-> crossing"
    assert evacuated(playbook) << "write command open" << "open in-1"


def test_a_fire_does_not_wait_for_a_command_that_never_left(play: Play) -> None:
    playbook = granted(play(settings(VEHICLE + FIRE, **FIRE_OPENS)) >> card(LIS_CARD))
    playbook >> store_fails() << "write decision deny store_failed" << "tell deny store_failed" << "-> denied"
    assert evacuated(playbook) << "write command open" << "open in-1" << "-> held_open"


def test_an_arm_that_did_not_rise_is_told_again_when_the_site_is_evacuated(play: Play) -> None:
    playbook = granted(arrive(play(settings(VEHICLE + FIRE, **FIRE_OPENS))) >> card(LIS_CARD))
    evacuated(playbook) >> answered("no echo") << "write outcome no echo" << "tell grant access_ok"
    playbook << "write alarm command_failed" << "-> fault" >> wait(10)
    assert playbook << "write passage not_opened" << "write command open" << "open in-1" << "-> held_open"


def test_a_door_that_failed_to_unlock_in_a_fire_is_tried_again_soon(play: Play) -> None:
    playbook = evacuated(play(settings(DOOR + FIRE))) << "write command open" << "open in-1" << "-> held_open"
    playbook >> answered("no echo") << "write outcome no echo" << "write alarm command_failed"
    assert playbook >> wait(8) << "write command open" << "open in-1"


def test_a_door_whose_strike_has_locked_again_is_unlocked_when_the_site_is_evacuated(play: Play) -> None:
    playbook = granted(play(settings(DOOR + FIRE)) >> card(LIS_CARD)) >> answered() << "write outcome ok"
    playbook << "tell grant access_ok" >> wait(5)
    assert evacuated(playbook) << "write command open" << "open in-1"


def test_a_question_is_put_again_after_a_plate_that_was_only_on_its_way(play: Play) -> None:
    playbook = granted(play() >> card(LIS_CARD)) >> restart(unconfirmed=True) << "write decision refer not_confirmed"
    playbook << "tell refer not_confirmed" << "-> referred" >> plate(LIS_PLATE)
    assert playbook >> shows(state="referred", reason="not_confirmed")


def test_who_would_have_come_next_has_a_passage_that_ends(play: Play) -> None:
    playbook = opened_by_guard(under(opened(play())), phase="")
    playbook >> sees(arm="down") << "write alarm arm_down_over_loop" << "write passage unfinished"
    assert playbook << "write passage no_show" << "look camera-in" << "-> waiting"


def test_a_guard_lets_no_more_than_a_few_in_behind_the_one_under_the_arm(play: Play) -> None:
    playbook = under(opened(play()))
    for number in range(4):
        opened_by_guard(playbook, request=f"r-{number}", phase="")
    assert asked(playbook, guard("open_once", "r-9"), "not_ready")


def test_a_button_unlocks_no_door_again_while_the_other_door_of_the_lock_is_open(play: Play) -> None:
    playbook = granted(play(settings(DOOR + DOOR_OUT + LOCK, **EXIT_BUTTON)) >> card(LIS_CARD))
    playbook >> sees(out_arm="up") << "out-1: write observation door_forced" << "out-1: write alarm door_forced"
    playbook << "out-1: write passage door_forced" << "out-1 -> closing"
    assert playbook >> wait(2) >> sees(exit_button=True)


def test_a_grant_raises_an_arm_that_comes_down_though_its_lane_is_held_open(play: Play) -> None:
    playbook = asked(play(), guard("hold_open")) << "write lane held_open guard" << "write command open" << "open in-1"
    playbook << "-> held_open" >> sees(arm="up") >> wait(10) >> sees(arm="moving") << "write command open" << "open in-1"
    decided(playbook >> wait(1) >> card(WANGS_CARD), "grant", "lane_held_open")
    assert playbook << "tell grant lane_held_open" << "write command open" << "open in-1"


def test_a_chattering_detector_is_not_well_for_having_failed() -> None:
    detectors, seen = Detectors(frozenset({"safety_loop"}), stuck_s=300), Inputs(safety_loop=True)
    for edge in range(14):
        detectors.take(Inputs(safety_loop=bool(edge % 2)), frozenset(), 100 + edge / 10)
    assert detectors.judge(101.3) == (("safety_loop",), ())
    detectors.take(seen, frozenset({"safety_loop"}), 102.0)
    assert detectors.judge(102.0) == (("safety_loop",), ())
    detectors.take(seen, frozenset(), 102.1)
    detectors.judge(102.1)
    assert detectors.ill == {"safety_loop": "chatters"}
    assert detectors.judge(111.4) == ((), ("safety_loop",))


def test_nothing_is_lowered_out_of_service_until_a_guard_resumes(play: Play) -> None:
    playbook = driven_through(play(**AGENT))
    asked(playbook, guard("out_of_service")) << "write lane out_of_service guard" >> wait(45) << "write alarm arm_not_down"
    asked(playbook >> shows(open_because="arm_not_down"), guard("resume", "r-2")) << "write lane normal guard"
    assert playbook >> wait(2) << "write command close" << "close in-1"


def test_an_arm_whose_limits_contradict_is_raised_again_while_it_is_held_open(play: Play) -> None:
    playbook = asked(play(), guard("hold_open")) << "write lane held_open guard" << "write command open" << "open in-1"
    playbook << "-> held_open" >> sees(arm="both") << "write alarm limits_contradict" >> wait(8)
    playbook << "write command open" << "open in-1" >> sees(arm="moving") >> wait(8) << "write command open" << "open in-1"
    assert playbook
