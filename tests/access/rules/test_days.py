"""Days of an estate, walked passage by passage: what a passage changes is what the next decision finds."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import pytest

from access.decision import Decision, decide
from access.passing import on_grant, on_passage
from access.presence import Presence
from simulators.standalone import Rule
from tests.access.rules.world import (
    Fact,
    Showing,
    World,
    assert_whole,
    card,
    contractor_pass,
    counted,
    inside,
    lane,
    level,
    marked,
    named,
    permit,
    person,
    quota,
    schedule,
    shows_card,
    shows_plate,
    vehicle,
    visit,
    world,
    zone,
)

LI = (person(), vehicle(), card())
YARD = (zone("yard", anti_passback="hard"), lane("in", inner_zone="yard"), lane("out", inner_zone="yard", goods_checks=()))
NESTED = (
    zone("yard"),
    zone("garage"),
    lane("in", inner_zone="yard"),
    lane("out", inner_zone="yard", goods_checks=()),
    lane("g-in", direction="in", inner_zone="garage", outer_zone="yard"),
    lane("g-out", direction="out", inner_zone="garage", outer_zone="yard", goods_checks=()),
)
WANG = (person("王"), card(2, "王"))
FULL = (quota("home", 1, over="deny"), counted("quota", "home", 1))
LOADED = (inside(where="garage"), marked("loading", "粤B8D2Z5"))
WORKER = (person("王", category="contractor", levels=()), card(2, "王"), permit(), contractor_pass("王"))
GUEST = (person("陈", category="visitor", levels=(), escorted=True), card(3, "陈"), visit("陈"))


@dataclass(frozen=True)
class Step:
    """What is shown, and the reason it must come to; `opened`: who was not granted passes all the same, let in by the guard."""

    shown: Showing
    reason: str
    opened: bool = False


def walked(given: World, *steps: Step) -> Presence:
    """Walk a day; returns what is known at its end."""
    rules, presence = given.rules, given.presence(steps[0].shown.moment)
    for step in steps:
        shown = step.shown
        decision = decide(shown.presented, rules.lanes[shown.lane or shown.presented.direction], rules, presence, shown.moment)
        assert decision.reason == step.reason, (shown, decision.reason)
        assert_whole(decision)
        if decision.outcome == "grant" or step.opened:
            presence = passed(presence, decision, shown)
    return presence


def passed(presence: Presence, decision: Decision, shown: Showing) -> Presence:
    for who in (decision.passing, *decision.company):
        presence = presence.after(on_grant(who))
        presence = presence.after(on_passage(who, presence, shown.moment), "".join(p.text for p in shown.presented.plates[-1:]))
    return presence


def counts(presence: Presence) -> dict[str, Any]:
    """Return all counts that are left, by the names of the world."""
    names = {str(named(name)): name for name in ("home", "yard", "garage", "visit", "0042", "P-7", "李", "王", "陈", "粤B8D2Z5")}
    found = {name: value for name, value in presence.facts.items() if isinstance(value, int) and name != "rules"}
    return {f"{kind}:{names.get(of, of)}": value for name, value in found.items() for kind, _, of in (name.partition(":"),)}


def at(clock: str, step: Showing) -> Showing:
    return Showing(step.presented, f"2026-03-02 {clock}", step.lane, step.zone)


def dirty(direction: str, clock: str) -> Showing:
    """Show the holder's own plate, badly read, and then the card."""
    return at(clock, shows_card(1, direction)).after(at(clock, shows_plate(direction=direction, confidence=0.3)))


