"""Rule 5: a signed code is the registry's, for now and here; on record the record counts, else what it says by itself."""

from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import uuid5

import pytest

from access.decision import Decision
from access.obligations import obligation_in_words
from access.passes import Line, gate_tag
from access.reasons import sentence
from access.words import LANGUAGES
from simulators.standalone import Rule
from tests.access.pass_texts import by_algorithm
from tests.access.rules.world import (
    PLATE,
    Fact,
    Showing,
    Table,
    block,
    card,
    card_of,
    contractor_pass,
    counted,
    decided,
    denies,
    grants,
    held,
    holds,
    inside,
    lane,
    named,
    pass_key,
    peer,
    permit,
    person,
    refers,
    says,
    shows_card,
    shows_code,
    shows_plate,
    shows_signed,
    site,
    vehicle,
    visit,
    world,
    zone,
)

KEYED = pass_key()
GUEST = (person("陈", category="visitor", levels=()), card_of(says(), "陈"), KEYED)
ALONE = uuid5(named("visit"), "visitor")
NOT_TRUSTED = Fact(("set", "clock", "drifting"))
EAST, WEST = gate_tag(named("east")), gate_tag(named("west"))
PLATE_TAG = world().rules.vehicle_tag(PLATE)
PASS = says("0042", "pass", part="O", number="0042")
WORKER = (permit(), person("王", category="contractor", levels=()), card_of(PASS, "王"), contractor_pass("王"), KEYED)
SLIP = says("F-9", "slip", number="F-9", units=("3-1201",), lines=(Line("沙发", 1000, "件"), Line("书", 2500, "箱")))
TURNING = says(turns=True)
LATE, EARLY = "2026-03-02 18:05:00", "2026-03-02 08:54:59"


def coming(**changes: Any) -> Rule:
    return visit("陈", **changes)


def alone_inside(where: str = "site") -> Fact:
    return Fact(("set", f"at:{ALONE}", [where, 1_772_400_000]))


def _told_of_alone(**changes: Any) -> Rule:
    kind, identity, data = visit(**changes)
    return kind, identity, {**data, "person": str(ALONE)}


