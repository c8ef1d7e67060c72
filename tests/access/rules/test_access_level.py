"""Rule 7: the holder's levels open this lane, in this direction, at this hour of the site's clock."""

import pytest

from tests.access.rules.world import (
    Table,
    card,
    contractor_pass,
    denies,
    grants,
    holds,
    inside,
    lane,
    level,
    permit,
    person,
    refers,
    schedule,
    shows_card,
    site,
    special_day,
    visit,
    world,
)

HOURS = (schedule("hours", ("01234", "08:00", "12:00")), level("office", schedule="hours"))
NIGHTS = (schedule("nights", ("4", "22:00", "06:00")), level("office", schedule="nights"))
HOLIDAYS = (schedule("holidays", ("01234", "08:00", "18:00"), ("7", "10:00", "16:00")), level("office", schedule="holidays"))
WORKER = (person(levels=("office",)), card())
BERLIN = site(zone="Europe/Berlin")
SMALL_HOURS = (schedule("small", ("6", "02:00", "03:00")), level("office", schedule="small"))

TABLE: Table = {
    "a level for every lane": (world(person(), card()), shows_card(), grants()),
    "no level": (world(person(levels=()), card()), shows_card(), denies("no_access_here")),
    "a level that is gone": (world(person(levels=("gone",)), card()), shows_card(), denies("no_access_here")),
    "another lane's level": (
        world(level("other", lanes=("out",)), person(levels=("other",)), card()),
        shows_card(),
        denies("no_access_here", holder="李"),
    ),
    "this lane's level": (world(level("here", lanes=("in",)), person(levels=("here",)), card()), shows_card(), grants()),
    "a level for the way out": (
        world(level("out", direction="out"), person(levels=("out",)), card()),
        shows_card(),
        denies("no_access_here"),
    ),
    "a level for the way out, at a lane of both directions, going out": (
        world(lane("gate", direction="both"), level("leave", direction="out"), person(levels=("leave",)), card()),
        shows_card(direction="out", lane="gate"),
        grants(),
    ),
    "the union of two levels": (
        world(level("leave", direction="out"), level("here", lanes=("in",)), person(levels=("leave", "here")), card()),
        shows_card(),
        grants(),
    ),
    "visitors go by their visit": (
        world(person(category="visitor", levels=()), visit(), card()),
        shows_card(),
        grants("visit_ok"),
    ),
    "a visitor without a visit goes by levels": (
        world(person(category="visitor", levels=()), card()),
        shows_card(),
        denies("no_access_here"),
    ),
    "contractors go by their pass": (
        world(person(category="contractor", levels=()), permit(), contractor_pass(), card()),
        shows_card(),
        grants("pass_ok", "take_duplicate"),
    ),
    # hours
    "the second of the beginning": (world(*HOURS, *WORKER), shows_card(at="2026-03-02 08:00:00"), grants()),
    "the second before": (world(*HOURS, *WORKER), shows_card(at="2026-03-02 07:59:59"), denies("outside_schedule")),
    "the last second": (world(*HOURS, *WORKER), shows_card(at="2026-03-02 11:59:59"), grants()),
    "the second of the end": (world(*HOURS, *WORKER), shows_card(at="2026-03-02 12:00:00"), denies("outside_schedule")),
    "a Saturday": (world(*HOURS, *WORKER), shows_card(at="2026-03-07 09:00"), denies("outside_schedule")),
    "a schedule that is gone": (
        world(level("office", schedule="gone"), *WORKER),
        shows_card(),
        denies("outside_schedule"),
    ),
    "after hours at the exit, on record as inside: time that is up keeps nobody in": (
        world(*HOURS, *WORKER, inside("李")),
        shows_card(direction="out", at="2026-03-02 18:00"),
        grants("access_ok", "note_overstay"),
    ),
    "after hours at the exit, and nobody saw them come in": (
        world(*HOURS, *WORKER),
        shows_card(direction="out", at="2026-03-02 18:00"),
        denies("outside_schedule"),
    ),
    "inside, and no exit is theirs any more": (
        world(level("office", direction="in"), *WORKER, inside("李")),
        shows_card(direction="out"),
        refers("no_access_leaving"),
    ),
    "outside, as far as is known, and no exit is theirs": (
        world(level("office", direction="in"), *WORKER),
        shows_card(direction="out"),
        denies("no_access_here"),
    ),
    "inside, at an exit that is not theirs": (
        world(lane("side", direction="out"), level("office", lanes=("in", "side")), *WORKER, inside("李")),
        shows_card(direction="out"),
        denies("no_access_here"),
    ),
    "inside, and theirs are entries only": (
        world(level("office", lanes=("in",)), *WORKER, inside("李")),
        shows_card(direction="out"),
        refers("no_access_leaving"),
    ),
    # special days
    "a Saturday that was swapped for a Monday": (
        world(*HOURS, *WORKER, special_day("2026-03-07", 0)),
        shows_card(at="2026-03-07 09:00"),
        grants(),
    ),
    "a Monday that is a holiday": (
        world(*HOURS, *WORKER, special_day("2026-03-02", 7)),
        shows_card(at="2026-03-02 09:00"),
        denies("outside_schedule"),
    ),
    "a holiday with hours of its own": (
        world(*HOLIDAYS, *WORKER, special_day("2026-03-02", 7)),
        shows_card(at="2026-03-02 10:00"),
        grants(),
    ),
    "a holiday, at the ordinary hours": (
        world(*HOLIDAYS, *WORKER, special_day("2026-03-02", 7)),
        shows_card(at="2026-03-02 09:59:59"),
        denies("outside_schedule"),
    ),
    "a night that begins on the eve of a holiday": (
        world(*NIGHTS, *WORKER, special_day("2026-03-07", 7)),
        shows_card(at="2026-03-07 05:59:59"),
        grants(),
    ),
    "the night of a Friday that is a holiday": (
        world(*NIGHTS, *WORKER, special_day("2026-03-06", 7)),
        shows_card(at="2026-03-06 23:00"),
        denies("outside_schedule"),
    ),
    "the morning after it": (
        world(*NIGHTS, *WORKER, special_day("2026-03-06", 7)),
        shows_card(at="2026-03-07 05:00"),
        denies("outside_schedule"),
    ),
    # elsewhere: the clock is moved
    "02:30 in the hour that comes twice, in summer": (
        world(BERLIN, *SMALL_HOURS, *WORKER),
        shows_card(at="2026-10-25 00:30", zone="UTC"),
        grants(),
    ),
    "02:30 in the hour that comes twice, in winter": (
        world(BERLIN, *SMALL_HOURS, *WORKER),
        shows_card(at="2026-10-25 01:30", zone="UTC"),
        grants(),
    ),
    "the hour that does not come": (
        world(BERLIN, *SMALL_HOURS, *WORKER),
        shows_card(at="2026-03-29 01:00", zone="UTC"),
        denies("outside_schedule"),
    ),
}


@pytest.mark.parametrize("name", TABLE)
def test_the_table(name: str) -> None:
    holds(TABLE[name], "access_level")
