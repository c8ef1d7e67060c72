"""Holes in the gates' journals, for the office."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query

from central.journal import gaps
from central.journal.gaps import GapShown
from central.journal.pages import NewestAsked
from central.records.desk import ADesk
from central.records.openapi import READS
from central.records.schemas import PlacedPage
from central.users.access import allow

router = APIRouter(tags=["edges"], dependencies=[Depends(allow("edges"))])


@router.get("/gaps", operation_id="list_gaps", responses=READS)
def list_gaps(desk: ADesk, asked: Annotated[NewestAsked, Query()]) -> PlacedPage[GapShown]:
    """List entries that gates have declared lost and that are not here, the newest word first."""
    with desk.reading() as work:
        return gaps.page(work, asked)
