"""Routes of pictures of who stands at a lane: the plate as photographed, the vehicle now, and when it came in.

A page names lane and passage, never a plate or whom the presence means: these are found in what the gate last said.
"""

from typing import Annotated

from fastapi import APIRouter, Depends, Query
from fastapi.responses import Response

from edge.booth_messages import LaneView
from edge.desk.doors import BoothHere, SignedIn

# The browser keeps them as long as a page may be rendered anew about one passage: none is fetched twice.
KEPT = {"cache-control": "private, max-age=60"}

router = APIRouter(prefix="/lanes/{lane}", dependencies=[SignedIn])


def passage_at(booth: BoothHere, lane: str, passage: Annotated[str, Query(max_length=64)] = "") -> LaneView | None:
    """Return what the gate last said of a lane where it is still about this passage."""
    view = booth.situation.lanes.get(lane)
    return view if view is not None and view.passage and view.passage == passage else None


At = Annotated[LaneView | None, Depends(passage_at)]


@router.get("/plate.jpg")
async def plate(booth: BoothHere, view: At) -> Response:
    """Return the plate as it was photographed, or nothing (204)."""
    return told(await booth.pictures.plate(view.plate_capture) if view else b"")


@router.get("/now.jpg")
async def now(booth: BoothHere, view: At) -> Response:
    """Return the picture that was decided by, or nothing (204)."""
    if view is None:
        return told(b"")
    return told(await booth.pictures.capture(view.capture_id) or await booth.kept.picture(view.capture_id))


@router.get("/entrance.jpg")
async def entrance(booth: BoothHere, view: At) -> Response:
    """Return the picture of this vehicle's entrance, or nothing (204)."""
    return told(await booth.kept.entrance(view.subject, view.inside_since_utc) if view else b"")


def told(jpeg: bytes) -> Response:
    """Return a picture, or nothing (204) where there is none."""
    return Response(jpeg, media_type="image/jpeg", headers=KEPT) if jpeg else Response(status_code=204)
