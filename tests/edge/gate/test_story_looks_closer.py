"""Story 20: a guard looks closer: reads the plate himself, says what a vehicle without one is, looks at its load, takes back."""

from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest

from access.acts import VehicleActed
from access.entries import Decided, GuardActed, ReadingAmended, ReadingTaken
from access.passes import Pass, signed
from access.reasons import sentence
from edge.booth_messages import GuardRequest, RecordAct
from edge.desk.goods.codes import subject
from edge.gate.undoing import UNDO_S
from simulators.standalone import Rule, vehicle
from tests.access.pass_texts import SECRET
from tests.edge.gate.conftest import Play
from tests.edge.gate.playbook import (
    LI,
    LIS_CARD,
    LIS_PLATE,
    LIS_PLATE_MISREAD,
    LOST_CARD,
    START,
    STRANGERS_PLATE,
    Happening,
    Playbook,
    answered,
    board,
    card,
    code,
    estate,
    event,
    from_afar,
    plate,
    sees,
    shows,
    wait,
)
from tests.edge.gate.scenes import arrive, asked, decided, denied, openings, passes, referred
from tests.edge.gate.test_story_codes import KEYED
from tests.edge.gate.wiring import EXIT

LIS_CAR = str(UUID(int=15))
LORRY, LORRYS_PLATE = str(UUID(int=16)), "粤BL0RR1"
SLIP = str(UUID(int=17))
NOW = int(START.timestamp())


def looks(act: str, request: str = "r-1", **keys: Any) -> Happening:
    """The guard 张* does this about who stands at the lane; `keys` are those of `GuardRequest`."""

    def make(playbook: Playbook) -> GuardRequest:
        passage = playbook.lane.passage.id if playbook.lane.passage else ""
        plain = GuardRequest(request, act, "in-1", "g-1", "张*", "misread", "", playbook.now + 10, passage)
        return replace(plain, **keys)

    return event(f"guard {act} {request}", make)


def misread(play: Play, **keys: Any) -> Playbook:
    """Li's car stands at the lane, and one character of its plate was misread."""
    return referred(arrive(play(**keys)) >> plate(LIS_PLATE_MISREAD), "similar", "plate")


# --- the plate as a guard reads it ----------------------------------------------------------------


def test_a_corrected_plate_opens_where_it_is_on_record_and_the_raw_reading_is_kept(play: Play) -> None:
    playbook = asked(misread(play), looks("correct", choice=" 粤b · 8d2z5")) << "write amendment plate" << "keep camera-in"
    playbook << "write decision grant access_ok" << "write command open" << "open in-1" << "-> opening"
    (
        playbook
        >> plate(LIS_PLATE_MISREAD)
        >> answered()
        << "write outcome ok"
        << "tell grant access_ok"
        >> sees(arm="up")
        << "-> open"
    )
    passes(playbook) >> sees(arm="down") << "-> idle" >> plate(LIS_PLATE_MISREAD)
    assert playbook >> shows(plate=LIS_PLATE, colour="blue", holder="李*", subject=LIS_CAR)
    assert [(read.raw, read.device) for read in playbook.bodies(ReadingTaken)] == [
        (LIS_PLATE_MISREAD, "camera-in"),
        (" 粤b · 8d2z5", "guard"),
    ]
    assert playbook.bodies(ReadingAmended)[0].text == LIS_PLATE
    grant = playbook.bodies(Decided)[-1]
    assert (grant.device, grant.medium, grant.confidence, grant.text) == ("guard", "plate", 1.0, LIS_PLATE)
    assert playbook.bodies(GuardActed)[0].guard_name == "张*"
    assert playbook.inside() == {LIS_CAR}


def test_a_plate_that_only_resembles_one_on_record_stays_a_question(play: Play) -> None:
    playbook = misread(play, rules=estate(1, inexact=["resident"], emergency_plates="grant"), **EXIT)
    for request, typed, reason in (("r-1", "粤B8D225", "similar"), ("r-2", "粤A1234警", "emergency_refer")):
        asked(playbook, looks("correct", request, choice=typed)) << "write amendment plate" << "keep camera-in"
        playbook << f"write decision refer {reason}" << f"tell refer {reason}"
    assert playbook
    assert openings(playbook) == []


