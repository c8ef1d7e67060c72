"""Visits: what each state lets happen, who may say yes, how a party is counted, and what two gates apart make of one visit."""

from dataclasses import replace
from typing import Any, cast

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from access.obligations import OBLIGATIONS
from access.workflows import visit
from access.workflows.events import Event, Who
from access.workflows.refusals import Refusal
from access.workflows.visit import (
    CATEGORIES,
    WORKFLOW,
    AnswerTimeEnded,
    CardGivenBack,
    CardLent,
    Category,
    HostAgreed,
    LentCardLost,
    Visit,
    VisitAnnounced,
    VisitApproved,
    VisitAsked,
    VisitCancelled,
    VisitExpired,
    VisitorsArrived,
    VisitorsLeft,
    VisitorsPassed,
    VisitOverstayed,
    VisitRefused,
    VisitTerms,
)
from tests.access.workflows.cast import DEPUTY, GUARD, HOST, REGISTRAR, at, codes, facts, refused, told
from tests.access.workflows.matrix import matrix

CATEGORY = {category.code: category for category in CATEGORIES}
TERMS = VisitTerms(
    category=CATEGORY["appointment"],
    host=HOST.id,
    deputies=(DEPUTY.id,),
    party=2,
    gates=("east", "north"),
    valid_from=at(9),
    valid_until=at(18),
    answer_by=at(12),
)
ANNOUNCED = VisitAnnounced(at=at(7), by=HOST, terms=TERMS)
ASKED = VisitAsked(at=at(10), by=GUARD, terms=replace(TERMS, category=CATEGORY["unannounced"]))
APPROVED = VisitApproved(at=at(8), by=HOST)
REFUSED = VisitRefused(at=at(8), by=HOST, reason="away")
CANCELLED = VisitCancelled(at=at(10), by=HOST, reason="ill")
AGREED = HostAgreed(at=at(10), by=GUARD, said_by=DEPUTY.id, means="phone", gate="east", met=("wait_outside", "lead_in"))
CAME = VisitorsArrived(at=at(11), by=GUARD, gate="east", met=("lead_in",))
LEFT = VisitorsLeft(at=at(17), by=GUARD, gate="north")
GOES_IN = VisitorsPassed(at=at(12), by=GUARD, way="in")
GOES_OUT = replace(GOES_IN, at=at(13), way="out")
LENT = CardLent(at=at(11), by=GUARD, card="V-7")
GIVEN_BACK = CardGivenBack(at=at(17), by=GUARD, card="V-7")
GONE = LentCardLost(at=at(11), by=GUARD, card="V-7")
UNANSWERED = AnswerTimeEnded(at=at(12))
EXPIRED = VisitExpired(at=at(18))
OVERSTAYED = VisitOverstayed(at=at(18))

PATHS: dict[str, list[Event]] = {
    "new": [],
    "announced": [ANNOUNCED],
    "asked": [ASKED],
    "approved": [ANNOUNCED, APPROVED],
    "in": [ANNOUNCED, APPROVED, CAME, LENT],
    "out": [ANNOUNCED, APPROVED, CAME, LENT, LEFT],
    "overstayed": [ANNOUNCED, APPROVED, CAME, LENT, OVERSTAYED],
    "refused": [ANNOUNCED, REFUSED],
    "cancelled": [ANNOUNCED, CANCELLED],
    "expired": [ANNOUNCED, APPROVED, EXPIRED],
}
SAMPLES = [
    *(ANNOUNCED, ASKED, APPROVED, REFUSED, CANCELLED, AGREED, CAME, LEFT, GOES_IN, replace(LENT, card="V-8"), GIVEN_BACK),
    *(GONE, UNANSWERED, EXPIRED, OVERSTAYED),
]
TABLE = """
                 new        announced  asked     approved   in          out
VisitAnnounced   announced  .          .         .          .           .
VisitAsked       asked      .          .         .          .           .
VisitApproved    .          approved   approved  .          .           .
VisitRefused     .          refused    refused   .          .           .
VisitCancelled   .          cancelled  .         cancelled  =           =
AnswerTimeEnded  .          refused    refused   .          .           .
VisitExpired     .          no         no        expired    .           expired
VisitorsArrived  .          no         no        in         =           in
HostAgreed       .          .          in        .          .           .
VisitorsPassed   .          .          .         in         =           in
VisitorsLeft     .          .          .         .          out         .
VisitOverstayed  .          .          .         .          overstayed  .
CardLent         .          .          .         .          =           .
CardGivenBack    .          .          .         .          =           =
LentCardLost     .          .          .         .          =           =

                 overstayed  refused  cancelled  expired
VisitAnnounced   .           .        .          .
VisitAsked       .           .        .          .
VisitApproved    .           .        .          .
VisitRefused     .           .        .          .
VisitCancelled   .           .        .          .
AnswerTimeEnded  .           .        .          .
VisitExpired     .           .        .          .
VisitorsArrived  no          no       no         no
HostAgreed       .           no       .          no
VisitorsPassed   =           .        .          overstayed
VisitorsLeft     out         .        .          .
VisitOverstayed  .           .        .          .
CardLent         =           .        .          .
CardGivenBack    =           .        .          no
LentCardLost     =           .        .          no
"""


