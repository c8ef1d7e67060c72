"""What a trip of goods, and the check of a vehicle, change in the presence."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from access.acting.act import Act
from access.acting.facts import facts_of
from access.presence import Presence

AT = datetime(2026, 3, 2, 3, 0, tzinfo=UTC)
SINCE = int(AT.timestamp())
SLIP, CAR = "0190b6a0-0000-7000-8000-00000000000a", "0190b6a0-0000-7000-8000-00000000000b"


def act(kind: str, name: str, identity: str = SLIP, **values: Any) -> Act:
    return Act(kind, identity, name, values, "lane", AT)


def trip(*released: tuple[int, str], **more: Any) -> Act:
    return act("slip", "TripReleased", released=[{"line": line, "quantity": count} for line, count in released], **more)


def test_a_trip_adds_what_went_out_and_clears_its_vehicle() -> None:
    told = facts_of(trip((1, "2"), (2, "0.5"), (1, "1"), cleared=CAR), Presence())
    assert told == (("add", f"released:{SLIP}:1", 3000), ("add", f"released:{SLIP}:2", 500), ("set", f"cleared:{CAR}", SINCE))


def test_a_trip_on_foot_clears_nothing() -> None:
    assert facts_of(trip((1, "1")), Presence()) == (("add", f"released:{SLIP}:1", 1000),)


@pytest.mark.parametrize(("seen", "refusal"), [({"1": 1000}, ""), ({"1": 0}, "changed_meanwhile"), ({}, "changed_meanwhile")])
def test_what_another_gate_let_out_meanwhile_makes_the_guard_look_again(seen: dict[str, int], refusal: str) -> None:
    presence = Presence().after([("add", f"released:{SLIP}:1", 1000)])
    told = facts_of(trip((1, "1"), before=seen), presence)
    assert told == (refusal or (("add", f"released:{SLIP}:1", 1000),))


@pytest.mark.parametrize(
    "values",
    [
        {},
        {"released": []},
        {"released": "x"},
        {"released": [{"line": 1}]},
        {"released": [{"line": 1, "quantity": "0"}]},
        {"released": [{"line": 1, "quantity": "-1"}]},
        {"released": [{"line": 1, "quantity": "many"}]},
        {"released": [{"line": 1, "quantity": "1e12"}]},
        {"released": [{"line": "a", "quantity": "1"}]},
    ],
)
def test_what_is_no_trip_is_refused(values: dict[str, Any]) -> None:
    assert facts_of(act("slip", "TripReleased", **values), Presence()) == "unknown_act"


@pytest.mark.parametrize("name", ["SlipPresented", "MismatchFound", "SlipCollected", "SlipDrafted", "SlipApprovedAtNight"])
def test_other_acts_with_a_slip_change_nothing(name: str) -> None:
    assert facts_of(act("slip", name), Presence()) == ()


@given(st.lists(st.tuples(st.integers(1, 3), st.integers(1, 5_000)), min_size=1, max_size=8))
def test_trips_add_up(parts: list[tuple[int, int]]) -> None:
    presence = Presence()
    for line, count in parts:
        before = {str(line): presence.facts.get(f"released:{SLIP}:{line}", 0)}
        told = facts_of(trip((line, str(Decimal(count) / 1000)), before=before), presence)
        assert isinstance(told, tuple)
        presence = presence.after(told)
    for line in {line for line, _ in parts}:
        assert presence.facts[f"released:{SLIP}:{line}"] == sum(count for one, count in parts if one == line)


def test_a_vehicle_is_marked_and_cleared() -> None:
    marked = facts_of(act("vehicle", "mark_loading", CAR), Presence())
    assert marked == (("set", f"loading:{CAR}", SINCE),)
    assert facts_of(act("vehicle", "nothing_carried", CAR), Presence()) == (("set", f"cleared:{CAR}", SINCE),)


def test_what_is_loaded_after_a_check_is_not_checked() -> None:
    presence = Presence().after([("set", f"cleared:{CAR}", SINCE)])
    told = facts_of(act("vehicle", "mark_loading", CAR), presence)
    assert isinstance(told, tuple)
    assert f"cleared:{CAR}" not in presence.after(told).facts


@pytest.mark.parametrize(("name", "identity"), [("nothing_carried", ""), ("wash", CAR)])
def test_an_unknown_check_is_refused(name: str, identity: str) -> None:
    assert facts_of(act("vehicle", name, identity), Presence()) == "unknown_act"
