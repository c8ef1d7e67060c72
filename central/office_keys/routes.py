"""Routes of keys."""

from uuid import UUID

from fastapi import APIRouter, Depends, Response

from access.workflows.office_key import KeyTaken
from central.office_keys.services import KeysAsked, KeyShown, KeyWanted, LendWanted, facts_of, office_keys
from central.records.desk import AWritingDesk, SeenIfGiven
from central.records.openapi import WRITES
from central.users.access import allow
from central.workflows.routes import Opens, flow_routes

_lending = APIRouter(prefix="/keys/{record_id}", tags=["keys"], dependencies=[Depends(allow("keys"))])


@_lending.post("/lend", responses=WRITES, response_model=KeyShown, operation_id="lend_key", summary="Key: lending a key.")
def lend(desk: AWritingDesk, record_id: UUID, wanted: LendWanted, seen: SeenIfGiven = None) -> Response:
    """Lend a key to a person of the site, or to somebody by name, for a purpose and until a time."""
    return desk.change(lambda work: office_keys.lend(work, record_id, wanted, seen))


router = APIRouter()
router.include_router(flow_routes(office_keys, "keys", (Opens(KeyTaken, KeyWanted, facts_of),), one="key", asked=KeysAsked))
router.include_router(_lending)
