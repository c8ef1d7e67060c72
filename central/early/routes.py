"""Routes of alarms ahead of their turn."""

from typing import Annotated

import structlog
from fastapi import APIRouter, Depends, Query
from pydantic import ValidationError

from access.cbor import CborError, loads
from access.contract.alarms import AlarmsTaken, EarlyAlarms
from central.early import services
from central.early.schemas import EarlyAlarmShown
from central.edges.requests import Signature, Signed
from central.edges.services import authenticate
from central.errors import RegistryError
from central.journal.pages import NewestAsked
from central.records.desk import ADesk
from central.records.openapi import READS
from central.records.schemas import PlacedPage
from central.registry import TheRegistry
from central.users.access import allow

log = structlog.get_logger("central.early")
edge_router = APIRouter(tags=["journal"])
router = APIRouter(tags=["log"], dependencies=[Depends(allow("log"))])


@edge_router.post("/alarms")
def take_alarms(registry: TheRegistry, signed: Signed, signature: Signature) -> AlarmsTaken:
    """Keep alarms (CBOR) until the journal brings them."""
    with registry.write() as work:
        kept = services.take_early(work, authenticate(work, signed, signature), _read(signed.body))
    if kept:
        log.warning("alarms came before their turn", edge=str(signed.edge), count=kept)
    return AlarmsTaken(kept=kept)


@router.get("/early-alarms", operation_id="list_early_alarms", responses=READS)
def list_early_alarms(desk: ADesk, asked: Annotated[NewestAsked, Query()]) -> PlacedPage[EarlyAlarmShown]:
    """List the alarms whose turn in the journal has not come, newest first."""
    with desk.reading() as work:
        return services.page(work, asked)


def _read(body: bytes) -> EarlyAlarms:
    try:
        return EarlyAlarms.model_validate(loads(body))
    except ValidationError as error:
        raise RegistryError(f"no alarms of this version: {error.errors()[0]['msg']}", 422, "alarms") from error
    except CborError as error:
        raise RegistryError(f"the alarms: {error}", 400, "alarms") from error
