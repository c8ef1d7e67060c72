"""Turns a sheet of a workbook (XLSX, XLS) into CSV, as a program of its own: workbook on stdin, CSV on stdout, refusal on stderr.

A workbook of a few kilobytes can ask for any amount of memory, and the library that reads it ends its whole process when
there is none. Here that is a process which has nothing else to do, knows no secrets, and may use so much and no more.
"""

import csv
import io
import json
import math
import re
import resource
import sys
import zipfile
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from xml.etree import ElementTree as ET

import python_calamine as calamine

from central.files.cells import NUMBER_MAX, letter
from central.files.errors import SheetError

MEMORY_MAX = 2 << 30
PROCESSOR_S_MAX = 60
UNPACKED_MAX = 512 << 20
REFUSED = 3  # exit status: stderr says why
ZIP = b"PK\x03\x04"
EXCEL = "xl/workbook.xml"
FAULT = re.compile(rb'<(?:\w+:)?c\s[^<>]*\bt="e"[^<>]*>')
PLACE = re.compile(rb'\br="([A-Z]+)(\d+)"')

Value = float | bool | time | date | datetime | timedelta


def main() -> None:
    """Write the names of the sheets (`names`), or the rows of the first one (`rows`) or a named one (`rows "NAME"`, JSON)."""
    limits = {resource.RLIMIT_AS: MEMORY_MAX, resource.RLIMIT_CPU: PROCESSOR_S_MAX, resource.RLIMIT_CORE: 0}
    for limit, most in limits.items():
        _, allowed = resource.getrlimit(limit)
        bound = most if allowed == resource.RLIM_INFINITY else min(most, allowed)
        resource.setrlimit(limit, (bound, bound))
    out = io.TextIOWrapper(sys.stdout.buffer, "utf-8", newline="")
    try:
        csv.writer(out, lineterminator="\n").writerows(_wanted(sys.stdin.buffer.read(), *sys.argv[1:]))
        out.flush()
    except SheetError as error:
        json.dump(error.told, sys.stderr)
        sys.exit(REFUSED)


def _wanted(data: bytes, wanted: str, *sheets: str) -> Iterator[list[str]]:
    _check_unpacked(data)
    try:
        book = calamine.CalamineWorkbook.from_filelike(io.BytesIO(data))
    except calamine.PasswordError as error:
        raise SheetError("the workbook is locked by a password") from error
    except calamine.CalamineError as error:
        raise SheetError("the workbook is damaged, or none that Excel writes") from error
    names = [sheet.name for sheet in book.sheets_metadata if _is_seen(sheet)]
    if wanted == "names":
        return iter([[name] for name in names])
    sheet = json.loads(sheets[0]) if sheets else next(iter(names), "")
    if sheet not in names:
        raise SheetError("there is no sheet {sheet} in the workbook", sheet=sheet)
    if data.startswith(ZIP):
        _check_faults(data, sheet)
    return _rows(book.get_sheet_by_name(sheet))


def _check_unpacked(data: bytes) -> None:
    if not data.startswith(ZIP):
        return
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            parts = archive.infolist()
    except zipfile.BadZipFile as error:
        raise SheetError("the workbook is damaged, or none that Excel writes") from error
    if all(part.filename != EXCEL for part in parts):
        raise SheetError("the workbook is damaged, or none that Excel writes")
    if sum(part.file_size for part in parts) > UNPACKED_MAX:
        raise SheetError("the workbook is too large")


def _check_faults(data: bytes, name: str) -> None:
    """Refuse a cell that shows #N/A or the like: the library takes it for an empty one."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        relations = ET.fromstring(archive.read("xl/_rels/workbook.xml.rels"))  # noqa: S314 - this process is limited
        parts = {relation.get("Id"): relation.get("Target", "") for relation in relations}
        sheets = ET.fromstring(archive.read(EXCEL)).findall(".//{*}sheet")  # noqa: S314 - the same
        sheet = next(sheet for sheet in sheets if sheet.get("name") == name)
        part = next(parts[value] for key, value in sheet.items() if key.endswith("}id"))
        fault = FAULT.search(archive.read(part.removeprefix("/") if part.startswith("/") else f"xl/{part}"))
    if fault:
        place = PLACE.search(fault[0])
        row, column = (int(place[2]), place[1].decode()) if place else (None, "")
        raise SheetError("the cell shows a fault of its formula, as #N/A", row, column)


def _is_seen(sheet: calamine.SheetMetadata) -> bool:
    return sheet.typ == calamine.SheetTypeEnum.WorkSheet and sheet.visible == calamine.SheetVisibleEnum.Visible


def _rows(sheet: calamine.CalamineSheet) -> Iterator[list[str]]:
    # The library leaves out the empty columns before the first used one, though not the rows.
    left = sheet.start[1] if sheet.start else 0
    for number, values in enumerate(sheet.iter_rows(), start=1):
        yield [""] * left + [
            value if isinstance(value, str) else _text(value, number, index) for index, value in enumerate(values, start=left)
        ]


def _text(value: Value, row: int, index: int) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float | int):
        if not math.isfinite(value) or abs(value) > NUMBER_MAX:
            raise SheetError("a number of more than 15 digits is not kept by Excel: make the cell a text", row, letter(index))
        return str(int(value)) if value == int(value) else f"{Decimal(repr(value)):f}"
    if isinstance(value, timedelta):
        minutes, seconds = divmod(round(value.total_seconds()), 60)
        return f"{minutes // 60}:{minutes % 60:02}:{seconds:02}"
    return value.isoformat()


if __name__ == "__main__":
    main()
