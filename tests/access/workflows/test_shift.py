"""Shifts: nothing on the sheet is skipped, what differs needs a word, what is refused the leader decides, three persons sign."""

from dataclasses import replace

import pytest

from access.workflows import shift
from access.workflows.events import ITEMS_MAX, Event, Who
from access.workflows.shift import (
    SHEET,
    WORKFLOW,
    GuardSigned,
    GuardSignedIn,
    HandoverBegun,
    ItemChecked,
    ItemRefused,
    LeaderDecided,
    LeaderSignedFor,
    OpenItem,
    ReliefMissed,
    ReliefSigned,
    SheetItem,
    ShiftCancelled,
    ShiftCountersigned,
    ShiftPlanned,
)
from access.workflows.words import WORDS
from tests.access.workflows.cast import GUARD, LEADER, RELIEF, at, codes, facts, refused, told
from tests.access.workflows.matrix import matrix

ITEMS = (*(SheetItem(code, "0", "0") for code in SHEET if code != "duplicates"), SheetItem("duplicates", "3"))
PLANNED = ShiftPlanned(at=at(0), by=LEADER, post="east", guard=GUARD.id)
CANCELLED = ShiftCancelled(at=at(1), by=LEADER, reason="wrong day")
SIGNED_IN = GuardSignedIn(at=at(8), by=GUARD)
BEGUN = HandoverBegun(at=at(15.5), by=GUARD, items=ITEMS)
COUNTED = ItemChecked(at=at(15.6), by=GUARD, code="duplicates", found="3")
TWO = replace(COUNTED, found="2", word="one in transfer to the north gate")
REFUSED = ItemRefused(at=at(15.7), by=RELIEF, code="equipment", reason="radio broken")
MISSED = ReliefMissed(at=at(16), by=GUARD, reason="no answer")
DECIDED = LeaderDecided(at=at(15.8), by=LEADER, code="equipment", decision="spare radio from the office")
SIGNED = GuardSigned(at=at(15.9), by=GUARD)
TAKEN_OVER = ReliefSigned(at=at(16), by=RELIEF)
SIGNED_FOR = LeaderSignedFor(at=at(16.1), by=LEADER, absent="guard", reason="taken ill")
NO_RELIEF = replace(SIGNED_FOR, absent="relief", reason="nobody came")
COUNTERSIGNED = ShiftCountersigned(at=at(16.2), by=LEADER)

AT_WORK: list[Event] = [PLANNED, SIGNED_IN]
HANDING: list[Event] = [*AT_WORK, BEGUN, COUNTED]
UNKNOWN: list[Event] = [*AT_WORK, replace(BEGUN, items=(*ITEMS, SheetItem("torch", "")))]
PATHS: dict[str, list[Event]] = {
    "new": [],
    "planned": [PLANNED],
    "on_duty": AT_WORK,
    "handing_over": HANDING,
    "handed_over": [*HANDING, SIGNED, TAKEN_OVER],
    "countersigned": [*HANDING, TAKEN_OVER, SIGNED, COUNTERSIGNED],
    "cancelled": [PLANNED, CANCELLED],
}
SAMPLES = [PLANNED, SIGNED_IN, CANCELLED, BEGUN, COUNTED, REFUSED, MISSED, DECIDED, SIGNED, TAKEN_OVER, SIGNED_FOR, COUNTERSIGNED]
TABLE = """
                    new      planned    on_duty       handing_over  handed_over    countersigned
ShiftPlanned        planned  =          .             .             .              .
GuardSignedIn       .        on_duty    .             .             .              .
ShiftCancelled      .        cancelled  .             .             .              .
HandoverBegun       .        .          handing_over  .             .              .
ItemChecked         .        .          .             =             .              .
ItemRefused         .        .          .             =             .              .
ReliefMissed        .        .          .             =             .              .
LeaderDecided       .        .          .             no            .              .
GuardSigned         .        .          .             =             .              .
ReliefSigned        .        .          .             =             .              .
LeaderSignedFor     .        .          .             =             .              .
ShiftCountersigned  .        .          .             .             countersigned  .

                    cancelled
ShiftPlanned        .
GuardSignedIn       .
ShiftCancelled      .
HandoverBegun       .
ItemChecked         .
ItemRefused         .
ReliefMissed        .
LeaderDecided       .
GuardSigned         .
ReliefSigned        .
LeaderSignedFor     .
ShiftCountersigned  .
"""


def test_every_event_in_every_state() -> None:
    assert matrix(WORKFLOW, PATHS, SAMPLES) == TABLE.strip("\n")


