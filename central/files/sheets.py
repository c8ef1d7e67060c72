"""Reads a sheet row by row: CSV as Excel and others write it, XLSX and XLS."""

import codecs
import csv
import io
import json
import re
import subprocess
import sys
import tempfile
from collections.abc import Generator, Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from itertools import count
from pathlib import PurePath
from typing import IO, cast

from central.files.cells import letter, unquoted
from central.files.errors import SheetError
from central.files.workbook import REFUSED, ZIP

BYTES_MAX = 64 << 20
ROWS_MAX = 200_000
COLUMNS_MAX = 200
CELL_LENGTH_MAX = 10_000
ROW_LENGTH_MAX = COLUMNS_MAX * CELL_LENGTH_MAX
OLE = b"\xd0\xcf\x11\xe0"  # an XLS file begins so, and so does an XLSX file with a password
SUFFIXES = frozenset({".csv", ".tsv", ".txt", ".xlsx", ".xlsm", ".xls"})
SHEET_NAME_MAX = 255
DELIMITERS = ",;\t"
SAMPLE_LENGTH = 65_536
UNSEEN = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")

Record = tuple[int, list[str]]
Records = Generator[Record, None, None]


@dataclass(frozen=True, slots=True)
class SheetRow:
    """A row that is not blank: its number as Excel shows it, and each column's text by its header."""

    number: int
    cells: dict[str, str]


@dataclass(frozen=True, slots=True)
class Sheet:
    """The headers, and the rows below them: to be read once, while the sheet is open."""

    headers: tuple[str, ...]
    rows: Iterator[SheetRow]

    def letter(self, header: str) -> str:
        """Return the letter of this header's column; ValueError."""
        return letter(self.headers.index(header))


@contextmanager
def read_sheet(data: bytes, name: str, sheet: str | None = None) -> Iterator[Sheet]:
    """Open the sheet of this name (the first one that is seen) in the file `name`; SheetError, then and at each row.

    The first row that is not blank is the header. Headers are trimmed, cells are not.
    """
    with closing(_records(data, name, sheet)) as records:
        number, cells = next(records, (0, []))
        headers = _headers(number, cells)
        yield Sheet(headers, (_row(headers, *record) for record in records))


def sheet_names(data: bytes, name: str) -> tuple[str, ...]:
    """Return the names of the sheets that are seen in the file `name`; a CSV file is one, by the file's name. SheetError."""
    if not _is_workbook(data, name):
        return (PurePath(name).stem,)
    with closing(_of_workbook(data, "names")) as records:
        return tuple(cells[0] for _, cells in records)


def _is_workbook(data: bytes, name: str) -> bool:
    if PurePath(name).suffix.lower() not in SUFFIXES:
        raise SheetError("{name} is no sheet: send CSV, XLSX or XLS", name=name)
    if len(data) > BYTES_MAX:
        raise SheetError("the file has more than {max} bytes", max=BYTES_MAX)
    return data.startswith((ZIP, OLE))


def _records(data: bytes, name: str, sheet: str | None) -> Records:
    if _is_workbook(data, name):
        # As JSON, since not every text can be an argument of a program.
        wanted = [] if sheet is None else [json.dumps(sheet[:SHEET_NAME_MAX])]
        return _of_workbook(data, "rows", *wanted)
    if sheet not in {None, PurePath(name).stem}:
        raise SheetError("there is no sheet {sheet} in the workbook", sheet=sheet)
    return _of_csv(data)


def _headers(number: int, cells: list[str]) -> tuple[str, ...]:
    headers = [unquoted(cell).strip() for cell in cells]
    while headers and not headers[-1]:  # commas at the end of each line
        headers.pop()
    if not headers:
        raise SheetError("the sheet is empty")
    if len(headers) > COLUMNS_MAX:
        raise SheetError("there are more than {max} columns", number, letter(COLUMNS_MAX), max=COLUMNS_MAX)
    for index, header in enumerate(headers):
        _check_cell(header, number, index)
        if not header:
            raise SheetError("the column has no header", number, letter(index))
        if header in headers[:index]:
            raise SheetError("there are two columns {header}", number, letter(index), header=header)
    return tuple(headers)


