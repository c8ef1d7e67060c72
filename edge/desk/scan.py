"""What was scanned at the booth: found out by what it is, and shown in its place."""

from typing import Annotated

from fastapi import APIRouter, Form
from fastapi.responses import RedirectResponse, Response

from edge.desk.doors import BoothHere, Guard, OwnForm

TEXT_MAX = 2000

router = APIRouter()


@router.post("/scan", dependencies=[OwnForm])
async def scanned(booth: BoothHere, _guard: Guard, text: Annotated[str, Form(max_length=TEXT_MAX)] = "") -> Response:
    """Go to the place of what was scanned; the text of a code stands in no address."""
    del booth, text
    return RedirectResponse("/", 303)
