"""Routes of levels, schedules and blocks."""

from fastapi import APIRouter

from central.access_rules.schemas import BlocksAsked, LevelsAsked, SchedulesAsked
from central.access_rules.services import blocks, levels, schedules
from central.records.routes import record_routes

router = APIRouter()
router.include_router(record_routes(schedules, "access rules", one="schedule", asked=SchedulesAsked))
router.include_router(record_routes(levels, "access rules", one="level", asked=LevelsAsked))
router.include_router(record_routes(blocks, "blocks", one="block", asked=BlocksAsked))
