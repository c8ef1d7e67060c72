"""Across the rules: of two that apply, the earlier decides. For every pair a world in which both would, or why there is none.

Each rule has recipes: changes of one ordinary situation (Li's car at a lane) by which that rule concludes. Two make a world.
"""

import itertools
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest

from access.passes import Pass
from access.rules import RULES
from simulators.standalone import Rule
from tests.access.rules.world import (
    EVACUATION,
    PLATE,
    Fact,
    block,
    card_of,
    contractor_pass,
    decided,
    guest_inside,
    inside,
    lane,
    marked,
    outside,
    pass_key,
    permit,
    person,
    says,
    shows_plate,
    shows_signed,
    site,
    vehicle,
    visit,
    world,
    zone,
)


@dataclass
class Situation:
    """Li's car at a lane, ready to be changed."""

    direction: str = "in"
    is_registered: bool = True
    plate: str = PLATE
    lane: dict[str, Any] = field(default_factory=dict)
    zone: dict[str, Any] = field(default_factory=dict)
    holder: dict[str, Any] = field(default_factory=dict)
    vehicle: dict[str, Any] = field(default_factory=dict)
    seen: dict[str, Any] = field(default_factory=dict)
    told: list[Rule | Fact] = field(default_factory=list)
    code: Pass | None = None
    key: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Recipe:
    """What makes a rule conclude; and what it takes for granted: a direction, a category of the holder, a holder at all."""

    rule: str
    apply: Callable[[Situation], None]
    direction: str = ""
    category: str = ""
    is_registered: bool | None = None


def blocked(situation: Situation) -> None:
    situation.told.append(block(situation.plate))


def of_a_crew(situation: Situation) -> None:
    situation.holder["category"] = "emergency"


def police(situation: Situation) -> None:
    situation.plate = "粤B1234警"


def still_picture(situation: Situation) -> None:
    situation.code = says(turns=True)


def still_picture_of_a_pass(situation: Situation) -> None:
    situation.code = says("0042", "pass", part="O", turns=True)


def unknown_key(situation: Situation) -> None:
    situation.code = says()
    situation.key["kid"] = "00000000"


def frozen(situation: Situation) -> None:
    situation.vehicle["status"] = "frozen"


def without_levels(situation: Situation) -> None:
    situation.holder["levels"] = ()


def wrong_class(situation: Situation) -> None:
    situation.lane["classes"] = ("bicycle",)
    situation.seen["vehicle_class"] = "car"


def full_zone(situation: Situation) -> None:
    situation.lane["inner_zone"] = "yard"
    situation.zone["capacity"] = 0


def inside_already(situation: Situation) -> None:
    situation.lane["inner_zone"] = "yard"
    situation.zone["anti_passback"] = "hard"
    situation.told.append(inside(situation.plate, "yard"))


def outside_already(situation: Situation) -> None:
    situation.lane["inner_zone"] = "yard"
    situation.zone["anti_passback"] = "hard"
    situation.told.append(outside(situation.plate))


def guest_in_the_yard(situation: Situation) -> None:
    situation.lane["inner_zone"] = "yard"
    situation.zone["anti_passback"] = "hard"
    known = guest_inside(situation.plate)
    situation.told.append(Fact((known.change[0], known.change[1], inside("", "yard").change[2]), known.plate))


def refused_visit(situation: Situation) -> None:
    situation.holder["category"] = "visitor"
    situation.told.append(visit(status="refused"))


def lost_pass(situation: Situation) -> None:
    situation.holder["category"] = "contractor"
    situation.told += [permit(), contractor_pass(status="lost")]


def no_duplicate(situation: Situation) -> None:
    situation.holder["category"] = "contractor"
    situation.told += [permit(), contractor_pass()]


def loading(situation: Situation) -> None:
    situation.told.append(marked("loading", situation.plate))


def lorry(situation: Situation) -> None:
    situation.seen["vehicle_class"] = "large"


def old_list(situation: Situation) -> None:
    everybody = ({"category": one, "hours": 1} for one in ("resident", "visitor", "contractor", "emergency"))
    situation.told += [site(list_age=tuple(everybody))]