def test_a_camera_that_reads_on_as_before_does_not_undo_what_the_guard_has_read(play: Play) -> None:
    playbook = asked(misread(play), looks("correct", choice=STRANGERS_PLATE)) << "write amendment plate" << "keep camera-in"
    playbook << "write decision refer unknown_refer" << "tell refer unknown_refer" >> plate(LIS_PLATE_MISREAD)
    assert playbook >> shows(plate=STRANGERS_PLATE, state="referred", candidates=())


def test_who_was_denied_may_have_been_misread(play: Play) -> None:
    playbook = denied(arrive(play(rules=estate(1, unknown="deny"))) >> plate(STRANGERS_PLATE), "unknown", "plate")
    asked(playbook, looks("correct", choice=LIS_PLATE)) << "write amendment plate" << "keep camera-in"
    assert playbook << "write decision grant access_ok" << "write command open" << "open in-1" << "-> opening"


@pytest.mark.parametrize(
    ("keys", "refusal"),
    [
        ({"choice": ""}, "no_plate"),
        ({"choice": "·"}, "no_plate"),
        ({"choice": "粤B8D2Z5" * 9}, "no_plate"),
        ({"choice": LIS_PLATE, "passage": "another"}, "too_late"),
        ({"choice": LIS_PLATE, "expires_mono": 0.0}, "expired"),
        ({"choice": LIS_PLATE, "source": "office"}, "unknown_act"),
    ],
)
def test_a_plate_is_not_corrected_where(play: Play, keys: dict[str, Any], refusal: str) -> None:
    playbook = misread(play) >> looks("correct", **keys)
    playbook << f"write {'remote' if 'source' in keys else 'guard'} correct {refusal}" << f"answer r-1 {refusal}"
    assert playbook >> shows(state="referred", reason="similar")


def test_nobody_reads_a_plate_at_a_door_nor_where_nobody_waits(play: Play, door: Playbook) -> None:
    assert asked(play(), looks("correct", choice=LIS_PLATE), "too_late")
    assert asked(door, looks("correct", choice=LIS_PLATE), "unknown_act")


# --- a vehicle without a plate --------------------------------------------------------------------


def test_of_a_vehicle_without_a_plate_is_recorded_what_it_is(play: Play) -> None:
    playbook = (
        arrive(play()) >> wait(6) << "keep camera-in" << "write decision refer unread" << "tell refer unread" << "-> referred"
    )
    asked(playbook, looks("admit", reason="no_plate", vehicle_class="tricycle", colour="blue"))
    playbook << "keep camera-in" << "write decision grant guard_admitted" << "write command open" << "open in-1" << "-> opening"
    assert playbook
    decision = playbook.bodies(Decided)[-1]
    assert decision.vehicle_class == "tricycle"
    assert sentence(decision.reason, decision.values, "en").endswith("who this is (blue tricycle)")
    assert sentence(decision.reason, decision.values, "zh").endswith("（蓝色三轮车）")
    assert playbook.lane.passage is not None
    assert not playbook.lane.passage.moving[0].vehicle, "a tricycle takes no parking space"
    stranger = referred(arrive(play()) >> plate(STRANGERS_PLATE), "unknown_refer", "plate")
    assert asked(stranger, looks("admit", colour="?"), "unknown_act")


# --- the load -------------------------------------------------------------------------------------


def lorry_at_the_exit(play: Play) -> Playbook:
    kind, _, data = vehicle(UUID(LORRY), LI, LORRYS_PLATE)
    rules = estate(1, (kind, UUID(LORRY), {**data, "vehicle_class": "large"}), goods_checks=["large"])
    playbook = referred(arrive(play(rules=rules, **EXIT)) >> plate(LORRYS_PLATE), "goods_check", "plate")
    return playbook >> shows(waiting_for_goods=True, subject=LORRY)


def opens_by_the_rules(playbook: Playbook) -> Playbook:
    return playbook << "write decision grant access_ok" << "write command open" << "open in-1" << "-> opening"


def test_a_vehicle_that_carries_nothing_leaves_by_the_rules(play: Play) -> None:
    playbook = lorry_at_the_exit(play) >> looks("nothing_carried", choice=LIS_CAR) << "write guard nothing_carried other_vehicle"
    (
        playbook
        << "answer r-1 other_vehicle"
        >> looks("nothing_carried", "r-2", choice=LORRY, badge="g7", role="leader", words="空车")
    )
    assert opens_by_the_rules(playbook << "write vehicle" << "answer r-2 yes")
    (acted,) = playbook.bodies(VehicleActed)
    assert (acted.identity, acted.act, acted.guard, acted.role, acted.words) == (LORRY, "nothing_carried", "g7", "leader", "空车")
    assert playbook.gate.presence.facts.get(f"cleared:{LORRY}") is not None


