"""Routes of the log."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Path, Query
from fastapi.responses import FileResponse

from central.journal.pictures import find_picture
from central.log import services
from central.log.schemas import EntryShown, LogPage, Search
from central.registry import TheRegistry
from central.users.access import allow

IMMUTABLE = "private, max-age=86400, immutable"
router = APIRouter(tags=["log"], dependencies=[Depends(allow("log"))])


@router.get("/log")
def search_log(registry: TheRegistry, wanted: Annotated[Search, Query()]) -> LogPage:
    """Search the log, newest first."""
    with registry.read() as work:
        return services.search(work, wanted)


@router.get("/entries/{entry_id}")
def get_entry(registry: TheRegistry, entry_id: UUID) -> EntryShown:
    """Show one entry with its explanation, the story of its passage, its pictures and its proof."""
    with registry.read() as work:
        return services.show_entry(work, entry_id)


@router.get("/pictures/{sha256}")
def get_picture(registry: TheRegistry, sha256: Annotated[str, Path(pattern=r"^[0-9a-f]{64}$")]) -> FileResponse:
    """Show a picture (JPEG)."""
    with registry.read() as work:
        path = find_picture(work, registry.pictures, sha256)
    return FileResponse(path, media_type="image/jpeg", headers={"Cache-Control": IMMUTABLE})
