"""The page of emergencies: the evacuation, which lanes stand open, and who is inside, to be printed."""

from fastapi import APIRouter
from fastapi.responses import HTMLResponse

from edge.desk.doors import BoothHere, Guard, Language
from edge.desk.inside import inside

router = APIRouter(prefix="/emergency")


@router.get("")
async def emergency(booth: BoothHere, guard: Guard, language: Language) -> HTMLResponse:
    """Show whether the site is evacuated, which lanes stand open, and who is inside at this moment; it opens nothing."""
    pages = await booth.book.read()
    vehicles = await booth.book.vehicles_inside()
    return HTMLResponse(
        booth.page("emergency", language, guard, inside=inside(pages, vehicles or ()), is_known=vehicles is not None)
    )