def _row(headers: tuple[str, ...], number: int, cells: list[str]) -> SheetRow:
    for index, cell in enumerate(cells):
        _check_cell(cell, number, index)
        if index >= len(headers) and cell.strip():
            raise SheetError("the column has no header", number, letter(index))
    cells += [""] * (len(headers) - len(cells))
    return SheetRow(number, {header: unquoted(cell) for header, cell in zip(headers, cells, strict=False)})


def _check_cell(cell: str, number: int, index: int) -> None:
    if len(cell) > CELL_LENGTH_MAX:
        raise SheetError("the cell has more than {max} characters", number, letter(index), max=CELL_LENGTH_MAX)
    if UNSEEN.search(cell):
        raise SheetError("the cell has a control character", number, letter(index))


class _Lines:
    """The lines of a text; csv.Error where the lines of one row are too long together."""

    def __init__(self, text: IO[str]) -> None:
        self._text = text
        self.left = ROW_LENGTH_MAX

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        line = self._text.readline(self.left + 1)
        self.left -= len(line)
        if self.left < 0:
            raise csv.Error("too long")
        if not line:
            raise StopIteration
        return line


def _parsed(text: IO[str], delimiter: str) -> Iterator[Record]:
    """Return the rows that are not blank, each with its number: one row of a sheet may be several lines of text."""
    lines = _Lines(text)
    reader = csv.reader(lines, delimiter=delimiter, strict=True)
    for number in count(1):
        lines.left = ROW_LENGTH_MAX
        try:
            cells = next(reader, None)
        except csv.Error as error:
            raise SheetError("the row cannot be read: a quotation mark is missing, or the row is too long", number) from error
        if cells is None:
            return
        if number > ROWS_MAX:
            raise SheetError("there are more than {max} rows", number, max=ROWS_MAX)
        if any(cell.strip() for cell in cells):
            yield number, cells


def _of_csv(data: bytes) -> Records:
    with io.TextIOWrapper(io.BytesIO(data), _encoding(data), newline="") as text:
        header, *_ = re.sub(r'"[^"]*"', "", text.read(SAMPLE_LENGTH)).lstrip().splitlines() or [""]
        text.seek(0)
        yield from _parsed(text, max(DELIMITERS, key=header.count))


def _encoding(data: bytes) -> str:
    """Return the encoding: what Excel's "CSV UTF-8", its "CSV" in Chinese and its "Unicode text" are in."""
    utf_16 = data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    *others, last = ["utf-16"] if utf_16 else ["utf-8-sig", "gb18030"]
    for encoding in others:
        with suppress(UnicodeDecodeError):
            data.decode(encoding)
            return encoding
    try:
        data.decode(last)
    except UnicodeDecodeError as error:
        row = data[: error.start].decode(last, "replace").count("\n") + 1
        raise SheetError("the text is neither UTF-8 nor GB18030: save it as 'CSV UTF-8'", row) from error
    return last


def _of_workbook(data: bytes, *arguments: str) -> Records:
    program = [sys.executable, "-I", "-X", "utf8", "-m", "central.files.workbook", *arguments]
    with tempfile.TemporaryFile() as given, tempfile.TemporaryFile() as said:
        given.write(data)
        given.seek(0)
        with (
            subprocess.Popen(program, stdin=given, stdout=subprocess.PIPE, stderr=said, env={}) as child,
            io.TextIOWrapper(cast("IO[bytes]", child.stdout), "utf-8", newline="") as text,
        ):
            try:
                yield from _parsed(text, ",")
            except BaseException:  # nobody reads on: it need not write on
                child.kill()
                raise
        said.seek(0)
        _check_end(child.returncode, said.read())


def _check_end(status: int, said: bytes) -> None:
    if status == REFUSED:
        raise SheetError(**json.loads(said))
    if status < 0 or b"MemoryError" in said:
        raise SheetError("the workbook is too large")
    if status:
        raise SheetError("the workbook is damaged, or none that Excel writes") from RuntimeError(
            said[-2_000:].decode("utf-8", "replace")
        )
