"""Rules together: situations that the table of no single rule has, because two or three of them meet."""

from datetime import timedelta

import pytest

from access.decision import Decision
from tests.access.rules.test_days import GUEST, LI, NESTED, WANG, WORKER, YARD
from tests.access.rules.world import (
    Showing,
    World,
    assert_whole,
    block,
    card,
    code,
    contractor_pass,
    counted,
    decided,
    held,
    inside,
    lane,
    level,
    person,
    quota,
    schedule,
    shows_card,
    shows_code,
    shows_plate,
    site,
    slip,
    vehicle,
    visit,
    world,
    zone,
)


def obliged(decision: Decision) -> set[str]:
    return {one.code for one in decision.obligations}


OLD = site(list_age=({"category": "visitor", "hours": 2, "then": "deny"}, {"category": "contractor", "hours": 2, "then": "deny"}))
AFTER_HOURS = (schedule("work", ("01234", "08:00", "18:00")), level("office", schedule="work"))
MISREAD = shows_plate("粤BBD2Z5", "out", characters=(0.99, 0.99, 0.3, 0.99, 0.99, 0.99, 0.99))
TOGETHER: dict[str, tuple[World, Showing, str, set[str]]] = {
    "an escort does not make a guest's old list young": (
        world(OLD, *LI, *GUEST, list_age=timedelta(hours=3)),
        shows_card(1).after(shows_card(3)),
        "access_ok",
        set(),
    ),
    "nor does a second person a contractor's": (
        world(OLD, lane(two_person=True), *LI, *WORKER, list_age=timedelta(hours=3)),
        shows_card(1).after(shows_card(2)),
        "person_awaited",
        {"await_person"},
    ),
    "what a guest's visit asks for is asked when the escort shows last": (
        world(
            *LI,
            person("陈", category="visitor", levels=(), escorted=True),
            card(3, "陈"),
            visit("陈", obligations=("lead_in", "tell_host")),
        ),
        shows_card(1).after(shows_card(3)),
        "access_ok",
        {"lead_in", "tell_host"},
    ),
    "a second person's duplicate is taken": (
        world(lane(two_person=True), *LI, *WORKER),
        shows_card(1).after(shows_card(2)),
        "access_ok",
        {"take_duplicate"},
    ),
    "a look-alike that is let out has its slip": (
        world(lane("out", inexact=("resident",)), *LI, slip(), inside()),
        MISREAD,
        "goods_slip",
        {"check_goods"},
    ),
    "after hours, plate then card, from inside": (
        world(*AFTER_HOURS, lane("out", factors="plate+card"), person(levels=("office",)), vehicle(), card(), inside()),
        shows_card(1, "out", "2026-03-02 19:00:05").after(shows_plate(direction="out", at="2026-03-02 19:00:00")),
        "access_ok",
        {"note_overstay"},
    ),
    "after hours, the card alone waits for its plate": (
        world(*AFTER_HOURS, lane("out", factors="plate+card"), person(levels=("office",)), vehicle(), card(), inside()),
        shows_card(1, "out", "2026-03-02 19:00:00"),
        "factor_awaited",
        {"await_factor"},
    ),
    "after hours, card then plate, from inside": (
        world(*AFTER_HOURS, lane("out", factors="plate+card"), person(levels=("office",)), vehicle(), card(), inside()),
        shows_plate(direction="out", at="2026-03-02 19:00:05").after(shows_card(1, "out", "2026-03-02 19:00:00")),
        "access_ok",
        {"note_overstay"},
    ),
    "on an old list, plate then card, from inside": (
        world(lane("out", factors="plate+card"), *LI, inside(), list_age=timedelta(days=40)),
        shows_card(1, "out").after(shows_plate(direction="out")),
        "access_ok",
        set(),
    ),
    "a party that is still inside leaves on a card that has run out": (
        world(
            person("陈", category="visitor", levels=()),
            card(3, "陈", valid_until="2026-03-02 18:00"),
            visit("陈", party=3),
            counted("party", "visit", 2),
        ),
        shows_card(3, "out", "2026-03-02 18:30"),
        "visit_ok",
        {"note_overstay", "take_visitor_card"},
    ),
    "a contractor whose duplicate hangs here is inside": (
        world(*WORKER[:1], card(2, "王", valid_until="2026-03-02 11:00"), *WORKER[2:], lane("out", goods_checks=()), held()),
        shows_card(2, "out"),
        "pass_ok",
        {"note_overstay", "return_duplicate"},
    ),
    "yesterday's duplicate still hangs here": (
        world(*WORKER, contractor_pass("王", "0001", valid_until="2026-03-02 00:00"), held("0001")),
        shows_card(2),
        "pass_inside",
        set(),
    ),
    "whose visit is gone is asked about, not locked in": (
        world(person("陈", category="visitor", levels=()), vehicle(holder="陈"), inside()),
        shows_plate(direction="out"),
        "no_access_leaving",
        set(),
    ),
    "whose level is for the way in only, likewise": (
        world(level("way in", direction="in"), person(levels=("way in",)), card(), inside("李")),
        shows_card(direction="out"),
        "no_access_leaving",
        set(),
    ),
    "the class that was seen with a stranger's plate counts behind a card": (
        world(lane(classes=("car",)), person(), card()),
        shows_card().after(shows_plate("粤BKK777", vehicle_class="large")),
        "class_not_here",
        set(),
    ),
    "and so it does for the goods check": (
        world(person(), card()),
        shows_card(1, "out").after(shows_plate("粤BKK777", "out", vehicle_class="large")),
        "goods_check",
        {"check_goods"},
    ),
    "a garage within the yard is where a car comes from": (
        world(*NESTED[:4], zone("yard", anti_passback="hard"), zone("garage"), *LI, inside(where="garage")),
        shows_plate(direction="out"),
        "exit_from_elsewhere",
        set(),
    ),
    "the site is around every zone on the way out too": (
        world(*YARD, *LI, inside()),
        shows_plate(direction="out"),
        "access_ok",
        set(),
    ),
    "a vehicle inside whose record is gone": (
        world(lane("out", unknown="deny"), inside()),
        shows_plate(direction="out"),
        "guest_leaving",
        set(),
    ),
    "an escort who goes out brings nobody in": (
        world(lane("door", direction="both", lane_kind="pedestrian"), *LI, *GUEST),
        shows_card(3, lane="door").after(shows_card(1, "out", lane="door")),
        "escort_awaited",
        {"await_escort"},
    ),
    "a second person shows both factors too": (
        world(lane(factors="card+code", two_person=True), *LI, code("1234"), *WANG),
        shows_code("1234").after(shows_card(2), shows_card(1)),
        "person_awaited",
        {"await_person"},
    ),
    "two persons with both factors each": (
        world(lane(factors="card+code", two_person=True), *LI, code("1234"), *WANG, code("9", "王")),
        shows_code("1234").after(shows_card(2), shows_code("9"), shows_card(1)),
        "access_ok",
        set(),
    ),
    "the plate that was read last is the factor": (
        world(lane(factors="plate+card"), *LI),
        shows_card(1).after(shows_plate(), shows_plate("粤BKK777")),
        "factor_awaited",
        {"await_factor"},
    ),
    "a guest is no housemate of the host's car": (
        world(*YARD, *LI, person("陈", category="visitor", levels=()), card(3, "陈"), visit("陈"), inside("陈", where="yard")),
        shows_card(3).after(shows_plate()),
        "passed_back",
        set(),
    ),
    "the household of the car is asked, whoever shows a card": (
        world(
            quota("home", 1, over="deny"),
            person("王", quota="home"),
            vehicle(holder="王"),
            person(),
            card(),
            counted("quota", "home", 1),
        ),
        shows_card().after(shows_plate()),
        "quota_full",
        set(),
    ),
    "and not that of who rides along": (
        world(
            quota("home", 1, over="deny"), person("王", quota="home", unit="9-9"), card(2, "王"), *LI, counted("quota", "home", 1)
        ),
        shows_card(2).after(shows_plate()),
        "access_ok",
        set(),
    ),
    "near a blocked plate, and then two more frames": (
        world(*LI, block("粤BBD2Z5")),
        shows_card().after(shows_plate(confidence=0.3), shows_plate("粤BKK777", confidence=0.3)),
        "near_blocked",
        set(),
    ),
    "a corrected frame is corrected behind a card too": (
        world(*LI, block("粤BBD2Z5")),
        shows_card().after(shows_plate("粤BBD2Z5", confidence=0.3), shows_plate()),
        "access_ok",
        set(),
    ),
    "a better frame corrects one that looked like a blocked plate": (
        world(*LI, block("粤BBD2Z5")),
        shows_plate().after(shows_plate("粤BBD2Z5", confidence=0.3)),
        "access_ok",
        set(),
    ),
}


