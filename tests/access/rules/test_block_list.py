"""Rule 3: what is blocked is denied with an alarm; what is only near a blocked plate is asked about."""

from datetime import timedelta

import pytest

from tests.access.rules.world import (
    Table,
    block,
    card,
    code,
    denies,
    grants,
    holds,
    lane,
    person,
    refers,
    shows_card,
    shows_code,
    shows_plate,
    vehicle,
    world,
)

FIRE_ENGINE = (person(category="emergency"), vehicle("粤X1234应急"))
TABLE: Table = {
    "a blocked card of a resident": (
        world(person(), card(), block(card_number=1)),
        shows_card(),
        denies("blocked", "raise_alarm", why="盗抢"),
    ),
    "a blocked code, as of a QR that was handed on": (
        world(person(), code("GH-7"), block(text="GH-7")),
        shows_code("GH-7"),
        denies("blocked", "raise_alarm", why="盗抢", shown="…GH-7"),
    ),
    "a blocked plate that is not on record": (
        world(block("粤BK1111", reason="非法营运")),
        shows_plate("粤BK1111"),
        denies("blocked", "raise_alarm", why="非法营运", shown="粤B·K1111"),
    ),
    "a blocked plate, doubtfully read": (
        world(block("粤BK1111")),
        shows_plate("粤BK1111", confidence=0.1),
        denies("blocked", "raise_alarm"),
    ),
    "a blocked plate at the exit": (
        world(block("粤BK1111")),
        shows_plate("粤BK1111", "out"),
        denies("blocked", "raise_alarm"),
    ),
    "one look-alike character from a blocked plate": (
        world(block("粤BK1111")),
        shows_plate("粤BKT111"),
        refers("near_blocked", near="粤B·K1111"),
    ),
    "near a blocked plate, but surely read and on record": (
        world(block("粤BBD2Z5"), person(), vehicle()),
        shows_plate(),
        grants(),
    ),
    "a blocked plate, and then a resident's card": (
        world(block("粤BK1111"), person(), card()),
        shows_card().after(shows_plate("粤BK1111")),
        denies("blocked", "raise_alarm", why="盗抢", shown="粤B·K1111"),
    ),
    "near a blocked plate, and then a resident's card": (
        world(block("粤BK1111"), person(), card()),
        shows_card().after(shows_plate("粤BKT111")),
        refers("near_blocked", near="粤B·K1111", shown="粤B·KT111"),
    ),
    "near a blocked plate, and then read surely": (
        world(block("粤BBD2Z5"), person(), vehicle()),
        shows_plate().after(shows_plate(confidence=0.1)),
        grants(),
    ),
    "a plate whose block is over, and then a card": (
        world(block("粤BK1111", until="2026-03-02 12:00:00"), person(), card()),
        shows_card().after(shows_plate("粤BK1111", at="2026-03-02 11:59:50")),
        grants(),
    ),
    "one second before a block is over": (
        world(block("粤BK1111", until="2026-03-02 12:00:00")),
        shows_plate("粤BK1111", at="2026-03-02 11:59:59"),
        denies("blocked", "raise_alarm"),
    ),
    "the second in which a block is over": (
        world(block("粤B66666", until="2026-03-02 12:00:00"), person(), vehicle("粤B66666")),
        shows_plate("粤B66666"),
        grants(),
    ),
    "a near block that is over": (
        world(block("粤BK1111", until="2026-03-02 12:00"), lane(unknown="deny")),
        shows_plate("粤BKT111"),
        denies("unknown"),
    ),
    "of two blocks the one that lasts longest stands": (
        world(block("粤BK1111", until="2026-03-02 11:00"), block("粤BK1111", until="2026-03-03 00:00")),
        shows_plate("粤BK1111"),
        denies("blocked", "raise_alarm"),
    ),
    "a blocked fire engine, on a list confirmed to the hour": (
        world(block("粤X1234应急"), *FIRE_ENGINE, list_age=timedelta(hours=24)),
        shows_plate("粤X1234应急"),
        denies("blocked", "raise_alarm"),
    ),
    "a blocked fire engine, on a stale list: asked, neither stopped nor waved through": (
        world(block("粤X1234应急"), *FIRE_ENGINE, list_age=timedelta(hours=24, seconds=1)),
        shows_plate("粤X1234应急"),
        refers("emergency_refer"),
    ),
    "a blocked resident, on a stale list": (
        world(block("粤B8D2Z5"), person(), vehicle(), list_age=timedelta(days=365)),
        shows_plate(),
        denies("blocked", "raise_alarm"),
    ),
}


@pytest.mark.parametrize("name", TABLE)
def test_the_table(name: str) -> None:
    rules = {"emergency_refer": "emergency", "unknown": "unknown"}
    holds(TABLE[name], rules.get(TABLE[name][2].reason, "block_list"))
