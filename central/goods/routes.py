"""Routes of goods-release slips."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Response

from access.workflows.release_slip import SlipDrafted
from central.codes.services import printed_text
from central.goods.printing import printed
from central.goods.reconciliation import reconciliation, sign_off
from central.goods.schemas import (
    CorrectionWanted,
    DayAsked,
    ReconciliationShown,
    SignedOffShown,
    SignOffWanted,
    SlipPrinted,
    SlipsAsked,
    SlipShown,
    SlipWanted,
)
from central.goods.services import facts_of, slips
from central.records.desk import ADesk, AWritingDesk, SeenIfGiven
from central.records.openapi import CREATES, READS
from central.users.access import allow
from central.workflows.routes import Opens, flow_routes

router = APIRouter()
_own = APIRouter(prefix="/slips", tags=["goods"], dependencies=[Depends(allow("goods"))])


@_own.get("/reconciliation", operation_id="reconcile_slips", summary="Show what became of a day's slips.", responses=READS)
def _reconciliation(desk: ADesk, asked: Annotated[DayAsked, Query()]) -> ReconciliationShown:
    """Show what became of the slips that were valid until a day: every number with its slips, trips by guard and by gate."""
    with desk.reading() as work:
        return reconciliation(work, asked)


@_own.post(
    "/reconciliation",
    operation_id="sign_off_slips",
    summary="Sign off a day's slips.",
    status_code=201,
    response_model=SignedOffShown,
    responses=CREATES,
)
def _sign_off(desk: AWritingDesk, wanted: SignOffWanted) -> Response:
    """Say that a day's slips were gone through; once for each day, when it is over."""
    return desk.change(lambda work: sign_off(work, wanted), 201)


@_own.get("/{record_id}/print", operation_id="print_slip", summary="Show what is printed of a slip.", responses=READS)
def _print(desk: ADesk, record_id: UUID) -> SlipPrinted:
    """Show all that stands on a slip of paper, in both languages, with its two parts."""
    code = printed_text(desk, slips.workflow.name, record_id, "1")
    with desk.reading() as work:
        return printed(work, record_id, code)


@_own.post(
    "/{record_id}/correct",
    operation_id="correct_slip",
    summary="Slip: a corrected slip.",
    status_code=201,
    response_model=SlipShown,
    responses=CREATES,
)
def _correct(desk: AWritingDesk, record_id: UUID, wanted: CorrectionWanted, seen: SeenIfGiven = None) -> Response:
    """Make out the slip that stands for one that is held; replies with the new one, which is to be approved in its turn."""
    return desk.change(lambda work: slips.correct(work, record_id, wanted, seen), 201)


router.include_router(_own)
router.include_router(
    flow_routes(slips, "goods", (Opens(SlipDrafted, SlipWanted, facts_of),), one="slip", asked=SlipsAsked),
)
