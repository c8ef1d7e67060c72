"""Routes of this place."""

from fastapi import APIRouter
from fastapi.responses import HTMLResponse

from edge.desk.doors import BoothHere, Guard, Language

router = APIRouter(prefix="/passes")


@router.get("")
async def first(booth: BoothHere, guard: Guard, language: Language) -> HTMLResponse:
    """Show the place."""
    await booth.book.read()
    return HTMLResponse(booth.page("passes/first", language, guard))
