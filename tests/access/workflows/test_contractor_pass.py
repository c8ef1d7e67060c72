"""Contractor passes: two parts, boards of posts, and duplicates that cannot hang where the gates say."""

from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from access.workflows import contractor_pass, pass_boards
from access.workflows.contractor_pass import (
    WORKFLOW,
    ContractorPass,
    CountDiffered,
    DuplicateBroughtBack,
    DuplicateCounted,
    HolderPassed,
    PassChanged,
    PassConfiscated,
    PassCutShort,
    PassExpired,
    PassForgotten,
    PassHandedOver,
    PassIssued,
    PassLost,
    PassReplaced,
    PassRestored,
    PassReturned,
    PassRevoked,
    ViolationReported,
    ViolationSettled,
    WorkerEntered,
    WorkerLeft,
)
from access.workflows.events import Event, Who
from access.workflows.pass_terms import PassTerms
from access.workflows.refusals import Refusal
from tests.access.workflows.cast import GUARD, REGISTRAR, RELIEF, at, codes, facts, refused, told
from tests.access.workflows.matrix import matrix

TERMS = PassTerms(
    number="2026-0117",
    permit="R-31",
    person="hash-of-id",
    firm="明亮装饰",
    responsible="boss-1",
    units=("3-1202",),
    valid_from=at(0),
    valid_until=at(48),
    schedule="work",
)
ISSUED = PassIssued(at=at(7), by=REGISTRAR, terms=TERMS)
HANDED_OVER = PassHandedOver(at=at(7), by=REGISTRAR, deposit="50 元")
CAME = WorkerEntered(
    at=at(8),
    by=GUARD,
    post="east",
    original=f"{TERMS.number}-O",
    duplicate=f"{TERMS.number}-D",
    permit_state="active",
    permit_units=TERMS.units,
    places_left=3,
    in_hours=True,
)
LEFT = WorkerLeft(at=at(17), by=GUARD, post="east")
LEFT_NORTH = replace(LEFT, post="north")
PASSED = HolderPassed(at=at(17), by=Who("registry", "registry"), held_at="east", left_by="north")
BROUGHT_BACK = DuplicateBroughtBack(at=at(20), by=GUARD)
COUNTED = DuplicateCounted(at=at(23), by=RELIEF, post="east", found=True)
MISSED = replace(COUNTED, found=False)
DIFFERED = CountDiffered(at=at(23), by=RELIEF, post="north", found=True, recorded="")
LOST = PassLost(at=at(9), by=REGISTRAR)
REPLACED = PassReplaced(at=at(10), by=REGISTRAR, number="2026-0118")
CONFISCATED = PassConfiscated(at=at(9), by=GUARD, reason="lent to another")
RESTORED = PassRestored(at=at(10), by=REGISTRAR, reason="cleared up")
REVOKED = PassRevoked(at=at(12), by=REGISTRAR, reason="serious breach")
RETURNED = PassReturned(at=at(18), by=REGISTRAR, deposit="returned")
CHANGED = PassChanged(at=at(9), by=REGISTRAR, asked_by="boss-1", units=("3-1203",), valid_until=at(72))
CUT_SHORT = PassCutShort(at=at(9), by=REGISTRAR, valid_until=at(24))
REPORTED = ViolationReported(at=at(9), by=GUARD, what="串房 5-801")
SETTLED = ViolationSettled(at=at(10), by=REGISTRAR, reason="warned")
EXPIRED = PassExpired(at=at(48))
WEEK = 7 * 24
FORGOTTEN = PassForgotten(at=at(48 + WEEK))

