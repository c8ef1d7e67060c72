"""Goods-release slips: rights, approvals, trips line by line, and what two gates apart release on one slip."""

from dataclasses import replace
from decimal import Decimal
from hashlib import sha256
from typing import Any

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from access.workflows import release_slip
from access.workflows.events import Event, Who
from access.workflows.quantities import quantity
from access.workflows.refusals import Refusal
from access.workflows.release_slip import (
    WORKFLOW,
    MismatchFound,
    NightApprovalReviewed,
    Paper,
    Released,
    ReleaseSlip,
    SlipApproved,
    SlipApprovedAtNight,
    SlipCancelled,
    SlipCollected,
    SlipCorrected,
    SlipDrafted,
    SlipExpired,
    SlipForgotten,
    SlipLine,
    SlipPresented,
    SlipSubmitted,
    SlipTerms,
    TripReleased,
)
from tests.access.workflows.cast import GOODS_CLERK, GUARD, LEADER, MANAGER, REGISTRAR, RELIEF, at, codes, facts, refused, told
from tests.access.workflows.matrix import matrix

OWNER = Who("owner-1", "resident")
CHAIRS, CLOTH = SlipLine(1, "椅子", quantity(4), "把"), SlipLine(2, "布料", quantity("2.5"), "米")
TERMS = SlipTerms(number="F-88", applicant=OWNER.id, lines=(CHAIRS, CLOTH), plates=("粤B12345",), valid_until=at(24))


def carrying(*lines: tuple[int, str]) -> tuple[Released, ...]:
    return tuple(Released(line, quantity(text)) for line, text in lines)


DRAFTED = SlipDrafted(at=at(9), by=OWNER, terms=TERMS)
SUBMITTED = SlipSubmitted(at=at(9), by=OWNER)
APPROVED = SlipApproved(at=at(10), by=GOODS_CLERK)
AT_NIGHT = SlipApprovedAtNight(at=at(22), by=LEADER, reason="moving out at once", only_gate="east")
REVIEWED = NightApprovalReviewed(at=at(33), by=MANAGER, review="in order")
CANCELLED = SlipCancelled(at=at(11), by=OWNER, reason="not today")
PRESENTED = SlipPresented(at=at(14), by=GUARD, gate="east")
TRIP = TripReleased(at=at(14), by=GUARD, gate="east", carrier="李四", plate="粤B12345", released=carrying((1, "3")))
REST = replace(TRIP, at=at(16), released=carrying((1, "1"), (2, "2.5")))
ALL = replace(TRIP, released=carrying((1, "4"), (2, "2.5")))
MISMATCH = MismatchFound(at=at(15), by=GUARD, what="five chairs")
CORRECTED = SlipCorrected(at=at(15.5), by=GOODS_CLERK, number="F-89")
COLLECTED = SlipCollected(at=at(17), by=GUARD)
EXPIRED = SlipExpired(at=at(24))
FORGOTTEN = SlipForgotten(at=at(24))

