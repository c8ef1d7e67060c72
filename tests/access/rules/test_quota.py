"""Rule 9: the parking spaces of a household or company, and the capacity of a zone."""

import pytest

from tests.access.rules.world import (
    Table,
    block,
    card,
    counted,
    denies,
    grants,
    holds,
    inside,
    lane,
    outside,
    person,
    quota,
    refers,
    shows_card,
    shows_plate,
    vehicle,
    world,
    zone,
)

LI = (person(quota="3-1201"), vehicle(), vehicle("粤B66666"))
RENTED = quota("3-1201", ((None, None), ("2026-03-01 00:00", "2026-04-01 00:00")))
GARAGE = (lane(inner_zone="garage", outer_zone="yard"), zone("garage", capacity=2), zone("yard"))
TABLE: Table = {
    # spaces of a household
    "no quota": (world(person(), vehicle(), counted("quota", "3-1201", 9)), shows_plate(), grants()),
    "a quota that is gone": (world(*LI, counted("quota", "3-1201", 9)), shows_plate(), grants()),
    "below": (world(quota("3-1201", 2), *LI, counted("quota", "3-1201", 1)), shows_plate(), grants()),
    "at the limit": (
        world(quota("3-1201", 2), *LI, counted("quota", "3-1201", 2)),
        shows_plate(),
        refers("quota_full_refer", quota="3-1201", inside=2, spaces=2),
    ),
    "above": (
        world(quota("3-1201", 2, over="deny"), *LI, counted("quota", "3-1201", 3)),
        shows_plate(),
        denies("quota_full", inside=3, spaces=2),
    ),
    "next in when one leaves": (
        world(quota("3-1201", over="wait"), *LI, counted("quota", "3-1201", 1)),
        shows_plate(),
        denies("quota_wait", "decide_again"),
    ),
    "no space at all": (world(quota("3-1201", 0), *LI), shows_plate(), refers("quota_full_refer", inside=0, spaces=0)),
    "one that is inside already takes no second": (
        world(quota("3-1201"), *LI, counted("quota", "3-1201", 1), inside()),
        shows_plate(),
        grants(),
    ),
    "the second car, the first on record as inside": (
        world(quota("3-1201", over="wait"), *LI, counted("quota", "3-1201", 1), inside("粤B66666")),
        shows_plate(),
        denies("quota_wait", "decide_again"),
    ),
    "the exit asks for no space": (
        world(quota("3-1201", 0, over="deny"), *LI, counted("quota", "3-1201", 3)),
        shows_plate(direction="out"),
        grants(),
    ),
    "on foot nobody needs a space": (
        world(lane(lane_kind="pedestrian"), quota("3-1201", 0, over="deny"), person(quota="3-1201"), card()),
        shows_card(),
        grants(),
    ),
    "by card at a lane for vehicles": (
        world(quota("3-1201", 0, over="deny"), person(quota="3-1201"), card()),
        shows_card(),
        denies("quota_full"),
    ),
    # rented by the month
    "the last second of a rented month": (
        world(RENTED, *LI, counted("quota", "3-1201", 1)),
        shows_plate(at="2026-03-31 23:59:59"),
        grants(),
    ),
    "the second in which the month is over": (
        world(RENTED, *LI, counted("quota", "3-1201", 1)),
        shows_plate(at="2026-04-01 00:00"),
        refers("quota_full_refer", inside=1, spaces=1),
    ),
    "the second before the month": (
        world(RENTED, *LI, counted("quota", "3-1201", 1)),
        shows_plate(at="2026-02-28 23:59:59"),
        refers("quota_full_refer"),
    ),
    "the first second of the month": (
        world(RENTED, *LI, counted("quota", "3-1201", 1)),
        shows_plate(at="2026-03-01 00:00"),
        grants(),
    ),
    # room in a zone
    "a zone without a limit": (
        world(zone("garage"), lane(inner_zone="garage"), person(), vehicle(), counted("zone", "garage", 999)),
        shows_plate(),
        grants(),
    ),
    "a zone that is gone": (world(lane(inner_zone="garage"), person(), vehicle()), shows_plate(), grants()),
    "room for one": (world(*GARAGE, person(), vehicle(), counted("zone", "garage", 1)), shows_plate(), grants()),
    "a full zone": (
        world(*GARAGE, person(), vehicle(), counted("zone", "garage", 2)),
        shows_plate(),
        refers("zone_full_refer", zone="garage", inside=2, capacity=2),
    ),
    "a zone that is more than full": (
        world(zone("garage", capacity=2, full="deny"), *GARAGE[:1], person(), vehicle(), counted("zone", "garage", 3)),
        shows_plate(),
        denies("zone_full", inside=3, capacity=2),
    ),
    "a stranger before a full zone": (
        world(zone("garage", capacity=0, full="deny"), *GARAGE[:1]),
        shows_plate("粤BKK777"),
        denies("zone_full"),
    ),
    "in the full zone already": (
        world(*GARAGE, person(), vehicle(), counted("zone", "garage", 2), inside(where="garage")),
        shows_plate(),
        grants(),
    ),
    # from the yard into the garage: the household's space is taken already, the garage's room is not
    "from one zone into the next": (
        world(*GARAGE, quota("3-1201", over="deny"), *LI, counted("quota", "3-1201", 1), inside(where="yard")),
        shows_plate(),
        grants(),
    ),
    "from one zone into the next, which is full": (
        world(*GARAGE, *LI, inside(where="yard"), counted("zone", "garage", 2)),
        shows_plate(),
        refers("zone_full_refer"),
    ),
    "the household is asked before the zone": (
        world(*GARAGE, quota("3-1201", 0, over="deny"), *LI, outside(), counted("zone", "garage", 2)),
        shows_plate(),
        denies("quota_full"),
    ),
    "somebody else's block does not matter": (world(quota("3-1201"), *LI, block("粤BK1111")), shows_plate(), grants()),
}


@pytest.mark.parametrize("name", TABLE)
def test_the_table(name: str) -> None:
    holds(TABLE[name], "quota")