ACTIVE: list[Event] = [ISSUED, HANDED_OVER]
INSIDE: list[Event] = [*ACTIVE, CAME]
PATHS: dict[str, list[Event]] = {
    "new": [],
    "issued": [ISSUED],
    "active": ACTIVE,
    "lost": [*INSIDE, LOST],
    "confiscated": [*INSIDE, CONFISCATED],
    "expired": [*INSIDE, EXPIRED],
    "replaced": [*INSIDE, LOST, REPLACED],
    "returned": [*ACTIVE, RETURNED],
    "revoked": [*INSIDE, REVOKED],
}
SAMPLES = [
    *(ISSUED, HANDED_OVER, CAME, LEFT, PASSED, BROUGHT_BACK, COUNTED, LOST, REPLACED, CONFISCATED, RESTORED, REVOKED, RETURNED),
    *(CHANGED, CUT_SHORT, REPORTED, SETTLED, EXPIRED, DIFFERED, FORGOTTEN),
]
TABLE = """
                      new     issued    active       lost         confiscated  expired
PassIssued            issued  .         .            .            .            .
PassHandedOver        .       active    .            .            .            .
PassExpired           .       expired   expired      .            .            .
WorkerEntered         .       no        =            no           no           no
PassCutShort          .       =         =            =            =            .
ViolationReported     .       =         =            =            =            =
ViolationSettled      .       =         =            =            =            =
PassRevoked           .       revoked   revoked      revoked      revoked      revoked
PassReturned          .       returned  returned     no           no           no
WorkerLeft            .       .         no           =            =            =
HolderPassed          .       .         =            =            =            =
DuplicateBroughtBack  .       .         no           no           no           no
DuplicateCounted      .       .         no           =            =            =
CountDiffered         .       .         =            no           no           no
PassChanged           .       .         =            .            .            .
PassLost              .       .         lost         .            .            .
PassConfiscated       .       .         confiscated  confiscated  .            confiscated
PassReplaced          .       .         .            replaced     .            .
PassForgotten         .       .         .            no           no           no
PassRestored          .       .         .            .            active       .

                      replaced  returned  revoked
PassIssued            .         .         .
PassHandedOver        .         .         .
PassExpired           .         .         .
WorkerEntered         no        no        no
PassCutShort          .         .         .
ViolationReported     .         .         =
ViolationSettled      .         .         =
PassRevoked           .         .         .
PassReturned          .         .         .
WorkerLeft            =         no        =
HolderPassed          =         =         =
DuplicateBroughtBack  no        no        no
DuplicateCounted      =         no        =
CountDiffered         no        no        no
PassChanged           .         .         .
PassLost              .         .         .
PassConfiscated       =         .         =
PassReplaced          .         .         .
PassForgotten         .         .         no
PassRestored          .         .         .
"""


def test_every_event_in_every_state() -> None:
    assert matrix(WORKFLOW, PATHS, SAMPLES) == TABLE.strip("\n")


def issued(**terms: Any) -> PassIssued:
    return replace(ISSUED, terms=replace(TERMS, **terms))


HELD = told(WORKFLOW, ACTIVE)
WORKING = told(WORKFLOW, INSIDE)
ROAMING = told(WORKFLOW, [issued(leaves_anywhere=True), HANDED_OVER, CAME])
IN_TRANSFER = told(WORKFLOW, [issued(leaves_anywhere=True), HANDED_OVER, CAME, LEFT_NORTH])


