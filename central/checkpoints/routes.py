"""Routes of checkpoints: the gates send them, the office looks at them."""

from typing import Annotated

import structlog
from fastapi import APIRouter, Depends, Query

from access.contract.checkpoints import Checkpoint, Countersigned
from central.checkpoints import services
from central.checkpoints.schemas import CheckpointShown
from central.edges.requests import Signature, Signed, read_message
from central.edges.services import authenticate
from central.journal.pages import NewestAsked
from central.records.desk import ADesk
from central.records.openapi import READS
from central.records.schemas import PlacedPage
from central.registry import TheRegistry
from central.users.access import allow

log = structlog.get_logger("central.checkpoints")
edge_router = APIRouter(tags=["journal"])
router = APIRouter(tags=["edges"], dependencies=[Depends(allow("edges"))])


@edge_router.post("/checkpoints")
def take_checkpoint(registry: TheRegistry, signed: Signed, signature: Signature) -> Countersigned:
    """Countersign the head of a gate's journal (JSON)."""
    with registry.write() as work:
        edge = authenticate(work, signed, signature)
        answer = services.countersign(work, registry.key, edge, read_message(Checkpoint, signed.body, "checkpoint"))
    if answer.agrees is False:
        log.error("a checkpoint is not on the stored chain", edge=str(signed.edge), seq=answer.checkpoint.seq)
    return answer


@router.get("/checkpoints", operation_id="list_checkpoints", responses=READS)
def list_checkpoints(desk: ADesk, asked: Annotated[NewestAsked, Query()]) -> PlacedPage[CheckpointShown]:
    """List checkpoints, newest first."""
    with desk.reading() as work:
        return services.page(work, asked)