def set_lane(**changes: Any) -> Callable[[Situation], None]:
    return lambda situation: situation.lane.update(changes)


def homeless(situation: Situation) -> None:
    """Be a guest of a strict site whose visit no gate counts."""
    situation.holder["category"] = "visitor"
    changed: list[Rule] = [
        (kind, one, {**data, "code_reuse": "strict"}) for kind, one, data in _rules(situation) if kind == "site"
    ]
    situation.told = [one for one in situation.told if isinstance(one, Fact) or one[0] != "site"]
    situation.told += changed or [site(code_reuse="strict")]
    if not any(kind == "visit" for kind, *_ in _rules(situation)):
        situation.told.append(visit())


def homeless_pass(situation: Situation) -> None:
    """Be a contractor of a strict site whose pass no gate counts."""
    situation.holder["category"] = "contractor"
    situation.told.append(site(code_reuse="strict"))
    if not any(kind == "pass" for kind, *_ in _rules(situation)):
        situation.told += [permit(), contractor_pass()]


def _rules(situation: Situation) -> list[Rule]:
    return [one for one in situation.told if not isinstance(one, Fact)]


RECIPES = (
    Recipe("evacuation", lambda situation: situation.told.append(EVACUATION), "out"),
    Recipe("lane_mode", set_lane(mode="held_closed")),
    Recipe("block_list", blocked),
    Recipe("emergency", of_a_crew, category="emergency", is_registered=True),
    Recipe("emergency", police, is_registered=False),
    Recipe("signed_code", still_picture, is_registered=True),
    Recipe("signed_code", still_picture_of_a_pass, category="contractor", is_registered=True),
    Recipe("signed_code", unknown_key, is_registered=False),
    Recipe("credential", frozen, is_registered=True),
    Recipe("access_level", without_levels, is_registered=True),
    Recipe("vehicle_class", wrong_class),
    Recipe("quota", full_zone, "in"),
    Recipe("anti_passback", inside_already, "in", is_registered=True),
    Recipe("anti_passback", outside_already, "out", is_registered=True),
    Recipe("anti_passback", guest_in_the_yard, "in", is_registered=False),
    Recipe("visit", refused_visit, "in", "visitor", is_registered=True),
    Recipe("contractor_pass", lost_pass, "in", "contractor", is_registered=True),
    Recipe("contractor_pass", no_duplicate, "out", "contractor", is_registered=True),
    Recipe("goods", loading, "out", is_registered=True),
    Recipe("goods", lorry, "out", is_registered=False),
    Recipe("two_factor", set_lane(factors="plate+card"), is_registered=True),
    Recipe("two_person", set_lane(two_person=True), "in", is_registered=True),
    Recipe("list_age", old_list, is_registered=True),
    Recipe("home", homeless, "in", "visitor", is_registered=True),
    Recipe("home", homeless_pass, "in", "contractor", is_registered=True),
    Recipe("unknown", lambda situation: None, is_registered=False),
)


ENTERS = "an exit opens in an evacuation, and this rule looks at who comes in"
LEAVES = "the one looks at who comes in, the other at who leaves"
HOLDER = "a stranger has no holder, and this rule looks at one"
ONE_CATEGORY = "a holder is of one category"
INSTEAD = "whoever has a visit or a pass goes by that instead of levels"
HAS_ROOM = "one that is in the zone already takes no room there"
# Pairs that cannot both apply, and why.
APART: Mapping[tuple[str, str], str] = {
    ("evacuation", "quota"): ENTERS,
    ("evacuation", "visit"): ENTERS,
    ("emergency", "visit"): ONE_CATEGORY,
    ("emergency", "contractor_pass"): ONE_CATEGORY,
    ("visit", "contractor_pass"): ONE_CATEGORY,
    ("access_level", "visit"): INSTEAD,
    ("access_level", "contractor_pass"): INSTEAD,
    ("evacuation", "two_person"): ENTERS,
    ("goods", "two_person"): LEAVES,
    ("evacuation", "home"): ENTERS,
    ("emergency", "home"): ONE_CATEGORY,
    ("access_level", "home"): INSTEAD,
    ("goods", "home"): LEAVES,
    ("quota", "anti_passback"): HAS_ROOM,
    ("quota", "goods"): LEAVES,
    ("visit", "goods"): LEAVES,
    **{
        (rule, "unknown"): HOLDER
        for rule in ("credential", "access_level", "visit", "contractor_pass", "two_factor", "two_person", "list_age", "home")
    },
}


