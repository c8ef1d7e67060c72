"""Story 1 and 12: somebody arrives, is read more than once, waits for a second factor or for the guard, and goes away again."""

from uuid import UUID

from access.entries import Decided, PassageEnded
from simulators.standalone import vehicle
from tests.edge.gate.conftest import Play
from tests.edge.gate.playbook import (
    LI,
    LIS_CARD,
    LIS_PLATE,
    LIS_PLATE_MISREAD,
    LOST_CARD,
    STRANGERS_CARD,
    STRANGERS_PLATE,
    WANGS_CARD,
    Playbook,
    answered,
    card,
    estate,
    guard,
    office,
    plate,
    sees,
    shows,
    wait,
)
from tests.edge.gate.scenes import (
    arrive,
    asked,
    awaited,
    comes_down,
    decided,
    denied,
    granted,
    looked_again,
    opened,
    opened_by_guard,
    passes,
    referred,
    under,
)
from tests.edge.gate.wiring import EXIT

LIS_CAR = str(UUID(int=15))

# --- several reads of one arrival -----------------------------------------------------------------


def test_a_plate_read_on_the_way_to_the_loop_keeps_the_picture_it_was_read_in(play: Play) -> None:
    playbook = play() >> plate(STRANGERS_PLATE) >> wait(1)
    playbook = referred(playbook >> sees(arrival=True) << "look camera-in", "unknown_refer", "plate")
    assert playbook >> shows(plate_capture=f"capture {STRANGERS_PLATE}")
    (view,) = [view for view in playbook.gate.lane_views() if view.lane == "in-1"]
    assert view.capture_id not in ("", view.plate_capture), "what is kept is the vehicle as it stands here"


def test_the_booth_and_the_driver_follow_an_arrival(play: Play) -> None:
    playbook = play() >> shows(state="idle", sign="welcome", arm="down", arrival=False, until_mono=0.0)
    arrive(playbook) >> shows(state="waiting", sign="wait", arrival=True, waiting_since_mono=1000.0, until_mono=1006.0)
    granted(playbook >> wait(1) >> plate(LIS_PLATE), medium="plate")
    playbook >> shows(state="opening", sign="go", shown="粤B·8D2Z5", holder="李*", unit="3-1201", outcome="grant")
    under(playbook >> sees(arm="up") << "-> open" >> shows(state="open", sign="go", arm="up", open_because=""))
    playbook >> shows(state="passing", sign="go", safety=True) >> sees(arrival=False) >> sees(safety=False)
    playbook << "write passage passed" << "-> closing" >> shows(state="closing", sign="keep_clear", waiting_since_mono=0.0)
    assert comes_down(playbook) >> shows(state="idle", sign="welcome", arm="down")


def test_the_same_plate_read_ten_times_is_one_arrival(play: Play) -> None:
    playbook = granted(arrive(play()) >> plate(LIS_PLATE), medium="plate")
    for _ in range(4):
        playbook >> wait(0.2) >> plate(LIS_PLATE)
    playbook >> sees(arm="up") << "-> open" >> plate(LIS_PLATE)
    under(playbook) >> plate(LIS_PLATE) >> sees(arrival=False) >> plate(LIS_PLATE)
    playbook >> sees(safety=False) << "write passage passed" << "-> closing" >> plate(LIS_PLATE)
    assert comes_down(playbook) >> wait(1) >> plate(LIS_PLATE)


def test_a_correction_after_opening_amends_and_never_opens_again(play: Play) -> None:
    playbook = granted(arrive(play()) >> plate(LIS_PLATE), medium="plate")
    playbook >> plate(LIS_PLATE_MISREAD) << "write amendment plate" >> shows(state="opening", reason="access_ok")
    under(playbook >> sees(arm="up") << "-> open" >> plate(STRANGERS_PLATE) << "write amendment plate")
    playbook >> sees(arrival=False) >> sees(safety=False) << "write passage passed" << "-> closing"
    assert comes_down(playbook)
    (ended,) = playbook.bodies(PassageEnded)
    assert (ended.text, ended.plate, ended.vehicles) == (LIS_PLATE, LIS_PLATE, 1)


def test_a_plate_read_after_its_card_opened_names_the_vehicle_and_amends_nothing(play: Play) -> None:
    playbook = opened(play()) >> plate(LIS_PLATE) << "write reading plate"
    assert comes_down(passes(playbook))
    assert playbook.bodies(PassageEnded)[0].plate == LIS_PLATE


def test_a_plate_read_while_the_vehicle_has_left_its_loop_is_not_a_correction(play: Play) -> None:
    playbook = granted(arrive(play()) >> plate(LIS_PLATE), medium="plate") >> sees(arm="up") << "-> open"
    under(playbook) >> wait(1) >> sees(arrival=False) >> plate(STRANGERS_PLATE)
    playbook >> sees(safety=False) << "write passage passed" << "-> closing"
    assert comes_down(playbook)


