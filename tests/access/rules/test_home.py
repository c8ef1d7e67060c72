"""Rule 17: where a site is strict a pass is used only with its home gate's word; and what neighbours say opens nothing."""

import itertools
import random
from dataclasses import replace
from typing import Any

import pytest

from access.claims import Claim
from access.decision import Decision
from access.entries import Decided, Entry, stamped
from access.passing import on_grant, on_return
from access.presence import Presence
from access.replay import again
from access.sealing import seal, unseal
from simulators.standalone import Rule
from tests.access.rules.world import (
    PLATE,
    Showing,
    Table,
    World,
    card,
    contractor_pass,
    counted,
    decided,
    denies,
    grants,
    held,
    holds,
    home_said,
    inside,
    lane,
    named,
    peer,
    permit,
    person,
    refers,
    says_gate,
    shows_card,
    shows_plate,
    site,
    vehicle,
    visit,
    world,
    zone,
)
from tests.sizes import sized

EAST, WEST = "east", "west"

BOXES = (peer(EAST), peer(WEST))
GUEST = (person("陈", category="visitor", levels=()), card(1, "陈"), lane("in", gate=EAST), lane("out", gate=EAST), *BOXES)
WORKER = (person("陈", category="contractor", levels=()), *GUEST[1:], permit())
IN_YARD = (lane("in", gate=EAST, inner_zone="yard"), zone("yard", anti_passback="hard"), *BOXES)
STRICT = site(code_reuse="strict")


def coming(home: str | None = WEST, **changes: Any) -> Rule:
    return visit("陈", home=home, **changes)


def working(home: str | None = WEST) -> Rule:
    return contractor_pass("陈", home=home)


USED, LEFT = counted("uses", "visit", 1), says_gate(WEST, counted("uses", "visit", 1), minutes=5)
TABLE: Table = {
    "the home gate itself asks nobody": (world(*GUEST, STRICT, coming(EAST)), shows_card(), grants("visit_ok")),
    "another asks it": (world(*GUEST, STRICT, coming()), shows_card(), denies("home_awaited", home=WEST)),
    "where the site is lenient nobody is asked": (world(*GUEST, coming()), shows_card(), grants("visit_ok")),
    "with its yes": (world(*GUEST, STRICT, coming(), home_said("yes")), shows_card(), grants("visit_ok")),
    "its yes, which has been heard of already": (
        world(*GUEST, STRICT, coming(), home_said("yes"), USED),
        shows_card(),
        grants("visit_ok"),
    ),
    "its yes, and it was used besides": (
        world(*GUEST, STRICT, coming(), home_said("yes"), USED, USED),
        shows_card(),
        denies("visit_used_up"),
    ),
    "with its no": (
        world(*GUEST, STRICT, coming(), home_said("no", why="used_up")),
        shows_card(),
        refers("home_says_no", home=WEST, home_why="used_up"),
    ),
    "with no answer": (world(*GUEST, STRICT, coming(), home_said("silent")), shows_card(), refers("home_silent", home=WEST)),
    "where nobody counts": (world(*GUEST, STRICT, coming(None)), shows_card(), refers("home_unknown")),
    "who leaves needs nobody": (
        world(*GUEST, STRICT, coming(), inside("陈"), counted("party", "visit", 1)),
        shows_card(direction="out"),
        grants("visit_ok", "take_visitor_card"),
    ),
    "between the zones of the site nothing is used": (
        world(*GUEST[:2], zone("yard"), lane("in", gate=EAST, outer_zone="yard"), *BOXES, STRICT, coming()),
        shows_card(),
        grants("visit_ok"),
    ),
    "residents need nobody": (world(person(), card(), *GUEST[2:], STRICT), shows_card(), grants()),
    "a contractor at the home gate": (world(*WORKER, STRICT, working(EAST)), shows_card(), grants("pass_ok", "take_duplicate")),
    "a contractor at another": (world(*WORKER, STRICT, working()), shows_card(), denies("home_awaited", home=WEST)),
    "whose duplicate the home gate has counted here": (
        world(*WORKER, STRICT, working(), home_said("yes", "0042"), held()),
        shows_card(),
        grants("pass_ok", "take_duplicate"),
    ),
    "a contractor whose pass has no home": (world(*WORKER, STRICT, working(None)), shows_card(), refers("home_unknown")),
    # what neighbours say
    "a neighbour says that it was used": (
        world(*GUEST, coming(), LEFT),
        shows_card(),
        refers("peer_says", gate=WEST, minutes=5, says="visit_used_up"),
    ),
    "a neighbour says that the car is inside": (
        world(person(), vehicle(), *IN_YARD, says_gate(WEST, inside(where="yard"))),
        shows_plate(),
        refers("peer_says", gate=WEST, minutes=0, says="inside_already"),
    ),
    "who leaves is kept in by nobody's word": (
        world(*GUEST, coming(), inside("陈"), counted("party", "visit", 1), LEFT),
        shows_card(direction="out"),
        grants("visit_ok", "take_visitor_card"),
    ),
    "what this gate denies itself stays denied": (world(*GUEST, coming(), USED, LEFT), shows_card(), denies("visit_used_up")),
    "a box that the rules do not know says nothing": (
        world(*GUEST[:-1], coming(), LEFT),
        shows_card(),
        grants("visit_ok"),
    ),
}


