"""Routes of duty: guards, shifts, the duty log, patrols, and what booths and displays show."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Response

from central.audit.schemas import AuditShown, HistoryQuery
from central.duty import board, rounds, shift_routes
from central.duty.board import applicants, notices, whereabouts
from central.duty.board_schemas import ApplicantsAsked, BoardAsked, BoardShown, NoticesAsked, WhereaboutsAsked, WhereaboutsShown
from central.duty.log import duty_log
from central.duty.log_schemas import DutyEntryShown, EntriesAsked, EntryWanted
from central.duty.patrol_schemas import (
    PointsAsked,
    PointVisited,
    RoundEnded,
    RoundsAsked,
    RoundShown,
    RoundWanted,
    RoutesAsked,
)
from central.duty.patrols import points, routes
from central.duty.schemas import GuardsAsked
from central.duty.services import guards
from central.records.desk import ADesk, AWritingDesk, SeenIfGiven
from central.records.openapi import CREATES, READS, WRITES
from central.records.routes import record_routes
from central.records.schemas import Page
from central.users.access import allow

log_router = APIRouter(prefix="/duty-log", tags=["duty"], dependencies=[Depends(allow("duty"))])
rounds_router = APIRouter(prefix="/patrol-rounds", tags=["duty"], dependencies=[Depends(allow("duty"))])
whereabouts_router = APIRouter(prefix="/whereabouts", tags=["whereabouts"], dependencies=[Depends(allow("whereabouts"))])
board_router = APIRouter(tags=["board"], dependencies=[Depends(allow("board"))])


@log_router.get("", response_model=Page[DutyEntryShown], responses=READS, operation_id="list_duty_log")
def list_duty_log(desk: ADesk, asked: Annotated[EntriesAsked, Query()]) -> Page[DutyEntryShown]:
    """List the entries of the duty log, oldest first."""
    with desk.reading() as work:
        return duty_log.page(work, asked)


@log_router.post("", status_code=201, response_model=DutyEntryShown, responses=CREATES, operation_id="add_to_duty_log")
def add_to_duty_log(desk: AWritingDesk, wanted: EntryWanted) -> Response:
    """Add an entry to the duty log; it stays as it is."""
    return desk.change(lambda work: duty_log.create(work, wanted), 201)


@log_router.get("/{record_id}", response_model=DutyEntryShown, responses=READS, operation_id="get_duty_log_entry")
def get_duty_log_entry(desk: ADesk, record_id: UUID) -> Response:
    """Show one entry of the duty log."""
    return desk.show(lambda work: duty_log.get(work, record_id))


@rounds_router.get("", response_model=Page[RoundShown], responses=READS, operation_id="list_patrol_rounds")
def list_rounds(desk: ADesk, asked: Annotated[RoundsAsked, Query()]) -> Page[RoundShown]:
    """List patrol rounds, oldest first."""
    with desk.reading() as work:
        return rounds.page(work, asked)


@rounds_router.post("", status_code=201, response_model=RoundShown, responses=CREATES, operation_id="begin_patrol_round")
def begin_round(desk: AWritingDesk, wanted: RoundWanted) -> Response:
    """Begin a patrol round."""
    return desk.change(lambda work: rounds.begin(work, wanted), 201)


@rounds_router.get("/{record_id}", response_model=RoundShown, responses=READS, operation_id="get_patrol_round")
def get_round(desk: ADesk, record_id: UUID) -> Response:
    """Show one patrol round, each of its points."""
    return desk.show(lambda work: rounds.get(work, record_id))


@rounds_router.get(
    "/{record_id}/history", response_model=Page[AuditShown], responses=READS, operation_id="history_of_patrol_round"
)
def history_of_round(desk: ADesk, record_id: UUID, asked: HistoryQuery) -> Page[AuditShown]:
    """List what happened on a patrol round, newest first."""
    with desk.reading() as work:
        return rounds.history(work, record_id, asked)


@rounds_router.post("/{record_id}/visits", response_model=RoundShown, responses=WRITES, operation_id="visit_patrol_point")
def visit_point(desk: AWritingDesk, record_id: UUID, wanted: PointVisited, seen: SeenIfGiven = None) -> Response:
    """Note that a point of the round was visited; a second visit of it changes nothing."""
    return desk.change(lambda work: rounds.visit(work, record_id, wanted, seen))


@rounds_router.post("/{record_id}/end", response_model=RoundShown, responses=WRITES, operation_id="end_patrol_round")
def end_round(desk: AWritingDesk, record_id: UUID, wanted: RoundEnded, seen: SeenIfGiven = None) -> Response:
    """End a patrol round; points that were not visited are missed."""
    return desk.change(lambda work: rounds.end(work, record_id, wanted, seen))


@whereabouts_router.post("/{record_id}/returned", response_model=WhereaboutsShown, responses=WRITES, operation_id="note_return")
def note_return(desk: AWritingDesk, record_id: UUID, seen: SeenIfGiven = None) -> Response:
    """Note that a vehicle or somebody of the staff is back, now."""
    return desk.change(lambda work: whereabouts.returned(work, record_id, seen))


@board_router.get("/board", responses=READS, operation_id="get_board")
def get_board(desk: ADesk, asked: Annotated[BoardAsked, Query()]) -> BoardShown:
    """Show what booths and lane displays are to show: notices, and who is away."""
    with desk.reading() as work:
        return board.board(work, asked)


router = APIRouter()
for _router in (
    record_routes(guards, "guards", one="guard", asked=GuardsAsked),
    shift_routes.roster_router,
    shift_routes.router,
    log_router,
    record_routes(points, "guards", one="patrol point", asked=PointsAsked),
    record_routes(routes, "guards", one="patrol route", asked=RoutesAsked),
    rounds_router,
    record_routes(notices, "board", one="notice", asked=NoticesAsked),
    record_routes(whereabouts, "whereabouts", one="whereabouts", many="whereabouts", asked=WhereaboutsAsked),
    record_routes(applicants, "applicants", one="applicant", asked=ApplicantsAsked),
    whereabouts_router,
    board_router,
):
    router.include_router(_router)