def test_a_better_reading_of_a_questioned_plate_decides_anew(play: Play) -> None:
    playbook = referred(arrive(play()) >> plate(LIS_PLATE_MISREAD), "similar", "plate")
    playbook >> shows(state="referred", sign="guard_decides")
    assert granted(playbook >> wait(1) >> plate(LIS_PLATE), medium="plate")


def test_a_worse_reading_of_a_granted_plate_takes_nothing_back(play: Play) -> None:
    playbook = granted(arrive(play()) >> plate(LIS_PLATE), medium="plate") >> plate(LIS_PLATE, confidence=0.2)
    assert playbook >> sees(arm="up") << "-> open"


def test_a_vehicle_that_nothing_is_read_of_waits_for_the_guard_and_its_card_opens_all_the_same(play: Play) -> None:
    playbook = arrive(play()) >> wait(6) << "keep camera-in" << "write decision refer unread" << "tell refer unread"
    playbook << "-> referred" >> shows(sign="guard_decides", reason="unread", until_mono=1126.0)
    assert granted(playbook >> wait(5) >> card(LIS_CARD))


def test_where_no_loop_is_wired_a_plate_decides_at_once(play: Play) -> None:
    playbook = granted(play(barrier__arrival_loop=None) >> plate(LIS_PLATE), medium="plate") >> sees(arm="up") << "-> open"
    under(playbook) >> sees(safety=False) << "write passage passed" << "-> closing" >> plate(LIS_PLATE)
    assert comes_down(playbook)


def test_after_twenty_decisions_on_who_stands_there_a_new_passage_begins(play: Play) -> None:
    playbook = arrive(play())
    for _ in range(10):
        denied(playbook >> card(LOST_CARD), "inactive")
        referred(playbook >> card(STRANGERS_CARD), "unknown_refer")
    playbook >> card(LOST_CARD) << "write passage unanswered"
    assert denied(playbook, "inactive")


# --- waiting --------------------------------------------------------------------------------------


def test_who_is_refused_and_stays_is_said_aloud_once(play: Play) -> None:
    playbook = denied(arrive(play()) >> card(LOST_CARD), "inactive") >> shows(state="denied", sign="turned_away")
    looked_again(playbook >> wait(179.9), 17) >> wait(0.2) << "write alarm waiting_too_long" << "look camera-in"
    assert looked_again(playbook >> wait(100), 10) >> sees(arrival=False) << "write passage denied" << "-> idle"


def test_who_goes_before_anything_is_read_has_left(play: Play) -> None:
    assert arrive(play()) >> wait(2) >> sees(arrival=False) << "write passage left" << "-> idle" >> wait(1000)


# --- a second factor ------------------------------------------------------------------------------


def two_factors(play: Play) -> Playbook:
    """Li's plate is read in a lane that asks for plate and card."""
    playbook = arrive(play(rules=estate(1, factors="plate+card")))
    awaited(playbook >> plate(LIS_PLATE), "factor_awaited", "plate")
    return playbook >> shows(state="waiting", sign="show_second", until_mono=1030.0)


def test_the_driver_is_asked_for_the_second_factor_until_its_deadline(play: Play) -> None:
    playbook = two_factors(play) >> wait(30) << "keep camera-in" << "write decision refer unread" << "tell refer unread"
    assert playbook << "-> referred" >> shows(sign="guard_decides")


def test_who_drives_off_before_the_second_factor_leaves_nothing_for_the_next(play: Play) -> None:
    playbook = two_factors(play) >> wait(5) >> sees(arrival=False) << "write passage denied" << "-> idle"
    awaited(arrive(playbook >> wait(2)) >> card(LIS_CARD), "factor_awaited")
    playbook >> shows(state="waiting", sign="show_second")
    assert playbook >> sees(arrival=False) << "write passage denied" << "-> idle"


def test_the_next_vehicles_card_does_not_complete_the_first_ones_plate(play: Play) -> None:
    playbook = two_factors(play) >> wait(5) >> card(WANGS_CARD)
    assert decided(playbook, "refer", "factors_differ") << "tell refer factors_differ" << "-> referred"


def test_the_second_factor_opens_within_its_time(play: Play) -> None:
    playbook = granted(two_factors(play) >> wait(29) >> card(LIS_CARD)) >> answered() << "write outcome ok"
    under(playbook << "tell grant access_ok" >> sees(arm="up") << "-> open") >> sees(arrival=False)
    assert playbook >> sees(safety=False) << "write passage passed" << "-> closing"
    assert playbook.inside() == {LIS_CAR}


# --- goods ----------------------------------------------------------------------------------------


def lorry_at_the_exit(play: Play) -> Playbook:
    """A large vehicle leaves, whose load must be checked."""
    identity = UUID(int=16)
    kind, _, data = vehicle(identity, LI, "粤BL0RR1")
    lorry = (kind, identity, {**data, "vehicle_class": "large"})
    playbook = arrive(play(rules=estate(1, lorry, goods_checks=["large"]), **EXIT))
    referred(playbook >> plate("粤BL0RR1"), "goods_check", "plate")
    return playbook >> shows(sign="guard_decides", reason="goods_check", direction="out")


