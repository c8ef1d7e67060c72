"""What holds in every world: nothing raises, nothing is changed, age never opens, nobody is granted by accident."""

import math
from dataclasses import replace
from datetime import timedelta

from hypothesis import example, given
from hypothesis import strategies as st

from access.case import Earlier, Presented
from access.decision import decide
from access.passes import is_signed
from access.plate import kind_of
from access.presence import Presence
from access.rules import RULES
from access.rules.rescue import RESCUE_KINDS
from simulators.standalone import Rule
from tests.access.rules.world import (
    EVACUATION,
    NOON,
    PLATE,
    Fact,
    Showing,
    World,
    assert_whole,
    block,
    card,
    card_of,
    code,
    contractor_pass,
    counted,
    decided,
    guest_inside,
    held,
    inside,
    lane,
    level,
    marked,
    moment,
    outside,
    pass_key,
    permit,
    person,
    quota,
    says,
    schedule,
    shows_card,
    shows_code,
    shows_plate,
    shows_signed,
    site,
    slip,
    special_day,
    vehicle,
    visit,
    world,
    zone,
)

STATUSES = ("active", "active", "active", "frozen", "lost")
CATEGORIES = ("resident", "visitor", "contractor", "staff", "emergency", "officer", "vip")
MOMENTS = (None, None, 0, 253402300799, "2026-03-02 11:59:59", NOON, "2026-03-02 12:00:01", "2026-03-03 12:00")
PLATES = (PLATE, "粤BBD2Z5", "粤BKK777", "粤B1234警", "粤X1234应急", "京B8D2Z5")

moments = st.sampled_from(MOMENTS)
flags = st.booleans()
PASS = says("0042", "pass", part="O")


def changes(**of: st.SearchStrategy[object]) -> st.SearchStrategy[dict[str, object]]:
    """Draw some of the changes of a record."""
    return st.fixed_dictionaries({}, optional=of)


def validity(never_none: tuple[object, ...] = MOMENTS[2:]) -> dict[str, st.SearchStrategy[object]]:
    return {"valid_from": st.sampled_from(never_none), "valid_until": st.sampled_from(never_none)}


