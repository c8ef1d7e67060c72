"""What may be done while nothing can be written, and how it is written later."""

from dataclasses import replace
from uuid import UUID

import pytest

from access.entries import Body, Commanded, CommandEnded, Decided, Draft, Observed
from edge.gate.actions import Action, Answer, Append, CloseBarrier, OpenBarrier
from edge.gate.events import NOT_WRITTEN, CommandSent, StoreFailed
from edge.gate.unwritten import as_unwritten, may_be_done_unwritten, to_hold_back, withheld

OPEN = OpenBarrier("in-1", "p-1", "io", 0, 500, "c-1", 10.0)
VITAL = OpenBarrier("in-1", "p-1", "io", 0, 500, "c-1", 10.0, vital=True)
CLOSE = CloseBarrier("in-1", "p-1", "io", 1, 500, "c-2", 10.0, ())
BY_CARD = Decided("grant", "resident", "card", "reader-in", 1, "in")
BY_OFFICE = Decided("grant", "office_opened", "office", "wang", 1, "in")
BY_GUARD = Decided("grant", "guard_admitted", "guard", "", 1, "in")


def draft(body: Decided | Commanded | Observed) -> Draft:
    return Draft(UUID(int=7), body, "in-1", "p-1")


def made(body: Body, lane: str, passage: str) -> Draft:
    return Draft(UUID(int=8), body, lane, passage)


@pytest.mark.parametrize(
    ("action", "decided", "setting", "may"),
    [
        (OPEN, BY_CARD, "deny", False),
        (OPEN, BY_GUARD, "deny", False),
        (OPEN, BY_CARD, "refer", False),
        (OPEN, BY_GUARD, "refer", True),
        (OPEN, BY_OFFICE, "refer", False),  # who stands there is not seen from afar
        (OPEN, BY_CARD, "open", True),
        (VITAL, BY_CARD, "deny", True),
        (CLOSE, BY_GUARD, "open", False),
        (Answer("r-1", accepted=True), BY_CARD, "deny", True),
    ],
)
def test_the_lanes_setting_says_what_opens_and_nothing_is_ever_lowered(
    action: Action, decided: Decided, setting: str, *, may: bool
) -> None:
    assert may_be_done_unwritten(action, [draft(decided)], {"in-1": setting}) is may


def test_a_guard_is_told_what_was_not_opened_and_what_is_only_in_memory() -> None:
    yes, no = Answer("r-1", accepted=True), Answer("r-2", accepted=False, refusal="too_late")
    assert as_unwritten([yes, no, OPEN], [yes, no]) == [replace(yes, accepted=False, refusal="store_failed"), no]
    assert as_unwritten([yes, no, OPEN], [yes, no, OPEN]) == [replace(yes, held=True), no, OPEN]
    assert as_unwritten([yes], [yes]) == [replace(yes, held=True)]


def test_a_lane_is_told_what_was_withheld() -> None:
    assert withheld(OPEN) == StoreFailed("in-1", "p-1")
    assert withheld(CLOSE) == CommandSent("c-2", ok=False, error=NOT_WRITTEN, sent=0.0)


def test_what_is_written_later_is_marked_and_a_command_that_never_left_is_not_written() -> None:
    command = Commanded("io", "open", "d-1", "c-1")
    actions: list[Action] = [Append(draft(BY_CARD)), Append(draft(command)), Append(draft(Observed("x"))), OPEN]
    withheld, sent = to_hold_back(actions, [], made), to_hold_back(actions, [OPEN], made)
    assert [held.later and held.later.body for held in withheld] == [replace(BY_CARD, uncommitted=True), None, Observed("x")]
    assert [held.later and held.later.body for held in sent[:2]] == [
        replace(body, uncommitted=True) for body in (BY_CARD, command)
    ]


def test_what_is_confirmed_late_is_told_to_have_been_done_before_or_never() -> None:
    command = Commanded("io", "open", "d-1", "c-1")
    actions: list[Action] = [Append(draft(BY_CARD)), Append(draft(command)), Append(draft(Observed("x"))), OPEN]
    late, ended = Observed("confirmed_late", detail=UUID(int=7).hex), CommandEnded("io", "c-1", ok=False, error=NOT_WRITTEN)
    said = [held.if_stored and held.if_stored.body for held in to_hold_back(actions, [], made)]
    assert said == [None, ended, None]
    said = [held.if_stored and held.if_stored.body for held in to_hold_back(actions, [OPEN], made)]
    assert said == [late, late, None]
