"""What of an entry goes when somebody is erased, and what a rule record says then."""

import os
from typing import Any
from uuid import UUID

import cbor2
import pytest

from access.acts import PassActed
from access.entries import Body, Decided, Entry, GuardActed, PassageEnded, ReadingTaken, Stamp
from access.erasing import Blank, Eraser, telling
from access.sealing import Sealed, seal, unseal

PERSON, OTHER, CAR, PASS = (UUID(int=at) for at in range(1, 5))
PLATE = "粤B7K93P"


def sealed(body: Body) -> Sealed:
    return seal(Entry(UUID(int=9), UUID(int=8), 1, UUID(int=7), Stamp(0, 0), body), os.urandom)


def decision(**facts: Any) -> Decided:
    return Decided("grant", "access_ok", "plate", "camera", 1, "in", **facts)


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (decision(person=str(PERSON)), True),
        (decision(person=PERSON.hex), True),
        (decision(person=str(OTHER), credential=str(CAR)), False),
        (decision(credential=str(CAR)), True),
        (decision(vehicle=str(CAR)), True),
        (decision(text=PLATE), True),
        (decision(person=str(OTHER), text=PLATE), False),
        (decision(companions=(["card", str(CAR), 1],), person=str(OTHER)), False),
        (PassActed(str(PASS), "enter", "101", "r1"), True),
        (PassActed(str(OTHER), "enter", "101", "r1"), False),
        (PassageEnded("passed", "in", facts=(("set", f"at:{CAR}", ["site", 1]),)), True),
        (PassageEnded("passed", "in", facts=(("add", f"uses:{OTHER}", 1),)), False),
    ],
)
def test_whose_an_entry_is(body: Body, expected: bool) -> None:
    entry = sealed(body)
    eraser = Eraser([PERSON], [CAR], [PASS], [PLATE])
    assert (eraser.theirs(entry.canonical, entry.personal) is not None) == expected


@pytest.mark.parametrize(
    ("body", "theirs", "gone"),
    [
        (decision(person=str(PERSON), text="x", holder="李*"), True, ("holder", "text")),
        (decision(person=str(OTHER), text="y", candidates=([PLATE, "", []],)), True, ("candidates",)),
        (decision(person=str(OTHER), text="y", candidates=([PLATE, "", []],)), False, ("candidates",)),
        (ReadingTaken("camera", "plate", raw="x", text="x"), True, ("raw", "text")),
        (ReadingTaken("camera", "plate", raw="x", text="x"), False, ()),
        (GuardActed("note", "other", "101", "r", guard_name="陈卫", words="late"), True, ("words",)),
        (GuardActed("note", "other", "101", "r", guard_name="陈卫", words=f"saw {PLATE}"), False, ("words",)),
    ],
)
def test_which_fields_go(body: Body, theirs: bool, gone: tuple[str, ...]) -> None:
    entry = sealed(body)
    left, names = Eraser([PERSON], [CAR], texts=[PLATE]).left(entry.canonical, entry.personal, theirs=theirs)
    assert names == gone
    read = unseal(entry.canonical, left)
    assert set(read.erased) == set(gone)
    assert Eraser([PERSON], [CAR], texts=[PLATE]).left(entry.canonical, left, theirs=theirs) == (left, ())


def test_what_cannot_be_read_goes_as_a_whole() -> None:
    eraser = Eraser([PERSON], [], texts=[PLATE])
    assert eraser.theirs(b"\xff" + str(PERSON).encode(), b"") is None
    assert eraser.left(b"\xff", PLATE.encode(), theirs=False) == (b"", ("?",))
    assert eraser.left(sealed(decision()).canonical, cbor2.dumps([PLATE]), theirs=False) == (b"", ("?",))


def test_what_is_too_short_tells_nobody() -> None:
    assert list(telling(["", "李", "李明", "123456", "1234567", "V012", "Smith"])) == ["李明", "1234567", "Smith"]
    eraser = Eraser([], [], texts=["李明", "李明华"])
    assert eraser.without("李明华 and 李明") == " and "
    assert not eraser.tells("somebody")


def test_a_blanked_record_says_nothing_and_what_was_alike_still_is() -> None:
    blank = Blank(os.urandom, kept=["粤B00001"])
    vehicle, block, slip = ({"kind": kind, "plate": PLATE, "person": "p"} for kind in ("vehicle", "block", "slip"))
    plates = {blank.record(one)["plate"] for one in (vehicle, block, slip)}
    assert len(plates) == 1
    assert PLATE not in plates
    assert plates != {Blank(os.urandom).record(vehicle)["plate"]}
    assert blank.record({"kind": "vehicle", "plate": "粤B00001"})["plate"] == "粤B00001"
    card = blank.record({"kind": "card", "hashes": ["ab" * 16], "tail": "1234", "person": "p"})
    assert (card["tail"], card["person"], len(card["hashes"][0])) == ("", "p", 32)
    assert card["hashes"] != ["ab" * 16]
    assert blank.record({"kind": "person", "name": "李*", "unit": "3-1", "status": "active"}) == {
        "kind": "person",
        "name": "",
        "unit": "",
        "status": "active",
    }
    assert blank.record({"kind": "lane", "name": "x"}) == {"kind": "lane", "name": "x"}
