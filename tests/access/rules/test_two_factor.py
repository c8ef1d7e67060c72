"""Rule 14: a lane that asks for two factors of one holder or one unit, in either order, within a window."""

import pytest

from tests.access.rules.world import (
    Table,
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

BOTH = lane(factors="plate+card")
LI = (person(), vehicle(), card())
WANG = (person("王", unit="5-0101"), card(2, "王"))
WIFE = (person("赵"), card(3, "赵"))  # of the same unit
FIRST = "2026-03-02 11:59:30"
AWAITS = "await_factor"
TABLE: Table = {
    "any: one is enough": (world(*LI), shows_card(), grants()),
    "a plate alone": (world(BOTH, *LI), shows_plate(), denies("factor_awaited", AWAITS, missing="card")),
    "a card alone": (world(BOTH, *LI), shows_card(), denies("factor_awaited", AWAITS, missing="plate")),
    "a code where plate and card are asked for": (
        world(BOTH, person(), code("GH-42")),
        shows_code("GH-42"),
        denies("factor_awaited", AWAITS, missing="plate"),
    ),
    "plate, then card": (world(BOTH, *LI), shows_card().after(shows_plate()), grants()),
    "card, then plate": (world(BOTH, *LI), shows_plate().after(shows_card()), grants()),
    "card, then code": (
        world(lane(factors="card+code"), *LI, code("GH-42")),
        shows_code("GH-42").after(shows_card()),
        grants(),
    ),
    "plate, then code": (
        world(lane(factors="plate+code"), *LI, code("GH-42")),
        shows_code("GH-42").after(shows_plate()),
        grants(),
    ),
    # the window
    "in the last second of the window": (world(BOTH, *LI), shows_card().after(shows_plate(at=FIRST)), grants()),
    "a second late": (
        world(BOTH, *LI),
        shows_card().after(shows_plate(at="2026-03-02 11:59:29")),
        denies("factor_awaited", AWAITS),
    ),
    "a lane with a longer window": (
        world(lane(factors="plate+card", factor_window_s=31), *LI),
        shows_card().after(shows_plate(at="2026-03-02 11:59:29")),
        grants(),
    ),
    "over midnight": (
        world(BOTH, *LI),
        shows_card(at="2026-03-01 00:00:10").after(shows_plate(at="2026-02-28 23:59:50")),
        grants(),
    ),
    "what is yet to come does not count": (
        world(BOTH, *LI),
        shows_card().after(shows_plate(at="2026-03-02 12:00:01")),
        denies("factor_awaited", AWAITS),
    ),
    # whose
    "the card of the same unit": (world(BOTH, *LI, *WIFE), shows_card(3).after(shows_plate()), grants(holder="赵")),
    "the card of another unit": (
        world(BOTH, *LI, *WANG),
        shows_card(2).after(shows_plate()),
        refers("factors_differ", holder="王"),
    ),
    "two without a unit are not of one": (
        world(BOTH, person(unit=""), vehicle(), person("王", unit=""), card(2, "王")),
        shows_card(2).after(shows_plate()),
        refers("factors_differ"),
    ),
    "another's first, then the right one": (
        world(BOTH, *LI, *WANG),
        shows_plate().after(shows_card(2), shows_card(1)),
        grants(),
    ),
    # what the first one was worth
    "a plate that was doubtfully read is no factor": (
        world(BOTH, *LI),
        shows_card().after(shows_plate(confidence=0.2)),
        denies("factor_awaited", AWAITS, missing="plate"),
    ),
    "nor is a lost card": (
        world(BOTH, person(), vehicle(), card(status="lost")),
        shows_plate().after(shows_card()),
        denies("factor_awaited", AWAITS, missing="card"),
    ),
    "nor a look-alike": (
        world(BOTH, *LI),
        shows_card().after(shows_plate("粤BBD2Z5")),
        denies("factor_awaited", AWAITS),
    ),
    "the same card twice is one factor": (
        world(BOTH, *LI),
        shows_card().after(shows_card(at=FIRST)),
        denies("factor_awaited", AWAITS, missing="plate"),
    ),
    "a stranger is not told what is missing": (world(BOTH), shows_plate("粤BKK777"), refers("unknown_refer")),
}


@pytest.mark.parametrize("name", TABLE)
def test_the_table(name: str) -> None:
    holds(TABLE[name], "unknown" if TABLE[name][2].reason == "unknown_refer" else "two_factor")
