"""Rule 16: what each category may still do on rules that nobody has confirmed for long."""

from datetime import timedelta

import pytest

from access.rules.list_age import LIMITS, UNKNOWN_H
from simulators.standalone import Rule
from tests.access.rules.world import (
    Table,
    World,
    card,
    denies,
    grants,
    holds,
    inside,
    lane,
    person,
    refers,
    shows_card,
    shows_plate,
    site,
    vehicle,
    visit,
    world,
)


def old(category: str, hours: int, more_s: int = 0, *told: Rule) -> World:
    """Return a world with a holder of a category, on rules confirmed so long ago."""
    return world(*told, person(category=category), card(), list_age=timedelta(hours=hours, seconds=more_s))


HOURS = {category: limit.hours for category, limit in LIMITS.items() if category not in ("emergency", "officer")}
STRICT = site(list_age=({"category": "resident", "hours": 2, "then": "deny"},))
ANCIENT = timedelta(days=365)
TABLE: Table = {
    **{
        f"{category}: {hours} h to the second": (old(category, hours), shows_card(), grants())
        for category, hours in HOURS.items()
    },
    **{
        f"{category}: a second more than {hours} h": (
            old(category, hours, 1),
            shows_card(),
            refers("list_old_refer", hours=hours),
        )
        for category, hours in HOURS.items()
    },
    "a site's own limit, to the second": (old("resident", 2, 0, STRICT), shows_card(), grants()),
    "beyond a site's own limit": (old("resident", 2, 1, STRICT), shows_card(), denies("list_old", hours=2)),
    "the other categories keep theirs": (old("staff", 3, 0, STRICT), shows_card(), grants()),
    "a visitor's visit, confirmed by nobody": (
        world(person(category="visitor"), visit(), card(), list_age=timedelta(hours=25)),
        shows_card(),
        refers("list_old_refer", hours=25),
    ),
    "whoever is inside may leave on any list": (
        world(STRICT, person(), vehicle(), inside(), list_age=ANCIENT),
        shows_plate(direction="out"),
        grants(),
    ),
    "leaving, and nobody saw them come in": (
        world(STRICT, person(), vehicle(), list_age=ANCIENT),
        shows_plate(direction="out"),
        denies("list_old"),
    ),
    "confirmed by a clock that was ahead": (
        world(person(), card(), list_age=timedelta(hours=-2)),
        shows_card(),
        refers("list_old_refer", hours=UNKNOWN_H),
    ),
    "strangers are asked about as ever": (world(list_age=ANCIENT), shows_plate("粤BKK777"), refers("unknown_refer")),
    "and denied as ever": (world(lane(unknown="deny"), list_age=ANCIENT), shows_plate("粤BKK777"), denies("unknown")),
}


@pytest.mark.parametrize("name", TABLE)
def test_the_table(name: str) -> None:
    holds(TABLE[name], "unknown" if TABLE[name][2].reason.startswith("unknown") else "list_age")