@pytest.mark.parametrize("name", TABLE)
def test_the_table(name: str) -> None:
    reason = TABLE[name][2].reason
    holds(TABLE[name], {"visit_used_up": "visit", "peer_says": "neighbours"}.get(reason, "home"))


def test_a_use_that_its_home_gate_has_counted_is_not_counted_again_and_is_given_back_where_nobody_came() -> None:
    waiting = decided(world(*GUEST, STRICT, coming()), shows_card())
    assert waiting.claims == (Claim("visit", named("visit"), named("陈"), named(WEST), 1),)
    granted = decided(world(*GUEST, STRICT, coming(), home_said("yes")), shows_card()).passing
    assert on_grant(granted) == ()
    assert on_return(granted) == (("add", f"uses:{named('visit')}", -1),)
    worker = decided(world(*WORKER, STRICT, working(), home_said("yes", "0042")), shows_card()).passing
    assert on_grant(worker) == ()
    [(how, name, value, at_us)] = on_return(worker)
    assert (how, name, value) == ("drop", f"held:{named('0042')}", None)
    assert at_us > 1_700_000_000_000_000, "after the home gate's own word, whatever the clock here says"
    own = decided(world(*GUEST, STRICT, coming(EAST)), shows_card()).passing
    assert (len(on_grant(own)), len(on_return(own))) == (1, 1)


@pytest.mark.parametrize("name", [name for name in TABLE if "neighbour" in name or "home gate" in name or "yes" in name])
def test_a_decision_is_made_again_from_its_entry(name: str) -> None:
    given, shown, _ = TABLE[name]
    made = decided(given, shown)
    repeated = _again(given, shown, made)
    assert (repeated.outcome, repeated.reason, repeated.values) == (made.outcome, made.reason, made.values)


def _again(given: World, shown: Showing, made: Decision) -> Decision:
    """Decide again from what an entry has, with nothing else known."""
    by, explained = shown.presented, made.explanation
    heard = tuple([name, value, str(edge), when] for name, (value, edge, when) in explained.heard.items())
    at_us = round(shown.moment.timestamp() * 1e6)
    body = Decided(made.outcome, made.reason, by.medium, "reader", 7, by.direction, at_us=at_us, bits=by.bits, text=by.text)
    body = replace(body, presence=dict(explained.reads), heard=heard, confidence=by.confidence)
    edge = named("box east")
    opened = unseal(*_parts(Entry(edge, edge, 1, edge, stamped(1, 1), body, by.direction, "")))
    read = opened.body()
    assert isinstance(read, Decided)
    repeated = again(opened, read, given.rules, Presence())
    assert isinstance(repeated, Decision)
    return repeated


def _parts(entry: Entry) -> tuple[bytes, bytes]:
    sealed = seal(entry, random.Random(1).randbytes)
    return sealed.canonical, sealed.personal


ORDER = {"deny": 0, "refer": 1, "grant": 2}
LIES = (
    counted("uses", "visit", 3),
    counted("uses", "visit", -3),
    counted("party", "visit", 2),
    inside(PLATE, "yard"),
    inside("陈", "yard"),
    held(),
    home_said("yes"),
    home_said("yes", "0042"),
)


def _worlds() -> list[tuple[str, World, Showing]]:
    """Return every world of the table, with what each says known or not."""
    return [(name, given, shown) for name, (given, shown, _) in TABLE.items()]


def test_no_lie_of_a_neighbour_makes_any_outcome_more_permissive_or_sends_anybody_away() -> None:
    chance = random.Random(7)
    every = [lies for number in (1, 2, 3) for lies in itertools.combinations(LIES, number)]
    told = 0
    for _, given, shown in _worlds():
        truth = decided(replace(given, said=()), shown)
        for lies in chance.sample(every, sized(quick=12, soak=len(every))):
            said = tuple(says_gate(chance.choice((EAST, WEST)), lie, chance.randint(0, 60)) for lie in lies)
            made = decided(replace(given, said=said), shown)
            assert ORDER[made.outcome] <= ORDER[truth.outcome]
            assert made.outcome in (truth.outcome, "refer")
            assert made.outcome == truth.outcome or made.reason == "peer_says"
            told += made.reason == "peer_says"
    assert told


def test_a_word_that_is_a_week_old_is_forgotten() -> None:
    old = replace(LEFT, heard_us=LEFT.heard_us - 7 * 24 * 3600 * 1_000_000)
    assert decided(world(*GUEST, coming(), old), shows_card()).outcome == "grant"