@pytest.mark.parametrize(
    ("state", "event", "code"),
    [
        (ContractorPass(), replace(ISSUED, by=GUARD), "office_only"),
        (ContractorPass(), issued(trade="plumber"), "papers_missing"),
        (ContractorPass(), issued(trade="plumber", papers=("trade_certificate",)), ""),
        (ContractorPass(), issued(trade="painter"), ""),
        (ContractorPass(), issued(firm=""), "papers_missing"),
        (ContractorPass(), issued(firm="", papers=("identity_guarantee",)), ""),
        (told(WORKFLOW, [ISSUED]), CAME, "pass_not_active"),
        (HELD, replace(CAME, duplicate=""), "duplicate_missing"),
        (HELD, replace(CAME, duplicate="2026-0042-D"), "duplicate_of_another"),
        (HELD, replace(CAME, original="2026-0042-O", duplicate="2026-0042-D"), "duplicate_of_another"),
        (HELD, replace(CAME, duplicate=CAME.original), "duplicate_of_another"),
        (HELD, replace(CAME, original=TERMS.number, duplicate=TERMS.number), "duplicate_of_another"),
        (HELD, replace(CAME, permit_units=("3-1203",)), "unit_not_permitted"),
        (HELD, replace(CAME, permit_state="revoked"), "permit_not_in_force"),
        (HELD, replace(CAME, permit_state="finished"), "permit_not_in_force"),
        (HELD, replace(CAME, places_left=1), ""),
        (HELD, replace(CAME, places_left=0), "too_many_workers"),
        (HELD, replace(CAME, in_hours=False), "outside_hours"),
        (HELD, replace(CAME, at=at(-1 / 3600)), "pass_not_valid_now"),
        (HELD, replace(CAME, at=at(48)), "pass_not_valid_now"),
        (HELD, replace(CAME, at=at(48 - 1 / 3600)), ""),
        (told(WORKFLOW, [*ACTIVE, REPORTED]), CAME, "violation_outstanding"),
        (told(WORKFLOW, [*ACTIVE, REPORTED, REPORTED, SETTLED]), CAME, ""),
        (told(WORKFLOW, [*ACTIVE, REPORTED]), RETURNED, "violation_outstanding"),
        (told(WORKFLOW, [*ACTIVE, *[REPORTED] * 100]), REPORTED, "too_many_items"),
        (told(WORKFLOW, [*ACTIVE, REPORTED]), replace(SETTLED, by=GUARD), "office_only"),
        (WORKING, CAME, "already_inside"),
        (WORKING, replace(CAME, post="north"), "already_inside"),
        (WORKING, LEFT_NORTH, "duplicate_elsewhere"),
        (WORKING, RETURNED, "duplicate_still_held"),
        (WORKING, BROUGHT_BACK, "not_in_transfer"),
        (WORKING, MISSED, "duplicate_not_on_board"),
        (WORKING, replace(COUNTED, post="north"), "duplicate_not_expected"),
        (WORKING, replace(MISSED, post="north"), ""),
        (WORKING, replace(DIFFERED, recorded="east"), ""),
        (WORKING, DIFFERED, "count_as_expected"),
        (WORKING, replace(DIFFERED, post="east", recorded="east"), "count_as_expected"),
        (ROAMING, LEFT_NORTH, ""),
        (IN_TRANSFER, CAME, "duplicate_in_transfer"),
        (IN_TRANSFER, LEFT_NORTH, "not_inside"),
        (IN_TRANSFER, RETURNED, "duplicate_still_held"),
        (HELD, LEFT, "not_inside"),
        (HELD, COUNTED, "duplicate_not_expected"),
        (HELD, replace(CHANGED, asked_by="worker"), "not_responsible"),
        (HELD, replace(CHANGED, at=at(48)), "renewed_too_late"),
        (told(WORKFLOW, [*ACTIVE, LOST]), replace(REPLACED, number=TERMS.number), "number_not_new"),
        (told(WORKFLOW, [*ACTIVE, LOST]), CAME, "pass_lost"),
        (told(WORKFLOW, [*ACTIVE, CONFISCATED]), CAME, "pass_confiscated"),
        (told(WORKFLOW, [*ACTIVE, EXPIRED]), CAME, "pass_expired"),
        (HELD, replace(CONFISCATED, reason=""), "reason_missing"),
    ],
)
def test_guards(state: ContractorPass, event: Event, code: str) -> None:
    assert refused(WORKFLOW, state, event) == code


def test_a_renewal_before_the_end_moves_the_end() -> None:
    renewed = told(WORKFLOW, [*ACTIVE, CHANGED])
    assert (renewed.terms.units, renewed.terms.number, renewed.terms.person) == (("3-1203",), TERMS.number, TERMS.person)
    assert contractor_pass.due(renewed, at(48)) is None
    assert contractor_pass.due(renewed, at(72)) == PassExpired(at=at(72))


def test_a_pass_ends_with_its_permit_and_not_later_than_it_did() -> None:
    cut = told(WORKFLOW, [*ACTIVE, CUT_SHORT])
    assert contractor_pass.due(cut, at(24)) == PassExpired(at=at(24))
    assert told(WORKFLOW, [*ACTIVE, CUT_SHORT, replace(CUT_SHORT, valid_until=at(30))]) == cut
    assert contractor_pass.due(told(WORKFLOW, [*ACTIVE, CONFISCATED, CUT_SHORT, RESTORED]), at(24)) == PassExpired(at=at(24))


