"""What a guard's acts with visits change in the presence."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid5

import pytest
from hypothesis import given
from hypothesis import strategies as st

from access.acting.act import Act
from access.acting.facts import facts_of
from access.presence import Presence, Value
from access.sharing import SET, how_shared

VISIT, OTHER = str(UUID(int=7)), str(UUID(int=8))
CARD = str(UUID(int=9))
AT = datetime(2026, 5, 1, 12, tzinfo=UTC)
NOON = int(AT.timestamp())
SUBJECT = f"at:{uuid5(UUID(VISIT), 'visitor')}"


def acted(name: str, facts: dict[str, Value], **values: Any) -> Any:
    """Return the facts after an act, or why it cannot be."""
    presence = Presence().after([("set", fact, value) for fact, value in facts.items()])
    changes = facts_of(Act("visit", VISIT, name, values, "in-1", AT), presence)
    return changes if isinstance(changes, str) else dict(presence.after(changes).facts)


@pytest.mark.parametrize(
    ("name", "before", "values", "after"),
    [
        ("VisitAsked", {}, {"terms": {}}, {}),
        ("HostAgreed", {}, {"people": 3}, {f"uses:{VISIT}": 3, f"party:{VISIT}": 3}),
        ("HostAgreed", {f"uses:{VISIT}": 1, f"party:{VISIT}": 1}, {"people": 1}, "changed_meanwhile"),
        ("VisitorsArrived", {}, {}, {f"uses:{VISIT}": 1, f"party:{VISIT}": 1}),
        ("VisitorsArrived", {f"uses:{VISIT}": 2, f"party:{VISIT}": 1}, {"people": 2}, {f"uses:{VISIT}": 4, f"party:{VISIT}": 3}),
        ("VisitorsArrived", {SUBJECT: ["", 5]}, {}, {f"uses:{VISIT}": 1, f"party:{VISIT}": 1}),
        ("VisitorsArrived", {f"uses:{VISIT}": 2}, {"before": [2, 0]}, {f"uses:{VISIT}": 3, f"party:{VISIT}": 1}),
        ("VisitorsArrived", {f"uses:{VISIT}": 3, f"party:{VISIT}": 1}, {"before": [2, 0]}, "changed_meanwhile"),
        ("HostAgreed", {f"uses:{VISIT}": -1}, {"before": [0, 0]}, {f"party:{VISIT}": 1}),
        ("VisitorsLeft", {f"uses:{VISIT}": 2, f"party:{VISIT}": 1}, {"before": [2, 2]}, "changed_meanwhile"),
        ("VisitorsLeft", {f"party:{VISIT}": 3}, {"people": 1}, {f"party:{VISIT}": 2}),
        ("VisitorsLeft", {f"party:{VISIT}": 1}, {"people": 2}, "changed_meanwhile"),
        ("VisitorsLeft", {f"party:{VISIT}": 1, SUBJECT: ["site", 5]}, {"people": 1}, {SUBJECT: ["", NOON]}),
        ("VisitorsLeft", {}, {"people": 2}, {}),
        ("CardLent", {}, {"card": CARD}, {f"lent:{CARD}": [VISIT, NOON]}),
        ("CardLent", {f"lent:{CARD}": [OTHER, 1]}, {"card": CARD}, "changed_meanwhile"),
        ("CardGivenBack", {f"lent:{CARD}": [VISIT, 1]}, {"card": CARD}, {}),
        ("CardGivenBack", {f"lent:{CARD}": [OTHER, 1]}, {"card": CARD}, "changed_meanwhile"),
        ("CardGivenBack", {}, {"card": CARD}, {}),
        ("LentCardLost", {f"lent:{CARD}": [VISIT, 1]}, {"card": CARD}, {}),
        ("VisitRefused", {}, {"reason": "no"}, {}),
    ],
)
def test_what_an_act_changes(name: str, before: dict[str, Value], values: dict[str, Any], after: Any) -> None:
    assert acted(name, before, **values) == after


def test_a_lent_card_is_known_at_all_gates() -> None:
    assert how_shared(f"lent:{CARD}") == SET


@given(st.lists(st.tuples(st.sampled_from(["VisitorsArrived", "VisitorsLeft"]), st.integers(1, 5)), max_size=12))
def test_a_party_is_counted_in_and_out_and_never_below_nobody(moves: list[tuple[str, int]]) -> None:
    presence, inside, entered = Presence(), 0, 0
    for name, people in moves:
        changes = facts_of(Act("visit", VISIT, name, {"people": people}, "in-1", AT), presence)
        if isinstance(changes, str):
            assert name == "VisitorsLeft"
            assert 0 < inside < people
            continue
        presence = presence.after(changes)
        inside = inside + people if name == "VisitorsArrived" else max(0, inside - people)
        entered += people if name == "VisitorsArrived" else 0
        assert presence.facts.get(f"party:{VISIT}", 0) == inside
        assert presence.facts.get(f"uses:{VISIT}", 0) == entered
