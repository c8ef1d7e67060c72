"""Routes of who is inside, of stays, and of timelines."""

from collections.abc import Iterator
from itertools import chain
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request, Response
from fastapi.responses import HTMLResponse, StreamingResponse
from sqlalchemy import select

from central.files.writing import Cell, write_csv
from central.inside import dwell, roll_call, services
from central.inside.schemas import (
    InsideAsked,
    InsidePage,
    IrregularAsked,
    IrregularPage,
    RollCallAsked,
    StaysAsked,
    StaysShown,
    TimelineAsked,
    TimelinePage,
)
from central.inside.timeline import timeline
from central.inside.words import HEADERS
from central.looks.services import At, count_rows, looked
from central.masking.walk import masked
from central.problems import language_of
from central.records.desk import ADesk
from central.records.openapi import READS
from central.tables import Gate
from central.users.access import allow

CSV = "text/csv"
SHEETS = {200: {"description": "The sheet", "content": {CSV: {"schema": {"type": "string", "format": "binary"}}}}, **READS}
PAGES = {200: {"description": "The page", "content": {"text/html": {"schema": {"type": "string"}}}}, **READS}
NO_STORE = {"Cache-Control": "no-store"}
inside_router = APIRouter(prefix="/inside", tags=["inside"], dependencies=[Depends(allow("inside"))])
log_router = APIRouter(tags=["log"], dependencies=[Depends(allow("log"))])


@inside_router.get("", operation_id="list_inside", responses=READS)
def list_inside(desk: ADesk, asked: Annotated[InsideAsked, Query()]) -> InsidePage:
    """List who is inside now and since when, with totals by kind and how fresh each gate's word is."""
    with desk.reading() as work:
        return services.inside(work, asked)


@inside_router.get("/roll-call", operation_id="print_roll_call", responses=PAGES, response_class=HTMLResponse)
def print_roll_call(desk: ADesk, asked: Annotated[RollCallAsked, Query()]) -> Response:
    """Give everybody inside by zone as a page to print and tick, for an evacuation."""
    page = roll_call.page(_call(desk, asked), asked.lang)
    return HTMLResponse(page, headers={"Content-Security-Policy": roll_call.POLICY, **NO_STORE})


@inside_router.get("/roll-call.csv", operation_id="export_roll_call", responses=SHEETS, response_class=Response)
def export_roll_call(desk: ADesk, asked: Annotated[RollCallAsked, Query()]) -> Response:
    """Give everybody inside by zone as CSV, for an evacuation."""
    blocks = write_csv(roll_call.headers(asked.lang), roll_call.cells(_call(desk, asked), asked.lang))
    named = {"Content-Disposition": 'attachment; filename="roll-call.csv"', **NO_STORE}
    return Response(b"".join(blocks), media_type=CSV, headers=named)


def _call(desk: ADesk, asked: RollCallAsked) -> roll_call.RollCall:
    """Return the list as the visitor sees it; that it was given out is written down."""
    with desk.reading() as work:
        call = roll_call.roll_call(work, asked)
    lines = [line._replace(one=masked(line.one, desk.sight)) for line in call.lines]
    with desk.registry.write(desk.visitor.actor) as work:
        looked(work, "export", At("inside", site=asked.site), rows=len(lines))
    return call._replace(lines=lines)


@log_router.get("/stays", operation_id="sum_up_stays", responses=READS)
def sum_up_stays(desk: ADesk, response: Response, asked: Annotated[StaysAsked, Query()]) -> StaysShown:
    """Sum up how long stays lasted, by category, with the longest of them."""
    return desk.searched(response, lambda work: dwell.stays(work, asked))


@log_router.get("/stays.csv", operation_id="export_stays", responses=SHEETS, response_class=StreamingResponse)
def export_stays(desk: ADesk, request: Request, asked: Annotated[StaysAsked, Query()]) -> Response:
    """Give all stays of a time as CSV, in the order of their ends."""
    language = language_of(request)
    names = ("since", "gate", "left", "left_by", "seconds", "kind", "credential", "name", "unit")
    blocks = write_csv([HEADERS[language][name] for name in names], _stays(desk, asked))
    # The first block is made before the reply begins: so what is refused is so.
    whole = chain([next(blocks)], blocks)
    named = {"Content-Disposition": 'attachment; filename="stays.csv"', **NO_STORE}
    return StreamingResponse(whole, headers=named, media_type=CSV)


def _stays(desk: ADesk, asked: StaysAsked) -> Iterator[list[Cell]]:
    rows = 0
    with desk.registry.write(desk.visitor.actor) as work:
        dwell.check(work, asked)
        look = looked(work, "export", At("stays", site=asked.site))
    with desk.registry.search_read(desk.visitor.actor) as work:
        gates = dict(work.session.execute(select(Gate.id, Gate.name)).all())
        for part in dwell.all_stays(work, asked):
            for stay in masked(part, desk.sight):
                came, went = stay.entered, stay.left
                place = [came.at.isoformat(), gates.get(came.gate, ""), went.at.isoformat(), gates.get(went.gate, "")]
                who = [came.category or went.category, came.credential or went.credential, came.name, came.unit]
                rows += 1
                yield [*place, stay.seconds, *who]
    count_rows(desk.registry, look, rows)


@log_router.get("/stays/irregular", operation_id="list_irregular_stays", responses=READS)
def list_irregular(desk: ADesk, response: Response, asked: Annotated[IrregularAsked, Query()]) -> IrregularPage:
    """List exits without an entry, and entries of who had not left, oldest first."""
    return desk.searched(response, lambda work: dwell.irregular(work, asked))


@log_router.get("/timeline", operation_id="get_timeline", responses=READS)
def get_timeline(desk: ADesk, response: Response, asked: Annotated[TimelineAsked, Query()]) -> TimelinePage:
    """Tell all that happened to a plate, a person or a card, newest first."""
    found = desk.searched(response, lambda work: timeline(work, asked))
    if asked.older is None:
        with desk.registry.write(desk.visitor.actor) as work:
            looked(work, "search", _at(asked))
    return found


def _at(asked: TimelineAsked) -> At:
    if asked.person is not None:
        return At("persons", asked.person, asked.site)
    return At("vehicles" if asked.plate else "cards", site=asked.site, sought=asked.plate or asked.card)


ROUTERS = (inside_router, log_router)
