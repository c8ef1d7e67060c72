"""Rule 17: a look-alike is a question, a stranger goes by the lane's setting; whoever was let in is a stranger no more."""

import pytest

from tests.access.rules.world import (
    Table,
    decided,
    denies,
    grants,
    guest_inside,
    holds,
    inside,
    lane,
    outside,
    person,
    refers,
    shows_card,
    shows_code,
    shows_plate,
    vehicle,
    world,
)

STRICT = lane(unknown="deny")
STRICT_EXIT = lane("out", unknown="deny")
LI = (person(), vehicle())
TABLE: Table = {
    "a stranger's plate": (world(*LI), shows_plate("粤BKK777"), refers("unknown_refer", shown="粤B·KK777")),
    "a stranger's plate at a strict lane": (world(STRICT, *LI), shows_plate("粤BKK777"), denies("unknown")),
    "a stranger's card": (world(), shows_card(77), refers("unknown_refer", shown="…004D")),
    "a stranger's card at a strict lane": (world(STRICT), shows_card(77), denies("unknown")),
    "a stranger's code": (world(), shows_code("GH-1"), refers("unknown_refer")),
    "nothing at all was read": (world(), shows_plate(""), refers("unknown_refer")),
    "a resident's plate": (world(*LI), shows_plate(), grants()),
    "one confusable character": (
        world(*LI),
        shows_plate("粤BBD2Z5"),
        refers("similar", near="粤B·8D2Z5", holder="李", unit="3-1201"),
    ),
    "one confusable character at a strict lane": (world(STRICT, *LI), shows_plate("粤BBD2Z5"), refers("similar")),
    "another province": (world(*LI), shows_plate("京B8D2Z5"), refers("similar")),
    "the end cut off": (world(*LI), shows_plate("粤B8D2Z"), refers("similar")),
    "like a vehicle without a holder": (
        world(vehicle(holder=None)),
        shows_plate("粤BBD2Z5"),
        refers("similar_no_holder", near="粤B·8D2Z5"),
    ),
    # unregistered vehicles that are inside
    "like a guest who is inside, at the exit": (
        world(guest_inside("粤B8D2Z5")),
        shows_plate("粤BBD2Z5", "out"),
        refers("similar_no_holder", near="粤B·8D2Z5"),
    ),
    "like a guest who is inside, at the entry": (
        world(guest_inside("粤B8D2Z5")),
        shows_plate("粤BBD2Z5"),
        refers("unknown_refer"),
    ),
    "a guest leaves": (
        world(guest_inside("粤BKK777")),
        shows_plate("粤BKK777", "out"),
        refers("guest_leaving", since="2026-03-02 08:00"),
    ),
    "a guest leaves by a strict exit: nobody is kept inside": (
        world(STRICT_EXIT, guest_inside("粤BKK777")),
        shows_plate("粤BKK777", "out"),
        refers("guest_leaving"),
    ),
    "one who never came in leaves by a strict exit": (world(STRICT_EXIT), shows_plate("粤BKK777", "out"), denies("unknown")),
    "a guest is inside, and the same plate comes in": (
        world(STRICT, guest_inside("粤BKK777")),
        shows_plate("粤BKK777"),
        denies("unknown"),
    ),
    # an exit that opens on an inexact plate, where the site wants it so
    "a resident's misread plate at an exit that opens on it": (
        world(lane("out", inexact=("resident",)), *LI, inside()),
        shows_plate("粤BBD2Z5", "out", characters=(1.0, 1.0, 0.3, 1.0, 1.0, 1.0, 1.0)),
        grants("inexact_ok", "compare_picture", near="粤B·8D2Z5", holder="李"),
    ),
    "the reader was sure of what it read": (
        world(lane("out", inexact=("resident",)), *LI, inside()),
        shows_plate("粤BBD2Z5", "out", characters=(1.0,) * 7),
        refers("similar"),
    ),
    "not for this category": (
        world(lane("out", inexact=("staff",)), *LI, inside()),
        shows_plate("粤BBD2Z5", "out", characters=(1.0, 1.0, 0.3, 1.0, 1.0, 1.0, 1.0)),
        refers("similar"),
    ),
    "never at the entry": (
        world(lane(inexact=("resident",)), *LI, outside()),
        shows_plate("粤BBD2Z5", characters=(1.0, 1.0, 0.3, 1.0, 1.0, 1.0, 1.0)),
        refers("similar"),
    ),
    "two that it may be": (
        world(lane("out", inexact=("resident",)), *LI, vehicle("粤B802Z5")),
        shows_plate("粤BBD2Z5", "out", characters=(1.0, 1.0, 0.3, 0.3, 1.0, 1.0, 1.0)),
        refers("similar"),
    ),
}


@pytest.mark.parametrize("name", TABLE)
def test_the_table(name: str) -> None:
    holds(TABLE[name], "unknown")


def test_no_more_than_five_candidates_the_likeliest_first() -> None:
    plates = ("粤B8A000", "粤BBA000", "粤B8AD00", "粤B8AQ00", "粤B8A0Q0", "粤B8A00D")
    given = world(person(), *map(vehicle, plates))
    candidates = decided(given, shows_plate("京B8A000")).candidates
    assert [len(one.differs) for one in candidates] == [1, 2, 2, 2, 2]
