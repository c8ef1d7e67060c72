"""What a text is that is scanned, and where that has its place; signed codes are tried with those of visitors."""

from typing import Any
from uuid import UUID

import pytest

from access.contract.booth_records import CardAtBooth, ParkingAtBooth, RouteAtBooth, SlipAtBooth, StopAtBooth, VisitAtBooth
from access.contract.record_fields import Record
from access.passes import DUPLICATE, ORIGINAL
from edge.desk.book import Pages
from edge.desk.scan import Found, address_of, known
from tests.edge.desk.contractors import DAY_S, NOW, PASS, pass_told

VISIT, SLIP, CARD, POINT, ROUTE, BIKE = (UUID(int=0x500 + n) for n in range(6))
TIMES = {"valid_from": NOW - DAY_S, "valid_until": NOW + DAY_S, "changed_at": NOW}
RECORDS = (
    pass_told(),
    VisitAtBooth(id=VISIT, number="V-7", state="approved", name="陈*", category="ordinary", plates=("粤B12045",), **TIMES),
    SlipAtBooth(id=SLIP, number="G-9", state="approved", plates=("粤B77777",), **TIMES),
    CardAtBooth(id=CARD, printed="访客 12", state="stock"),
    ParkingAtBooth(id=BIKE, number="N000001", state="active", bound_to="LZ8-20250017", changed_at=NOW),
    RouteAtBooth(id=ROUTE, name="夜巡", stops=(StopAtBooth(point=POINT, code="04A1B2", name="水泵房", minutes=10),)),
)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("P-0042", Found("pass", PASS)),
        ("p-0042-O", Found("pass", PASS, ORIGINAL)),
        ("P-0042-D", Found("pass", PASS, DUPLICATE)),
        ("V-7", Found("visit", VISIT)),
        (" g-9 ", Found("slip", SLIP)),
        ("访客 12", Found("card", CARD)),
        ("04a1b2", Found("tag", POINT)),
        ("n000001", Found("permit", BIKE)),
        ("lz8 20250017", Found("permit", BIKE)),
        ("0017", None),  # what is scanned says all of it
        ("粤B·12045", Found("visit", VISIT)),
        ("粤b77777", Found("slip", SLIP)),
        ("", None),
        ("P-004", None),
        ("京A00001", None),
        ("x" * 2000, None),
    ],
)
def test_what_a_text_means(text: str, found: Found | None) -> None:
    by_kind: dict[type[Record], dict[UUID, Any]] = {type(record): {record.id: record} for record in RECORDS}
    assert known(Pages(1, by_kind), text) == found


@pytest.mark.parametrize("found", [Found("visit", VISIT), Found("slip", SLIP), Found("card", CARD), Found("tag", POINT)])
def test_an_address_has_nothing_but_the_id(found: Found) -> None:
    assert str(found.id) in address_of(found)
    assert address_of(Found(fault="forged")) == "/scan/forged"
