"""What the decision itself adds to its rules: the path it took, what it read, what a passage on it would change."""

from dataclasses import replace
from typing import Any

import pytest

from access.card import code_hash
from access.rules import RULES
from simulators.standalone import Rule
from tests.access.rules.world import (
    EVACUATION,
    KEY,
    NOON,
    PLATE,
    Showing,
    card,
    contractor_pass,
    counted,
    decided,
    inside,
    lane,
    marked,
    named,
    outside,
    permit,
    person,
    quota,
    shows_card,
    shows_code,
    shows_plate,
    vehicle,
    visit,
    world,
    zone,
)

LI = (person(), vehicle(), card())


def test_every_rule_looked_at_stands_in_the_explanation_up_to_the_one_that_concludes() -> None:
    granted = decided(world(*LI), shows_card()).explanation
    assert [step.rule for step in granted.steps] == list(RULES)
    assert {step.concluded for step in granted.steps} == {""}
    closed = decided(world(*LI, lane(mode="held_closed")), shows_card()).explanation
    assert [(step.rule, step.concluded) for step in closed.steps] == [("evacuation", ""), ("lane_mode", "lane_held_closed")]
    assert closed.revision == 7


def test_every_presence_value_that_was_read_is_kept_also_those_that_were_not_there() -> None:
    yard = (zone("yard", capacity=3, anti_passback="hard"), lane(inner_zone="yard"), quota("3-1201", 2))
    given = world(*yard, person(quota="3-1201"), vehicle(), outside(), counted("zone", "yard", 2), counted("quota", "3-1201", 1))
    reads = dict(decided(given, shows_plate()).explanation.reads)
    assert reads.pop("rules") is not None
    since = reads.pop(f"at:{named(PLATE)}")
    assert isinstance(since, list)
    assert since[0] == ""
    assert reads == {"evacuation": None, f"zone:{named('yard')}": 2, f"quota:{named('3-1201')}": 1}


def test_obligations_of_rules_that_let_pass_are_due_when_granted_and_each_once() -> None:
    noon = "2026-03-02 12:00"
    given = world(person(category="visitor", valid_until=noon), card(valid_until=noon), visit(valid_until=noon), inside("李"))
    decision = decided(given, shows_card(direction="out"))
    assert [one.code for one in decision.obligations] == ["note_overstay", "take_visitor_card"]


def test_obligations_of_rules_that_let_pass_are_forgotten_when_a_later_one_objects() -> None:
    given = world(lane(factors="plate+card"), person(category="visitor"), vehicle(), visit(obligations=("lead_in",)))
    assert [one.code for one in decided(given, shows_plate()).obligations] == ["await_factor"]


def test_an_evacuation_reads_nothing_else() -> None:
    explanation = decided(world(EVACUATION, *LI), shows_card(direction="out")).explanation
    assert [step.rule for step in explanation.steps] == ["evacuation"]


WANG = (person("王"), card(2, "王"))
GUEST = (person("陈", category="visitor", levels=(), escorted=True), visit("陈"), card(3, "陈"))
COMPANY = {
    "two residents, one behind the other": (world(*LI, *WANG), shows_card(2).after(shows_card(1)), []),
    "two persons, where two are asked for": (
        world(lane(two_person=True), *LI, *WANG),
        shows_card(2).after(shows_card(1)),
        ["李"],
    ),
    "the last of two who came before": (
        world(lane(two_person=True), *LI, *WANG, person("何"), card(4, "何")),
        shows_card(4).after(shows_card(1), shows_card(2)),
        ["王"],
    ),
    "an escort behind the guest": (world(*GUEST, *LI, *WANG), shows_card(1).after(shows_card(2), shows_card(3)), ["陈"]),
    "a guest behind the escort": (world(*GUEST, *LI), shows_card(3).after(shows_card(1)), ["李"]),
    "a guest behind a guest": (world(*GUEST, person("何", escorted=True), card(4, "何")), shows_card(3).after(shows_card(4)), []),
}


@pytest.mark.parametrize("name", COMPANY)
def test_who_moves_with_the_holder(name: str) -> None:
    given, shown, company = COMPANY[name]
    assert [who.subject for who in decided(given, shown).company] == [str(named(one)) for one in company]