def test_every_event_in_every_state() -> None:
    assert matrix(WORKFLOW, PATHS, SAMPLES) == TABLE.strip("\n")


ASKED_FOR = told(WORKFLOW, [ASKED])
ALLOWED = told(WORKFLOW, [ANNOUNCED, APPROVED])
INSIDE = told(WORKFLOW, [ANNOUNCED, APPROVED, CAME])
BY_RULE = replace(ASKED, terms=replace(ASKED.terms, category=Category("courier", standing_rule=True)))


def of(**terms: Any) -> Visit:
    """Return an approved visit under changed terms."""
    return replace(ALLOWED, terms=replace(TERMS, **terms))


@pytest.mark.parametrize(
    ("state", "event", "code"),
    [
        (Visit(), replace(ASKED, terms=replace(TERMS, category=CATEGORY["hawker"])), "category_turned_away"),
        (told(WORKFLOW, [ANNOUNCED]), replace(APPROVED, by=GUARD), "not_the_host"),
        (told(WORKFLOW, [ANNOUNCED]), replace(APPROVED, by=DEPUTY), ""),
        (told(WORKFLOW, [ANNOUNCED]), replace(APPROVED, by=REGISTRAR), ""),
        (told(WORKFLOW, [ANNOUNCED]), CAME, "visit_not_approved"),
        (told(WORKFLOW, [ANNOUNCED]), replace(REFUSED, reason=" "), "reason_missing"),
        (ASKED_FOR, replace(AGREED, said_by="neighbour"), "not_the_host"),
        (ASKED_FOR, replace(AGREED, said_by="couriers", means="standing_rule"), "no_standing_rule"),
        (told(WORKFLOW, [BY_RULE]), replace(AGREED, said_by="couriers", means="standing_rule", met=()), ""),
        (ASKED_FOR, replace(AGREED, met=()), "obligations_open"),
        (ALLOWED, replace(CAME, at=at(9)), ""),
        (ALLOWED, replace(CAME, at=at(9 - 1 / 3600)), "visit_not_yet"),
        (ALLOWED, replace(CAME, at=at(18 - 1 / 3600)), ""),
        (ALLOWED, replace(CAME, at=at(18)), "visit_over"),
        (ALLOWED, replace(CAME, gate="south"), "wrong_gate"),
        (of(gates=()), replace(CAME, gate="south"), ""),
        (ALLOWED, replace(CAME, people=3), "visit_used_up"),
        (of(uses=2), replace(CAME, people=3), "party_full"),
        (ALLOWED, replace(CAME, met=()), "obligations_open"),
        (ALLOWED, replace(CAME, met=("x" * 501, "lead_in")), "text_too_long"),
        (ALLOWED, replace(CAME, met=("lead_in",) * 101), "too_many_items"),
        (INSIDE, replace(LEFT, people=2), "more_left_than_inside"),
        (INSIDE, GIVEN_BACK, "card_not_lent"),
        (told(WORKFLOW, PATHS["in"]), LENT, "card_lent_already"),
        (told(WORKFLOW, [ANNOUNCED, APPROVED, CAME, CANCELLED, LEFT]), CAME, "visit_cancelled"),
    ],
)
def test_guards(state: Visit, event: Event, code: str) -> None:
    assert refused(WORKFLOW, state, event) == code


@pytest.mark.parametrize(("category", "duties"), [(c.code, c.obligations) for c in CATEGORIES if c.admitted])
def test_each_category_comes_in_when_its_obligations_are_met(category: str, duties: tuple[str, ...]) -> None:
    state = of(category=CATEGORY[category])
    assert refused(WORKFLOW, state, replace(CAME, met=duties)) == ""
    assert refused(WORKFLOW, state, replace(CAME, met=duties[1:])) == "obligations_open"


