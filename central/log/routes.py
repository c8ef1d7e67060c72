"""Routes of the log."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Path, Query, Response
from fastapi.responses import FileResponse

from central.journal.pictures import find_picture
from central.log import services
from central.log.counts import Counts, CountsAsked, counts
from central.log.schemas import EntryShown, LogPage, Search
from central.looks import at_log
from central.records.desk import ADesk
from central.records.openapi import READS
from central.users.access import allow

IMMUTABLE = "private, max-age=86400, immutable"
PICTURE = {200: {"description": "The picture", "content": {"image/jpeg": {}}}, **READS}
router = APIRouter(tags=["log"], dependencies=[Depends(allow("log"))])


@router.get("/log", operation_id="search_log", responses=READS)
def search_log(desk: ADesk, response: Response, wanted: Annotated[Search, Query()]) -> LogPage:
    """Search the log, newest first."""
    found = desk.searched(response, lambda work: services.search(work, wanted))
    at_log.searched(desk.registry, desk.visitor.actor, wanted)
    return found


@router.get("/log/counts", operation_id="count_log", responses=READS)
def count_log(desk: ADesk, response: Response, asked: Annotated[CountsAsked, Query()]) -> Counts:
    """Count what the log has, by the hour, day, place, outcome, category or guard."""
    return desk.searched(response, lambda work: counts(work, asked))


@router.get("/entries/{entry_id}", operation_id="get_entry", responses=READS)
def get_entry(desk: ADesk, response: Response, entry_id: UUID) -> EntryShown:
    """Show one entry with its explanation, the story of its passage, its pictures and its proof."""
    entry = desk.searched(response, lambda work: services.show_entry(work, entry_id))
    at_log.opened(desk.registry, desk.visitor.actor, entry)
    return entry


@router.get("/pictures/{sha256}", operation_id="get_picture", responses=PICTURE, response_class=FileResponse)
def get_picture(desk: ADesk, sha256: Annotated[str, Path(pattern=r"^[0-9a-f]{64}$")]) -> FileResponse:
    """Show a picture (JPEG)."""
    with desk.reading() as work:
        path = find_picture(work, desk.registry.pictures, sha256)
    at_log.pictured(desk.registry, desk.visitor.actor, sha256)
    return FileResponse(path, media_type="image/jpeg", headers={"Cache-Control": IMMUTABLE})