ON_THE_WAY: list[Event] = [DRAFTED, SUBMITTED, APPROVED]
SHOWN: list[Event] = [*ON_THE_WAY, PRESENTED]
NIGHT: list[Event] = [DRAFTED, SUBMITTED, AT_NIGHT]
PATHS: dict[str, list[Event]] = {
    "new": [],
    "draft": [DRAFTED],
    "submitted": [DRAFTED, SUBMITTED],
    "approved": NIGHT,
    "presented": [*NIGHT, PRESENTED],
    "partly_released": [*NIGHT, PRESENTED, TRIP],
    "released": [*NIGHT, PRESENTED, ALL],
    "held": [*NIGHT, PRESENTED, MISMATCH],
    "collected": [*NIGHT, PRESENTED, ALL, COLLECTED],
    "corrected": [*NIGHT, PRESENTED, MISMATCH, CORRECTED],
    "cancelled": [*NIGHT, CANCELLED],
    "expired": [*NIGHT, EXPIRED],
}
SAMPLES = [
    *(DRAFTED, SUBMITTED, APPROVED, AT_NIGHT, REVIEWED, CANCELLED, PRESENTED, replace(TRIP, released=carrying((1, "1")))),
    *(MISMATCH, CORRECTED, COLLECTED, EXPIRED, FORGOTTEN),
]
TABLE = """
                       new    draft      submitted  approved   presented        partly_released
SlipDrafted            draft  .          .          .          .                .
SlipSubmitted          .      submitted  .          .          .                .
SlipCancelled          .      cancelled  cancelled  cancelled  cancelled        cancelled
SlipExpired            .      expired    expired    expired    expired          .
SlipApproved           .      .          approved   .          .                .
SlipApprovedAtNight    .      .          approved   .          .                .
TripReleased           .      .          no         no         partly_released  =
SlipPresented          .      .          .          presented  =                =
NightApprovalReviewed  .      .          .          =          =                =
MismatchFound          .      .          .          .          held             held
SlipForgotten          .      .          .          .          .                =
SlipCollected          .      .          .          .          .                collected
SlipCorrected          .      .          .          .          .                .

                       released   held       collected  corrected  cancelled  expired
SlipDrafted            .          .          .          .          .          .
SlipSubmitted          .          .          .          .          .          .
SlipCancelled          .          cancelled  .          .          .          .
SlipExpired            .          expired    .          .          .          .
SlipApproved           .          .          .          .          .          .
SlipApprovedAtNight    .          .          .          .          .          .
TripReleased           no         no         no         no         no         no
SlipPresented          no         no         no         no         no         no
NightApprovalReviewed  =          =          =          =          =          =
MismatchFound          .          .          .          .          .          .
SlipForgotten          .          no         .          .          .          .
SlipCollected          collected  .          .          =          collected  collected
SlipCorrected          .          corrected  .          .          .          .
"""


def test_every_event_in_every_state() -> None:
    assert matrix(WORKFLOW, PATHS, SAMPLES) == TABLE.strip("\n")


ASKED_FOR = told(WORKFLOW, [DRAFTED, SUBMITTED])
READY = told(WORKFLOW, SHOWN)
BY_NIGHT = told(WORKFLOW, PATHS["presented"])


def drafted(**terms: Any) -> ReleaseSlip:
    return told(WORKFLOW, [replace(DRAFTED, terms=replace(TERMS, **terms))])


def letter(*lines: SlipLine, person: str = OWNER.id) -> tuple[Paper, ...]:
    return (Paper("authorisation", "letter-5", person, lines),)


