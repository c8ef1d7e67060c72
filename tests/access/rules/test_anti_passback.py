"""Rule 10: nobody comes in twice, nobody leaves who is not in; per zone, across its lanes."""

from typing import Any

import pytest

from simulators.standalone import Rule
from tests.access.rules.world import (
    PLATE,
    Fact,
    Table,
    card,
    code,
    decided,
    denies,
    grants,
    guest_inside,
    holds,
    inside,
    lane,
    marked,
    outside,
    person,
    refers,
    shows_card,
    shows_code,
    shows_plate,
    vehicle,
    visit,
    world,
    zone,
)

LI = (person(), card(), vehicle())


def yard(anti_passback: str, **changes: Any) -> tuple[Rule, ...]:
    lanes = (lane("in", inner_zone="yard"), lane("out", inner_zone="yard"), lane("second", direction="in", inner_zone="yard"))
    return (*lanes, zone("yard", anti_passback=anti_passback, **changes))


def in_yard(who: str = PLATE, since: str = "2026-03-02 08:00") -> Fact:
    return inside(who, "yard", since)


NOTED = grants("access_ok", "note_passed_back")
TABLE: Table = {
    # entry
    "hard: a card, inside already": (
        world(*yard("hard"), *LI, in_yard("李")),
        shows_card(),
        denies("passed_back", since="2026-03-02 08:00"),
    ),
    "hard: a code, inside already": (
        world(*yard("hard"), person(), code("GH-42"), in_yard("李")),
        shows_code("GH-42"),
        denies("passed_back"),
    ),
    "hard: a plate, inside already: a clone, or a missed exit?": (
        world(*yard("hard"), *LI, in_yard()),
        shows_plate(),
        refers("inside_already", since="2026-03-02 08:00"),
    ),
    "by another lane of the zone": (
        world(*yard("hard"), *LI, in_yard("李")),
        shows_card(lane="second"),
        denies("passed_back"),
    ),
    "hard: outside": (world(*yard("hard"), *LI, outside("李")), shows_card(), grants()),
    "hard: nobody has seen them yet": (world(*yard("hard"), *LI), shows_card(), grants()),
    "hard: a plate, inside in a zone within: a clone comes in from the street": (
        world(*yard("hard"), *LI, inside(where="garage")),
        shows_plate(),
        refers("inside_already", since="2026-03-02 08:00"),
    ),
    "hard: a card, inside in a zone within": (
        world(*yard("hard"), *LI, inside("李", "garage")),
        shows_card(),
        denies("passed_back"),
    ),
    "soft: inside in a zone within": (world(*yard("soft"), *LI, inside("李", "garage")), shows_card(), NOTED),
    "hard: from the zone around it": (
        world(*yard("hard"), lane("in", outer_zone="garden", inner_zone="yard"), *LI, inside("李", "garden")),
        shows_card(),
        grants(),
    ),
    "hard: from the site, which has no zone of its own": (world(*yard("hard"), *LI, inside("李")), shows_card(), grants()),
    "the car is inside, its holder comes on foot": (world(*yard("hard"), *LI, in_yard()), shows_card(), grants()),
    "soft: inside already": (world(*yard("soft"), *LI, in_yard("李")), shows_card(), NOTED),
    "none: inside already": (world(*yard("none"), *LI, in_yard("李")), shows_card(), grants()),
    "a zone that is gone": (world(*yard("hard")[:3], *LI, in_yard("李")), shows_card(), grants()),
    "timed: one second too early": (
        world(*yard("timed", minutes=10), *LI, in_yard("李", "2026-03-02 11:50:01")),
        shows_card(at="2026-03-02 12:00:00"),
        denies("passed_back"),
    ),
    "timed: to the second": (
        world(*yard("timed", minutes=10), *LI, in_yard("李", "2026-03-02 11:50:00")),
        shows_card(at="2026-03-02 12:00:00"),
        NOTED,
    ),
    "timed: a plate too early": (
        world(*yard("timed", minutes=10), *LI, in_yard(since="2026-03-02 11:55")),
        shows_plate(),
        refers("inside_already"),
    ),
    "timed: over midnight and the end of a month": (
        world(*yard("timed", minutes=10), *LI, in_yard("李", "2026-02-28 23:55")),
        shows_card(at="2026-03-01 00:04:59"),
        denies("passed_back"),
    ),
    "a stranger's plate is inside already": (
        world(*yard("hard"), guest_inside("粤BKK777")),
        shows_plate("粤BKK777"),
        refers("unknown_refer"),
    ),
    # after an opening by hand nobody knows who left
    "by hand, before they came in": (
        world(*yard("hard"), *LI, in_yard("李"), marked("left", "yard", "2026-03-02 07:59:59")),
        shows_card(),
        denies("passed_back"),
    ),
    "by hand, while they were inside": (
        world(*yard("hard"), *LI, in_yard("李"), marked("left", "yard", "2026-03-02 11:30")),
        shows_card(),
        refers("may_have_left", since="2026-03-02 08:00", left="2026-03-02 11:30"),
    ),
    "by hand, in the second in which they came in": (
        world(*yard("hard"), *LI, in_yard("李"), marked("left", "yard", "2026-03-02 08:00")),
        shows_card(),
        refers("may_have_left"),
    ),
    "by hand, out of another zone": (
        world(*yard("hard"), *LI, in_yard("李"), marked("left", "garage", "2026-03-02 11:30")),
        shows_card(),
        denies("passed_back"),
    ),
    # exit
    "hard: leaves, and is in": (world(*yard("hard"), *LI, in_yard()), shows_plate(direction="out"), grants()),
    "hard: leaves, and is outside": (
        world(*yard("hard"), *LI, outside()),
        shows_plate(direction="out"),
        refers("exit_without_entry"),
    ),
    "hard: leaves by card, and is outside": (
        world(*yard("hard"), *LI, outside("李")),
        shows_card(direction="out"),
        refers("exit_without_entry"),
    ),
    "hard: leaves, and is in another zone": (
        world(*yard("hard"), zone("车库"), *LI, inside(where="车库")),
        shows_plate(direction="out"),
        refers("exit_from_elsewhere", where="车库"),
    ),
    "hard: leaves, and nobody has seen it yet": (world(*yard("hard"), *LI), shows_plate(direction="out"), NOTED),
    "soft: leaves, and nobody has seen it yet": (world(*yard("soft"), *LI), shows_plate(direction="out"), grants()),
    "soft: leaves, and is outside": (world(*yard("soft"), *LI, outside()), shows_plate(direction="out"), NOTED),
    "timed: leaves, and is outside": (world(*yard("timed"), *LI, outside()), shows_plate(direction="out"), NOTED),
    # several who come by one credential are counted by their visit
    "the second of a party": (
        world(*yard("hard"), person(category="visitor"), visit(party=3), card(), in_yard("李")),
        shows_card(),
        grants("visit_ok"),
    ),
    "a visitor alone": (
        world(*yard("hard"), person(category="visitor"), visit(uses=5), card(), in_yard("李")),
        shows_card(),
        denies("passed_back"),
    ),
    "the second of a party leaves": (
        world(*yard("hard"), person(category="visitor"), visit(party=3), card(), outside("李")),
        shows_card(direction="out"),
        grants("visit_ok", "take_visitor_card"),
    ),
}


@pytest.mark.parametrize("name", TABLE)
def test_the_table(name: str) -> None:
    holds(TABLE[name], "unknown" if TABLE[name][2].reason == "unknown_refer" else "anti_passback")


def test_an_exit_without_entry_names_the_nearest_that_is_inside() -> None:
    given = world(*yard("hard"), *LI, outside(), guest_inside("粤BBD2Z5"), guest_inside("粤BKK777"))
    decision = decided(given, shows_plate(direction="out"))
    assert decision.reason == "exit_without_entry"
    assert [one.credential.shown for one in decision.candidates] == ["粤BBD2Z5"]