def test_a_load_is_checked_for_longer_than_its_loop_is_believed(play: Play) -> None:
    playbook = lorry_at_the_exit(play) >> wait(500) << "write alarm refer_unanswered" << "write alarm refer_unanswered"
    playbook << "write alarm loop_stuck" << "write alarm refer_unanswered" << "write alarm refer_unanswered"
    playbook >> shows(state="referred", arrival=None, ill={"arrival_loop": "stuck"})
    under(opened_by_guard(playbook, "admit") >> sees(arm="up") << "-> open")
    playbook >> sees(arrival=False) << "write observation sensor_well"
    assert playbook >> sees(safety=False) << "write passage passed" << "-> closing"


def test_a_load_whose_vehicle_drove_back_in_is_no_question_any_more(play: Play) -> None:
    playbook = lorry_at_the_exit(play) >> wait(350) << "write alarm refer_unanswered" << "write alarm refer_unanswered"
    playbook << "write alarm loop_stuck" >> sees(arrival=False) << "write observation sensor_well"
    assert playbook << "write passage unanswered" << "-> idle"


def test_a_question_about_a_load_ends_within_half_an_hour_where_the_loop_tells_nothing(play: Play) -> None:
    playbook = lorry_at_the_exit(play) >> wait(1800 - 1) << "write alarm refer_unanswered" << "write alarm refer_unanswered"
    playbook << "write alarm loop_stuck"
    for _ in range(12):
        playbook << "write alarm refer_unanswered"
    assert playbook >> wait(1.1) << "write passage unanswered" << "-> idle"


def test_the_guard_of_the_next_shift_admits_what_the_last_one_left(play: Play) -> None:
    playbook = lorry_at_the_exit(play) >> wait(60)
    asked(playbook, guard("admit", late=True), "expired")
    assert opened_by_guard(playbook, "admit", "r-2")
    assert [decision.direction for decision in playbook.bodies(Decided)] == ["out", "out"]


def test_who_carries_more_than_agreed_is_refused_and_drives_back(play: Play) -> None:
    playbook = asked(lorry_at_the_exit(play), guard("refuse")) << "keep camera-in" << "write decision deny guard_refused"
    playbook << "tell deny guard_refused" << "-> denied" >> shows(sign="turned_away") >> wait(25)
    looked_again(playbook, 2)
    assert playbook >> sees(arrival=False) << "write passage denied" << "-> idle"


# --- the same again -------------------------------------------------------------------------------


def test_who_was_refused_while_the_lane_was_out_of_service_is_asked_anew_when_it_is_not(play: Play) -> None:
    playbook = arrive(asked(play(), guard("out_of_service")) << "write lane out_of_service guard")
    denied(playbook >> card(LIS_CARD), "lane_out_of_service") >> wait(1) >> card(LIS_CARD) >> wait(1)
    asked(playbook, guard("resume", "r-2")) << "write lane normal guard"
    assert granted(playbook >> wait(1) >> card(LIS_CARD))


def test_who_was_refused_is_asked_anew_under_new_rules(play: Play) -> None:
    playbook = denied(arrive(play(rules=estate(1, mode="held_closed"))) >> card(LIS_CARD), "lane_held_closed")
    playbook >> wait(1) >> card(LIS_CARD) >> office(2) << "write snapshot" << "write lane normal office"
    assert granted(playbook >> wait(1) >> card(LIS_CARD))


def test_a_loop_that_loses_who_the_guard_is_asked_about_for_a_moment_does_not_lose_the_question(play: Play) -> None:
    playbook = referred(arrive(play()) >> plate(LIS_PLATE_MISREAD), "similar", "plate") >> wait(5) >> sees(arrival=False)
    playbook << "write passage unanswered" << "-> idle" >> wait(0.05) >> sees(arrival=True) << "look camera-in"
    playbook << "write decision refer similar" << "tell refer similar" << "-> referred" >> plate(LIS_PLATE_MISREAD)
    assert playbook
    (view,) = playbook.gate.lane_views()[:1]
    assert [candidate.shown for candidate in view.candidates] == ["粤B·8D2Z5"]
    assert opened_by_guard(playbook, "admit")


def test_a_loop_that_loses_who_was_refused_for_a_moment_does_not_make_them_a_question(play: Play) -> None:
    playbook = denied(arrive(play()) >> card(LOST_CARD), "inactive") >> wait(2) >> sees(arrival=False)
    playbook << "write passage denied" << "-> idle" >> wait(0.1) >> sees(arrival=True) << "look camera-in"
    playbook << "write decision deny inactive" << "tell deny inactive" << "-> denied" >> card(LOST_CARD) >> wait(9)
    assert playbook
