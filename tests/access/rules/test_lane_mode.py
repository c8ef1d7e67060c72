"""Rule 2: a lane that is held open, held closed or out of service."""

import pytest

from tests.access.rules.world import (
    Table,
    block,
    card,
    denies,
    grants,
    holds,
    lane,
    person,
    shows_card,
    shows_plate,
    vehicle,
    world,
)

FIRE_ENGINE = (person(category="emergency"), vehicle("粤X1234应急"))
TABLE: Table = {
    "normal": (world(person(), card()), shows_card(), grants()),
    "held open, for anybody": (world(lane(mode="held_open", unknown="deny")), shows_card(9), grants("lane_held_open")),
    "held open, and somebody blocked drives in": (
        world(lane(mode="held_open"), block("粤BKK777")),
        shows_plate("粤BKK777"),
        grants("lane_held_open", "raise_alarm"),
    ),
    "held open, and the block is over": (
        world(lane(mode="held_open"), block("粤BKK777", until="2026-03-02 12:00")),
        shows_plate("粤BKK777"),
        grants("lane_held_open"),
    ),
    "held closed, even for a resident": (
        world(lane(mode="held_closed"), person(), card()),
        shows_card(),
        denies("lane_held_closed"),
    ),
    "held closed, before a fire engine: somebody must come": (
        world(lane(mode="held_closed"), *FIRE_ENGINE),
        shows_plate("粤X1234应急"),
        denies("lane_held_closed", "raise_alarm"),
    ),
    "held closed, before an officer": (
        world(lane(mode="held_closed"), person(category="officer"), card()),
        shows_card(),
        denies("lane_held_closed", "raise_alarm"),
    ),
    "out of service": (world(lane(mode="out_of_service"), person(), card()), shows_card(), denies("lane_out_of_service")),
    "out of service, before police that nobody registered": (
        world(lane(mode="out_of_service")),
        shows_plate("粤B1234警"),
        denies("lane_out_of_service", "raise_alarm"),
    ),
    "another lane's mode": (world(lane("out", mode="held_closed"), person(), card()), shows_card(), grants()),
}


@pytest.mark.parametrize("name", TABLE)
def test_the_table(name: str) -> None:
    holds(TABLE[name], "lane_mode")
