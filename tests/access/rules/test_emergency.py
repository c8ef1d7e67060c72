"""Rule 4: fire, ambulance, police, and law-enforcement officers: a class of their own, granted or asked at once."""

from datetime import timedelta

import pytest

from tests.access.rules.world import (
    PLATE,
    Table,
    block,
    card,
    counted,
    denies,
    grants,
    holds,
    inside,
    lane,
    person,
    quota,
    refers,
    schedule,
    shows_card,
    shows_plate,
    vehicle,
    world,
    zone,
)

ENGINE = "粤X1234应急"
CREW = person(category="emergency")
OFFICER = person(category="officer")
YEAR = timedelta(days=365)
TABLE: Table = {
    "a registered fire engine": (world(CREW, vehicle(ENGINE)), shows_plate(ENGINE), grants("emergency_ok")),
    "an ambulance with an ordinary plate": (world(CREW, vehicle()), shows_plate(), grants("emergency_ok")),
    "the card of its crew": (world(CREW, card()), shows_card(), grants("emergency_ok")),
    "where the lane asks": (
        world(lane(emergency="refer"), CREW, vehicle(ENGINE)),
        shows_plate(ENGINE),
        refers("emergency_refer"),
    ),
    "no level, no hours, no space, no room, recorded inside, wrong class": (
        world(
            zone("zone", capacity=1, full="deny", anti_passback="hard"),
            lane(inner_zone="zone", classes=("bicycle",)),
            schedule("never"),
            quota("crew", 0, over="deny"),
            person(category="emergency", levels=(), quota="crew"),
            vehicle(ENGINE, vehicle_class="large"),
            counted("zone", "zone", 1),
            inside(ENGINE, "zone"),
        ),
        shows_plate(ENGINE),
        grants("emergency_ok"),
    ),
    "where two factors are asked for": (
        world(lane(factors="plate+card", two_person=True), CREW, vehicle(ENGINE)),
        shows_plate(ENGINE),
        grants("emergency_ok"),
    ),
    "on a list a year old": (world(CREW, vehicle(ENGINE), list_age=YEAR), shows_plate(ENGINE), grants("emergency_ok")),
    "doubtfully read": (world(CREW, vehicle(ENGINE)), shows_plate(ENGINE, confidence=0.2), refers("emergency_refer")),
    "at the exit": (world(CREW, vehicle(ENGINE)), shows_plate(ENGINE, "out"), grants("emergency_ok")),
    "an engine whose registration has run out is asked about, not sent away": (
        world(CREW, vehicle(ENGINE, valid_until="2026-03-02 12:00")),
        shows_plate(ENGINE),
        refers("emergency_refer"),
    ),
    "an engine whose registration is frozen": (
        world(CREW, vehicle(ENGINE, status="frozen")),
        shows_plate(ENGINE),
        refers("emergency_refer"),
    ),
    "a crew that is not active any more": (
        world(person(category="emergency", status="revoked"), vehicle()),
        shows_plate(),
        refers("emergency_refer"),
    ),
    "a lost card of the crew is a lost card": (
        world(CREW, card(status="lost")),
        shows_card(),
        denies("inactive", status="lost"),
    ),
    "a police plate that nobody registered": (world(), shows_plate("粤B1234警"), refers("emergency_refer")),
    "at a strict lane": (world(lane(unknown="deny")), shows_plate("粤B1234警"), refers("emergency_refer")),
    "where the lane trusts such plates": (
        world(lane(emergency_plates="grant")),
        shows_plate("粤B1234警"),
        grants("emergency_ok"),
    ),
    "trusted, but doubtfully read": (
        world(lane(emergency_plates="grant")),
        shows_plate("粤B1234警", confidence=0.2),
        refers("emergency_refer"),
    ),
    "armed police": (world(), shows_plate("WJ粤1693X"), refers("emergency_refer")),
    "a police plate on record without a holder": (
        world(vehicle("粤B1234警", None)),
        shows_plate("粤B1234警"),
        refers("emergency_refer"),
    ),
    "a police car that a resident brings home goes by the resident": (
        world(person(), vehicle("粤B1234警")),
        shows_plate("粤B1234警"),
        grants(),
    ),
    "a learner's plate is none": (world(), shows_plate("粤B1234学"), refers("unknown_refer")),
    "an officer is asked for the papers": (
        world(OFFICER, card(), list_age=YEAR),
        shows_card(),
        refers("officer_refer", holder="李"),
    ),
    "an officer, where the lane grants": (world(lane(officers="grant"), OFFICER, card()), shows_card(), grants("officer_ok")),
    "an officer's plate, doubtfully read": (
        world(lane(officers="grant"), OFFICER, vehicle()),
        shows_plate(confidence=0.2),
        refers("officer_refer"),
    ),
    **{
        f"an officer on an old list: {name}": (world(*told, list_age=YEAR), shown, refers("officer_refer"))
        for name, (told, shown) in {
            "expired": ((person(category="officer", valid_until="2026-03-02 12:00"), vehicle()), shows_plate()),
            "frozen": ((person(category="officer", status="frozen"), card()), shows_card()),
            "blocked": ((lane(officers="grant"), OFFICER, vehicle(), block(PLATE)), shows_plate()),
        }.items()
    },
    "a lost card of the crew on an old list is asked about": (
        world(CREW, card(status="lost"), list_age=YEAR),
        shows_card(),
        refers("emergency_refer"),
    ),
    "a blocked officer, on a list just confirmed": (
        world(OFFICER, vehicle(), block(PLATE)),
        shows_plate(),
        denies("blocked", "raise_alarm"),
    ),
    "an officer whose commission is over": (
        world(person(category="officer", valid_until="2026-03-02 12:00"), vehicle()),
        shows_plate(),
        denies("expired"),
    ),
}


@pytest.mark.parametrize("name", TABLE)
def test_the_table(name: str) -> None:
    rules = {"blocked": "block_list", "inactive": "credential", "expired": "credential", "unknown_refer": "unknown"}
    holds(TABLE[name], rules.get(TABLE[name][2].reason, "emergency"))
