"""Routes of erasures."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Response

from central.erasure import services
from central.erasure.schemas import ErasureAsked, ErasureCounted, ErasuresAsked, ErasureShown, ErasureWanted
from central.records.desk import ADesk, AWritingDesk
from central.records.openapi import CREATES, READS
from central.records.schemas import Page
from central.users.access import allow

router = APIRouter(prefix="/erasures", tags=["erasures"], dependencies=[Depends(allow("erasures"))])


@router.get("", operation_id="list_erasures", summary="List erasures.", responses=READS)
def list_erasures(desk: ADesk, asked: Annotated[ErasuresAsked, Query()]) -> Page[ErasureShown]:
    """List who was erased, by ids, oldest first."""
    with desk.reading() as work:
        return services.page(work, asked)


@router.get("/{erasure_id}", operation_id="show_erasure", summary="Show an erasure.", responses=READS)
def show_erasure(desk: ADesk, erasure_id: UUID) -> ErasureShown:
    """Show an erasure, and how far it is."""
    with desk.reading() as work:
        return services.get(work, erasure_id)


@router.post("/count", operation_id="count_erasure", summary="Count what an erasure would take.", responses=CREATES)
def count_erasure(desk: AWritingDesk, asked: ErasureAsked) -> ErasureCounted:
    """Count what would go; nothing is changed."""
    with desk.reading() as work:
        return services.counted(work, asked)


@router.post("", operation_id="erase", summary="Erase somebody.", responses=CREATES, status_code=201, response_model=ErasureShown)
def erase(desk: AWritingDesk, wanted: ErasureWanted) -> Response:
    """Erase somebody: from the records at once, from the journals soon, at the gates as they come to hear of it."""
    return desk.change(lambda work: services.begin(work, wanted), 201)
