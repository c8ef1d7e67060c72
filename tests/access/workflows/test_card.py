"""Cards and parking permits: one holder at a time, back to stock only where a kind may be."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from access.workflows import card
from access.workflows.card import (
    REUSABLE,
    WORKFLOW,
    Card,
    CardActivated,
    CardExpired,
    CardFrozen,
    CardIssued,
    CardLost,
    CardRenewed,
    CardReplaced,
    CardRestocked,
    CardReturned,
    CardRevoked,
    CardStocked,
    CardThawed,
    Holding,
)
from access.workflows.events import Event
from access.workflows.refusals import Refusal
from access.workflows.words import WORDS
from tests.access.workflows.cast import REGISTRAR, at, codes, facts, refused, told
from tests.access.workflows.matrix import matrix

HOLDING = Holding("person-1", deposit="20 元", valid_until=at(100))
STOCKED = CardStocked(at=at(1), by=REGISTRAR, kind="resident_card", number="0012345678")
ISSUED = CardIssued(at=at(2), by=REGISTRAR, holding=HOLDING)
ACTIVATED = CardActivated(at=at(3), by=REGISTRAR)
FROZEN = CardFrozen(at=at(4), by=REGISTRAR, reason="long journey")
THAWED = CardThawed(at=at(5), by=REGISTRAR, reason="back")
RENEWED = CardRenewed(at=at(6), by=REGISTRAR, valid_until=at(200))
LOST = CardLost(at=at(7), by=REGISTRAR)
REPLACED = CardReplaced(at=at(8), by=REGISTRAR, number="0012345679")
RETURNED = CardReturned(at=at(9), by=REGISTRAR, deposit="paid back")
REVOKED = CardRevoked(at=at(9), by=REGISTRAR, reason="moved out")
RESTOCKED = CardRestocked(at=at(10), by=REGISTRAR)
EXPIRED = CardExpired(at=at(100))

IN_USE: list[Event] = [STOCKED, ISSUED, ACTIVATED]
PATHS: dict[str, list[Event]] = {
    "new": [],
    "stock": [STOCKED],
    "issued": [STOCKED, ISSUED],
    "active": IN_USE,
    "frozen": [*IN_USE, FROZEN],
    "lost": [*IN_USE, LOST],
    "replaced": [*IN_USE, LOST, REPLACED],
    "returned": [*IN_USE, RETURNED],
    "expired": [*IN_USE, EXPIRED],
    "revoked": [*IN_USE, REVOKED],
}
SAMPLES = [
    *(STOCKED, ISSUED, ACTIVATED, FROZEN, THAWED, RENEWED, LOST, REPLACED, RETURNED, REVOKED, RESTOCKED, EXPIRED),
]
TABLE = """
               new    stock   issued    active    frozen    lost
CardStocked    stock  .       .         .         .         .
CardIssued     .      issued  .         .         .         .
CardActivated  .      .       active    .         .         .
CardRenewed    .      .       =         =         =         .
CardLost       .      .       lost      lost      lost      .
CardReturned   .      .       returned  returned  returned  returned
CardRevoked    .      .       revoked   revoked   revoked   revoked
CardExpired    .      .       expired   expired   expired   .
CardFrozen     .      .       .         frozen    .         .
CardThawed     .      .       .         .         active    .
CardReplaced   .      .       .         .         .         replaced
CardRestocked  .      .       .         .         .         .

               replaced  returned  expired   revoked
