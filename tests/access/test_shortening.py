"""What is left of an entry that is too large."""

from access.entries import Decided, DeviceChanged, FactsChanged, Observed
from access.shortening import LARGE, shorter

FACTS = tuple(("add", f"zone:{number}", 1) for number in range(1_000))


def test_the_largest_goes_first_and_what_is_small_stays() -> None:
    decided = Decided(
        "grant",
        "access_ok",
        "card",
        "reader",
        3,
        "in",
        category="x" * LARGE,
        vehicle="car",
        facts=FACTS,
        values={"a": "x" * 9_000},
    )
    first, second = shorter(decided)
    assert (first.values is None, first.category) == (True, decided.category)
    assert (second.values is None, second.category, second.vehicle, second.facts) == (True, "", "car", FACTS)


def test_what_is_made_anew_for_each_entry_is_left_empty() -> None:
    assert [body.counters for body in shorter(DeviceChanged("io", False, counters={"x" * LARGE: 1}))] == [{}]


def test_what_an_entry_must_have_stays() -> None:
    assert [*shorter(Observed("x" * LARGE)), *shorter(FactsChanged("guard", "x" * LARGE, FACTS))] == []
