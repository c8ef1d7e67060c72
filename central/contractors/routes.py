"""Routes of renovation permits and contractor passes."""

from collections.abc import Callable
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Body, Depends, Query, Request, Response
from pydantic import BaseModel

from access.workflows.contractor_pass import PassIssued
from access.workflows.permit import PermitDrafted
from access.workflows.words import EVENTS
from central.codes.services import printed_text
from central.contractors import boards, printing
from central.contractors.passes import facts_of, passes
from central.contractors.permits import permits, terms_of
from central.contractors.photos import small_photo
from central.contractors.schemas import (
    BoardAsked,
    ChangeWanted,
    CountWanted,
    EnterWanted,
    LeaveWanted,
    OverdueAsked,
    OverdueShown,
    PassesAsked,
    PassReplaceWanted,
    PassShown,
    PassWanted,
    PermitsAsked,
    PermitTermsWanted,
    PermitWanted,
    PostBoardShown,
    ViolationWanted,
)
from central.records.desk import ADesk, AWritingDesk, Seen, SeenIfGiven
from central.records.openapi import READS, WRITES, problems
from central.users.access import allow
from central.users.rights import Area
from central.workflows.routes import Opens, flow_routes
from central.workflows.services import Flow

AREA: Area = "contractors"
router = APIRouter()
# What stands at an address of its own comes before what is found by an id.
_boards = APIRouter(prefix="/passes", tags=[AREA], dependencies=[Depends(allow(AREA))])
_papers = APIRouter(tags=[AREA], dependencies=[Depends(allow(AREA))])


@_boards.get("/board", responses=READS, operation_id="board_of_post", summary="Show whose duplicates hang at a post.")
def board(desk: ADesk, asked: Annotated[BoardAsked, Query()]) -> PostBoardShown:
    """Show who is inside through a post, and whose duplicate is in transfer, longest first."""
    with desk.reading() as work:
        return boards.board(work, asked.site, asked.post)


@_boards.get("/overdue", responses=READS, operation_id="list_overdue_passes", summary="List who should have left by now.")
def overdue(desk: ADesk, asked: Annotated[OverdueAsked, Query()]) -> list[OverdueShown]:
    """List who is inside though hours or validity are over, by post, firm and permit, with whom to call."""
    with desk.reading() as work:
        return boards.overdue(work, asked)


@_papers.get("/passes/{record_id}/print", responses=READS, operation_id="print_pass", summary="Give what a pass bears.")
def print_pass(request: Request, desk: ADesk, record_id: UUID) -> printing.PassPrinted:
    """Give what the original and the duplicate of a pass bear, with all words in both languages."""
    codes = {mark: printed_text(desk, passes.workflow.name, record_id, mark) for mark, *_ in printing.PARTS}
    with desk.reading() as work:
        return printing.print_pass(work, record_id, f"{request.url.path.removesuffix('/print')}/photo", codes)


@_papers.get("/permits/{record_id}/print", responses=READS, operation_id="print_permit", summary="Give what a permit bears.")
def print_permit(desk: ADesk, record_id: UUID) -> printing.PermitPrinted:
    """Give what a permit bears, with all words in both languages."""
    with desk.reading() as work:
        return printing.print_permit(work, record_id)


_JPEG: dict[int | str, dict[str, Any]] = {200: {"description": "The photo", "content": {"image/jpeg": {}}}}
_SENT = {kind: {"schema": {"type": "string", "format": "binary"}} for kind in ("image/jpeg", "image/png")}


@_papers.get(
    "/passes/{record_id}/photo",
    response_class=Response,
    responses={**READS, **_JPEG},
    operation_id="photo_of_pass",
    summary="Give the photo of a pass's holder.",
)
def photo(desk: ADesk, record_id: UUID) -> Response:
    """Give the photo of a pass's holder, a small JPEG."""
    with desk.reading() as work:
        return Response(passes.photo(work, record_id), media_type="image/jpeg")


@_papers.put(
    "/passes/{record_id}/photo",
    response_model=PassShown,
    responses={**WRITES, **problems(429)},
    operation_id="set_photo_of_pass",
    summary="Set the photo of a pass's holder.",
    openapi_extra={"requestBody": {"required": True, "content": _SENT}},
)
def set_photo(desk: AWritingDesk, record_id: UUID, seen: Seen, data: Annotated[bytes, Body(media_type="image/jpeg")]) -> Response:
    """Set the photo of a pass's holder: a JPEG or PNG of at most 1 MiB, drawn anew small and without metadata."""
    drawn = small_photo(data)
    return desk.change(lambda work: passes.set_photo(work, record_id, drawn, seen))


def _add_act(flow: Flow[Any], one: str, path: str, body: type[BaseModel], facts: Callable[[Any], dict[str, Any]]) -> None:
    """Add the route of an act whose body is not made of all of its event's fields."""
    [act] = (each for each in flow.acts if each.path == path)

    def do(desk: AWritingDesk, record_id: UUID, wanted: Any, seen: SeenIfGiven = None) -> Response:
        return desk.change(lambda work: flow.act(work, record_id, act, facts(wanted), seen))

    do.__annotations__["wanted"] = body
    _papers.add_api_route(
        f"/{one}{'es' if one == 'pass' else 's'}/{{record_id}}/{path}",
        do,
        methods=["POST"],
        response_model=flow.shown,
        responses=WRITES,
        summary=f"{one.capitalize()}: {EVENTS[act.event.__name__][1]}.",
        description=body.__doc__,
        # `change` of a record is already the name of changing its details.
        operation_id=f"{'amend' if path == 'change' else path.replace('-', '_')}_{one}",
    )


def _as_sent(wanted: BaseModel) -> dict[str, Any]:
    return wanted.model_dump(mode="json")


def _terms(wanted: PermitTermsWanted) -> dict[str, Any]:
    return {"terms": terms_of(wanted)}


_add_act(permits, "permit", "change-draft", PermitTermsWanted, _terms)
_add_act(permits, "permit", "change", ChangeWanted, _as_sent)
for _path, _body in (
    ("replace", PassReplaceWanted),
    ("change", ChangeWanted),
    ("report-violation", ViolationWanted),
    ("enter", EnterWanted),
    ("leave", LeaveWanted),
    ("duplicate-counted", CountWanted),
):
    _add_act(passes, "pass", _path, _body, _as_sent)

router.include_router(_boards)
router.include_router(flow_routes(permits, AREA, (Opens(PermitDrafted, PermitWanted, _terms),), one="permit", asked=PermitsAsked))
router.include_router(
    flow_routes(passes, AREA, (Opens(PassIssued, PassWanted, facts_of),), one="pass", many="passes", asked=PassesAsked)
)
router.include_router(_papers)