def agree(one: Recipe, other: Recipe) -> bool:
    """Tell whether two recipes can be one situation."""
    taken = ((one.direction, other.direction), (one.category, other.category))
    registered = {one.is_registered, other.is_registered} - {None}
    return len(registered) < 2 and all(not a or not b or a == b for a, b in taken)


def situation_of(*recipes: Recipe) -> Situation:
    directions = {recipe.direction for recipe in recipes} - {""}
    registered = {recipe.is_registered for recipe in recipes} - {None}
    situation = Situation(directions.pop() if directions else "in", registered != {False})
    # A police plate is another plate, so that comes first.
    for recipe in sorted(recipes, key=lambda recipe: recipe.apply is not police):
        recipe.apply(situation)
    return situation


def deciding(situation: Situation) -> str:
    """Return the rule that concludes, "" where none does."""
    codes = (card_of(situation.code, **situation.vehicle),) if situation.code else ()
    of_li = (person(**situation.holder), vehicle(situation.plate, **situation.vehicle), *codes)
    on_record = (pass_key(**situation.key), *(of_li if situation.is_registered else ()))
    yard = zone("yard", **situation.zone)
    lanes = lane(situation.direction, **situation.lane)
    given = world(yard, lanes, *on_record, *situation.told, list_age=timedelta(hours=2))
    shown = shows_plate(situation.plate, situation.direction, **situation.seen)
    if situation.code:
        shown = shows_signed(situation.code, situation.direction).after(shown)
    last = decided(given, shown).explanation.steps[-1]
    return last.rule if last.concluded else ""


def both_conclude(situation: Situation, rules: tuple[str, str], monkeypatch: pytest.MonkeyPatch) -> bool:
    """Tell whether each of two rules concludes where the table has it alone."""
    with monkeypatch.context() as patch:
        found = []
        for rule in rules:
            patch.setattr("access.decision.RULES", {rule: RULES[rule]})
            found.append(deciding(situation))
    return tuple(found) == rules


def situations(first: str, second: str) -> list[Situation]:
    """Return the situations made of a recipe of each rule."""
    pairs = itertools.product(*([recipe for recipe in RECIPES if recipe.rule == rule] for rule in (first, second)))
    return [situation_of(*pair) for pair in pairs if agree(*pair)]


PAIRS = tuple(itertools.combinations(RULES, 2))


@pytest.mark.parametrize("recipe", RECIPES, ids=lambda recipe: f"{recipe.rule} {recipe.direction}")
def test_each_recipe_alone_makes_its_rule_conclude(recipe: Recipe) -> None:
    assert deciding(situation_of(recipe)) == recipe.rule


@pytest.mark.parametrize("pair", [pair for pair in PAIRS if pair not in APART], ids=" before ".join)
def test_the_earlier_of_two_that_apply_decides(pair: tuple[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    both = [situation for situation in situations(*pair) if both_conclude(situation, pair, monkeypatch)]
    assert both, "no world in which both apply: say why in APART"
    assert [deciding(situation) for situation in both] == [pair[0]] * len(both)


@pytest.mark.parametrize("pair", APART, ids=" and ".join)
def test_pairs_that_cannot_both_apply_do_not(pair: tuple[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    assert not any(both_conclude(situation, pair, monkeypatch) for situation in situations(*pair))


def test_every_pair_is_looked_at() -> None:
    assert len(PAIRS) == len(RULES) * (len(RULES) - 1) // 2
    assert APART.keys() <= set(PAIRS)
    assert {recipe.rule for recipe in RECIPES} == set(RULES)
