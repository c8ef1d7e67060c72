"""Routes of levels, schedules, special days, blocks, and modes of lanes."""

from uuid import UUID

from fastapi import APIRouter, Depends, Response

from central.access_rules import acts
from central.access_rules.schemas import (
    BlocksAsked,
    LevelsAsked,
    ModeWanted,
    SchedulesAsked,
    SpecialDaysAsked,
    StatutoryDaysShown,
    StatutoryDaysWanted,
)
from central.access_rules.services import blocks, levels, schedules, special_days
from central.records.desk import AWritingDesk, Seen
from central.records.openapi import CREATES, WRITES
from central.records.routes import record_routes
from central.sites.schemas import LaneShown
from central.users.access import allow
from central.users.rights import Area

AREA: Area = "access rules"
router = APIRouter()
_acts = APIRouter(tags=[AREA], dependencies=[Depends(allow(AREA))])


@_acts.post(
    "/special-days/statutory",
    operation_id="add_statutory_days",
    summary="Make the statutory days of a year special days.",
    responses=CREATES,
    response_model=StatutoryDaysShown,
)
def add_statutory_days(desk: AWritingDesk, wanted: StatutoryDaysWanted) -> Response:
    """Add the statutory holidays of a year and the working days swapped for them; a second time adds nothing."""
    return desk.change(lambda work: acts.add_statutory_days(work, wanted))


@_acts.put(
    "/lanes/{record_id}/mode",
    operation_id="set_lane_mode",
    summary="Set the mode of a lane.",
    responses=WRITES,
    response_model=LaneShown,
)
def set_lane_mode(desk: AWritingDesk, record_id: UUID, wanted: ModeWanted, seen: Seen) -> Response:
    """Set a lane to normal, held open, held closed or out of service, and say why."""
    return desk.change(lambda work: acts.set_mode(work, record_id, wanted, seen))


router.include_router(_acts)
router.include_router(record_routes(schedules, AREA, one="schedule", asked=SchedulesAsked))
router.include_router(record_routes(special_days, AREA, one="special day", asked=SpecialDaysAsked))
router.include_router(record_routes(levels, AREA, one="level", asked=LevelsAsked))
router.include_router(record_routes(blocks, "blocks", one="block", asked=BlocksAsked))