def test_a_party_trickles_in_and_out() -> None:
    first = told(WORKFLOW, [ANNOUNCED, APPROVED, CAME, LEFT])
    assert (first.state, first.arrived, first.inside) == ("out", 1, 0)
    second = told(WORKFLOW, [ANNOUNCED, APPROVED, CAME, LEFT, CAME])
    assert (second.state, second.arrived, second.inside) == ("in", 2, 1)
    assert refused(WORKFLOW, second, CAME) == "visit_used_up"


@pytest.mark.parametrize(
    ("path", "state", "arrived", "inside"),
    [
        ([GOES_IN], "in", 1, 1),
        ([GOES_IN, GOES_OUT], "out", 1, 0),
        ([GOES_IN, GOES_OUT, GOES_OUT], "out", 1, 0),
        ([GOES_OUT], "approved", 0, 0),
        ([GOES_IN, LEFT], "out", 1, 0),
        ([GOES_IN, replace(GOES_IN, people=9)], "in", 2, 2),
        ([GOES_IN, GOES_IN, GOES_OUT, LEFT], "out", 2, 0),
        ([CAME, GOES_OUT, replace(CAME, at=at(14))], "in", 2, 1),
        ([GOES_IN, OVERSTAYED, replace(GOES_OUT, at=at(19))], "out", 1, 0),
        ([GOES_IN, GOES_IN, OVERSTAYED, replace(GOES_OUT, at=at(19))], "overstayed", 2, 1),
        ([EXPIRED, replace(GOES_IN, at=at(19)), replace(LEFT, at=at(20))], "out", 1, 0),
        ([EXPIRED, replace(GOES_OUT, at=at(19))], "expired", 0, 0),
        ([GOES_IN, GOES_IN, replace(GOES_OUT, people=2), replace(GOES_IN, at=at(19))], "overstayed", 2, 1),
    ],
)
def test_a_lane_counts_in_and_out_whatever_was_known(path: list[Event], state: str, arrived: int, inside: int) -> None:
    found = told(WORKFLOW, [ANNOUNCED, APPROVED, *path])
    assert (found.state, found.arrived, found.inside) == (state, arrived, inside)
    assert visit.due(found, at(17)) is None


def test_who_waits_at_the_gate_comes_in_once_host_or_office_approve() -> None:
    assert refused(WORKFLOW, ASKED_FOR, replace(APPROVED, at=at(10), by=GUARD)) == "not_the_host"
    approved = told(WORKFLOW, [ASKED, replace(APPROVED, at=at(10))])
    assert refused(WORKFLOW, approved, replace(CAME, met=())) == "obligations_open"
    assert refused(WORKFLOW, approved, replace(CAME, met=("wait_outside",))) == ""


def test_who_may_come_again_may_until_the_window_ends_and_the_card_is_taken_back_after_it() -> None:
    out = told(WORKFLOW, PATHS["out"])
    assert visit.may_come_again(out)
    over = told(WORKFLOW, [*PATHS["out"], EXPIRED])
    assert (over.state, visit.open_items(over)) == ("expired", ("V-7",))
    assert visit.open_items(told(WORKFLOW, [*PATHS["out"], EXPIRED, replace(GIVEN_BACK, at=at(19))])) == ()
    for ended in ([ANNOUNCED, APPROVED, BOTH, ALL_LEFT], [*PATHS["out"], replace(CANCELLED, at=at(17.5))]):
        assert not visit.may_come_again(told(WORKFLOW, ended))
        assert visit.due(told(WORKFLOW, ended), at(30)) is None


def test_the_word_of_the_host_is_kept() -> None:
    state = told(WORKFLOW, [ASKED, AGREED])
    assert (state.state, state.agreed_by, state.means, state.inside) == ("in", DEPUTY.id, "phone", 1)


def test_a_card_not_given_back_at_leaving_is_an_open_item() -> None:
    assert visit.open_items(told(WORKFLOW, PATHS["in"])) == ()
    assert visit.open_items(told(WORKFLOW, PATHS["out"])) == ("V-7",)
    assert visit.open_items(told(WORKFLOW, [*PATHS["out"], GIVEN_BACK])) == ()