def test_a_released_load_lets_out_who_waited_for_it(play: Play) -> None:
    playbook = lorry_at_the_exit(play) >> wait(20)
    asked(playbook, looks("decide_again")) << "write decision refer goods_check" << "tell refer goods_check"
    cleared = event(
        "the slip is released",
        lambda book: RecordAct("r-9", "vehicle", LORRY, "nothing_carried", "g7", "张*", book.now + 10, lane="in-1"),
    )
    asked(playbook >> cleared << "write vehicle" << "answer r-9 yes" >> wait(1), looks("decide_again", "r-2"))
    assert opens_by_the_rules(playbook)


def trip(subject: str, request: str = "r-9") -> Happening:
    """The guard lets a trip out on a slip, by the vehicle that the presence knows so: as the booth page asks."""
    released = [{"line": 1, "quantity": "2"}]
    values = {"gate": "east", "released": released, "before": {"1": 0}, "cleared": subject}
    return event(
        f"trip {request}",
        lambda book: RecordAct(request, "slip", SLIP, "TripReleased", "g7", "张*", book.now + 10, values=values, lane="in-1"),
    )


def test_an_exit_that_waits_for_a_slip_opens_once_its_trip_is_released(play: Play) -> None:
    kind, _, lorry = vehicle(UUID(LORRY), LI, LORRYS_PLATE)
    window = {"valid_from": 0, "valid_until": 4_000_000_000, "status": "approved"}
    slip: Rule = ("slip", UUID(SLIP), {"id": SLIP, "number": "S000018", "plate": LORRYS_PLATE, "unit": "3-1201", **window})
    rules = estate(1, (kind, UUID(LORRY), lorry), slip, goods_checks=["slip"])
    playbook = referred(arrive(play(rules=rules, **EXIT)) >> plate(LORRYS_PLATE), "goods_slip", "plate")
    playbook >> shows(waiting_for_goods=True, subject=LORRY)
    assert subject(LORRYS_PLATE, rules) == LORRY, "the page names the vehicle as the gate does"
    playbook >> trip(LORRY) << "write slip" << "answer r-9 yes" >> wait(1)
    opens_by_the_rules(asked(playbook, looks("decide_again", "r-2")))
    assert passes(playbook >> answered() << "write outcome ok" << "tell grant access_ok" >> sees(arm="up") << "-> open")
    facts = playbook.gate.presence.facts
    assert facts[f"released:{SLIP}:1"] == 2000
    assert f"cleared:{LORRY}" not in facts, "for this trip alone"


def test_the_exit_opens_too_where_the_driver_has_shown_the_slip_at_the_lane(play: Play) -> None:
    told = Pass("slip", UUID(SLIP), NOW, NOW - 60, NOW + 3600, number="S000018")
    rules = estate(1, KEYED, goods_checks=["loading"])
    playbook = arrive(play(rules=rules, **EXIT))
    inside = (("set", f"at:{LIS_CAR}", ["site", NOW]), ("set", f"loading:{LIS_CAR}", NOW))
    playbook.gate.presence = playbook.gate.presence.after(inside, LIS_PLATE)
    referred(playbook >> plate(LIS_PLATE), "goods_check", "plate")
    decided(playbook >> code(signed(told, SECRET)), "refer", "code_slip", "code") << "tell refer code_slip"
    asked(playbook, looks("decide_again")) << "write decision refer code_slip" << "tell refer code_slip"
    playbook >> trip(LIS_CAR) << "write slip" << "answer r-9 yes" >> wait(1)
    assert opens_by_the_rules(asked(playbook, looks("decide_again", "r-2")))


def test_who_is_marked_as_loading_is_asked_about_at_the_exit(play: Play) -> None:
    rules = estate(1, goods_checks=["loading"])
    subject = str(rules.pseudonym(STRANGERS_PLATE))
    playbook = referred(arrive(play(rules=rules, **EXIT)) >> plate(STRANGERS_PLATE), "unknown_refer", "plate")
    playbook >> looks("mark_loading", "r-2", choice=subject) << "write vehicle" << "answer r-2 yes"
    assert playbook
    assert playbook.gate.presence.facts.get(f"loading:{subject}") is not None