def test_what_is_outstanding_goes_on_to_the_new_pass() -> None:
    fire = replace(REPORTED, what="动火无证")
    known = told(WORKFLOW, [*ACTIVE, REPORTED, fire])
    assert known.violations == (REPORTED.what, fire.what)
    again = told(WORKFLOW, [replace(ISSUED, violations=known.violations), HANDED_OVER])
    assert refused(WORKFLOW, again, CAME) == "violation_outstanding"
    assert told(WORKFLOW, [*ACTIVE, REPORTED, LOST, REPLACED]).violations == ()


def test_a_count_that_differs_is_believed() -> None:
    missing = CountDiffered(at=at(23), by=RELIEF, post="east", found=False, recorded="east")
    assert told(WORKFLOW, [*INSIDE, missing]).held_at == ""
    assert told(WORKFLOW, [*INSIDE, replace(DIFFERED, recorded="east")]).held_at == "north"


def test_who_is_found_on_a_board_came_in_by_then_unless_the_entry_is_known() -> None:
    assert told(WORKFLOW, [*ACTIVE, DIFFERED]).entered_at == DIFFERED.at
    assert told(WORKFLOW, [*INSIDE, replace(DIFFERED, recorded="east")]).entered_at == CAME.at
    heard, _ = contractor_pass.reconcile([*facts("office", *ACTIVE), *facts("east", COUNTED)])
    assert (heard.is_inside, heard.entered_at) == (True, COUNTED.at)


@pytest.mark.parametrize(
    ("known", "refusal", "found"),
    [([ISSUED], "not_now", "out_of_order"), (PATHS["returned"], "pass_returned", "duplicate_count_differs")],
)
def test_a_count_lets_nobody_in_whose_pass_is_not_out(known: list[Event], refusal: str, found: str) -> None:
    assert refused(WORKFLOW, told(WORKFLOW, known), DIFFERED) == refusal
    for event in (DIFFERED, COUNTED):
        state, findings = contractor_pass.reconcile([*facts("office", *known), *facts("west", event)])
        assert (state.is_inside, state.held_at, [each.code for each in findings]) == (False, "", [found])


@pytest.mark.parametrize(
    ("story", "hour", "event"),
    [
        ([*ACTIVE, EXPIRED], 48 + WEEK - 1, None),
        ([*ACTIVE, EXPIRED], 48 + WEEK, FORGOTTEN),
        ([*ACTIVE, REVOKED], 12 + WEEK, PassForgotten(at=at(12 + WEEK))),
        ([*ACTIVE, LOST], 48 + WEEK, FORGOTTEN),
        ([*INSIDE, EXPIRED], 48 + WEEK, None),
        ([*INSIDE, EXPIRED, replace(LEFT, at=at(49))], 48 + WEEK, FORGOTTEN),
        ([*ACTIVE, EXPIRED, FORGOTTEN], 99 + WEEK, None),
        ([*ACTIVE, RETURNED], 48 + WEEK, None),
    ],
)
def test_when_gates_forget_a_pass(story: list[Event], hour: float, event: Event | None) -> None:
    assert contractor_pass.due(told(WORKFLOW, story), at(hour)) == event


def test_an_expired_pass_is_confiscated_at_the_gate_and_its_holder_can_leave() -> None:
    state = told(WORKFLOW, [*INSIDE, EXPIRED, replace(CONFISCATED, at=at(49)), replace(LEFT, at=at(49))])
    assert (state.state, state.held_at) == ("confiscated", "")


def test_a_duplicate_in_transfer_stays_on_the_board_until_it_is_back() -> None:
    assert (IN_TRANSFER.is_inside, IN_TRANSFER.is_in_transfer, IN_TRANSFER.held_at, IN_TRANSFER.left_by) == (
        False,
        True,
        "east",
        "north",
    )
    back = told(WORKFLOW, [issued(leaves_anywhere=True), HANDED_OVER, CAME, LEFT_NORTH, BROUGHT_BACK])
    assert (back.held_at, back.left_by) == ("", "")