@pytest.mark.parametrize(
    ("state", "event", "code"),
    [
        (drafted(lines=()), SUBMITTED, "slip_empty"),
        (drafted(right="tenant"), SUBMITTED, "papers_missing"),
        (drafted(right="tenant", papers=(Paper("owner_consent", "doc-1"),)), SUBMITTED, ""),
        (drafted(right="company", papers=(Paper("owner_consent", "doc-1"),)), SUBMITTED, "papers_missing"),
        (drafted(right="decoration", papers=(Paper("contractor_confirmation", "doc-2"),)), SUBMITTED, ""),
        (drafted(right="third_party", papers=letter(CHAIRS, CLOTH)), SUBMITTED, ""),
        (drafted(right="third_party", papers=letter(CHAIRS)), SUBMITTED, "not_authorised"),
        (drafted(right="third_party", papers=letter(replace(CHAIRS, asked=Decimal(3)), CLOTH)), SUBMITTED, "not_authorised"),
        (drafted(right="third_party", papers=letter(CHAIRS, CLOTH, person="other")), SUBMITTED, "not_authorised"),
        (
            drafted(lines=(CHAIRS, replace(CHAIRS, number=2)), right="third_party", papers=letter(CHAIRS)),
            SUBMITTED,
            "not_authorised",
        ),
        (ASKED_FOR, replace(APPROVED, by=REGISTRAR), "office_only"),
        (ASKED_FOR, replace(APPROVED, by=Who(OWNER.id, "goods_clerk")), "own_request"),
        (ASKED_FOR, replace(AT_NIGHT, by=GUARD), "leader_only"),
        (ASKED_FOR, replace(AT_NIGHT, reason=""), "reason_missing"),
        (ASKED_FOR, TRIP, "slip_not_approved"),
        (told(WORKFLOW, ON_THE_WAY), TRIP, "slip_not_presented"),
        (told(WORKFLOW, ON_THE_WAY), REVIEWED, "no_review_due"),
        (told(WORKFLOW, ON_THE_WAY), replace(PRESENTED, at=at(24)), "slip_over"),
        (told(WORKFLOW, NIGHT), replace(PRESENTED, gate="north"), "wrong_gate"),
        (told(WORKFLOW, NIGHT), replace(REVIEWED, by=GUARD), "office_only"),
        (told(WORKFLOW, NIGHT), replace(REVIEWED, by=Who(LEADER.id, "site_manager")), "own_request"),
        (told(WORKFLOW, NIGHT), replace(REVIEWED, review=" "), "review_missing"),
        (READY, replace(MISMATCH, what=""), "mismatch_missing"),
        (told(WORKFLOW, [*PATHS["corrected"], COLLECTED]), COLLECTED, "slip_collected"),
        (READY, replace(TRIP, at=at(24)), "slip_over"),
        (READY, replace(TRIP, gate="north"), ""),
        (BY_NIGHT, replace(TRIP, gate="north"), "wrong_gate"),
        (BY_NIGHT, replace(TRIP, by=LEADER), "issuer_checks"),
        (READY, replace(TRIP, by=GOODS_CLERK), "issuer_checks"),
        (READY, replace(TRIP, carrier=" "), "carrier_missing"),
        (READY, replace(TRIP, plate="粤B99999"), "other_vehicle"),
        (READY, replace(TRIP, plate=""), ""),
        (READY, replace(TRIP, released=carrying((3, "1"))), "line_unknown"),
        (READY, replace(TRIP, released=carrying((1, "5"))), "over_released"),
        (READY, replace(TRIP, released=carrying((2, "2.501"))), "over_released"),
        (READY, replace(TRIP, released=carrying((1, "3"), (1, "2"))), "over_released"),
        (told(WORKFLOW, [*SHOWN, TRIP]), replace(REST, released=carrying((1, "2"))), "over_released"),
        (told(WORKFLOW, [*SHOWN, ALL]), TRIP, "slip_used_up"),
        (told(WORKFLOW, [*SHOWN, ALL]), PRESENTED, "slip_used_up"),
        (told(WORKFLOW, [*SHOWN, MISMATCH]), TRIP, "slip_held"),
        (told(WORKFLOW, [*SHOWN, MISMATCH]), replace(CORRECTED, number="F-88"), "number_not_new"),
        (told(WORKFLOW, [*SHOWN, TRIP, COLLECTED]), REST, "slip_collected"),
    ],
)
def test_guards(state: ReleaseSlip, event: Event, code: str) -> None:
    assert refused(WORKFLOW, state, event) == code


def test_trips_add_up_to_the_slip() -> None:
    partly = told(WORKFLOW, [*SHOWN, TRIP])
    assert (partly.state, partly.left()) == ("partly_released", {1: Decimal(1), 2: Decimal("2.5")})
    whole = told(WORKFLOW, [*SHOWN, TRIP, REST])
    assert (whole.state, whole.released(1), whole.released(2)) == ("released", Decimal(4), Decimal("2.5"))
    assert [(trip.guard, trip.carrier, trip.plate) for trip in whole.trips] == [(GUARD.id, "李四", "粤B12345")] * 2


def test_a_slip_is_outstanding_until_it_is_collected() -> None:
    assert [release_slip.is_outstanding(told(WORKFLOW, PATHS[state])) for state in ("submitted", "approved", "expired")] == [
        False,
        True,
        True,
    ]
    assert release_slip.is_outstanding(told(WORKFLOW, [*SHOWN, ALL]))
    assert not release_slip.is_outstanding(told(WORKFLOW, [*SHOWN, ALL, COLLECTED]))
    assert not release_slip.is_outstanding(told(WORKFLOW, [*ON_THE_WAY, EXPIRED, replace(COLLECTED, at=at(30))]))
    assert release_slip.is_outstanding(told(WORKFLOW, PATHS["corrected"]))
    assert not release_slip.is_outstanding(told(WORKFLOW, [*PATHS["corrected"], COLLECTED]))


