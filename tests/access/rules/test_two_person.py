"""Rule 15: first-person-in, the two-person rule, escort."""

import pytest

from tests.access.rules.world import (
    Table,
    card,
    denies,
    grants,
    holds,
    lane,
    marked,
    person,
    shows_card,
    shows_plate,
    site,
    vehicle,
    visit,
    world,
)

LI = (person(), card())
WANG = (person("王"), card(2, "王"))
GUEST = (person("陈", category="visitor", levels=(), escorted=True), visit("陈"), card(3, "陈"))
VAULT = lane(two_person=True)
ALONE = grants("access_ok", "note_alone")
SHOP = lane(first_person=True)
TABLE: Table = {
    # two persons
    "alone": (world(VAULT, *LI), shows_card(), denies("person_awaited", "await_person")),
    "two": (world(VAULT, *LI, *WANG), shows_card(2).after(shows_card(1)), grants(holder="王")),
    "two cards of one person": (
        world(VAULT, *LI, card(9)),
        shows_card(9).after(shows_card(1)),
        denies("person_awaited", "await_person"),
    ),
    "a card and the plate of one person": (
        world(VAULT, *LI, vehicle()),
        shows_plate().after(shows_card()),
        denies("person_awaited", "await_person"),
    ),
    "a plate is no person": (
        world(VAULT, *LI, person("王"), vehicle(holder="王")),
        shows_card().after(shows_plate()),
        denies("person_awaited", "await_person"),
    ),
    "nor is the plate that comes last": (
        world(VAULT, *LI, person("王"), vehicle(holder="王")),
        shows_plate().after(shows_card()),
        denies("person_awaited", "await_person"),
    ),
    "two persons leave alone": (world(lane("out", two_person=True), *LI), shows_card(direction="out"), ALONE),
    "a guest leaves alone": (
        world(*GUEST),
        shows_card(3, "out"),
        grants("visit_ok", "take_visitor_card", "note_alone"),
    ),
    "two leave": (world(lane("out", two_person=True), *LI, *WANG), shows_card(2, "out").after(shows_card(1, "out")), grants()),
    "the second in the last second": (
        world(VAULT, *LI, *WANG),
        shows_card(2).after(shows_card(1, at="2026-03-02 11:59:30")),
        grants(),
    ),
    "the second too late": (
        world(VAULT, *LI, *WANG),
        shows_card(2).after(shows_card(1, at="2026-03-02 11:59:29")),
        denies("person_awaited", "await_person"),
    ),
    "the first without a right": (
        world(VAULT, *LI, person("王", levels=()), card(2, "王")),
        shows_card().after(shows_card(2)),
        denies("person_awaited", "await_person"),
    ),
    # escort
    "a guest alone": (world(*GUEST), shows_card(3), denies("escort_awaited", "await_escort", holder="陈")),
    "a guest behind the escort": (world(*GUEST, *LI), shows_card(3).after(shows_card(1)), grants("visit_ok")),
    "the escort too early": (
        world(*GUEST, *LI),
        shows_card(3).after(shows_card(1, at="2026-03-02 11:59:29")),
        denies("escort_awaited", "await_escort"),
    ),
    "the escort behind the guest": (world(*GUEST, *LI), shows_card(1).after(shows_card(3)), grants()),
    "another guest is no escort": (
        world(*GUEST, person("何", category="visitor", levels=()), visit("何", "other"), card(4, "何")),
        shows_card(3).after(shows_card(4)),
        denies("escort_awaited", "await_escort"),
    ),
    "one who needs an escort is none": (
        world(*GUEST, person(escorted=True), card()),
        shows_card(3).after(shows_card(1)),
        denies("escort_awaited", "await_escort"),
    ),
    "one who may not come in is no escort": (
        world(*GUEST, person(status="frozen"), card()),
        shows_card(3).after(shows_card(1)),
        denies("escort_awaited", "await_escort"),
    ),
    "both: two persons, one of them to be escorted": (
        world(VAULT, *GUEST, *LI),
        shows_card(3).after(shows_card(1)),
        grants("visit_ok"),
    ),
    "both: two guests": (
        world(VAULT, *GUEST, person("何", category="visitor", levels=()), visit("何", "other"), card(4, "何")),
        shows_card(3).after(shows_card(4)),
        denies("escort_awaited", "await_escort"),
    ),
    # first person in
    "before the first": (world(SHOP, *LI), shows_card(), denies("first_person_missing")),
    "the first": (world(SHOP, person(first_person=True), card()), shows_card(), grants()),
    "after the first": (world(SHOP, *LI, marked("first", "in")), shows_card(), grants()),
    "after yesterday's first": (
        world(SHOP, *LI, marked("first", "in", "2026-03-01 23:59:59")),
        shows_card(at="2026-03-02 00:00:00"),
        denies("first_person_missing"),
    ),
    "after a first at midnight": (
        world(SHOP, *LI, marked("first", "in", "2026-03-02 00:00:00")),
        shows_card(at="2026-03-02 23:59:59"),
        grants(),
    ),
    "the day is the site's": (
        world(site(zone="Europe/Berlin"), SHOP, *LI, marked("first", "in", "2026-03-02 08:00")),  # 01:00 in Berlin
        shows_card(at="2026-03-03 06:59:59"),  # 23:59:59 in Berlin
        grants(),
    ),
    "the first came by another lane": (world(SHOP, *LI, marked("first", "out")), shows_card(), denies("first_person_missing")),
    "nobody waits for the first to get out": (world(lane("out", first_person=True), *LI), shows_card(direction="out"), grants()),
}


@pytest.mark.parametrize("name", TABLE)
def test_the_table(name: str) -> None:
    holds(TABLE[name], "two_person")