CardStocked    .         .         .         .
CardIssued     .         .         .         .
CardActivated  .         .         .         .
CardRenewed    .         .         issued    .
CardLost       .         .         lost      .
CardReturned   returned  .         returned  returned
CardRevoked    .         .         .         .
CardExpired    .         .         .         .
CardFrozen     .         .         .         .
CardThawed     .         .         .         .
CardReplaced   .         .         .         .
CardRestocked  .         stock     stock     stock
"""


def test_every_event_in_every_state() -> None:
    assert matrix(WORKFLOW, PATHS, SAMPLES) == TABLE.strip("\n")


def stocked(kind: str) -> list[Event]:
    return [replace(STOCKED, kind=kind)]


@pytest.mark.parametrize(
    ("story", "event", "code"),
    [
        (PATHS["stock"], replace(ISSUED, holding=Holding("")), "holder_missing"),
        (stocked("motor_permit"), ISSUED, "permit_unbound"),
        (stocked("motor_permit"), replace(ISSUED, holding=replace(HOLDING, bound_to="粤B12345")), ""),
        (stocked("non_motor_permit"), ISSUED, "permit_unbound"),
        (IN_USE, replace(RENEWED, valid_until=at(100)), "not_later"),
        ([STOCKED, replace(ISSUED, holding=Holding("person-1"))], RENEWED, "not_later"),
        (PATHS["expired"], replace(RENEWED, valid_until=at(100)), "not_later"),
        (PATHS["lost"], replace(REPLACED, number=STOCKED.number), "number_not_new"),
        (PATHS["issued"], ISSUED, "not_now"),
    ],
)
def test_guards(story: list[Event], event: Event, code: str) -> None:
    assert refused(WORKFLOW, told(WORKFLOW, story), event) == code


@pytest.mark.parametrize("kind", REUSABLE)
def test_each_kind_goes_back_to_stock_or_not(kind: str) -> None:
    bound = replace(ISSUED, holding=replace(HOLDING, bound_to="粤B12345"))
    state = told(WORKFLOW, [*stocked(kind), bound, ACTIVATED, RETURNED])
    assert (refused(WORKFLOW, state, RESTOCKED) == "") == REUSABLE[kind]
    assert kind in WORDS


def test_back_in_stock_the_link_to_the_holder_is_gone() -> None:
    state = told(WORKFLOW, [*PATHS["returned"], RESTOCKED])
    assert state == Card("stock", STOCKED.kind, STOCKED.number)


@pytest.mark.parametrize(
    ("path", "hour", "event"),
    [
        ("active", 100 - 1 / 3600, None),
        ("active", 100, EXPIRED),
        ("frozen", 100, EXPIRED),
        ("lost", 100, None),
        ("stock", 100, None),
    ],
)
def test_what_time_does(path: str, hour: float, event: Event | None) -> None:
    assert card.due(told(WORKFLOW, PATHS[path]), at(hour)) == event


def test_two_desks_cannot_issue_one_number_twice() -> None:
    other = replace(ISSUED, at=at(2.5), holding=Holding("person-2"))
    recorded = [*facts("desk-1", STOCKED, ISSUED), *facts("desk-2", other)]
    reconciled, _ = card.reconcile(recorded)
    assert (reconciled.holding, codes(WORKFLOW, recorded)) == (HOLDING, ["issued_twice"])


def test_what_is_noted_of_a_holding() -> None:
    renewed = told(WORKFLOW, [*IN_USE, RENEWED]).holding
    returned = told(WORKFLOW, PATHS["returned"]).holding
    assert (renewed, returned) == (replace(HOLDING, valid_until=at(200)), replace(HOLDING, deposit="paid back"))
    assert told(WORKFLOW, PATHS["replaced"]).replaced_by == "0012345679"


@given(st.lists(st.sampled_from(SAMPLES), max_size=30))
def test_a_number_has_one_holder_at_a_time(events: list[Event]) -> None:
    held = Card()
    for event in events:
        moved = card.advance(held, event)
        if isinstance(moved, Refusal):
            continue
        assert held.holding is None or moved.holding is None or moved.holding.holder == held.holding.holder
        assert (moved.holding is None) == (moved.state in {"new", "stock"})
        held = moved


@pytest.mark.parametrize("wrong", [{"kind": "library_card"}])
def test_what_is_no_card(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="kind"):
        replace(STOCKED, **wrong)
