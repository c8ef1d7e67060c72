"""Routes of files: imports with their progress and errors, and exports of every list."""

from collections.abc import Callable, Iterator
from pathlib import PurePath
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import StreamingResponse
from pydantic import ValidationError

from central.actors import Actor
from central.errors import RegistryError
from central.files import exports, services
from central.files.catalogue import sheet_of
from central.files.importer import Importer
from central.files.schemas import FaultsPage, FaultsQuery, ImportShown, ImportsQuery, KindName, WantedQuery
from central.files.sheets import BYTES_MAX, SUFFIXES
from central.files.writing import write_csv
from central.problems import language_of
from central.records.desk import ADesk, AWritingDesk
from central.records.openapi import CREATES, READS
from central.records.schemas import Asked, Page
from central.registry import Registry
from central.users.access import SignedInVisitor, allow

CSV = "text/csv"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
XLS = "application/vnd.ms-excel"
# By type the ending of a name that has none.
TYPES = {CSV: ".csv", XLSX: ".xlsx", XLS: ".xls", "application/octet-stream": ""}
FAULT_HEADERS = {"zh": ("行", "列", "列名", "错误", "英文"), "en": ("row", "column", "header", "zh", "en")}
_BINARY = {"schema": {"type": "string", "format": "binary"}}
_BODY = {"requestBody": {"required": True, "content": dict.fromkeys((CSV, XLSX, XLS), _BINARY)}}

router = APIRouter(tags=["files"], dependencies=[Depends(allow("files"))])


def _importer(request: Request) -> Importer:
    importer: Importer = request.app.state.importer
    return importer


def _may_write(wanted: WantedQuery, visitor: SignedInVisitor) -> None:
    """Look at the rights before a large body is read."""
    sheet_of(wanted.kind, visitor.role, writes=True)


async def _uploaded(request: Request, wanted: WantedQuery, _: Annotated[None, Depends(_may_write)]) -> tuple[str, bytes]:
    """Return the file's name, with an ending, and what is in it."""
    kind = request.headers.get("Content-Type", "").partition(";")[0].strip().lower()
    if kind not in TYPES:
        raise RegistryError("send the sheet itself, as CSV, XLSX or XLS", 422, "Content-Type")
    data = await request.body()
    if not data:
        raise RegistryError("the sheet is empty", 422, "body")
    if len(data) > BYTES_MAX:
        raise RegistryError("the file has more than {max} bytes", 413, "body", max=BYTES_MAX)
    ending = "" if PurePath(wanted.name).suffix.lower() in SUFFIXES else TYPES[kind]
    return wanted.name + ending, data


TheImporter = Annotated[Importer, Depends(_importer)]
Uploaded = Annotated[tuple[str, bytes], Depends(_uploaded)]


@router.post(
    "/imports", status_code=201, responses=CREATES, response_model=ImportShown, operation_id="create_import", openapi_extra=_BODY
)
def create_import(desk: AWritingDesk, importer: TheImporter, wanted: WantedQuery, file: Uploaded) -> Response:
    """Import a sheet, or try it: the file as the body. It is worked on in the background; the reply tells where to look."""
    name, data = file
    named = wanted.model_copy(update={"name": name})
    services.check(desk.visitor.role, named, data)
    reply = desk.change(lambda work: services.shown(services.begin(work, named, data, by_server=True)), 201)
    importer.wake()
    return reply


@router.get("/imports", responses=READS, operation_id="list_imports")
def list_imports(desk: ADesk, asked: ImportsQuery) -> Page[ImportShown]:
    """List imports, oldest first."""
    with desk.reading() as work:
        return services.page(work, asked)


@router.get("/imports/{record_id}", responses=READS, response_model=ImportShown, operation_id="get_import")
def get_import(desk: ADesk, record_id: UUID) -> Response:
    """Show an import and how far it is."""
    return desk.show(lambda work: services.get(work, record_id))


@router.get("/imports/{record_id}/errors", responses=READS, operation_id="list_import_errors")
def list_errors(desk: ADesk, record_id: UUID, asked: FaultsQuery) -> FaultsPage:
    """List what is wrong with the rows of an import, by row and column."""
    with desk.reading() as work:
        return services.faults(work, record_id, asked)


@router.get(
    "/imports/{record_id}/errors.csv",
    responses={**READS, 200: {"content": {CSV: _BINARY}}},
    response_class=Response,
    operation_id="get_import_errors_csv",
)
def errors_csv(desk: ADesk, request: Request, record_id: UUID) -> Response:
    """Give what is wrong with the rows of an import as a sheet."""
    with desk.reading() as work:
        cells = services.fault_cells(work, record_id)
    return Response(b"".join(write_csv(FAULT_HEADERS[language_of(request)], cells)), media_type=CSV)


@router.post("/imports/{record_id}/resume", responses=CREATES, response_model=ImportShown, operation_id="resume_import")
def resume_import(desk: AWritingDesk, importer: TheImporter, record_id: UUID) -> Response:
    """Let an import that was cancelled or failed go on where it stopped."""
    reply = desk.change(lambda work: services.resume(work, record_id))
    importer.wake()
    return reply


@router.post("/imports/{record_id}/cancel", responses=CREATES, response_model=ImportShown, operation_id="cancel_import")
def cancel_import(desk: AWritingDesk, record_id: UUID) -> Response:
    """Stop an import; what it has done stays done."""
    return desk.change(lambda work: services.cancel(work, record_id))


Made = Callable[[Registry, Actor, exports.Exported, Asked, str], Iterator[bytes]]


def _export(desk: ADesk, request: Request, kind: str, made: Made, media_type: str) -> Response:
    actor = desk.visitor.actor
    sheet = exports.exported(kind, actor.role)
    try:
        asked = exports.narrowed(sheet, request.query_params)
    except ValidationError as error:
        raise RequestValidationError([{**fault, "loc": ("query", *fault["loc"])} for fault in error.errors()]) from error
    blocks = made(desk.registry, actor, sheet, asked, language_of(request))
    ending = "csv" if media_type == CSV else "xlsx"
    named = {"Content-Disposition": f'attachment; filename="{kind}.{ending}"'}
    return StreamingResponse(blocks, headers=named, media_type=media_type)


@router.get(
    "/exports/{kind}.csv",
    responses={**READS, 200: {"content": {CSV: _BINARY}}},
    response_class=StreamingResponse,
    operation_id="export_csv",
)
def export_csv(desk: ADesk, request: Request, kind: KindName) -> Response:
    """Give all that a list has, by its own filters, as CSV; formulas in it are quoted."""
    return _export(desk, request, kind, exports.csv_of, CSV)


@router.get(
    "/exports/{kind}.xlsx",
    responses={**READS, 200: {"content": {XLSX: _BINARY}}},
    response_class=StreamingResponse,
    operation_id="export_xlsx",
)
def export_xlsx(desk: ADesk, request: Request, kind: KindName) -> Response:
    """Give all that a list has, by its own filters, as an Excel workbook without formulas."""
    return _export(desk, request, kind, exports.xlsx_of, XLSX)
