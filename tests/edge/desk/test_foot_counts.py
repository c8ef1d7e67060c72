"""Counting where no reader is: what a day comes to, what can be taken back, and what a number on a card can mean."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from access.card import CardNumber
from access.contract.booth_records import ParkingAtBooth
from edge.desk.book import Act
from edge.desk.foot.checks import numbers, of_permit, permits_like
from edge.desk.foot.counts import today, undoable
from edge.desk.foot.words import PERMIT_STATES

AT = datetime(2026, 3, 2, 4, 30, tzinfo=UTC)
ZONE = "Asia/Shanghai"


def act(at: datetime, *, name: str = "count", guard: str = "1001", entry: str = "e1", **values: Any) -> Act:
    told: Mapping[str, Any] = {"what": "ebike", "direction": "in", "number": 1} | values
    return Act(entry, "count", "", name, at, guard, "张*", "guard", "in-1", told, {}, "", "")


def test_a_day_is_the_sites_own() -> None:
    midnight = datetime(2026, 3, 1, 16, 0, tzinfo=UTC)  # in Shanghai
    acts = [act(midnight - timedelta(seconds=1)), act(midnight), act(AT), act(AT, direction="out"), act(AT, number=-1)]
    counted = today(acts, AT, ZONE)
    assert (counted.kind("ebike", "in"), counted.kind("ebike", "out")) == (1, 1)
    assert (counted.by_hour[0, "in"], counted.by_hour[12, "in"], counted.by_hour[12, "out"]) == (1, 0, 1)
    assert counted.hours == [0, 12]
    assert (counted.total("in"), counted.highest) == (1, 1)


def test_what_is_nonsense_counts_nothing() -> None:
    assert today([act(AT, number="many")], AT, ZONE).hours == []
    assert today([], AT, ZONE).highest == 1


@pytest.mark.parametrize(
    ("acts", "entry"),
    [
        ([], ""),
        ([act(AT)], "e1"),
        ([act(AT - timedelta(seconds=5))], "e1"),
        ([act(AT - timedelta(seconds=8))], ""),
        ([act(AT, guard="1003")], ""),
        ([act(AT), act(AT, guard="1003", entry="e2")], "e1"),
        ([act(AT), act(AT, number=-1, undoes="e1", entry="e2")], ""),
        ([act(AT, name="check", number=1)], ""),
    ],
)
def test_what_can_be_taken_back(acts: list[Act], entry: str) -> None:
    found = undoable(acts, "1001", AT)
    assert (found.entry if found else "") == entry


@given(st.lists(st.tuples(st.sampled_from(["in", "out"]), st.integers(-3, 9), st.integers(0, 23))))
def test_hours_and_kinds_come_to_the_same(pressed: list[tuple[str, int, int]]) -> None:
    day = datetime(2026, 3, 1, 16, 0, tzinfo=UTC)
    acts = [act(day + timedelta(hours=hour), direction=way, number=number) for way, number, hour in pressed]
    counted = today(acts, AT, ZONE)
    for way in ("in", "out"):
        assert counted.total(way) == sum(n for (_, of), n in counted.by_hour.items() if of == way)


@given(st.binary(min_size=4, max_size=7))
def test_a_printed_number_means_its_card(raw: bytes) -> None:
    card = CardNumber(raw, 8 * len(raw))
    printed = card.printed()
    delivered = set(card.deliverable())
    for form in ("hex", "10", "8", "3+5", "5+5"):
        assert delivered & set(numbers(printed[form])), form


@pytest.mark.parametrize("text", ["", "abc", "12", "99999999999", "70000,1", "x,y", "Z" * 8, "²²²²²²²²"])
def test_what_is_no_card_number(text: str) -> None:
    assert list(numbers(text)) == []


PERMITS = tuple(
    ParkingAtBooth(id=UUID(int=n), number=f"N00000{n}", state="active", bound_to=bound_to, holder="李*", changed_at=0)
    for n, bound_to in ((1, "LZ8-20250017"), (2, "AB-0017"), (3, "0017"))
)


@pytest.mark.parametrize(
    ("text", "numbers_of"),
    [
        ("n000001", [1]),
        ("LZ820250017", [1]),
        ("lz8-2025 0017", [1]),
        ("50017", [1]),
        ("0017", [3]),
        ("b0017", [2]),
        ("17", []),
        ("-", []),
    ],
)
def test_a_permit_is_found_by_its_number_a_frame_number_or_the_end_of_that(text: str, numbers_of: list[int]) -> None:
    assert [one.id.int for one in permits_like(PERMITS, text)] == numbers_of


@pytest.mark.parametrize(
    ("changes", "state"),
    [
        ({}, "valid"),
        ({"valid_until": int(AT.timestamp())}, "expired"),
        ({"valid_until": int(AT.timestamp()) + 1}, "valid"),
        ({"valid_from": int(AT.timestamp()) + 1}, "not_yet"),
        ({"state": "frozen", "valid_until": 1}, "frozen"),
        ({"state": "lost"}, "lost"),
    ],
)
def test_a_permit_is_in_force_or_says_why_not(changes: dict[str, Any], state: str) -> None:
    known = of_permit(PERMITS[0].model_copy(update=changes), AT)
    assert (known.state, known.valid, known.name) == (state, state == "valid", "李*")
    assert state in PERMIT_STATES