def test_the_digest_is_of_what_the_lines_say_and_not_of_how_it_is_written() -> None:
    cloth = replace(CLOTH, asked=Decimal("2.500"))
    assert release_slip.lines_digest((CHAIRS, CLOTH)) == release_slip.lines_digest((cloth, CHAIRS))
    canonical = '[[1,"椅子","4","把",""],[2,"布料","2.5","米",""]]'
    assert release_slip.lines_digest((CHAIRS, CLOTH)) == sha256(canonical.encode()).hexdigest()
    for other in (replace(CLOTH, asked=Decimal("2.501")), replace(CLOTH, remark="旧"), replace(CLOTH, number=3)):
        assert release_slip.lines_digest((CHAIRS, other)) != release_slip.lines_digest((CHAIRS, CLOTH))
    assert release_slip.lines_digest((replace(CHAIRS, asked=Decimal("1E+2")),)) == release_slip.lines_digest(
        (replace(CHAIRS, asked=Decimal(100)),)
    )


def test_a_slip_knows_where_it_was_shown_and_who_took_it() -> None:
    taken = told(WORKFLOW, PATHS["collected"])
    assert (taken.presented_at, taken.collected_by) == ("east", GUARD.id)


def test_a_night_approval_comes_up_for_review_once() -> None:
    assert release_slip.is_review_due(told(WORKFLOW, PATHS["collected"]))
    reviewed = told(WORKFLOW, [*PATHS["collected"], REVIEWED])
    assert not release_slip.is_review_due(reviewed)
    assert refused(WORKFLOW, reviewed, REVIEWED) == "no_review_due"


def test_what_is_left_of_a_slip_is_forgotten_once() -> None:
    for path in (PATHS["partly_released"], [*PATHS["partly_released"], MISMATCH]):
        forgotten = told(WORKFLOW, [*path, FORGOTTEN])
        assert (forgotten.forgotten, release_slip.due(forgotten, at(99))) == (True, None)
        assert (
            told(WORKFLOW, [*path, FORGOTTEN, replace(CANCELLED, at=at(25)), replace(COLLECTED, at=at(26))]).state == "collected"
        )


@pytest.mark.parametrize(
    ("path", "hour", "event"),
    [
        ("approved", 24 - 1 / 3600, None),
        *((state, 24, EXPIRED) for state in ("draft", "submitted", "approved", "presented", "held")),
        ("partly_released", 24, FORGOTTEN),
        *((state, 99, None) for state in ("new", "released", "collected", "cancelled", "expired", "corrected")),
    ],
)
def test_what_time_does(path: str, hour: float, event: Event | None) -> None:
    assert release_slip.due(told(WORKFLOW, PATHS[path]), at(hour)) == event


@pytest.mark.parametrize(
    "text", ["0", "0.000", "-1", "+1", "1e3", "1,5", "1.2345", "1000000", "", " 1", "NaN", "Infinity", "٣", 1.5]
)
def test_what_is_no_quantity(text: Any) -> None:
    with pytest.raises(ValueError, match="quantity"):
        quantity(text)


@pytest.mark.parametrize(("text", "number"), [("1", "1"), (7, "7"), ("0.001", "0.001"), ("999999.999", "999999.999")])
def test_quantities(text: str | int, number: str) -> None:
    assert quantity(text) == Decimal(number)


@pytest.mark.parametrize(
    "wrong",
    [
        lambda: replace(TERMS, right="finder"),
        lambda: replace(TERMS, lines=(CHAIRS, CHAIRS)),
        lambda: replace(TERMS, lines=tuple(replace(CHAIRS, number=number) for number in range(51))),
        lambda: replace(TRIP, released=()),
        lambda: replace(TRIP, released=(Released(1, Decimal(-1)),)),
    ],
)
def test_what_is_no_slip_and_no_trip(wrong: Any) -> None:
    with pytest.raises(ValueError, match=r"right|lines|carries"):
        wrong()


OFFICE = facts("office", *ON_THE_WAY)
NORTH = (replace(PRESENTED, at=at(15), gate="north", by=RELIEF), replace(ALL, at=at(15), gate="north", by=RELIEF))


