"""The dispute file of a passage, for those who answer for what a gate did."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Path, Query
from fastapi.responses import Response

from central.dispute import services
from central.dispute.gathering import rows_of
from central.records.desk import ADesk
from central.records.openapi import READS
from central.records.schemas import Line
from central.users.access import allow

ZIP = "application/zip"
FILE = {200: {"description": "The file", "content": {ZIP: {"schema": {"type": "string", "format": "binary"}}}}, **READS}
router = APIRouter(tags=["log"], dependencies=[Depends(allow("disputes"))])
Passage = Annotated[str, Path(min_length=1, max_length=200, examples=["0192f1f0-0000-7000-8000-0000000000e1"])]
Purpose = Annotated[Line, Query(min_length=3, max_length=200, examples=["客户投诉 2026-118"])]


@router.get("/passages/{passage}/dispute", operation_id="export_dispute", responses=FILE, response_class=Response)
def export_dispute(desk: ADesk, passage: Passage, purpose: Purpose, edge: UUID | None = None) -> Response:
    """Give the dispute file (ZIP) of a passage: entries, decision, pictures and proofs; that it was given is in the audit."""
    packed = services.export(desk.registry, desk.visitor.actor, lambda work: rows_of(work, passage, edge), purpose)
    named = {"Content-Disposition": 'attachment; filename="dispute.zip"', "Cache-Control": "no-store"}
    return Response(packed.data, media_type=ZIP, headers=named)