@pytest.mark.parametrize(
    ("story", "event", "code"),
    [
        ([PLANNED], replace(SIGNED_IN, by=RELIEF), "not_rostered"),
        (AT_WORK, replace(BEGUN, by=RELIEF), "not_rostered"),
        (AT_WORK, replace(BEGUN, by=LEADER), ""),
        (AT_WORK, replace(BEGUN, items=ITEMS[1:]), "sheet_incomplete"),
        (AT_WORK, replace(BEGUN, items=(*ITEMS, SheetItem("torch", "1"))), ""),
        (HANDING, replace(COUNTED, code="coffee"), "item_unknown"),
        (HANDING, replace(REFUSED, code="coffee"), "item_unknown"),
        (HANDING, replace(TWO, word=" "), "difference_unexplained"),
        (HANDING, TWO, ""),
        (UNKNOWN, replace(COUNTED, code="torch", found=" "), "difference_unexplained"),
        (UNKNOWN, replace(COUNTED, code="torch", found="1, dim"), ""),
        (HANDING, replace(COUNTED, expected="4"), "difference_unexplained"),
        (HANDING, replace(COUNTED, found="4", expected="4"), ""),
        (HANDING, replace(REFUSED, reason=""), "reason_missing"),
        ([*HANDING, REFUSED], REFUSED, "item_open"),
        ([*HANDING, REFUSED, DECIDED], REFUSED, ""),
        ([*HANDING, *[REFUSED, DECIDED] * ITEMS_MAX], REFUSED, "too_many_items"),
        ([*HANDING, MISSED], MISSED, "item_open"),
        (HANDING, replace(MISSED, by=RELIEF), "not_rostered"),
        (HANDING, DECIDED, "item_not_open"),
        ([*HANDING, REFUSED], replace(DECIDED, by=GUARD), "leader_only"),
        ([*HANDING, REFUSED, DECIDED], DECIDED, "item_not_open"),
        ([*AT_WORK, BEGUN], SIGNED, "items_unchecked"),
        ([*AT_WORK, BEGUN], TAKEN_OVER, "items_unchecked"),
        ([*HANDING, REFUSED], SIGNED, "items_undecided"),
        ([*HANDING, MISSED], SIGNED, "items_undecided"),
        ([*HANDING, MISSED, replace(DECIDED, code="relief")], SIGNED, ""),
        (HANDING, replace(SIGNED, by=RELIEF), "not_rostered"),
        (HANDING, replace(TAKEN_OVER, by=GUARD), "signs_twice"),
        (HANDING, replace(SIGNED_FOR, by=RELIEF), "leader_only"),
        (HANDING, replace(NO_RELIEF, by=Who(GUARD.id, "shift_leader")), "signs_twice"),
        (HANDING, replace(SIGNED_FOR, reason=""), "reason_missing"),
        ([*HANDING, SIGNED], SIGNED_FOR, "signed_already"),
        ([*HANDING, TAKEN_OVER], NO_RELIEF, "signed_already"),
        ([*AT_WORK, BEGUN], SIGNED_FOR, "items_unchecked"),
        ([*HANDING, MISSED], NO_RELIEF, "items_undecided"),
        ([*HANDING, NO_RELIEF, SIGNED], COUNTERSIGNED, ""),
        ([*HANDING, NO_RELIEF, SIGNED_FOR], COUNTERSIGNED, "signs_twice"),
        ([*HANDING, NO_RELIEF, SIGNED_FOR], replace(COUNTERSIGNED, by=Who("105", "shift_leader")), ""),
        ([*HANDING, SIGNED_FOR, replace(TAKEN_OVER, by=LEADER)], COUNTERSIGNED, "signs_twice"),
        (PATHS["handed_over"], replace(COUNTERSIGNED, by=GUARD), "leader_only"),
        (PATHS["handed_over"], replace(COUNTERSIGNED, by=Who(RELIEF.id, "shift_leader")), "signs_twice"),
    ],
)
def test_guards(story: list[Event], event: Event, code: str) -> None:
    assert refused(WORKFLOW, told(WORKFLOW, story), event) == code


@pytest.mark.parametrize("later", [TWO, REFUSED, MISSED])
def test_a_sheet_that_changes_must_be_signed_again(later: Event) -> None:
    assert (told(WORKFLOW, [*HANDING, SIGNED]).signed_by, told(WORKFLOW, [*HANDING, SIGNED, later]).signed_by) == (GUARD.id, "")


def test_a_leader_signs_for_who_is_absent() -> None:
    state = told(WORKFLOW, [*HANDING, NO_RELIEF, SIGNED_FOR])
    assert (state.state, state.signed_by, state.relief) == ("handed_over", LEADER.id, LEADER.id)
    assert [(each.absent, each.reason, each.leader) for each in state.absences] == [
        ("relief", "nobody came", LEADER.id),
        ("guard", "taken ill", LEADER.id),
    ]
    assert told(WORKFLOW, [*HANDING, NO_RELIEF, TAKEN_OVER, SIGNED]).absences == ()
    assert told(WORKFLOW, [*HANDING, SIGNED_FOR, TWO]).absences == ()


def test_what_was_refused_and_decided_stays_on_the_sheet() -> None:
    state = told(WORKFLOW, [*HANDING, REFUSED, DECIDED, SIGNED, TAKEN_OVER, COUNTERSIGNED])
    assert state.open_items == (OpenItem("equipment", REFUSED.reason, DECIDED.decision),)
    assert shift.undecided(state) == ()
    assert (state.signed_by, state.relief) == (GUARD.id, RELIEF.id)


def test_post_and_office_apart() -> None:
    recorded = [*facts("east", *AT_WORK), *facts("office", replace(PLANNED, at=at(12), guard=RELIEF.id))]
    assert codes(WORKFLOW, recorded) == ["out_of_order"]
    assert shift.reconcile(recorded)[0].guard == GUARD.id


def test_every_item_of_the_sheet_has_words() -> None:
    assert {*SHEET, shift.RELIEF} <= WORDS.keys()
