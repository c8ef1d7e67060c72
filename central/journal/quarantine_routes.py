"""Parked entries for the office."""

from typing import Annotated

import structlog
from fastapi import APIRouter, Depends, Query

from central.journal import quarantine
from central.journal.quarantine import PAGE_MAX, ParkedPage, ParkedWhole, Place, TriedAgain
from central.journal.services import REPEATED_ID, CollisionError
from central.registry import TheRegistry
from central.users.access import SignedInVisitor, allow

log = structlog.get_logger("central.journal")
router = APIRouter(tags=["journal"], dependencies=[Depends(allow("edges"))])


@router.get("/quarantine")
def list_parked(
    registry: TheRegistry, after: Place | None = None, limit: Annotated[int, Query(ge=1, le=PAGE_MAX)] = PAGE_MAX
) -> ParkedPage:
    """List entries that could not be taken in, by their places."""
    with registry.read() as work:
        return quarantine.page(work, after or "", limit)


@router.get("/quarantine/{place}")
def show_parked(registry: TheRegistry, place: Place) -> ParkedWhole:
    """Show one parked entry with its bytes."""
    with registry.read() as work:
        return quarantine.show(work, place)


@router.post("/quarantine/{place}/again")
def try_again(registry: TheRegistry, visitor: SignedInVisitor, place: Place) -> TriedAgain:
    """Try to take a parked entry in, after an upgrade that has taught the registry to read it."""
    try:
        with registry.write() as work:
            tried = quarantine.try_again(work, place)
    except CollisionError:
        tried = TriedAgain(taken=False, reason=REPEATED_ID)
    log.info("a parked entry was tried again", place=place, by=visitor.name, taken=tried.taken)
    return tried