TABLE: Table = {
    # on record: the record counts
    "on record": (world(*GUEST, coming()), shows_signed(), grants("visit_ok", holder="陈")),
    "the visit of the code, not another that fits better": (
        world(*GUEST, coming(status="cancelled"), visit("陈", "another")),
        shows_signed(),
        denies("visit_refused"),
    ),
    "its window as last said: longer": (
        world(*GUEST, coming(valid_until="2026-03-02 20:00")),
        shows_signed(at="2026-03-02 19:00"),
        grants("visit_ok"),
    ),
    "its window as last said: shorter": (
        world(*GUEST, coming(valid_until="2026-03-02 11:00")),
        shows_signed(),
        denies("visit_over"),
    ),
    "its gates as last said": (
        world(*GUEST, coming(lanes=("in",))),
        shows_signed(says(gates=(WEST,))),
        grants("visit_ok"),
    ),
    "revoked": (
        world(*GUEST[::2], card_of(says(), "陈", status="revoked"), coming()),
        shows_signed(),
        denies("inactive", status="revoked"),
    ),
    "revoked, and inside": (
        world(*GUEST[::2], card_of(says(), "陈", status="revoked"), coming(), inside("陈")),
        shows_signed(direction="out"),
        refers("inactive_leaving"),
    ),
    "revoked, and the visit gone": (
        world(*GUEST[::2], card_of(says(), "陈", status="revoked")),
        shows_signed(),
        denies("inactive"),
    ),
    "active, and the visit gone": (world(*GUEST), shows_signed(), denies("code_gone")),
    "and another visit of theirs does not stand for it": (
        world(*GUEST, visit("陈", "another")),
        shows_signed(),
        denies("code_gone"),
    ),
    "gone, and they leave": (world(*GUEST), shows_signed(direction="out"), refers("code_leaving", fault="gone")),
    "used up on record": (
        world(*GUEST, coming(uses=2), counted("uses", "visit", 2)),
        shows_signed(),
        denies("visit_used_up", uses=2),
    ),
    "five minutes early on record": (
        world(*GUEST, coming()),
        shows_signed(at="2026-03-02 08:55:00"),
        grants("visit_ok"),
    ),
    "more than five minutes early on record": (world(*GUEST, coming()), shows_signed(at=EARLY), denies("visit_not_yet")),
    "five minutes late on record": (
        world(*GUEST, coming()),
        shows_signed(at="2026-03-02 18:04:59"),
        grants("visit_ok"),
    ),
    "more than five minutes late on record": (world(*GUEST, coming()), shows_signed(at=LATE), denies("visit_over")),
    # known by the code alone
    "known by the code alone": (world(KEYED), shows_signed(), grants("code_ok", "known_by_code")),
    "the visit is told of, the code not yet: the visit counts": (
        world(KEYED, _told_of_alone(status="cancelled")),
        shows_signed(),
        denies("visit_refused"),
    ),
    "five minutes early": (
        world(KEYED),
        shows_signed(at="2026-03-02 08:55:00"),
        grants("code_ok", "known_by_code"),
    ),
    "not yet": (
        world(KEYED),
        shows_signed(at=EARLY),
        denies("code_not_yet", **{"from": "2026-03-02 09:00"}),
    ),
    "five minutes late": (
        world(KEYED),
        shows_signed(at="2026-03-02 18:04:59"),
        grants("code_ok", "known_by_code"),
    ),
    "expired": (world(KEYED), shows_signed(at=LATE), denies("code_expired", until="2026-03-02 18:00")),
    "for this gate": (
        world(KEYED, lane(gate="east")),
        shows_signed(says(gates=(WEST, EAST))),
        grants("code_ok", "known_by_code"),
    ),
    "for another gate": (
        world(KEYED, lane(gate="east")),
        shows_signed(says(gates=(WEST,))),
        denies("code_elsewhere"),
    ),
    "where the site is strict, the first gate named counts the uses": (
        world(KEYED, site(code_reuse="strict"), lane(gate="east")),
        shows_signed(says(gates=(EAST, WEST))),
        grants("code_ok", "known_by_code"),
    ),
    "and another asks that one": (
        world(KEYED, site(code_reuse="strict"), lane(gate="east"), peer("west")),
        shows_signed(says(gates=(WEST, EAST))),
        denies("home_awaited"),
    ),
    "or the guard, where the code names none": (
        world(KEYED, site(code_reuse="strict"), lane(gate="east")),
        shows_signed(),
        refers("home_unknown"),
    ),
    "for some gate, and this one's is not known": (world(KEYED), shows_signed(says(gates=(EAST,))), denies("code_elsewhere")),
    "used": (
        world(KEYED, counted("uses", "visit", 1)),
        shows_signed(),
        denies("visit_used_up", uses=1),
    ),
    "all of the party are in": (
        world(KEYED, counted("uses", "visit", 2), counted("party", "visit", 2)),
        shows_signed(says(uses=2, party=2)),
        refers("party_full"),
    ),
    "inside already": (
        world(
            KEYED,
            zone("yard", anti_passback="hard"),
            lane(inner_zone="yard"),
            alone_inside(str(named("yard"))),
        ),
        shows_signed(),
        denies("passed_back"),
    ),
    "no room": (
        world(KEYED, zone("yard", capacity=0, full="deny"), lane(inner_zone="yard")),
        shows_signed(),
        denies("zone_full"),
    ),
    "blocked by its name": (world(KEYED, block(text=says().name)), shows_signed(), denies("blocked", "raise_alarm")),
    # who leaves
    "leaves late from inside": (
        world(KEYED, alone_inside()),
        shows_signed(direction="out", at="2026-03-02 23:00"),
        grants("code_ok", "known_by_code", "note_overstay"),
    ),
    "leaves by another gate from inside": (
        world(KEYED, lane("out", gate="east"), alone_inside()),
        shows_signed(says(gates=(WEST,)), "out"),
        grants("code_ok", "known_by_code"),
    ),
    "one of a party leaves late": (
        world(KEYED, counted("party", "visit", 1)),
        shows_signed(direction="out", at="2026-03-02 23:00"),
        grants("code_ok", "known_by_code", "note_overstay"),
    ),
    "leaves late, and nobody saw them come": (
        world(KEYED),
        shows_signed(direction="out", at="2026-03-02 23:00"),
        refers("code_leaving", fault="expired"),
    ),
    "leaves on a key that was withdrawn": (
        world(pass_key(status="revoked")),
        shows_signed(direction="out"),
        refers("code_leaving", fault="key_revoked"),
    ),
    # what is none of ours
    "signed by nobody we know": (world(KEYED), shows_signed(secret=bytes(32)), refers("code_unknown_key")),
    "another's signature under our key's name": (
        world(pass_key(public_key=bytes(range(1, 33)).hex())),
        shows_signed(),
        denies("code_forged", "raise_alarm"),
    ),
    "forged, at the exit": (
        world(pass_key(public_key=bytes(range(1, 33)).hex())),
        shows_signed(direction="out"),
        denies("code_forged", "raise_alarm"),
    ),
    "a key that was withdrawn": (world(pass_key(status="revoked")), shows_signed(), denies("code_key_revoked")),
    "an unknown key": (world(), shows_signed(), refers("code_unknown_key")),
    "unreadable": (world(KEYED), shows_code("GP1:ABC"), denies("code_malformed")),
    "in small letters": (world(KEYED), shows_code("gp1:abc"), denies("code_malformed")),
    "signed by another algorithm": (world(KEYED), shows_code(by_algorithm(-7)), denies("code_algorithm")),
    "by its name, which stands in journals": (world(*GUEST, coming()), shows_code(says().name), refers("unknown_refer")),
    # what it is bound to
    "the vehicle that it names": (
        world(*GUEST, coming()),
        shows_signed(says(vehicles=(PLATE_TAG,))).after(shows_plate()),
        grants("visit_ok"),
    ),
    "another vehicle": (
        world(*GUEST, coming()),
        shows_signed(says(vehicles=(PLATE_TAG,))).after(shows_plate("粤BKK777")),
        refers("code_other_plate", plate="粤B·KK777"),
    ),
    "maybe another vehicle": (
        world(*GUEST, coming()),
        shows_signed(says(vehicles=(PLATE_TAG,))).after(shows_plate("粤BKK777", confidence=0.2)),
        grants("visit_ok"),
    ),
    "named vehicles, and nobody has read a plate": (
        world(*GUEST, coming()),
        shows_signed(says(vehicles=(PLATE_TAG,))),
        grants("visit_ok"),
    ),
    # codes that turn
    "turns": (world(*GUEST, coming()), shows_signed(TURNING, turned=0), grants("visit_ok")),
    "a minute ago": (world(*GUEST, coming()), shows_signed(TURNING, turned=-60), grants("visit_ok")),
    "a phone that is ahead": (world(*GUEST, coming()), shows_signed(TURNING, turned=60), grants("visit_ok")),
    "a minute and a half ago": (world(*GUEST, coming()), shows_signed(TURNING, turned=-90), denies("code_stale")),
    "an hour ago": (world(*GUEST, coming()), shows_signed(TURNING, turned=-3600), denies("code_stale")),
    "a still picture of one that turns": (world(*GUEST, coming()), shows_signed(TURNING), denies("code_stale")),
    "a still picture at the exit": (
        world(*GUEST, coming()),
        shows_signed(TURNING, "out"),
        refers("code_leaving", fault="stale"),
    ),
    "turns, and the time is not sure": (
        world(*GUEST, coming(), NOT_TRUSTED),
        shows_signed(TURNING, turned=0),
        refers("code_clock"),
    ),
    "does not turn, and the time is not sure": (
        world(*GUEST, coming(), NOT_TRUSTED),
        shows_signed(),
        grants("visit_ok", "note_clock"),
    ),
    # contractors
    "a pass on record": (world(*WORKER), shows_signed(PASS), grants("pass_ok", "take_duplicate")),
    "the pass of the code, not another": (
        world(*WORKER[:3], KEYED, contractor_pass("王", status="lost"), contractor_pass("王", "0043")),
        shows_signed(PASS),
        denies("pass_inactive", status="lost"),
    ),
    "five minutes late with a pass": (
        world(*WORKER),
        shows_signed(PASS, at="2026-03-15 00:04:59"),
        grants("pass_ok", "take_duplicate"),
    ),
    "and a second more": (
        world(*WORKER),
        shows_signed(PASS, at="2026-03-15 00:05:00"),
        denies("pass_expired", "confiscate_pass"),
    ),
    "the duplicate": (world(*WORKER), shows_signed(replace(PASS, part="D")), denies("code_wrong_part", number="0042")),
    "the duplicate at the exit": (
        world(*WORKER, held()),
        shows_signed(replace(PASS, part="D"), "out"),
        refers("code_leaving", fault="wrong_part"),
    ),
    "a pass known by its code alone": (world(KEYED), shows_signed(says("0042", "pass", part="O")), refers("code_pass_only")),
    "an old pass known by its code alone": (world(KEYED), shows_signed(PASS, at=LATE), denies("code_expired")),
    "leaves with the pass": (
        world(*WORKER, held(), lane("out", goods_checks=())),
        shows_signed(PASS, "out"),
        grants("pass_ok", "return_duplicate"),
    ),
    # goods
    "a slip at the exit": (
        world(KEYED),
        shows_signed(SLIP, "out"),
        refers("code_slip", "check_goods", number="F-9", lines="(沙发 1 件; 书 2.5 箱)"),
    ),
    "a slip without its lines": (
        world(KEYED),
        shows_signed(replace(SLIP, lines=()), "out"),
        refers("code_slip", "check_goods", lines=""),
    ),
    "a slip on the way in": (world(KEYED), shows_signed(SLIP), refers("code_slip")),
    "the vehicle of the slip": (
        world(KEYED),
        shows_signed(replace(SLIP, vehicles=(PLATE_TAG,)), "out").after(shows_plate(direction="out")),
        refers("code_slip", "check_goods"),
    ),
    "another vehicle than the slip's": (
        world(KEYED),
        shows_signed(replace(SLIP, vehicles=(PLATE_TAG,)), "out").after(shows_plate("粤BKK777", "out")),
        refers("code_slip_other", "check_goods", plate="粤B·KK777"),
    ),
    "an old slip": (world(KEYED), shows_signed(SLIP, "out", LATE), refers("code_leaving", fault="expired")),
    "an old slip, of a vehicle that is inside": (
        world(KEYED, vehicle(), person(), inside()),
        shows_signed(SLIP, "out", LATE).after(shows_plate(direction="out")),
        refers("code_leaving", fault="expired"),
    ),
    "a slip for another gate, of a vehicle that is inside": (
        world(KEYED, lane("out", gate="east"), vehicle(), person(), inside()),
        shows_signed(replace(SLIP, gates=(WEST,)), "out").after(shows_plate(direction="out")),
        refers("code_leaving", fault="elsewhere"),
    ),
    # two factors
    "card and code": (
        world(lane(factors="card+code"), *GUEST, card(1, "陈"), coming()),
        shows_signed().after(shows_card()),
        grants("visit_ok"),
    ),
    "code, then card": (
        world(lane(factors="card+code"), *GUEST, card(1, "陈"), coming()),
        shows_card().after(shows_signed()),
        grants("visit_ok"),
    ),
    "plate and code": (
        world(lane(factors="plate+code"), *GUEST, vehicle(PLATE, "陈"), coming()),
        shows_signed().after(shows_plate()),
        grants("visit_ok"),
    ),
    "a stale code is no factor": (
        world(lane(factors="card+code"), *GUEST, card(1, "陈"), coming()),
        shows_card().after(shows_signed(TURNING)),
        denies("factor_awaited", "await_factor"),
    ),
    "the code alone waits for the card": (
        world(lane(factors="card+code"), *GUEST, coming()),
        shows_signed(),
        denies("factor_awaited", "await_factor"),
    ),
}
OLD = site(list_age=({"category": "visitor", "hours": 2, "then": "deny"},))


