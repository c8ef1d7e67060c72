"""Holes in the gates' journals, for the office."""

from fastapi import APIRouter, Depends

from central.journal import gaps
from central.journal.gaps import GapShown
from central.registry import TheRegistry
from central.users.access import allow

router = APIRouter(tags=["journal"], dependencies=[Depends(allow("edges"))])


@router.get("/gaps")
def list_gaps(registry: TheRegistry) -> list[GapShown]:
    """List entries that gates have declared lost and that are not here, the newest word first."""
    with registry.read() as work:
        return gaps.shown(work)
