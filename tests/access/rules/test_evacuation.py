"""Rule 1: while the site is evacuated, exits open for anybody and stay; entries go by the other rules."""

import pytest

from tests.access.rules.world import (
    EVACUATION,
    Table,
    block,
    card,
    denies,
    grants,
    holds,
    lane,
    person,
    refers,
    shows_card,
    shows_plate,
    vehicle,
    world,
)

OPEN = grants("evacuation", "stay_open")
TABLE: Table = {
    "no evacuation": (world(person(), card()), shows_card(direction="out"), grants()),
    "a resident leaves": (world(EVACUATION, person(), card()), shows_card(direction="out"), OPEN),
    "a stranger leaves": (world(EVACUATION, lane("out", unknown="deny")), shows_plate("粤BKK777", "out"), OPEN),
    "whom the office has blocked leaves": (world(EVACUATION, block("粤BKK777")), shows_plate("粤BKK777", "out"), OPEN),
    "by an exit that is held closed": (world(EVACUATION, lane("out", mode="held_closed")), shows_card(9, "out"), OPEN),
    "by an exit that is out of service": (world(EVACUATION, lane("out", mode="out_of_service")), shows_card(9, "out"), OPEN),
    "through a lane of both directions": (
        world(EVACUATION, lane("gate", direction="both")),
        shows_card(9, "out", lane="gate"),
        OPEN,
    ),
    "a resident comes in": (world(EVACUATION, person(), card()), shows_card(), grants()),
    "a stranger comes in": (world(EVACUATION), shows_card(9), refers("unknown_refer")),
    "a stranger comes in at a strict lane": (world(EVACUATION, lane(unknown="deny")), shows_card(9), denies("unknown")),
    "a fire engine comes in": (
        world(EVACUATION, person(category="emergency"), vehicle("粤X1234应急")),
        shows_plate("粤X1234应急"),
        grants("emergency_ok"),
    ),
}


@pytest.mark.parametrize("name", TABLE)
def test_the_table(name: str) -> None:
    rule = {"unknown": "unknown", "unknown_refer": "unknown", "emergency_ok": "emergency"}
    expected = TABLE[name][2]
    holds(TABLE[name], rule.get(expected.reason, "evacuation"))
