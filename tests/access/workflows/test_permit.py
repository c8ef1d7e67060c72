"""Renovation permits: papers by who applies, fees noted, and an end that only the responsible person moves, in time."""

from dataclasses import replace
from typing import Any

import pytest

from access.workflows import permit
from access.workflows.events import Event, Who
from access.workflows.permit import (
    WORKFLOW,
    FeesNoted,
    PapersChecked,
    Permit,
    PermitApproved,
    PermitChanged,
    PermitDrafted,
    PermitExpired,
    PermitForgotten,
    PermitRefused,
    PermitRevoked,
    PermitSentBack,
    PermitSubmitted,
    PermitTerms,
    PermitWithdrawn,
    WorkBegun,
    WorkFinished,
)
from tests.access.workflows.cast import GUARD, MANAGER, REGISTRAR, at, codes, facts, refused, told
from tests.access.workflows.matrix import matrix

BOSS = Who("boss-1", "contractor")
TERMS = PermitTerms(
    number="R-31",
    owner="owner-1",
    firm="明亮装饰",
    responsible=BOSS.id,
    units=("3-1202",),
    workers=6,
    valid_from=at(48),
    valid_until=at(96),
)
PAPERS = ("proof_of_title", "firm_licence", "firm_qualification")
DRAFTED = PermitDrafted(at=at(9), by=BOSS, terms=TERMS)
SUBMITTED = PermitSubmitted(at=at(10), by=BOSS)
SENT_BACK = PermitSentBack(at=at(11), by=REGISTRAR, reason="which rooms?")
CHECKED = PapersChecked(at=at(12), by=REGISTRAR, papers=PAPERS)
NOTED = FeesNoted(at=at(13), by=REGISTRAR, fees="paid", deposit="2000 元")
APPROVED = PermitApproved(at=at(14), by=MANAGER)
BEGUN = WorkBegun(at=at(48), by=BOSS)
CHANGED = PermitChanged(at=at(95), by=REGISTRAR, asked_by=BOSS.id, units=("3-1202", "3-1203"), valid_until=at(120))
FINISHED = WorkFinished(at=at(90), by=REGISTRAR)
REVOKED = PermitRevoked(at=at(60), by=MANAGER, reason="load-bearing wall")
EXPIRED = PermitExpired(at=at(96))
WITHDRAWN = PermitWithdrawn(at=at(13), by=REGISTRAR, reason="does not renovate after all")
REFUSED = PermitRefused(at=at(13), by=MANAGER, reason="load-bearing wall")
WEEK = 7 * 24
FORGOTTEN = PermitForgotten(at=at(96 + WEEK))

GRANTED: list[Event] = [DRAFTED, SUBMITTED, CHECKED, NOTED, APPROVED]
PATHS: dict[str, list[Event]] = {
    "new": [],
    "draft": [DRAFTED],
    "submitted": [DRAFTED, SUBMITTED],
    "checked": [DRAFTED, SUBMITTED, CHECKED, NOTED],
    "approved": GRANTED,
    "active": [*GRANTED, BEGUN],
    "withdrawn": [DRAFTED, SUBMITTED, WITHDRAWN],
    "refused": [DRAFTED, SUBMITTED, REFUSED],
    "finished": [*GRANTED, BEGUN, FINISHED],
    "revoked": [*GRANTED, REVOKED],
    "expired": [*GRANTED, BEGUN, EXPIRED],
}
SAMPLES = [
    DRAFTED,
    SUBMITTED,
    SENT_BACK,
    CHECKED,
    NOTED,
    APPROVED,
    BEGUN,
    CHANGED,
    FINISHED,
    REVOKED,
    EXPIRED,
    WITHDRAWN,
    REFUSED,
    FORGOTTEN,
]
TABLE = """
                 new    draft      submitted  checked    approved  active
PermitDrafted    draft  =          .          .          .         .
PermitSubmitted  .      submitted  .          .          .         .
PermitWithdrawn  .      withdrawn  withdrawn  withdrawn  .         .
PapersChecked    .      .          checked    .          .         .
PermitSentBack   .      .          draft      draft      .         .
PermitRefused    .      .          refused    refused    .         .
FeesNoted        .      .          .          =          .         .
PermitApproved   .      .          .          approved   .         .
WorkBegun        .      .          .          .          active    .
PermitChanged    .      .          .          .          =         =
PermitRevoked    .      .          .          .          revoked   revoked
PermitExpired    .      .          .          .          expired   expired
WorkFinished     .      .          .          .          .         finished
PermitForgotten  .      .          .          .          .         .

                 finished  revoked  expired  withdrawn  refused
PermitDrafted    .         .        .        .          .
PermitSubmitted  .         .        .        .          .
PermitWithdrawn  .         .        .        .          .
PapersChecked    .         .        .        .          .
PermitSentBack   .         .        .        .          .
PermitRefused    .         .        .        .          .
FeesNoted        .         .        .        .          .
PermitApproved   .         .        .        .          .
WorkBegun        .         .        .        .          .
PermitChanged    .         .        .        .          .
PermitRevoked    .         .        .        .          .
PermitExpired    .         .        .        .          .
WorkFinished     .         .        .        .          .
PermitForgotten  no        no       =        .          .
"""