@pytest.mark.parametrize("name", TABLE)
def test_the_table(name: str) -> None:
    given, shown, expected = TABLE[name]
    of_others = decided(given, shown).explanation.steps[-1].rule
    holds(TABLE[name], "signed_code" if expected.reason.startswith("code_") else of_others)


def reason(*told: Any, shown: Showing, age: timedelta) -> str:
    return decided(world(*told, list_age=age), shown).reason


def test_a_visitors_list_is_as_young_as_their_code() -> None:
    """Issued at eight: at noon that is four hours ago."""
    day = timedelta(hours=30)
    assert reason(KEYED, shown=shows_signed(), age=day) == "code_ok"
    assert reason(KEYED, OLD, shown=shows_signed(), age=day) == "list_old"
    assert reason(KEYED, OLD, shown=shows_signed(says(issued="2026-03-02 11:00")), age=day) == "code_ok"
    assert reason(KEYED, OLD, shown=shows_signed(), age=timedelta(hours=1)) == "code_ok"
    assert reason(*GUEST, coming(), OLD, shown=shows_signed(says(issued="2026-03-02 11:00")), age=day) == "visit_ok"
    ahead = says(issued="2026-03-02 12:05:01")
    assert reason(KEYED, OLD, shown=shows_signed(ahead), age=day) == "list_old"  # the clock is behind: nobody knows how old
    assert reason(*WORKER, shown=shows_signed(replace(PASS, issued=says().issued)), age=day) == "list_old_refer"


