"""Rule 11: the visit's window, gates, uses and party, and what its category asks of the guard."""

from typing import Any

import pytest

from simulators.standalone import Rule
from tests.access.rules.world import (
    NOON,
    Table,
    card,
    counted,
    denies,
    grants,
    holds,
    lane,
    person,
    refers,
    shows_card,
    shows_plate,
    vehicle,
    visit,
    world,
)

GUEST = (person("陈", category="visitor", levels=()), card(1, "陈"), vehicle("粤BK1111", "陈"))


def coming(**changes: Any) -> Rule:
    return visit("陈", **changes)


YESTERDAY = visit("陈", "yesterday", valid_from="2026-03-01 09:00", valid_until="2026-03-01 18:00")
TOMORROW = visit("陈", "tomorrow", valid_from="2026-03-03 09:00", valid_until="2026-03-03 18:00")
TABLE: Table = {
    "approved": (world(*GUEST, coming()), shows_card(), grants("visit_ok", holder="陈")),
    "by their own car": (world(*GUEST, coming()), shows_plate("粤BK1111"), grants("visit_ok")),
    "a guest with an appointment is led in": (
        world(*GUEST, coming(obligations=("lead_in",))),
        shows_card(),
        grants("visit_ok", "lead_in"),
    ),
    "an important one is told and led in": (
        world(*GUEST, coming(category="vip", obligations=("lead_in", "tell_leaders"))),
        shows_card(),
        grants("visit_ok", "lead_in", "tell_leaders"),
    ),
    "announced: the host first": (
        world(*GUEST, coming(status="announced")),
        shows_card(),
        refers("visit_announced", "ask_host_first"),
    ),
    "refused": (world(*GUEST, coming(status="refused")), shows_card(), denies("visit_refused", status="refused")),
    "cancelled": (world(*GUEST, coming(status="cancelled")), shows_card(), denies("visit_refused", status="cancelled")),
    "by its gate": (world(*GUEST, coming(lanes=("in",))), shows_card(), grants("visit_ok")),
    "by another gate": (world(*GUEST, coming(lanes=("out",))), shows_card(), denies("visit_elsewhere")),
    # window
    "the second before": (
        world(*GUEST, coming()),
        shows_card(at="2026-03-02 08:59:59"),
        denies("visit_not_yet", **{"from": "2026-03-02 09:00"}),
    ),
    "the first second": (world(*GUEST, coming()), shows_card(at="2026-03-02 09:00:00"), grants("visit_ok")),
    "the last second": (world(*GUEST, coming()), shows_card(at="2026-03-02 17:59:59"), grants("visit_ok")),
    "over": (
        world(*GUEST, coming()),
        shows_card(at="2026-03-02 18:00:00"),
        denies("visit_over", until="2026-03-02 18:00"),
    ),
    "a window over midnight and the end of a month": (
        world(*GUEST, coming(valid_from="2026-02-28 20:00", valid_until="2026-03-01 02:00")),
        shows_card(at="2026-03-01 01:59:59"),
        grants("visit_ok"),
    ),
    # of several the one that fits
    "yesterday's, today's and tomorrow's": (world(*GUEST, YESTERDAY, coming(), TOMORROW), shows_card(), grants("visit_ok")),
    "yesterday's and tomorrow's: the next to come": (
        world(*GUEST, YESTERDAY, TOMORROW),
        shows_card(),
        denies("visit_not_yet", **{"from": "2026-03-03 09:00"}),
    ),
    "today's cancelled, and another one today": (
        world(*GUEST, coming(status="cancelled"), visit("陈", "again")),
        shows_card(),
        grants("visit_ok"),
    ),
    "two today, for two gates": (
        world(*GUEST, coming(lanes=("out",)), visit("陈", "here", lanes=("in",))),
        shows_card(),
        grants("visit_ok"),
    ),
    # uses and party
    "below its uses": (world(*GUEST, coming(uses=2), counted("uses", "visit", 1)), shows_card(), grants("visit_ok")),
    "used up": (
        world(*GUEST, coming(uses=2), counted("uses", "visit", 2)),
        shows_card(),
        denies("visit_used_up", uses=2),
    ),
    "each of a party may use it": (
        world(*GUEST, coming(party=3), counted("uses", "visit", 2), counted("party", "visit", 2)),
        shows_card(),
        grants("visit_ok"),
    ),
    "all of the party are in": (
        world(*GUEST, coming(party=3, uses=2), counted("uses", "visit", 3), counted("party", "visit", 3)),
        shows_card(),
        refers("party_full", party=3),
    ),
    "used up by all of the party": (
        world(*GUEST, coming(party=3), counted("uses", "visit", 3)),
        shows_card(),
        denies("visit_used_up"),
    ),
    # whoever is inside may leave
    "leaves in the window": (world(*GUEST, coming()), shows_plate("粤BK1111", "out"), grants("visit_ok")),
    "gives the visitor card back": (
        world(*GUEST, coming()),
        shows_card(direction="out"),
        grants("visit_ok", "take_visitor_card"),
    ),
    "leaves in the last second": (
        world(*GUEST, coming()),
        shows_plate("粤BK1111", "out", "2026-03-02 17:59:59"),
        grants("visit_ok"),
    ),
    "leaves late": (
        world(*GUEST, coming()),
        shows_plate("粤BK1111", "out", "2026-03-02 18:00"),
        grants("visit_ok", "note_overstay"),
    ),
    "leaves late, and comes again tomorrow: it is today's that is over": (
        world(*GUEST, coming(), TOMORROW),
        shows_plate("粤BK1111", "out", "2026-03-02 20:00"),
        grants("visit_ok", "note_overstay"),
    ),
    "leaves though revoked meanwhile": (
        world(*GUEST, coming(status="cancelled")),
        shows_plate("粤BK1111", "out"),
        grants("visit_ok"),
    ),
    "leaves by another gate": (world(*GUEST, coming(lanes=("in",))), shows_plate("粤BK1111", "out"), grants("visit_ok")),
    "leaves when used up": (
        world(*GUEST, coming(), counted("uses", "visit", 1), counted("party", "visit", 1)),
        shows_plate("粤BK1111", "out", NOON),
        grants("visit_ok"),
    ),
    # only visitors
    "a resident has no visit": (world(person(), visit(), card()), shows_card(), grants()),
    "at a strict lane": (world(lane(unknown="deny"), *GUEST, coming()), shows_card(), grants("visit_ok")),
}


@pytest.mark.parametrize("name", TABLE)
def test_the_table(name: str) -> None:
    holds(TABLE[name], "visit")
