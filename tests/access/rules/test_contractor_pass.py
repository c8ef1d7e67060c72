"""Rule 12: a permit in force, its hours and units, one person one pass; the duplicate lies at the post while its holder is in."""

from typing import Any

import pytest

from simulators.standalone import Rule
from tests.access.rules.world import (
    Table,
    card,
    contractor_pass,
    counted,
    denies,
    grants,
    held,
    holds,
    lane,
    moved,
    permit,
    person,
    refers,
    schedule,
    shows_card,
    special_day,
    world,
)

DOORS = (lane("in", lane_kind="pedestrian"), lane("out", lane_kind="pedestrian"))  # their vehicles wait for the goods check too
WORKER = (*DOORS, person(category="contractor", levels=()), card())
HOURS = schedule("works", ("012345", "08:00", "18:00"))
NIGHT = schedule("night works", ("0", "22:00", "04:00"))
IN = grants("pass_ok", "take_duplicate", number="0042")
OUT = grants("pass_ok", "return_duplicate", number="0042")


def issued(**changes: Any) -> tuple[Rule, ...]:
    """Return a worker with a pass, under permit P-7."""
    return (*WORKER, contractor_pass(**changes))


TABLE: Table = {
    "in: the duplicate is taken": (world(permit(), *issued()), shows_card(), IN),
    "an approved permit is in force": (world(permit(status="approved"), *issued()), shows_card(), IN),
    # the pass
    **{
        f"a pass that is {status}": (
            world(permit(), *issued(status=status)),
            shows_card(),
            denies("pass_inactive", number="0042", status=status),
        )
        for status in ("lost", "revoked", "confiscated", "returned")
    },
    "another lane's pass": (world(permit(), *issued(lanes=("out",))), shows_card(), denies("pass_elsewhere")),
    "this lane's pass": (world(permit(), *issued(lanes=("in",))), shows_card(), IN),
    "the second before it": (
        world(permit(), *issued(valid_from="2026-03-02 12:00:01")),
        shows_card(),
        denies("pass_not_yet", **{"from": "2026-03-02 12:00"}),
    ),
    "its first second": (world(permit(), *issued(valid_from="2026-03-02 12:00:00")), shows_card(), IN),
    "its last second": (world(permit(), *issued(valid_until="2026-03-02 12:00:01")), shows_card(), IN),
    "expired: it is confiscated": (
        world(permit(), *issued(valid_until="2026-03-02 12:00:00")),
        shows_card(),
        denies("pass_expired", "confiscate_pass", until="2026-03-02 12:00"),
    ),
    "renewed: the one in force counts": (
        world(permit(), *issued(valid_until="2026-03-02 12:00"), contractor_pass(number="0043", valid_from="2026-03-02 12:00")),
        shows_card(),
        grants("pass_ok", "take_duplicate", number="0043"),
    ),
    # the permit
    "no such permit": (world(*issued()), shows_card(), denies("permit_not_in_force")),
    **{
        f"a permit that is {status}": (world(permit(status=status), *issued()), shows_card(), denies("permit_not_in_force"))
        for status in ("finished", "revoked", "expired")
    },
    "a permit that is over": (
        world(permit(valid_until="2026-03-02 12:00"), *issued()),
        shows_card(),
        denies("permit_not_in_force", permit="P-7"),
    ),
    "a permit to come": (
        world(permit(valid_from="2026-03-02 12:00:01"), *issued()),
        shows_card(),
        denies("permit_not_in_force"),
    ),
    "an outstanding violation": (
        world(permit(violation="串房"), *issued()),
        shows_card(),
        refers("permit_violation", violation="串房"),
    ),
    "a unit that the permit does not cover": (
        world(permit(), *issued(units=("3-1201", "5-0101"))),
        shows_card(),
        refers("pass_unit", number="0042", permit="P-7"),
    ),
    "a permit for more units": (world(permit(units=("3-1201", "5-0101")), *issued()), shows_card(), IN),
    # hours
    "the first minute of work": (world(HOURS, permit(schedule="works"), *issued()), shows_card(at="2026-03-02 08:00"), IN),
    "a second before": (
        world(HOURS, permit(schedule="works"), *issued()),
        shows_card(at="2026-03-02 07:59:59"),
        denies("pass_hours"),
    ),
    "the end of work": (
        world(HOURS, permit(schedule="works"), *issued()),
        shows_card(at="2026-03-02 18:00"),
        denies("pass_hours"),
    ),
    "a Sunday": (world(HOURS, permit(schedule="works"), *issued()), shows_card(at="2026-03-08 10:00"), denies("pass_hours")),
    "a Sunday that was swapped": (
        world(HOURS, permit(schedule="works"), *issued(), special_day("2026-03-08", 3)),
        shows_card(at="2026-03-08 10:00"),
        IN,
    ),
    "no noise on a holiday": (
        world(HOURS, permit(schedule="works"), *issued(), special_day("2026-03-02", 7)),
        shows_card(at="2026-03-02 10:00"),
        denies("pass_hours"),
    ),
    "work over midnight": (
        world(NIGHT, permit(schedule="night works"), *issued()),
        shows_card(at="2026-03-03 03:59:59"),
        IN,
    ),
    "hours that are gone": (world(permit(schedule="gone"), *issued()), shows_card(), denies("pass_hours")),
    # one person one pass, and how many at once
    "two passes in force": (
        world(permit(), *issued(), contractor_pass(number="0043")),
        shows_card(),
        refers("pass_double"),
    ),
    "the other one was lost": (world(permit(), *issued(), contractor_pass(number="0043", status="lost")), shows_card(), IN),
    "the duplicate lies at a post already": (
        world(permit(), *issued(), held()),
        shows_card(),
        refers("pass_inside", since="2026-03-02 08:00"),
    ),
    "the duplicate was left at another post": (
        world(permit(), *issued(), moved()),
        shows_card(),
        refers("pass_transfer", number="0042"),
    ),
    "room for one more worker": (world(permit(workers_max=2), *issued(), counted("permit", "P-7", 1)), shows_card(), IN),
    "as many workers as may be": (
        world(permit(workers_max=2), *issued(), counted("permit", "P-7", 2)),
        shows_card(),
        refers("permit_full", inside=2, workers=2),
    ),
    # out
    "out: the duplicate is given back": (world(permit(), *issued(), held()), shows_card(direction="out"), OUT),
    "out by another gate than that of the post where the duplicate hangs: nobody here can give it back": (
        world(permit(), *issued(), held(lane="west")),
        shows_card(direction="out"),
        grants("pass_ok", "fetch_duplicate", number="0042"),
    ),
    "out by another gate where the site does not let them: the guard is asked, and knows what is due then": (
        world(permit(), *issued(leaves_anywhere=False), held(lane="west")),
        shows_card(direction="out"),
        refers("pass_other_gate", "fetch_duplicate", number="0042"),
    ),
    "out by the gate where the duplicate hangs, where the site does not let them leave elsewhere": (
        world(permit(), *issued(leaves_anywhere=False), held()),
        shows_card(direction="out"),
        OUT,
    ),
    "out, and no duplicate lies at a post": (
        world(permit(), *issued()),
        shows_card(direction="out"),
        refers("pass_outside", number="0042"),
    ),
    "out after hours": (
        world(HOURS, permit(schedule="works"), *issued(), held()),
        shows_card(direction="out", at="2026-03-02 18:00"),
        grants("pass_ok", "return_duplicate", "note_overstay"),
    ),
    "out when the permit is over": (
        world(permit(valid_until="2026-03-02 12:00"), *issued(), held()),
        shows_card(direction="out"),
        grants("pass_ok", "return_duplicate", "note_overstay"),
    ),
    "out when the permit was revoked: there is a word to be had, not a night to be spent": (
        world(permit(status="revoked"), *issued(), held()),
        shows_card(direction="out"),
        grants("pass_ok", "return_duplicate", "note_overstay"),
    ),
    "out when the pass has expired: it stays here": (
        world(permit(), *issued(valid_until="2026-03-02 12:00"), held()),
        shows_card(direction="out"),
        grants("pass_ok", "confiscate_pass", "note_overstay"),
    ),
    "out when the pass was revoked: it stays here": (
        world(permit(), *issued(status="revoked"), held()),
        shows_card(direction="out"),
        grants("pass_ok", "confiscate_pass", "note_overstay"),
    ),
    "out with an expired pass, renewed from tomorrow": (
        world(
            permit(),
            *issued(valid_until="2026-03-02 12:00"),
            contractor_pass(number="0043", valid_from="2026-03-03 00:00"),
            held(),
        ),
        shows_card(direction="out"),
        grants("pass_ok", "confiscate_pass", "note_overstay", number="0042"),
    ),
    # only contractors, and only those with a pass
    "a cleaner on a contract goes by levels": (world(person(category="contractor"), card()), shows_card(), grants()),
    "a resident's pass means nothing": (world(permit(), person(), contractor_pass(), card()), shows_card(), grants()),
}


@pytest.mark.parametrize("name", TABLE)
def test_the_table(name: str) -> None:
    holds(TABLE[name], "contractor_pass")