DAYS: dict[str, tuple[Iterable[Rule | Fact], tuple[Step, ...], dict[str, Any]]] = {
    "a plate that is too dirty one way is the same car": (
        (*YARD, quota("home", 1), person(quota="home"), vehicle(), card()),
        (
            Step(dirty("in", "10:00"), "access_ok"),
            Step(at("10:30", shows_plate(direction="out")), "access_ok"),
            Step(dirty("in", "12:00"), "access_ok"),
            Step(at("12:30", shows_plate(direction="out")), "access_ok"),
            Step(at("13:00", shows_plate()), "access_ok"),
            Step(dirty("out", "13:30"), "access_ok"),
        ),
        {},
    ),
    "in by a card alone, out by the plate": (
        (*YARD, quota("home", 1), person(quota="home"), vehicle(), card()),
        (
            Step(at("10:00", shows_card()), "access_ok"),
            Step(at("10:30", shows_plate(direction="out")), "access_ok"),
            Step(at("11:00", shows_plate()), "access_ok"),
            Step(at("11:30", shows_plate(direction="out")), "access_ok"),
        ),
        {},
    ),
    "in by a card alone, and deeper by the plate": (
        (*NESTED, quota("home", 1), person(quota="home"), vehicle(), card()),
        (
            Step(at("10:00", shows_card()), "access_ok"),
            Step(at("10:10", shows_plate(lane="g-in")), "access_ok"),
            Step(at("11:00", shows_plate(direction="out", lane="g-out")), "access_ok"),
            Step(at("11:10", shows_plate(direction="out")), "access_ok"),
        ),
        {},
    ),
    "what was cleared is cleared for one trip": (
        (person(), vehicle(vehicle_class="large"), card(), inside(), marked("cleared", "粤B8D2Z5")),
        (
            Step(at("12:00", shows_card(1, "out")).after(at("12:00", shows_plate(direction="out"))), "access_ok"),
            Step(at("13:00", shows_plate()), "access_ok"),
            Step(at("15:00", shows_plate(direction="out")), "goods_check"),
        ),
        {"zone:site": 1},
    ),
    "a visit is used once, whatever zones it leads to": (
        (*NESTED, person("陈", category="visitor", levels=()), card(3, "陈"), visit("陈", uses=1)),
        (
            Step(at("10:00", shows_card(3)), "visit_ok"),
            Step(at("10:10", shows_card(3, lane="g-in")), "visit_ok"),
            Step(at("11:00", shows_card(3, "out", lane="g-out")), "visit_ok"),
            Step(at("11:10", shows_card(3, "out")), "visit_ok"),
            Step(at("12:00", shows_card(3)), "visit_used_up"),
        ),
        {"uses:visit": 1},
    ),
    "a duplicate stays at the post while its holder goes about the site": (
        (*NESTED, *WORKER),
        (
            Step(at("10:00", shows_card(2)), "pass_ok"),
            Step(at("10:10", shows_card(2, lane="g-in")), "pass_ok"),
            Step(at("11:00", shows_card(2, "out", lane="g-out")), "pass_ok"),
            Step(at("11:05", shows_card(2)), "pass_inside"),
            Step(at("11:10", shows_card(2, "out")), "pass_ok"),
        ),
        {},
    ),
    "who rides along takes no space": (
        (
            quota("home", 1, over="deny"),
            person(quota="home"),
            vehicle(),
            person("王", category="family", quota="home", escorted=True),
            card(2, "王"),
        ),
        (
            Step(at("10:00", shows_plate()).after(at("10:00", shows_card(2))), "access_ok"),
            Step(at("12:00", shows_plate(direction="out")), "access_ok"),
            Step(at("13:00", shows_plate()), "access_ok"),
        ),
        {"quota:home": 1, "zone:site": 1},
    ),
    "the host's car is in when the guest's card comes after its plate": (
        (*LI, *GUEST),
        (
            Step(at("10:00", shows_card(3)).after(at("10:00", shows_plate())), "visit_ok"),
            Step(at("12:00", shows_plate(direction="out")), "access_ok"),
        ),
        {"uses:visit": 1, "party:visit": 1},
    ),
    "a visit of tomorrow is not used where the lane stands open": (
        (
            lane(mode="held_open"),
            lane("normal", direction="in"),
            person("陈", category="visitor", levels=()),
            vehicle(holder="陈"),
            visit("陈", uses=1, valid_from="2026-03-03 09:00", valid_until="2026-03-03 18:00"),
        ),
        (
            Step(at("10:00", shows_plate()), "lane_held_open"),
            Step(at("11:00", shows_plate(direction="out")), "visit_ok"),
            Step(shows_plate(at="2026-03-03 10:00", lane="normal"), "visit_ok"),
        ),
        {"uses:visit": 1, "party:visit": 1, "zone:site": 1},
    ),
    "what was hardly read at a lane that stands open is nobody's car": (
        (*YARD, lane("open", direction="in", inner_zone="yard", mode="held_open"), *LI),
        (
            Step(at("10:00", shows_plate(lane="open", confidence=0.2)), "lane_held_open"),
            Step(at("11:00", shows_plate()), "access_ok"),
        ),
        {"zone:yard": 2},
    ),
    "in on foot, and then with a car": (
        (
            lane("foot", lane_kind="pedestrian", direction="both"),
            *(quota("home", 1, over="deny"), person(quota="home"), vehicle(), card(), vehicle("粤BK1111")),
        ),
        (
            Step(at("10:00", shows_card(lane="foot")), "access_ok"),
            Step(at("10:10", shows_card()), "access_ok"),
            Step(at("10:20", shows_plate("粤BK1111")), "quota_full"),
            Step(at("11:00", shows_plate(direction="out")), "access_ok"),
            Step(at("11:10", shows_plate("粤BK1111")), "access_ok"),
        ),
        {"quota:home": 1, "zone:site": 1},
    ),
    "whose holder is in on foot gives back no space": (
        (
            lane("foot", lane_kind="pedestrian", direction="both"),
            *(quota("home", 1, over="deny"), person(quota="home"), vehicle(), card()),
            *(vehicle("粤BK1111"), vehicle("粤BK2222")),
        ),
        (
            Step(at("10:00", shows_plate()), "access_ok"),
            Step(at("10:10", shows_card(lane="foot")), "access_ok"),
            Step(at("10:20", shows_plate("粤BK1111", "out")), "access_ok"),
            Step(at("10:30", shows_plate("粤BK2222")), "quota_full"),
        ),
        {"quota:home": 1, "zone:site": 1},
    ),
    "in by the plate, deeper by a card": (
        (*NESTED, quota("home", 1, over="deny"), person(quota="home"), vehicle(), card()),
        (
            Step(at("10:00", shows_plate()), "access_ok"),
            Step(at("10:10", shows_card(lane="g-in")), "access_ok"),
            Step(at("11:00", shows_card(1, "out", lane="g-out")), "access_ok"),
            Step(at("11:10", shows_plate(direction="out")), "access_ok"),
        ),
        {},
    ),
    "in by the plate, and out on foot after hours": (
        (
            *(schedule("work", ("01234", "08:00", "18:00")), level("office", schedule="work")),
            *(zone("yard", anti_passback="hard"), lane("in", inner_zone="yard"), lane("out", inner_zone="yard")),
            lane("foot", lane_kind="pedestrian", direction="both", inner_zone="yard"),
            *(person(levels=("office",)), vehicle(), card()),
        ),
        (
            Step(at("09:00", shows_card(lane="foot")), "access_ok"),
            Step(at("10:00", shows_card(1, "out", lane="foot")), "access_ok"),
            Step(at("17:00", shows_plate()), "access_ok"),
            Step(at("18:30", shows_card(1, "out", lane="foot")), "access_ok"),
        ),
        {"zone:yard": 1},
    ),
    "what is marked as loading is so until it is off the site": (
        (*NESTED[:3], lane("out", inner_zone="yard"), *NESTED[4:], *LI, *LOADED),
        (
            Step(at("11:00", shows_plate(direction="out", lane="g-out")), "access_ok"),
            Step(at("11:10", shows_plate(direction="out")), "goods_check"),
        ),
        {"zone:yard": 1, "loading:粤B8D2Z5": 1772409600},
    ),
    "a mark on the plate of a car that came in by card": (
        (*LI, marked("loading", "粤B8D2Z5")),
        (
            Step(at("10:00", shows_card()), "access_ok"),
            Step(at("11:00", shows_plate(direction="out")), "goods_check", opened=True),
            Step(at("12:00", shows_plate()), "access_ok"),
            Step(at("13:00", shows_plate(direction="out")), "access_ok"),
        ),
        {},
    ),
    "a stranger's plate may be that of whoever came in by card": (
        (*YARD, *LI),
        (
            Step(at("10:00", shows_card()), "access_ok"),
            Step(at("11:00", shows_plate("粤BKK777", "out")), "unknown_refer", opened=True),
            Step(at("12:00", shows_card()), "may_have_left"),
        ),
        {"zone:yard": 1},  # until the card is let in again
    ),
    "one that nobody saw come in gives back no other's space": (
        (quota("home", 1, over="deny"), person(quota="home"), vehicle(), vehicle("粤BK1111"), vehicle("粤BK2222")),
        (
            Step(at("10:00", shows_plate()), "access_ok"),
            Step(at("11:00", shows_plate("粤BK1111", "out")), "access_ok"),
            Step(at("12:00", shows_plate("粤BK2222")), "quota_full"),
        ),
        {"quota:home": 1, "zone:site": 1},
    ),
}


@pytest.mark.parametrize("name", DAYS)
def test_a_day(name: str) -> None:
    told, steps, left = DAYS[name]
    known = counts(walked(world(*told), *steps))
    assert {what: count for what, count in known.items() if not what.startswith(("left:", "first:", "car:", "drove:"))} == left
