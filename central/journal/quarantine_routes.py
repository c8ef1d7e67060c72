"""Parked entries for the office."""

from typing import Annotated

import structlog
from fastapi import APIRouter, Depends, Query, Response

from central.journal import quarantine
from central.journal.pages import Place, PlacesAsked
from central.journal.quarantine import ParkedShown, ParkedWhole, TriedAgain
from central.journal.services import REPEATED_ID, CollisionError
from central.records.desk import ADesk, AWritingDesk
from central.records.openapi import CREATES, READS
from central.records.schemas import PlacedPage
from central.registry import Work
from central.users.access import allow

log = structlog.get_logger("central.journal")
router = APIRouter(tags=["edges"], dependencies=[Depends(allow("edges"))])


@router.get("/quarantine", operation_id="list_parked", responses=READS)
def list_parked(desk: ADesk, asked: Annotated[PlacesAsked, Query()]) -> PlacedPage[ParkedShown]:
    """List entries that could not be taken in, by their places."""
    with desk.reading() as work:
        return quarantine.page(work, asked)


@router.get("/quarantine/{place}", operation_id="get_parked", responses=READS)
def show_parked(desk: ADesk, place: Place) -> ParkedWhole:
    """Show one parked entry with its bytes."""
    with desk.reading() as work:
        return quarantine.show(work, place)


@router.post("/quarantine/{place}/again", operation_id="try_parked_again", responses=CREATES, response_model=TriedAgain)
def try_again(desk: AWritingDesk, place: Place) -> Response:
    """Try to take a parked entry in, after an upgrade that has taught the registry to read it."""

    def again(work: Work) -> TriedAgain:
        tried = quarantine.try_again(work, place)
        log.info("a parked entry was tried again", place=place, by=desk.visitor.name, taken=tried.taken)
        return tried

    try:
        return desk.change(again)
    except CollisionError:
        tried = TriedAgain(taken=False, reason=REPEATED_ID)
        log.info("a parked entry was tried again", place=place, by=desk.visitor.name, taken=False)
        return desk.change(lambda _: tried)