def test_a_pass_follows_its_holder_through_lanes_whatever_it_says() -> None:
    gone = replace(PASSED, held_at="", left_by="")
    moved = told(WORKFLOW, [*INSIDE, PASSED])  # the site does not let them leave elsewhere: they have left
    assert (moved.held_at, moved.left_by, moved.entered_at, moved.is_in_transfer) == ("east", "north", at(8), True)
    assert told(WORKFLOW, [*INSIDE, PASSED, BROUGHT_BACK]).held_at == told(WORKFLOW, [*INSIDE, gone]).held_at == ""
    came = told(WORKFLOW, [*ACTIVE, replace(PASSED, left_by="")])
    assert (came.is_inside, came.entered_at) == (True, at(17))
    returned = told(WORKFLOW, [*PATHS["returned"], PASSED])
    assert returned.held_at == "", "both parts are in the office"


def test_the_board_is_the_list_of_who_is_inside_through_a_post() -> None:
    earlier = replace(WORKING, entered_at=at(7), terms=replace(TERMS, number="2026-0100"))
    elsewhere = replace(WORKING, held_at="north")
    assert pass_boards.board([WORKING, HELD, elsewhere, earlier], "east") == [earlier, WORKING]


@pytest.mark.parametrize(
    ("moment", "in_hours", "late"), [(at(17), True, False), (at(18), False, True), (at(48), True, True), (at(8), True, False)]
)
def test_who_is_overdue_at_the_end_of_the_hours(moment: datetime, in_hours: bool, late: bool) -> None:
    asked: list[str] = []

    def open_now(schedule: str) -> bool:
        asked.append(schedule)
        return in_hours

    everyone, overdue = [WORKING, HELD, IN_TRANSFER], {("east", "明亮装饰", "R-31"): [WORKING]}
    assert pass_boards.overdue(everyone, moment, open_now, {"R-31"}.__contains__) == (overdue if late else {})
    assert pass_boards.overdue(everyone, moment, open_now, set[str]().__contains__) == overdue
    assert set(asked) <= {"work"}


LATER = replace(CAME, at=at(9.5), post="north")
OFFICE = facts("office", ISSUED, HANDED_OVER)


@pytest.mark.parametrize(
    ("recorded", "found", "held_at", "left_by"),
    [
        ([*OFFICE, *facts("east", CAME, LEFT)], [], "", ""),
        ([*OFFICE, *facts("east", CAME), *facts("north", LEFT_NORTH)], ["left_by_other_post"], "east", "north"),
        (
            [*OFFICE, *facts("east", CAME, MISSED), *facts("north", LEFT_NORTH)],
            ["left_by_other_post", "duplicate_count_differs"],
            "",
            "",
        ),
        ([*OFFICE, *facts("east", CAME, COUNTED), *facts("north", LEFT_NORTH)], ["left_by_other_post"], "east", "north"),
        ([*OFFICE, *facts("north", LEFT_NORTH)], ["duplicate_given_back_unheld"], "", ""),
        ([*OFFICE, *facts("east", CAME), *facts("north", LATER)], ["duplicate_held_twice"], "north", ""),
        (
            [*OFFICE, *facts("east", CAME, COUNTED), *facts("north", LATER)],
            ["duplicate_held_twice", "duplicate_count_differs"],
            "east",
            "",
        ),
        ([*facts("office", ISSUED, HANDED_OVER, LOST), *facts("north", LATER)], ["admitted_after_revocation"], "north", ""),
        ([*facts("office", ISSUED, HANDED_OVER, REVOKED), *facts("east", CAME)], [], "east", ""),
        ([*OFFICE, *facts("east", replace(CAME, in_hours=False))], ["admitted_outside_window"], "east", ""),
        ([*OFFICE, *facts("east", replace(CAME, at=at(50)))], ["admitted_outside_window"], "east", ""),
    ],
)
def test_posts_and_office_apart(recorded: Any, found: list[str], held_at: str, left_by: str) -> None:
    reconciled, _ = contractor_pass.reconcile(recorded)
    assert (codes(WORKFLOW, recorded), reconciled.held_at, reconciled.left_by) == (found, held_at, left_by)


CAME_LATE = replace(CAME, at=at(20))


