"""Routes of parking spaces and quotas."""

from fastapi import APIRouter

from central.records.routes import record_routes
from central.spaces.schemas import QuotasAsked, SpacesAsked
from central.spaces.services import quotas, spaces

router = APIRouter()
router.include_router(record_routes(quotas, "vehicles", one="quota", asked=QuotasAsked))
router.include_router(record_routes(spaces, "vehicles", one="parking space", asked=SpacesAsked))