def test_the_text_of_a_code_stands_nowhere_in_its_decision() -> None:
    for given, shown, _ in TABLE.values():
        decision = decided(given, shown)
        texts = {one.text for one in (shown.presented, *(other.presented for other in shown.presented.earlier))}
        assert not [text for text in texts if text.startswith("G") and text in repr(decision)]


def test_a_visitor_known_by_the_code_alone_moves_by_the_registrys_id() -> None:
    made = decided(world(KEYED), shows_signed())
    assert made.passing.subject == str(ALONE)
    assert made.passing.visit == str(named("visit"))
    holder = made.match.credential.person if made.match.credential else None
    assert holder is not None
    assert (holder.id, holder.name, holder.category) == (ALONE, "", "visitor")


def test_with_the_code_of_goods_the_vehicle_moves_that_was_read() -> None:
    goods = shows_signed(SLIP, "out").after(shows_plate(direction="out"))
    assert decided(world(KEYED, vehicle(), person(), inside()), goods).passing.subject == str(named(PLATE))
    stranger = decided(world(KEYED), goods)
    assert stranger.passing.subject == str(world().rules.pseudonym(PLATE))


def test_a_guest_known_by_the_code_alone_comes_with_an_escort_and_is_counted() -> None:
    given = world(KEYED, lane(two_person=True), person(), card())
    both = decided(given, shows_card().after(shows_signed()))
    assert both.outcome == "grant"
    assert {one.visit for one in both.company} == {str(named("visit"))}


def said(decision: Decision) -> list[str]:
    lines = [sentence(decision.reason, decision.values, language) for language in LANGUAGES]
    return lines + [obligation_in_words(one, language) for one in decision.obligations for language in LANGUAGES]


def test_the_clock_that_a_code_was_judged_by_is_read_and_written() -> None:
    trusted, not_trusted = (decided(world(KEYED, *facts), shows_signed()) for facts in ((), (NOT_TRUSTED,)))
    assert trusted.explanation.reads["clock"] is None
    assert not_trusted.explanation.reads["clock"] == "drifting"
    assert "clock" not in decided(world(person(), card()), shows_card()).explanation.reads
    step = next(one for one in not_trusted.explanation.steps if one.rule == "signed_code")
    assert step.saw["clock"] == "drifting"
    assert said(not_trusted)[-1] == "note: the code was judged by a clock that is not sure"