LANES = changes(
    mode=st.sampled_from(("normal", "normal", "normal", "held_open", "held_closed", "out_of_service")),
    unknown=st.sampled_from(("refer", "deny")),
    lane_kind=st.sampled_from(("vehicle", "pedestrian")),
    inner_zone=st.sampled_from(("yard", "gone")),
    outer_zone=st.sampled_from(("yard", "garage")),
    classes=st.sampled_from(((), ("car",), ("bicycle", "motorcycle"))),
    emergency_plates=st.sampled_from(("grant", "refer")),
    officers=st.sampled_from(("grant", "refer")),
    factors=st.sampled_from(("any", "any", "plate+card", "card+code")),
    two_person=flags,
    first_person=flags,
    inexact=st.sampled_from(((), ("resident",))),
)
PERSONS = changes(
    category=st.sampled_from(CATEGORIES),
    status=st.sampled_from(STATUSES),
    levels=st.sampled_from(((), ("everywhere",), ("hours",), ("gone",))),
    quota=st.sampled_from(("household", "gone")),
    escorted=flags,
    first_person=flags,
    **validity(MOMENTS),
)
RECORDS: st.SearchStrategy[Rule] = st.one_of(
    st.builds(lambda told: site(**told), changes(list_age=st.just(({"category": "resident", "hours": 1, "then": "deny"},)))),
    st.builds(lambda slug, told: lane(slug, **told), st.sampled_from(("in", "out")), LANES),
    st.builds(lambda told: person(**told), PERSONS),
    st.builds(lambda told: person("王", **told), PERSONS),
    st.builds(
        lambda plate, holder, told: vehicle(plate, holder, **told),
        st.sampled_from(PLATES),
        st.sampled_from(("李", "王", None)),
        changes(status=st.sampled_from(STATUSES), vehicle_class=st.sampled_from(("large", "bicycle")), **validity(MOMENTS)),
    ),
    st.builds(
        lambda number, holder, told: card(number, holder, **told),
        st.integers(1, 3),
        st.sampled_from(("李", "王", None)),
        changes(status=st.sampled_from(STATUSES), **validity(MOMENTS)),
    ),
    st.just(code("GH-42")),
    st.builds(lambda status: pass_key(status=status), st.sampled_from(("active", "active", "revoked"))),
    st.builds(
        lambda told, holder, status: card_of(told, holder, status=status),
        st.sampled_from((says(), PASS)),
        st.sampled_from(("李", "王")),
        st.sampled_from(STATUSES),
    ),
    st.builds(lambda plate, until: block(plate, until=until), st.sampled_from(PLATES), st.sampled_from((None, NOON))),
    st.builds(
        lambda name, told: zone(name, **told),
        st.sampled_from(("yard", "garage")),
        changes(
            capacity=st.integers(0, 2),
            full=st.sampled_from(("refer", "deny")),
            anti_passback=st.sampled_from(("soft", "hard", "timed")),
        ),
    ),
    st.builds(lambda told: level("hours", **told), changes(schedule=st.sampled_from(("hours", "gone")), lanes=st.just(("in",)))),
    st.sampled_from((schedule("hours", ("0", "12:00", "12:00"), ("7", "00:00", "01:00")), special_day("2026-03-02", 7))),
    st.builds(
        lambda spaces, over: quota("household", spaces, over=over), st.integers(0, 2), st.sampled_from(("refer", "deny", "wait"))
    ),
    st.builds(
        lambda name, told: visit("李", name, **told),
        st.sampled_from(("visit", "another")),
        changes(
            status=st.sampled_from(("announced", "approved", "refused", "cancelled")),
            category=st.sampled_from(("vip", "mover")),
            lanes=st.just(("out",)),
            party=st.integers(1, 2),
            obligations=st.sampled_from((("lead_in", "tell_host"), ("a site's own",))),
            **validity(),
        ),
    ),
    st.builds(
        lambda told: permit(**told),
        changes(
            status=st.sampled_from(("approved", "active", "finished")),
            schedule=st.sampled_from(("hours", "gone")),
            workers_max=st.integers(1, 2),
            violation=st.just("串房"),
            **validity(),
        ),
    ),
    st.builds(
        lambda number, told: contractor_pass("李", number, **told),
        st.sampled_from(("0042", "0043")),
        changes(status=st.sampled_from(STATUSES), units=st.just(("9-9",)), lanes=st.just(("in",)), **validity()),
    ),
    st.builds(lambda plate, told: slip("F-9", plate, **told), st.sampled_from(PLATES), changes(**validity())),
)
FACTS: st.SearchStrategy[Fact] = st.one_of(
    st.just(EVACUATION),
    st.just(Fact(("set", "clock", "floor"))),
    st.builds(inside, st.sampled_from((*PLATES, "李", "王")), st.sampled_from(("", "yard", "garage"))),
    st.builds(outside, st.sampled_from((*PLATES, "李", "王"))),
    st.builds(guest_inside, st.sampled_from(PLATES)),
    st.builds(
        counted,
        st.sampled_from(("quota", "zone", "permit", "party", "uses")),
        st.sampled_from(("household", "yard", "garage", "P-7", "visit", "another")),
        st.integers(0, 3),
    ),
    st.builds(marked, st.sampled_from(("loading", "cleared", "first", "left")), st.sampled_from((*PLATES, "in", "yard"))),
    st.builds(held, st.sampled_from(("0042", "0043"))),
)
LI = (person(), vehicle(), card())
WORLDS: st.SearchStrategy[World] = st.builds(
    lambda records, facts: world(*{identity: rule for rule in (*LI, *records) for identity in (rule[1],)}.values(), *facts),
    st.lists(RECORDS, max_size=8),
    st.lists(FACTS, max_size=5),
)
AGES = st.sampled_from([timedelta(hours=hours) for hours in (0, 1, 2, 24, 25, 24 * 7 + 1, 24 * 365)])
DIRECTIONS = st.sampled_from(("in", "out"))
SCORES = st.floats(allow_nan=True, allow_infinity=True)


def plates(text: st.SearchStrategy[str]) -> st.SearchStrategy[Showing]:
    seen = changes(
        confidence=st.one_of(st.just(0.99), SCORES),
        characters=st.lists(SCORES, min_size=7, max_size=7).map(tuple),
        vehicle_class=st.sampled_from(("car", "large", "bicycle", "suv")),
        colour=st.sampled_from(("blue", "green", "?")),
    )
    return st.builds(lambda text, direction, seen: shows_plate(text, direction, **seen), text, DIRECTIONS, seen)


