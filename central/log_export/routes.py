"""Routes of exports of the log: at once, or made beside and fetched when they are done."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import FileResponse, StreamingResponse

from central.log_export import services
from central.log_export.schemas import LogExportShown, LogExportsShown, LogExportWanted, LogSheetAsked, SheetQuery
from central.log_export.sending import CSV, MEDIA_TYPES, XLSX, Sheet, SheetResponse, Turns
from central.log_export.words import Form
from central.problems import language_of
from central.records.desk import ADesk, AWritingDesk, Desk, ReasonHeader, reason_of
from central.records.openapi import CREATES, READS, problems
from central.registry import Work
from central.users.access import allow

_BINARY = {"schema": {"type": "string", "format": "binary"}}
_SENT = {**READS, **problems(429)}
router = APIRouter(tags=["log"], dependencies=[Depends(allow("log exports"))])


def _purpose(reason: ReasonHeader = None) -> str:
    return reason_of(reason or "")


Purpose = Annotated[str, Depends(_purpose)]


@router.get(
    "/log.csv",
    operation_id="export_log_csv",
    responses={**_SENT, 200: {"content": {CSV: _BINARY}}},
    response_class=StreamingResponse,
)
def export_csv(desk: ADesk, request: Request, asked: SheetQuery, purpose: Purpose) -> Response:
    """Give all that a search of the log finds as CSV; of more than 1,000 rows `Gatehouse-Reason` says what they are for."""
    return _sent(desk, request, asked, purpose, "csv")


@router.get(
    "/log.xlsx",
    operation_id="export_log_xlsx",
    responses={**_SENT, 200: {"content": {XLSX: _BINARY}}},
    response_class=StreamingResponse,
)
def export_xlsx(desk: ADesk, request: Request, asked: SheetQuery, purpose: Purpose) -> Response:
    """Give all that a search of the log finds as an Excel workbook; it is made first: of very many rows have it made beside."""
    return _sent(desk, request, asked, purpose, "xlsx")


def _sent(desk: Desk, request: Request, asked: LogSheetAsked, purpose: str, form: Form) -> Response:
    registry, actor = desk.registry, desk.visitor.actor
    services.check(registry, actor, asked, purpose)
    turns: Turns = request.app.state.sheets
    who = actor.id or actor.name
    turns.take(who)
    try:
        sheet = Sheet(registry, actor, asked, form, asked.language or language_of(request), purpose)
    except BaseException:
        turns.give_back(who)
        raise
    return SheetResponse(sheet, form, lambda: turns.give_back(who))


@router.post(
    "/log/exports",
    status_code=201,
    operation_id="create_log_export",
    responses={**CREATES, **problems(429)},
    response_model=LogExportShown,
)
def create_export(desk: AWritingDesk, wanted: LogExportWanted) -> Response:
    """Have all that a search of the log finds made into a file, beside; the reply tells where to look for it."""
    if not desk.is_done():
        services.check(desk.registry, desk.visitor.actor, wanted.search, wanted.purpose)
    return desk.change(lambda work: services.add(work, wanted), 201)


@router.get("/log/exports", operation_id="list_log_exports", responses=READS)
def list_exports(desk: ADesk) -> LogExportsShown:
    """List the exports of who asks."""
    with desk.reading() as work:
        return services.own(work)


@router.get("/log/exports/{export_id}", operation_id="get_log_export", responses=READS)
def get_export(desk: ADesk, export_id: UUID) -> LogExportShown:
    """Show how far an export of the log is."""
    with desk.reading() as work:
        return services.shown(services.get(work, export_id))


@router.get(
    "/log/exports/{export_id}/file",
    operation_id="get_log_export_file",
    responses={**READS, **problems(409), 200: {"content": {CSV: _BINARY, XLSX: _BINARY}}},
    response_class=FileResponse,
)
def get_file(desk: ADesk, export_id: UUID) -> FileResponse:
    """Give the file of an export that is done, to who asked for it."""
    with desk.writing() as work:
        row, path = services.fetch(work, desk.registry, export_id)
    return FileResponse(path, media_type=MEDIA_TYPES[row.form], filename=f"log.{row.form}", headers={"Cache-Control": "no-store"})


@router.delete("/log/exports/{export_id}", status_code=204, operation_id="delete_log_export", responses=READS)
def delete_export(desk: AWritingDesk, export_id: UUID) -> Response:
    """Delete an export; one that is being made stops."""
    found = []

    def drop(work: Work) -> None:
        found.append(services.delete(work, export_id))

    reply = desk.change(drop)
    for row in found:
        services.path_of(desk.registry, row).unlink(missing_ok=True)
    return reply