def test_rules_are_not_asked_again_about_nothing(play: Play) -> None:
    playbook = (
        arrive(play()) >> wait(6) << "keep camera-in" << "write decision refer unread" << "tell refer unread" << "-> referred"
    )
    assert asked(playbook, looks("decide_again"), "nothing_read")
    assert asked(denied(arrive(play()) >> card(LOST_CARD), "inactive"), looks("decide_again"), "too_late")


# --- taken back -----------------------------------------------------------------------------------


def turned_away(play: Play) -> Playbook:
    playbook = asked(misread(play), looks("refuse", reason="not_registered")) << "keep camera-in"
    return playbook << "write decision deny guard_refused" << "tell deny guard_refused" << "-> denied"


def test_who_was_turned_away_by_mistake_is_the_question_again(play: Play) -> None:
    playbook = turned_away(play) >> shows(undo_act="refuse", undo_guard="g-1") >> wait(UNDO_S - 0.1)
    asked(playbook, looks("undo", "r-2")) << "write decision refer similar" << "tell refer similar" << "-> referred"
    playbook >> shows(reason="similar", undo_act="", plate=LIS_PLATE_MISREAD) >> looks("undo", "r-2") << "answer r-2 yes"
    assert asked(playbook, looks("undo", "r-3"), "too_late")
    first, _, again = playbook.bodies(Decided)
    assert again == first, "nothing was decided anew"
    (view,) = playbook.gate.lane_views()
    assert [candidate.credential for candidate in view.candidates] == [LIS_CAR]


@pytest.mark.parametrize(
    "meanwhile",
    [
        [wait(UNDO_S + 0.1)],
        [sees(arrival=False), sees(arrival=True)],
        [sees(arm="moving")],
        [card(LIS_CARD)],
        [board(up=False)],
    ],
    ids=["too long", "gone", "arm raised", "granted since", "board lost"],
)
def test_it_is_too_late_to_take_back(play: Play, meanwhile: list[Happening]) -> None:
    playbook = turned_away(play)
    assert playbook
    for happening in meanwhile:
        happening.play(playbook)
    before = playbook.phase
    assert "answer r-9 too_late" in looks("undo", "r-9").play(playbook)
    assert playbook.phase == before


def test_nobody_takes_back_what_another_has_done(play: Play) -> None:
    assert asked(turned_away(play), looks("undo", "r-2", guard="g-2"), "too_late")


@pytest.mark.parametrize(("act", "mode"), [("hold_closed", "held_closed"), ("out_of_service", "out_of_service")])
def test_a_lane_is_set_back_to_what_it_was(play: Play, act: str, mode: str) -> None:
    playbook = asked(play(), looks("hold_open", "r-0", minutes=5)) << "write lane held_open guard" << "write command open"
    playbook << "open in-1" << "-> held_open" >> answered() << "write outcome ok" >> sees(arm="up")
    asked(playbook, looks(act)) << f"write lane {mode} guard" << "-> closing"
    asked(playbook >> shows(undo_act=act) >> wait(2), looks("undo", "r-2")) << "write lane held_open guard" << "-> held_open"
    assert playbook >> shows(mode="held_open", arm="up", undo_act="") >> wait(290)
    (view,) = playbook.gate.lane_views()
    assert view.mode_until_utc > playbook.at.timestamp()


def test_a_lane_is_not_set_back_once_its_arm_has_moved(play: Play) -> None:
    playbook = asked(play(), looks("hold_open", "r-0", minutes=5)) << "write lane held_open guard" << "write command open"
    playbook << "open in-1" << "-> held_open" >> answered() << "write outcome ok" >> sees(arm="up")
    asked(playbook, looks("hold_closed")) << "write lane held_closed guard" << "-> closing" >> sees(arm="moving")
    assert asked(playbook >> shows(undo_act=""), looks("undo", "r-2"), "too_late")


def test_a_direction_is_set_back(play: Play) -> None:
    playbook = asked(play(direction="both"), looks("direct", choice="in")) << "write lane normal guard"
    asked(playbook, looks("direct", "r-2", choice="out")) << "write lane normal guard" >> shows(headed="out")
    asked(playbook, looks("undo", "r-3")) << "write lane normal guard"
    assert playbook >> shows(headed="in")
    (
        playbook
        >> from_afar("hold_closed")
        << "write remote hold_closed accepted"
        << "answer c-1 yes"
        << "write lane held_closed office"
    )
    assert asked(playbook >> shows(undo_act=""), looks("undo", "r-4"), "too_late"), "what the office does is not the guard's"