SIGNED: st.SearchStrategy[Showing] = st.builds(
    shows_signed,
    st.sampled_from((says(), says(turns=True), says("another"), says(vehicles=(bytes(6),)), PASS, says("F-9", "slip"))),
    DIRECTIONS,
    st.sampled_from((NOON, "2026-03-02 08:55:00", "2026-03-02 23:00")),
    turned=st.sampled_from((None, 0, -90)),
)
ALONE: st.SearchStrategy[Showing] = st.one_of(
    SIGNED,
    plates(st.sampled_from(PLATES)),
    plates(st.text(max_size=12)),
    st.builds(shows_card, st.integers(1, 4), DIRECTIONS),
    st.builds(shows_code, st.one_of(st.just("GH-42"), st.text(max_size=9)), DIRECTIONS),
)
SHOWINGS: st.SearchStrategy[Showing] = st.builds(lambda shown, before: shown.after(*before), ALONE, st.lists(ALONE, max_size=2))

OPENNESS = {"deny": 0, "refer": 1, "grant": 2}
# Who is granted without a credential that is known, and active: each for its reason.
FOR_ANYBODY = frozenset({"evacuation", "lane_held_open"})


@given(WORLDS, SHOWINGS, AGES)
def test_a_decision_is_total_and_pure_and_says_itself_whole(given_world: World, shown: Showing, age: timedelta) -> None:
    rules, at = given_world.rules, shown.moment
    presence = replace(given_world, list_age=age).presence(at)
    before = dict(presence.facts.items())
    once, again = (decide(shown.presented, rules.lanes[shown.presented.direction], rules, presence, at) for _ in range(2))
    assert repr(once) == repr(again)  # equal but for scores that are no number
    assert dict(presence.facts.items()) == before
    assert {name: presence.facts.get(name) for name in once.explanation.reads} == once.explanation.reads
    assert_whole(once)


@given(WORLDS, SHOWINGS, AGES, AGES)
def test_old_rules_never_allow_more_than_fresh_ones(given_world: World, shown: Showing, age: timedelta, more: timedelta) -> None:
    fresh, stale = (decided(replace(given_world, list_age=one), shown) for one in (age, age + more))
    if stale.reason == "emergency_refer":
        assert fresh.reason in ("emergency_refer", "blocked", "near_blocked")  # a rescue is not stopped by an old block
    else:
        assert OPENNESS[stale.outcome] <= OPENNESS[fresh.outcome]


@given(WORLDS, SHOWINGS)
def test_nobody_is_granted_without_an_exact_active_credential(given_world: World, shown: Showing) -> None:
    decision = decided(given_world, shown)
    if decision.outcome != "grant" or decision.reason in FOR_ANYBODY:
        return
    found = decision.match.credential
    if found is None:
        assert decision.reason == "emergency_ok"
        assert kind_of(shown.presented.text) in RESCUE_KINDS
        return
    assert found.status == "active"
    assert found.person is not None
    if is_signed(shown.presented.text):
        assert given_world.rules.shown_code(shown.presented.text, shown.moment).fault == ""
    assert found.person.status == "active"
    if shown.presented.medium == "plate":
        assert (found.shown == shown.presented.text) is (decision.reason != "inexact_ok")
        assert shown.presented.is_sure or decision.reason == "inexact_ok"


@given(WORLDS, SHOWINGS)
def test_a_decision_is_that_of_the_first_rule_that_concludes(given_world: World, shown: Showing) -> None:
    steps = decided(given_world, shown).explanation.steps
    assert [step.concluded for step in steps[:-1]] == [""] * (len(steps) - 1)
    assert steps[-1].concluded or len(steps) == len(RULES)


@given(st.text(), st.text(), st.floats(), st.lists(st.floats(), max_size=20), st.text(max_size=3), DIRECTIONS)
@example("", "", math.nan, [], "", "in")
def test_no_text_makes_a_decision_fail(
    text: str, colour: str, confidence: float, scores: list[float], seen: str, direction: str
) -> None:
    given_world = world(*LI, block(PLATE))
    rules, at = given_world.rules, moment(NOON)
    presented = [
        Presented(medium, text, text, direction, 0, confidence, tuple(scores), colour, seen)
        for medium in ("plate", "code", "none")
    ]
    for one in presented:
        earlier = tuple(Earlier(other, at) for other in presented)
        decide(replace(one, earlier=earlier), rules.lanes[direction], rules, Presence(), at)