def test_every_event_in_every_state() -> None:
    assert matrix(WORKFLOW, PATHS, SAMPLES) == TABLE.strip("\n")


def asked_for(**terms: Any) -> list[Event]:
    return [replace(DRAFTED, terms=replace(TERMS, **terms))]


@pytest.mark.parametrize(
    ("story", "event", "code"),
    [
        (asked_for(units=()), SUBMITTED, "application_incomplete"),
        (asked_for(responsible=""), SUBMITTED, "application_incomplete"),
        (asked_for(firm="", responsible=""), SUBMITTED, ""),
        (asked_for(firm="", owner=""), SUBMITTED, "application_incomplete"),
        (PATHS["submitted"], replace(CHECKED, papers=PAPERS[:2]), "papers_missing"),
        (PATHS["submitted"], replace(CHECKED, by=GUARD), "office_only"),
        ([*asked_for(tenant=True), SUBMITTED], CHECKED, "papers_missing"),
        ([*asked_for(tenant=True), SUBMITTED], replace(CHECKED, papers=("owner_consent", *PAPERS[1:])), ""),
        ([*asked_for(firm=""), SUBMITTED], replace(CHECKED, papers=("proof_of_title",)), ""),
        ([DRAFTED, SUBMITTED, CHECKED], APPROVED, "fees_not_noted"),
        ([DRAFTED, SUBMITTED, CHECKED, replace(NOTED, deposit="")], APPROVED, "fees_not_noted"),
        ([DRAFTED, SUBMITTED, CHECKED], replace(NOTED, fees=" ", deposit=""), "fees_missing"),
        (PATHS["checked"], replace(APPROVED, at=at(96)), "application_over"),
        (PATHS["draft"], replace(WITHDRAWN, reason=" "), "reason_missing"),
        (PATHS["checked"], replace(WITHDRAWN, by=BOSS), "office_only"),
        (PATHS["checked"], replace(REFUSED, by=BOSS), "office_only"),
        (GRANTED, replace(BEGUN, at=at(48 - 1 / 3600)), "permit_not_yet"),
        (GRANTED, replace(CHANGED, asked_by="worker"), "not_responsible"),
        ([*asked_for(firm=""), *GRANTED[1:]], replace(CHANGED, asked_by="owner-1"), ""),
        (GRANTED, replace(CHANGED, at=at(96)), "renewed_too_late"),
        (GRANTED, replace(REVOKED, reason=""), "reason_missing"),
    ],
)
def test_guards(story: list[Event], event: Event, code: str) -> None:
    assert refused(WORKFLOW, told(WORKFLOW, story), event) == code


def test_a_renewal_moves_the_end() -> None:
    assert permit.due(told(WORKFLOW, PATHS["active"]), at(96)) == EXPIRED
    assert permit.due(told(WORKFLOW, [*PATHS["active"], CHANGED]), at(119)) is None
    assert permit.due(told(WORKFLOW, [*PATHS["active"], CHANGED]), at(120)) == PermitExpired(at=at(120))


@pytest.mark.parametrize(
    ("path", "hour", "event"),
    [
        ("approved", 96 - 1 / 3600, None),
        ("approved", 96, EXPIRED),
        ("checked", 96, None),
        ("expired", 95 + WEEK, None),
        ("expired", 96 + WEEK, FORGOTTEN),
        ("finished", 90 + WEEK, replace(FORGOTTEN, at=at(90 + WEEK))),
        ("revoked", 60 + WEEK, replace(FORGOTTEN, at=at(60 + WEEK))),
        ("refused", 96 + WEEK, None),
    ],
)
def test_what_time_does(path: str, hour: float, event: Event | None) -> None:
    assert permit.due(told(WORKFLOW, PATHS[path]), at(hour)) == event


def test_two_desks_apart() -> None:
    recorded = [*facts("desk-1", *GRANTED, REVOKED), *facts("desk-2", replace(CHANGED, at=at(70)))]
    assert permit.reconcile(recorded)[0].state == "revoked"
    assert codes(WORKFLOW, recorded) == ["out_of_order"]


@pytest.mark.parametrize("wrong", [{"workers": 0}, {"workers": 501}, {"valid_until": at(47)}])
def test_what_is_no_permit(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"count|before"):
        replace(TERMS, **wrong)


def test_a_permit_that_was_never_asked_for_is_blank() -> None:
    assert permit.advance(Permit(), DRAFTED) == Permit("draft", TERMS)
