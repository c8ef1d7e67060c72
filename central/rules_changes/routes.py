"""Routes of rules changes."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import Query, Response

from access.workflows.rules_change import RulesDrafted
from central.records.desk import ADesk, AWritingDesk, Seen, SeenIfGiven
from central.records.openapi import READS, WRITES, problems
from central.rules_changes.schemas import (
    DraftShown,
    DraftWanted,
    RollBackWanted,
    RulesChangesAsked,
    RulesChangeShown,
    RulesChangeWanted,
    TrialShown,
    TryAsked,
)
from central.rules_changes.services import rules_changes
from central.workflows.routes import Opens, flow_routes


def _no_facts(_wanted: Any) -> dict[str, Any]:
    return {}


router = flow_routes(
    rules_changes,
    "access rules",
    (Opens(RulesDrafted, RulesChangeWanted, _no_facts),),
    one="rules change",
    asked=RulesChangesAsked,
)


@router.get(
    "/{record_id}/draft",
    operation_id="get_rules_draft",
    summary="Show what a rules change is to do.",
    responses=READS,
    response_model=DraftShown,
)
def get_draft(desk: ADesk, record_id: UUID) -> Response:
    """Show each record of the draft as it was and as it is to be; its ETag is that of the rules change."""
    return desk.show(lambda work: rules_changes.get_draft(work, record_id))


@router.put(
    "/{record_id}/draft",
    operation_id="change_rules_draft",
    summary="Change the draft, as a whole.",
    responses=WRITES,
    response_model=RulesChangeShown,
)
def change_draft(desk: AWritingDesk, record_id: UUID, wanted: DraftWanted, seen: Seen) -> Response:
    """Put another draft in the place of this one; it must be tried and approved anew."""
    return desk.change(lambda work: rules_changes.change_draft(work, record_id, wanted.changes, seen))


@router.post(
    "/{record_id}/try",
    operation_id="try_rules_change",
    summary="Try the draft on the log.",
    responses=WRITES | problems(429),
    response_model=RulesChangeShown,
)
def try_change(desk: AWritingDesk, record_id: UUID, asked: Annotated[TryAsked, Query()], seen: SeenIfGiven = None) -> Response:
    """Decide each passage of the last days again under the draft; a log of many thousands takes a while."""
    if desk.is_done():
        return desk.change(lambda _work: None)
    # With nobody's turn to write in hand: gates go on sending meanwhile.
    with desk.reading() as work:
        trial = rules_changes.try_it(work, record_id, asked, seen)
    return desk.change(lambda work: rules_changes.keep_trial(work, record_id, trial, asked.days, seen))


@router.get(
    "/{record_id}/trial",
    operation_id="get_rules_trial",
    summary="Show what came of the draft on the log.",
    responses=READS,
)
def get_trial(desk: ADesk, record_id: UUID) -> TrialShown:
    """Show whom the draft would newly deny, grant or have asked about, with examples, and who of these is protected."""
    with desk.reading() as work:
        return rules_changes.get_trial(work, record_id)


@router.post(
    "/{record_id}/publish",
    operation_id="publish_rules_change",
    summary="Publish what was approved.",
    responses=WRITES,
    response_model=RulesChangeShown,
)
def publish(desk: AWritingDesk, record_id: UUID, seen: SeenIfGiven = None) -> Response:
    """Make all records of the draft what is wanted, as one revision; none where one of them is not as it was any more."""
    return desk.change(lambda work: rules_changes.publish(work, record_id, seen))


@router.post(
    "/{record_id}/roll-back",
    operation_id="roll_back_rules_change",
    summary="Roll a published change back.",
    responses=WRITES,
    response_model=RulesChangeShown,
)
def roll_back(desk: AWritingDesk, record_id: UUID, wanted: RollBackWanted, seen: SeenIfGiven = None) -> Response:
    """Bring back what the change has replaced, as one new revision; not where somebody has changed these records since."""
    return desk.change(lambda work: rules_changes.roll_back(work, record_id, wanted, seen))
