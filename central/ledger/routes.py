"""Routes of the ledger."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Response

from central.ledger import services
from central.ledger.schemas import ConflictCounts, ConflictsAsked, ConflictSigned, ConflictWhole, ContradictionShown, CountsAsked
from central.records.desk import ADesk, AWritingDesk, SeenIfGiven
from central.records.openapi import CREATES, READS
from central.records.schemas import Page
from central.users.access import allow

router = APIRouter(prefix="/conflicts", tags=["conflicts"], dependencies=[Depends(allow("conflicts"))])


@router.get("", operation_id="list_conflicts", responses=READS)
def list_conflicts(desk: ADesk, asked: Annotated[ConflictsAsked, Query()]) -> Page[ContradictionShown]:
    """List what gates did that does not go together, newest found first."""
    with desk.reading() as work:
        return services.page(work, asked)


@router.get("/counts", operation_id="count_conflicts", responses=READS)
def count_conflicts(desk: ADesk, asked: Annotated[CountsAsked, Query()]) -> ConflictCounts:
    """Count what waits to be signed off."""
    with desk.reading() as work:
        return services.counts(work, asked)


@router.get("/{record_id}", operation_id="get_conflict", responses=READS, response_model=ConflictWhole)
def get_conflict(desk: ADesk, record_id: UUID) -> Response:
    """Show a contradiction with both its stories."""
    return desk.show(lambda work: services.get(work, record_id))


@router.post("/{record_id}/sign-off", operation_id="sign_off_conflict", responses=CREATES, response_model=ConflictWhole)
def sign_off_conflict(desk: AWritingDesk, record_id: UUID, wanted: ConflictSigned, seen: SeenIfGiven = None) -> Response:
    """Sign a contradiction off with what was found out; once."""
    return desk.change(lambda work: services.sign_off(work, record_id, wanted, seen))