@pytest.mark.parametrize(
    ("path", "hour", "event"),
    [
        ("announced", 12 - 1 / 3600, None),
        ("announced", 12, UNANSWERED),
        ("asked", 20, UNANSWERED),
        ("approved", 18 - 1 / 3600, None),
        ("approved", 18, EXPIRED),
        ("in", 18 - 1 / 3600, None),
        ("in", 30, OVERSTAYED),
        ("out", 18 - 1 / 3600, None),
        ("out", 30, EXPIRED),
        ("overstayed", 30, None),
        ("new", 30, None),
    ],
)
def test_what_time_does(path: str, hour: float, event: Event | None) -> None:
    assert visit.due(told(WORKFLOW, PATHS[path]), at(hour)) == event


def test_an_announcement_that_nobody_must_answer_expires_with_its_window() -> None:
    state = told(WORKFLOW, [replace(ANNOUNCED, terms=replace(TERMS, answer_by=None))])
    assert visit.due(state, at(18)) == EXPIRED
    assert told(WORKFLOW, [replace(ANNOUNCED, terms=replace(TERMS, answer_by=None)), EXPIRED]).state == "expired"


@pytest.mark.parametrize(
    "wrong",
    [
        lambda: VisitTerms(party=0),
        lambda: VisitTerms(uses=0),
        lambda: replace(TERMS, valid_until=at(8)),
        lambda: replace(CAME, people=0),
        lambda: replace(LEFT, people=-1),
        lambda: replace(AGREED, means=cast("Any", "dream")),
        lambda: replace(CAME, at=at(9).replace(tzinfo=None)),
    ],
)
def test_what_is_no_event_at_all(wrong: Any) -> None:
    with pytest.raises(ValueError, match=r"count|before|means|zone"):
        wrong()


OFFICE = [*facts("office", ANNOUNCED, APPROVED)]
REVOKED = [*facts("office", ANNOUNCED, APPROVED, CANCELLED)]
BOTH = replace(CAME, people=2)
ALL_LEFT = replace(LEFT, people=2)


@pytest.mark.parametrize(
    ("recorded", "found", "state", "inside"),
    [
        ([*OFFICE, *facts("east", CAME, LEFT)], [], "out", 0),
        ([*OFFICE, *facts("east", BOTH), *facts("north", replace(BOTH, gate="north"))], ["pass_used_twice"], "in", 4),
        ([*REVOKED, *facts("east", CAME)], ["admitted_after_revocation"], "in", 1),
        ([*REVOKED, *facts("east", replace(CAME, at=at(9.5)))], [], "in", 1),
        ([*REVOKED, *facts("east", CAME, LEFT)], ["admitted_after_revocation"], "out", 0),
        ([*OFFICE, *facts("east", replace(CAME, at=at(19)))], ["admitted_outside_window"], "in", 1),
        ([*OFFICE, *facts("east", LEFT)], ["left_without_entry"], "out", 0),
        ([*facts("office", ANNOUNCED), *facts("east", CAME)], ["admitted_unapproved"], "in", 1),
        (
            [*facts("office", ANNOUNCED, replace(APPROVED, at=at(12))), *facts("east", CAME)],
            ["admitted_unapproved", "out_of_order"],
            "in",
            1,
        ),
        ([*facts("east", ASKED, AGREED), *facts("north", AGREED)], ["pass_used_twice"], "in", 2),
        ([*facts("office", ANNOUNCED, APPROVED, EXPIRED), *facts("east", CAME)], [], "in", 1),
        (
            [*facts("office", ANNOUNCED, replace(APPROVED, by=GUARD)), *facts("east", CAME)],
            ["out_of_order", "admitted_unapproved"],
            "in",
            1,
        ),
    ],
)
def test_gates_and_office_apart(recorded: Any, found: list[str], state: str, inside: int) -> None:
    reconciled, _ = visit.reconcile(recorded)
    assert (codes(WORKFLOW, recorded), reconciled.state, reconciled.inside) == (found, state, inside)


THREE = replace(ANNOUNCED, terms=replace(TERMS, uses=3))