BEING_NO_CARD: dict[str, dict[str, Any]] = {
    "no hex": {"raw": "xyz"},
    "no bits": {"bits": 0},
    "17 bytes": {"raw": "00" * 17, "bits": 136},
}


@pytest.mark.parametrize("name", BEING_NO_CARD)
def test_what_is_no_card_number_is_unknown(name: str) -> None:
    shown = shows_card()
    assert (
        decided(world(*LI), replace(shown, presented=replace(shown.presented, **BEING_NO_CARD[name]))).reason == "unknown_refer"
    )


@pytest.mark.parametrize("shown", [shows_plate("粤BKK7\ud800"), shows_code("GH\udfff")])
def test_half_a_character_is_unknown(shown: Showing) -> None:
    assert decided(world(*LI), shown).reason == "unknown_refer"


HOLDS_AGAIN = {
    "one was given back": ((*LI, person("王"), card(1, "王", id=named("old"), status="returned")), "access_ok"),
    "one ran out": ((*LI, person("王"), card(1, "王", id=named("old"), valid_until=NOON)), "access_ok"),
    "two of one holder": ((*LI, card(1, id=named("old"))), "access_ok"),
    "two in use": ((*LI, person("王"), card(1, "王", id=named("old"))), "shared"),
}


@pytest.mark.parametrize("name", HOLDS_AGAIN)
def test_who_is_meant_by_a_number_that_was_given_out_twice(name: str) -> None:
    told, reason = HOLDS_AGAIN[name]
    assert decided(world(*told), shows_card()).reason == reason


def test_two_wheels_take_no_space() -> None:
    given = world(quota("q", 1), person(quota="q"), vehicle(vehicle_class="motorcycle"), counted("quota", "q", 1))
    decision = decided(given, shows_plate())
    assert (decision.reason, decision.passing.quota, decision.passing.vehicle) == ("access_ok", "", False)


@pytest.mark.parametrize("order", ["plate last", "card last"])
def test_where_two_factors_are_asked_for_it_is_the_vehicle_that_moves(order: str) -> None:
    given = world(lane(factors="plate+card"), *LI)
    plate, card_read = shows_plate(), shows_card()
    decision = decided(given, plate.after(card_read) if order == "plate last" else card_read.after(plate))
    assert decision.reason == "access_ok"
    assert decision.passing.subject == str(named(PLATE))
    assert [one.medium for one in decision.explanation.companions] == ["card" if order == "plate last" else "plate"]


@pytest.mark.parametrize(
    ("told", "shown", "names"),
    [
        ((person(quota="q"), vehicle()), shows_plate(), {"subject": PLATE, "quota": "q"}),
        ((person(quota="q"), card()), shows_card(), {"subject": "李", "quota": "q"}),
        ((person(quota="q"), card(), lane(lane_kind="pedestrian")), shows_card(), {"subject": "李"}),
        ((person(category="visitor"), visit(), card()), shows_card(), {"subject": "李", "visit": "visit"}),
        (
            (person(category="contractor"), permit(), contractor_pass(), card()),
            shows_card(),
            {"subject": "李", "contractor_pass": "0042", "permit": "P-7"},
        ),
    ],
)
def test_who_would_move(told: tuple[Rule, ...], shown: Showing, names: dict[str, str]) -> None:
    passing = decided(world(*told), shown).passing
    found = {name: getattr(passing, name) for name in ("subject", "quota", "visit", "contractor_pass", "permit")}
    assert {name: value for name, value in found.items() if value} == {name: str(named(one)) for name, one in names.items()}


def test_a_stranger_moves_under_a_pseudonym_and_whom_nobody_can_tell_not_at_all() -> None:
    stranger = decided(world(), shows_plate("粤BKK777")).passing.subject
    assert stranger.replace("-", "") == code_hash(KEY, "plate 粤BKK777").hex()
    assert decided(world(), shows_card(9)).passing.subject == ""
    shared = world(*LI, person("王"), card(1, "王", id=named("another")), marked("first", "in"))
    assert decided(shared, shows_card()).passing.subject == ""