@pytest.mark.parametrize(
    ("recorded", "found", "state", "left"),
    [
        ([*OFFICE, *facts("east", PRESENTED, TRIP, REST, COLLECTED)], [], "collected", 0),
        ([*OFFICE, *facts("east", PRESENTED, TRIP), *facts("north", *NORTH)], ["over_released"], "released", -3),
        (
            [*OFFICE, *facts("east", PRESENTED, ALL), *facts("north", *NORTH)],
            ["shown_after_end", "over_released"],
            "released",
            -4,
        ),
        (
            [*facts("office", *ON_THE_WAY, CANCELLED), *facts("east", PRESENTED, ALL)],
            ["shown_after_end", "released_after_revocation"],
            "released",
            0,
        ),
        (
            [*OFFICE, *facts("east", replace(PRESENTED, at=at(25)), replace(ALL, at=at(25)))],
            ["shown_after_end", "released_outside_window"],
            "released",
            0,
        ),
        ([*facts("office", DRAFTED, SUBMITTED), *facts("east", ALL)], ["released_unapproved"], "released", 0),
    ],
)
def test_gates_and_office_apart(recorded: Any, found: list[str], state: str, left: int) -> None:
    reconciled, _ = release_slip.reconcile(recorded)
    assert (codes(WORKFLOW, recorded), reconciled.state, int(reconciled.left()[1])) == (found, state, left)


SHOWN_LATE, TRIP_LATE = replace(PRESENTED, at=at(18)), replace(TRIP, at=at(18))
NEXT_DAY = at(25)


@pytest.mark.parametrize(
    ("known", "happened", "refusal", "found"),
    [
        ([*SHOWN, ALL, COLLECTED], SHOWN_LATE, "slip_collected", "shown_after_end"),
        ([*SHOWN, MISMATCH, CORRECTED], SHOWN_LATE, "slip_corrected", "shown_after_end"),
        ([*SHOWN, TRIP], replace(PRESENTED, at=NEXT_DAY), "slip_over", "shown_after_end"),
        ([*SHOWN, TRIP, COLLECTED], TRIP_LATE, "slip_collected", "pass_used_twice"),
        ([*SHOWN, MISMATCH, CORRECTED], TRIP_LATE, "slip_corrected", "released_after_revocation"),
        ([*SHOWN, MISMATCH], TRIP_LATE, "slip_held", "released_after_revocation"),
        ([*SHOWN, TRIP], replace(TRIP, at=NEXT_DAY, released=carrying((1, "1"))), "slip_over", "released_outside_window"),
        ([DRAFTED], TRIP_LATE, "not_now", "released_unapproved"),
        (ON_THE_WAY, TRIP_LATE, "slip_not_presented", "out_of_order"),
    ],
)
def test_what_each_impossible_act_is_called(known: list[Event], happened: Event, refusal: str, found: str) -> None:
    _, findings = release_slip.reconcile([*facts("office", *known), *facts("west", happened)])
    assert [(finding.refusal, finding.code) for finding in findings] == [(refusal, found)]


def test_a_corrected_slip_names_the_one_that_stands_for_it() -> None:
    assert told(WORKFLOW, PATHS["corrected"]).replaced_by == "F-89"


class SlipStories(RuleBasedStateMachine):
    """Any order of events: never more out than asked, sums that agree with the trips, refused events that change nothing."""

    def __init__(self) -> None:
        super().__init__()
        self.slip = ReleaseSlip()
        self.out = {1: Decimal(), 2: Decimal()}

    def happens(self, event: Event) -> bool:
        before = self.slip
        moved = release_slip.advance(before, event)
        assert self.slip == before
        if isinstance(moved, Refusal):
            return False
        self.slip = moved
        return True

    @rule()
    def is_approved(self) -> None:
        for event in SHOWN:
            self.happens(event)

    @rule(event=st.sampled_from([event for event in SAMPLES if not isinstance(event, TripReleased)]))
    def something(self, event: Event) -> None:
        self.happens(event)

    @rule(line=st.sampled_from([1, 2, 3]), thousandths=st.integers(1, 3_000), guard=st.sampled_from([GUARD, GOODS_CLERK]))
    def goes_out(self, line: int, thousandths: int, guard: Who) -> None:
        part = Released(line, Decimal(thousandths) / 1000)
        if self.happens(replace(TRIP, by=guard, released=(part,))):
            self.out[line] += part.quantity

    @invariant()
    def never_more_than_asked(self) -> None:
        assert all(rest >= 0 for rest in self.slip.left().values())
        assert {line: self.slip.released(line) for line in self.out} == self.out

    @invariant()
    def released_says_that_nothing_is_left(self) -> None:
        if self.slip.state in {"released", "partly_released"}:
            assert (self.slip.state == "released") == (not any(self.slip.left().values()))

    @invariant()
    def who_issued_did_not_check(self) -> None:
        assert self.slip.approved_by not in {trip.guard for trip in self.slip.trips}


TestSlipStories = SlipStories.TestCase