@pytest.mark.parametrize("name", TOGETHER)
def test_rules_together(name: str) -> None:
    given, shown, reason, due = TOGETHER[name]
    decision = decided(given, shown)
    assert (decision.reason, obliged(decision)) == (reason, due)
    assert_whole(decision)


def test_a_guest_on_an_old_list_does_not_ride_along() -> None:
    given = world(OLD, *LI, *GUEST, list_age=timedelta(hours=3))
    assert decided(given, shows_card(1).after(shows_card(3))).company == ()
    assert len(decided(world(*LI, *GUEST), shows_card(1).after(shows_card(3))).company) == 1


def test_a_look_alike_that_is_let_out_says_whose_plate_it_was_taken_for() -> None:
    decision = decided(world(lane("out", inexact=("resident",), goods_checks=()), *LI, inside()), MISREAD)
    assert decision.reason == "inexact_ok"
    assert [one.credential.shown for one in decision.candidates] == ["粤B8D2Z5"]


def test_goods_are_asked_for_by_the_plate_and_a_visit_by_its_host() -> None:
    asked = decided(world(*LI, slip(), inside()), shows_card(1, "out").after(shows_plate(direction="out")))
    assert (asked.reason, asked.values["shown"]) == ("goods_slip", "粤B·8D2Z5")
    came = decided(world(person("陈", category="visitor", levels=(), unit=""), card(3, "陈"), visit("陈")), shows_card(3))
    assert (came.reason, came.values["host"]) == ("visit_ok", "3-1201")
