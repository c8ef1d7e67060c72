"""Rule 13: a vehicle at the exit that may carry goods waits for its slip, or for the word that it carries nothing."""

import pytest

from tests.access.rules.world import (
    Fact,
    Table,
    card,
    contractor_pass,
    grants,
    guest_inside,
    held,
    holds,
    lane,
    marked,
    permit,
    person,
    refers,
    shows_card,
    shows_plate,
    slip,
    vehicle,
    visit,
    world,
)

LI = (person(), vehicle())
LORRY = (person(), vehicle(vehicle_class="large"))
MOVER = (person(category="visitor"), visit(category="mover"), vehicle())
VAN = (person(category="contractor"), permit(), contractor_pass(), vehicle(), held())
OUT = shows_plate(direction="out")


TABLE: Table = {
    "a resident's car": (world(*LI), OUT, grants()),
    "marked as loading": (world(*LI, marked("loading", "粤B8D2Z5")), OUT, refers("goods_check", "check_goods", cause="loading")),
    "marked as loading, and then a card": (
        world(*LI, card(), marked("loading", "粤B8D2Z5")),
        shows_card(direction="out").after(OUT),
        refers("goods_check", "check_goods", cause="loading"),
    ),
    "a large vehicle, and then a card": (
        world(*LORRY, card()),
        shows_card(direction="out").after(OUT),
        refers("goods_check", "check_goods", cause="large"),
    ),
    "named by a slip, and then a card": (
        world(*LI, slip(), card()),
        shows_card(direction="out").after(OUT),
        refers("goods_slip", "check_goods", number="F-9"),
    ),
    "checked, and then a card": (
        world(*LORRY, card(), marked("cleared", "粤B8D2Z5")),
        shows_card(direction="out").after(OUT),
        grants(),
    ),
    "a mover": (world(*MOVER), OUT, refers("goods_check", "check_goods", cause="mover")),
    "a contractor's van": (world(*VAN), OUT, refers("goods_check", "check_goods", cause="contractor")),
    "a large vehicle": (world(*LORRY), OUT, refers("goods_check", "check_goods", cause="large")),
    "a stranger's lorry, as seen": (
        world(),
        shows_plate("粤BKK777", "out", vehicle_class="large"),
        refers("goods_check", "check_goods", cause="large"),
    ),
    "a car that looks large to a camera": (world(*LI), shows_plate(direction="out", vehicle_class="large"), grants()),
    "named by a slip": (world(*LI, slip()), OUT, refers("goods_slip", "check_goods", number="F-9")),
    "named by a slip, and loading": (
        world(*LI, slip(), marked("loading", "粤B8D2Z5")),
        OUT,
        refers("goods_slip", "check_goods", number="F-9"),
    ),
    # cleared for this trip
    "nothing carried, said the guard": (world(*LORRY, marked("cleared", "粤B8D2Z5")), OUT, grants()),
    "checked against the slip": (world(*LI, slip(status="partly"), marked("cleared", "粤B8D2Z5")), OUT, grants()),
    "the contractor's van, checked": (
        world(*VAN, marked("cleared", "粤B8D2Z5")),
        OUT,
        grants("pass_ok", "return_duplicate"),
    ),
    # which slips
    **{
        f"a slip that is {status}": (world(*LI, slip(status=status)), OUT, refers("goods_slip", "check_goods"))
        for status in ("approved", "held", "partly")
    },
    **{
        f"a slip that is {status}": (world(*LI, slip(status=status)), OUT, grants())
        for status in ("released", "collected", "cancelled", "expired")
    },
    "another vehicle's slip": (world(*LI, slip(plate="粤BK1111")), OUT, grants()),
    "a stranger named by a slip": (
        world(slip(plate="粤BK1111")),
        shows_plate("粤BK1111", "out"),
        refers("goods_slip", "check_goods"),
    ),
    "a slip up to midnight": (
        world(*LI, slip()),
        shows_plate(direction="out", at="2026-03-02 23:59:59"),
        refers("goods_slip", "check_goods"),
    ),
    "a slip of the day before": (world(*LI, slip()), shows_plate(direction="out", at="2026-03-03 00:00"), grants()),
    "approved for tomorrow, and nothing else speaks of goods": (
        world(*LI, slip(valid_from="2026-03-03 00:00", valid_until="2026-03-04 00:00")),
        OUT,
        grants(),
    ),
    "approved for tomorrow, but loading today": (
        world(*LI, slip(valid_from="2026-03-03 00:00", valid_until="2026-03-04 00:00"), marked("loading", "粤B8D2Z5")),
        OUT,
        refers("goods_slip_early", "check_goods", number="F-9", **{"from": "2026-03-03 00:00"}),
    ),
    "yesterday's slip, and loading today": (
        world(*LI, slip(valid_from="2026-03-01 00:00", valid_until="2026-03-02 00:00"), marked("loading", "粤B8D2Z5")),
        OUT,
        refers("goods_check", "check_goods", cause="loading"),
    ),
    "today's before tomorrow's": (
        world(*LI, slip(), slip("F-8", valid_from="2026-03-03 00:00", valid_until="2026-03-04 00:00")),
        OUT,
        refers("goods_slip", "check_goods", number="F-9"),
    ),
    # where
    "nothing is asked on the way in": (world(*LORRY, slip(), marked("loading", "粤B8D2Z5")), shows_plate(), grants()),
    "nor of people on foot": (world(lane("out", lane_kind="pedestrian"), *LI, slip()), OUT, grants()),
    "a lane that checks no large vehicles": (world(lane("out", goods_checks=("loading",)), *LORRY), OUT, grants()),
    "a lane that knows no slips": (world(lane("out", goods_checks=("loading",)), *LI, slip()), OUT, grants()),
    "a stranger marked as loading": (
        world(guest_inside("粤BKK777"), Fact(("set", f"loading:{guest_inside('粤BKK777').change[1][3:]}", 1))),
        shows_plate("粤BKK777", "out"),
        refers("goods_check", "check_goods", cause="loading"),
    ),
}


@pytest.mark.parametrize("name", TABLE)
def test_the_table(name: str) -> None:
    holds(TABLE[name], "goods")
