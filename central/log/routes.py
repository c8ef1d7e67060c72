"""Routes of the log."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Path, Query
from fastapi.responses import FileResponse

from central.journal.pictures import find_picture
from central.log import services
from central.log.schemas import EntryShown, LogPage, Search
from central.records.desk import ADesk
from central.records.openapi import READS
from central.users.access import allow

IMMUTABLE = "private, max-age=86400, immutable"
PICTURE = {200: {"description": "The picture", "content": {"image/jpeg": {}}}, **READS}
router = APIRouter(tags=["log"], dependencies=[Depends(allow("log"))])


@router.get("/log", operation_id="search_log", responses=READS)
def search_log(desk: ADesk, wanted: Annotated[Search, Query()]) -> LogPage:
    """Search the log, newest first."""
    with desk.reading() as work:
        return services.search(work, wanted)


@router.get("/entries/{entry_id}", operation_id="get_entry", responses=READS)
def get_entry(desk: ADesk, entry_id: UUID) -> EntryShown:
    """Show one entry with its explanation, the story of its passage, its pictures and its proof."""
    with desk.reading() as work:
        return services.show_entry(work, entry_id)


@router.get("/pictures/{sha256}", operation_id="get_picture", responses=PICTURE, response_class=FileResponse)
def get_picture(desk: ADesk, sha256: Annotated[str, Path(pattern=r"^[0-9a-f]{64}$")]) -> FileResponse:
    """Show a picture (JPEG)."""
    with desk.reading() as work:
        path = find_picture(work, desk.registry.pictures, sha256)
    return FileResponse(path, media_type="image/jpeg", headers={"Cache-Control": IMMUTABLE})
