"""Routes of who was counted at booths."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query

from central.booth import services
from central.booth.schemas import CountsAsked, CountsShown
from central.records.desk import ADesk
from central.records.openapi import READS
from central.users.access import allow

router = APIRouter(prefix="/counts", tags=["log"], dependencies=[Depends(allow("log"))])


@router.get("", responses=READS, operation_id="list_counts")
def list_counts(desk: ADesk, asked: Annotated[CountsAsked, Query()]) -> CountsShown:
    """Show who was counted at booths where no reader is, by day and hour, each kind and direction."""
    with desk.reading() as work:
        return services.counts(work, asked)
