"""Rule 6: the credential is surely read, of one holder, active, inside its validity; and so is its holder."""

import pytest

from tests.access.rules.world import (
    PLATE,
    Table,
    card,
    code,
    denies,
    grants,
    holds,
    inside,
    outside,
    person,
    refers,
    shows_card,
    shows_code,
    shows_plate,
    vehicle,
    world,
)

LEAP = "2028-02-29 23:59:59"
TABLE: Table = {
    "a blue plate seen green": (world(person(), vehicle()), shows_plate(colour="green"), refers("doubtful", "read_again")),
    "a new-energy plate seen blue": (
        world(person(), vehicle("粤BD12345", colour="green")),
        shows_plate("粤BD12345", colour="blue"),
        refers("doubtful", "read_again"),
    ),
    "a new-energy plate seen green": (
        world(person(), vehicle("粤BD12345", colour="green")),
        shows_plate("粤BD12345", colour="green"),
        grants(),
    ),
    "a colour that cameras mistake": (world(person(), vehicle()), shows_plate(colour="white"), grants()),
    "a resident's card": (world(person(), card()), shows_card(), grants(holder="李", unit="3-1201", shown="…0001")),
    "a resident's code": (world(person(), code("GH-42")), shows_code("GH-42"), grants()),
    "a resident's plate": (world(person(), vehicle()), shows_plate(), grants(shown="粤B·8D2Z5")),
    # surely read?
    "read just surely": (world(person(), vehicle()), shows_plate(confidence=0.5), grants()),
    "not read surely": (world(person(), vehicle()), shows_plate(confidence=0.49), refers("doubtful", "read_again")),
    "one doubtful character that has a look-alike": (
        world(person(), vehicle()),
        shows_plate(characters=(1.0, 1.0, 0.6, 1.0, 1.0, 1.0, 1.0)),
        refers("doubtful", "read_again"),
    ),
    "a confidence that is no number": (
        world(person(), vehicle()),
        shows_plate(confidence=float("nan")),
        refers("doubtful", "read_again"),
    ),
    "doubtful before frozen: another plate may be meant": (
        world(person(), vehicle(status="frozen")),
        shows_plate(confidence=0.2),
        refers("doubtful", "read_again"),
    ),
    # one holder?
    "a card of two holders": (
        world(person(), person("王"), card(1, "李"), card(1, "王", id="11111111-1111-4111-8111-111111111111")),
        shows_card(),
        refers("shared"),
    ),
    "one of them is lost: still two": (
        world(person(), person("王"), card(1, "李", status="lost"), card(1, "王", id="11111111-1111-4111-8111-111111111111")),
        shows_card(),
        refers("shared"),
    ),
    "a card without a holder": (world(card(1, None)), shows_card(), refers("no_holder")),
    "a card whose holder is gone": (world(card(1, "王")), shows_card(), refers("no_holder")),
    # active?
    **{
        f"a {status} card": (
            world(person(), card(status=status)),
            shows_card(),
            denies("inactive", status=status, subject="…0001"),
        )
        for status in ("frozen", "lost", "revoked", "expired", "returned", "confiscated")
    },
    "a frozen holder of an active vehicle": (
        world(person(status="frozen"), vehicle()),
        shows_plate(),
        denies("inactive", status="frozen", subject="李"),
    ),
    "an active holder of a frozen vehicle": (
        world(person(), vehicle(status="frozen")),
        shows_plate(),
        denies("inactive", subject="粤B·8D2Z5"),
    ),
    "frozen at the exit, nobody saw it come in": (
        world(person(), vehicle(status="frozen")),
        shows_plate(direction="out"),
        denies("inactive"),
    ),
    "frozen while inside: asked at the exit": (
        world(person(), vehicle(status="frozen"), inside()),
        shows_plate(direction="out"),
        refers("inactive_leaving", status="frozen", subject="粤B·8D2Z5"),
    ),
    "the holder frozen while the car is inside": (
        world(person(status="frozen"), vehicle(), inside()),
        shows_plate(direction="out"),
        refers("inactive_leaving", subject="李"),
    ),
    "frozen, inside, and comes in again": (
        world(person(), vehicle(status="frozen"), inside()),
        shows_plate(),
        denies("inactive"),
    ),
    # inside its validity, to the second
    "the last second": (
        world(person(), card(valid_until="2026-03-02 12:00:01")),
        shows_card(at="2026-03-02 12:00:00"),
        grants(),
    ),
    "the second of the end": (
        world(person(), card(valid_until="2026-03-02 12:00:00")),
        shows_card(),
        denies("expired", until="2026-03-02 12:00", subject="…0001"),
    ),
    "the second before the beginning": (
        world(person(), card(valid_from="2026-03-02 12:00:01")),
        shows_card(),
        denies("not_yet_valid", **{"from": "2026-03-02 12:00"}),
    ),
    "the second of the beginning": (world(person(), card(valid_from="2026-03-02 12:00:00")), shows_card(), grants()),
    "up to midnight at the end of a month": (
        world(person(), card(valid_until="2026-03-01 00:00")),
        shows_card(at="2026-02-28 23:59:59"),
        grants(),
    ),
    "midnight at the end of a month": (
        world(person(), card(valid_until="2026-03-01 00:00")),
        shows_card(at="2026-03-01 00:00"),
        denies("expired", until="2026-03-01 00:00"),
    ),
    "the leap day counts": (world(person(), card(valid_until="2028-03-01 00:00")), shows_card(at=LEAP), grants()),
    "the day after it does not": (
        world(person(), card(valid_until="2028-03-01 00:00")),
        shows_card(at="2028-03-01 00:00"),
        denies("expired"),
    ),
    "the turn of the year": (
        world(person(), card(valid_until="2027-01-01 00:00")),
        shows_card(at="2027-01-01 00:00"),
        denies("expired", until="2027-01-01 00:00"),
    ),
    "the holder's end": (
        world(person(valid_until="2026-03-02 12:00"), card()),
        shows_card(),
        denies("expired", subject="李"),
    ),
    "a holder to come": (world(person(valid_from="2026-03-02 12:00:01"), card()), shows_card(), denies("not_yet_valid")),
    "a beginning at the end of all days": (
        world(person(), card(valid_from=253402300799)),
        shows_card(),
        denies("not_yet_valid"),
    ),
    # time that is up keeps nobody in
    "run out while inside": (
        world(person(), vehicle(valid_until="2026-03-02 12:00"), inside()),
        shows_plate(direction="out"),
        grants("access_ok", "note_overstay"),
    ),
    "the holder's time ran out while inside": (
        world(person(valid_until="2026-03-02 12:00"), card(), inside("李")),
        shows_card(direction="out"),
        grants("access_ok", "note_overstay"),
    ),
    "run out, and on record as outside": (
        world(person(), vehicle(valid_until="2026-03-02 12:00"), outside()),
        shows_plate(direction="out"),
        denies("expired"),
    ),
    "run out, and nobody has seen it": (
        world(person(), vehicle(valid_until="2026-03-02 12:00")),
        shows_plate(PLATE, "out"),
        denies("expired"),
    ),
    "run out, inside, and comes in again": (
        world(person(), vehicle(valid_until="2026-03-02 12:00"), inside()),
        shows_plate(),
        denies("expired"),
    ),
}


@pytest.mark.parametrize("name", TABLE)
def test_the_table(name: str) -> None:
    holds(TABLE[name], "credential")