@pytest.mark.parametrize(
    ("known", "happened", "refusal", "found"),
    [
        ([*ACTIVE, REVOKED], CAME_LATE, "pass_revoked", "admitted_after_revocation"),
        ([*ACTIVE, CONFISCATED], CAME_LATE, "pass_confiscated", "admitted_after_revocation"),
        ([*ACTIVE, RETURNED], CAME_LATE, "pass_returned", "admitted_after_revocation"),
        (
            [issued(leaves_anywhere=True), HANDED_OVER, CAME, LEFT_NORTH],
            CAME_LATE,
            "duplicate_in_transfer",
            "duplicate_held_twice",
        ),
        ([issued(valid_from=at(21)), HANDED_OVER], CAME_LATE, "pass_not_valid_now", "admitted_outside_window"),
        ([*ACTIVE, REPORTED], CAME_LATE, "violation_outstanding", "out_of_order"),
        (INSIDE, BROUGHT_BACK, "not_in_transfer", "out_of_order"),
    ],
)
def test_what_each_impossible_act_is_called(known: list[Event], happened: Event, refusal: str, found: str) -> None:
    state, findings = contractor_pass.reconcile([*facts("office", *known), *facts("west", happened)])
    assert [(finding.refusal, finding.code) for finding in findings] == [(refusal, found)]
    assert state.held_at == ("" if happened is BROUGHT_BACK else "east")


def test_deposit_and_new_number_are_noted() -> None:
    assert told(WORKFLOW, ACTIVE).deposit == "50 元"
    assert told(WORKFLOW, PATHS["returned"]).deposit == "returned"
    assert told(WORKFLOW, PATHS["replaced"]).replaced_by == "2026-0118"


# A count that is believed hangs duplicates by itself: boards of these stories are those of hands alone.
AT_THE_POST = (WorkerEntered, WorkerLeft, HolderPassed, DuplicateBroughtBack, DuplicateCounted)
IN_THE_OFFICE = [event for event in SAMPLES if not isinstance(event, AT_THE_POST)]


class PassStories(RuleBasedStateMachine):
    """Any order of events: a pass is never inside twice, hangs on one board, and every refused event changes nothing."""

    def __init__(self) -> None:
        super().__init__()
        self.held = ContractorPass()
        self.boards: dict[str, int] = {"east": 0, "north": 0}

    def happens(self, event: Event) -> bool:
        before = self.held
        moved = contractor_pass.advance(before, event)
        assert self.held == before
        if isinstance(moved, Refusal):
            return False
        self.held = moved
        return True

    @rule(event=st.sampled_from(IN_THE_OFFICE))
    def something_in_the_office(self, event: Event) -> None:
        self.happens(event)

    @rule(anywhere=st.booleans())
    def begins(self, anywhere: bool) -> None:
        if self.happens(issued(leaves_anywhere=anywhere)):
            self.happens(HANDED_OVER)

    @rule(post=st.sampled_from(["east", "north"]), places=st.integers(0, 1))
    def comes(self, post: str, places: int) -> None:
        if self.happens(replace(CAME, post=post, places_left=places)):
            self.boards[post] += 1

    @rule(post=st.sampled_from(["east", "north"]))
    def goes(self, post: str) -> None:
        held_at = self.held.held_at
        if self.happens(replace(LEFT, post=post)) and post == held_at:
            self.boards[post] -= 1

    @rule(held_at=st.sampled_from(["", "east", "north"]), left=st.booleans())
    def passes_by_a_lane(self, held_at: str, left: bool) -> None:
        before = self.held.held_at
        if self.happens(replace(PASSED, held_at=held_at, left_by="south" if held_at and left else "")):
            for post, by in ((before, -1), (self.held.held_at, 1)):
                if post:
                    self.boards[post] += by

    @rule()
    def duplicate_comes_back(self) -> None:
        held_at = self.held.held_at
        if self.happens(BROUGHT_BACK):
            self.boards[held_at] -= 1

    @invariant()
    def boards_hold_what_the_pass_says(self) -> None:
        assert self.boards == {post: int(post == self.held.held_at) for post in self.boards}

    @invariant()
    def nobody_returns_a_pass_whose_duplicate_hangs(self) -> None:
        assert not (self.held.state == "returned" and self.held.held_at)

    @invariant()
    def inside_and_in_transfer_exclude_each_other(self) -> None:
        assert not (self.held.is_inside and self.held.is_in_transfer)


TestPassStories = PassStories.TestCase