@pytest.mark.parametrize(
    ("known", "happened", "refusal", "found"),
    [
        ([THREE, APPROVED], replace(CAME, people=3), "party_full", "pass_used_twice"),
        ([THREE, APPROVED, CAME, LEFT], replace(CAME, at=at(19)), "visit_over_now", "admitted_outside_window"),
        ([ANNOUNCED, APPROVED, BOTH, ALL_LEFT], replace(CAME, at=at(19)), "visit_over", "admitted_outside_window"),
        ([ANNOUNCED, APPROVED], replace(CAME, at=at(8.5)), "visit_not_yet", "admitted_outside_window"),
        ([ANNOUNCED, REFUSED], CAME, "visit_refused", "admitted_unapproved"),
        ([ASKED, replace(REFUSED, at=at(10.5))], replace(AGREED, at=at(11)), "visit_refused", "admitted_unapproved"),
        ([ASKED], replace(AGREED, people=3), "visit_used_up", "pass_used_twice"),
        (
            [replace(ASKED, terms=replace(ASKED.terms, answer_by=None))],
            replace(AGREED, at=at(19)),
            "visit_over_now",
            "admitted_outside_window",
        ),
        ([ANNOUNCED, APPROVED, CAME], replace(LEFT, people=2), "more_left_than_inside", "left_without_entry"),
        ([ANNOUNCED, APPROVED], LEFT, "not_now", "left_without_entry"),
        ([ANNOUNCED, APPROVED, CAME], replace(CAME, at=at(12), gate="south"), "wrong_gate", "out_of_order"),
    ],
)
def test_what_each_impossible_act_is_called(known: list[Event], happened: Event, refusal: str, found: str) -> None:
    _, findings = visit.reconcile([*facts("office", *known), *facts("west", happened)])
    assert [(finding.refusal, finding.code) for finding in findings] == [(refusal, found)]


def test_cards_lent_and_given_back_at_another_gate_are_kept() -> None:
    lent, _ = visit.reconcile([*facts("office", ANNOUNCED, APPROVED), *facts("east", LENT)])
    assert lent.lent == ("V-7",)
    back, _ = visit.reconcile([*facts("office", ANNOUNCED, APPROVED), *facts("east", LENT), *facts("north", GIVEN_BACK)])
    assert back.lent == ()


class VisitStories(RuleBasedStateMachine):
    """Any order of events: no party larger than announced, nobody out who was not in, a refused event changes nothing."""

    def __init__(self) -> None:
        super().__init__()
        self.visit = Visit()
        self.hour = 7.0

    def happens(self, event: Event) -> None:
        before = self.visit
        moved = visit.advance(before, event)
        assert self.visit == before
        if not isinstance(moved, Refusal):
            self.visit = WORKFLOW.ripened(moved, at(self.hour))

    @rule(party=st.integers(1, 4), uses=st.integers(1, 3), walk_in=st.booleans())
    def begins(self, party: int, uses: int, walk_in: bool) -> None:
        terms = replace(TERMS, party=party, uses=uses)
        kind = VisitAsked if walk_in else VisitAnnounced
        self.happens(kind(at=at(self.hour), by=HOST, terms=terms))

    @rule(event=st.sampled_from(SAMPLES), people=st.integers(1, 4))
    def something(self, event: Event, people: int) -> None:
        if isinstance(event, VisitorsArrived | VisitorsLeft | VisitorsPassed | HostAgreed):
            event = replace(event, people=people)
        self.happens(replace(event, at=at(self.hour)))

    @rule(people=st.integers(1, 4))
    def goes_out_by_a_lane(self, people: int) -> None:
        self.happens(replace(GOES_OUT, at=at(self.hour), people=people))

    @rule(by=st.sampled_from([HOST, GUARD, Who("stranger", "guest")]))
    def answers(self, by: Who) -> None:
        self.happens(replace(APPROVED, at=at(self.hour), by=by))

    @rule(hours=st.floats(0.1, 4))
    def time_passes(self, hours: float) -> None:
        self.hour += hours
        self.visit = WORKFLOW.ripened(self.visit, at(self.hour))

    @invariant()
    def party_is_kept(self) -> None:
        terms = self.visit.terms
        assert 0 <= self.visit.inside <= terms.party
        assert self.visit.inside <= self.visit.arrived <= terms.party * terms.uses

    @invariant()
    def state_says_who_is_inside(self) -> None:
        assert (self.visit.inside > 0) == (self.visit.state in {"in", "overstayed"})

    @invariant()
    def nothing_is_due_any_more(self) -> None:
        assert visit.due(self.visit, at(self.hour)) is None


TestVisitStories = VisitStories.TestCase


def test_what_a_category_asks_for_is_an_obligation_of_the_gate_too() -> None:
    assert {code for category in CATEGORIES for code in category.obligations} <= OBLIGATIONS.keys()
