"""Writes sheets that a spreadsheet opens without running anything in them; read_sheet reads them back as they were."""

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import xlsxwriter
from xlsxwriter.worksheet import Worksheet

from central.files.cells import NUMBER_MAX, quoted
from central.files.errors import SheetError

Cell = str | int | bool | None
BLOCK_LENGTH = 65_536
COLUMN_WIDTH = 18
ROWS_OFFERED = 200_000
# Of choices, which Excel keeps as one text.
CHOICES_LENGTH_MAX = 255
EXCEL = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}


@dataclass(frozen=True, slots=True)
class Note:
    """What is told at the head of a column; `choices`: what its cells are offered, though others may be typed."""

    text: str
    choices: Sequence[str] = ()
    is_required: bool = False


def write_csv(headers: Sequence[str], rows: Iterable[Sequence[Cell]]) -> Iterator[bytes]:
    """Return the file in blocks: UTF-8, with the mark by which Excel knows it; text like a formula is quoted."""
    block = io.StringIO("\ufeff", newline="")
    block.seek(0, io.SEEK_END)
    # All is in quotation marks: where Excel takes the semicolon for the comma, no part of a text becomes a cell.
    writer = csv.writer(block, quoting=csv.QUOTE_ALL)
    writer.writerow([quoted(header) for header in headers])
    for row in rows:
        writer.writerow([_in_csv(cell) for cell in row])
        if block.tell() >= BLOCK_LENGTH:
            yield block.getvalue().encode()
            block.seek(0)
            block.truncate()
    yield block.getvalue().encode()


def write_xlsx(
    headers: Sequence[str],
    rows: Iterable[Sequence[Cell]],
    file: Path | IO[bytes],
    name: str = "",
    notes: Sequence[Note] = (),
) -> None:
    """Write one sheet, called `name`, with notes on its headers; no cell is a formula or a link. The rows are not held in memory.

    SheetError: a text or the table is longer than Excel has room for.
    """
    with xlsxwriter.Workbook(file, EXCEL) as book:
        sheet = book.add_worksheet(name or None)
        # What is typed below stays text too: a card's leading zeros are part of its number.
        text, number = book.add_format({"num_format": "@"}), book.add_format({"num_format": "0"})
        bold = book.add_format({"num_format": "@", "bold": True})
        sheet.set_column(0, len(headers) - 1, COLUMN_WIDTH, text)
        sheet.freeze_panes(1, 0)
        last = 0
        required = book.add_format({"num_format": "@", "bold": True, "font_color": "red"})
        musts = {column for column, note in enumerate(notes) if note.is_required}
        faults = [
            sheet.write_string(0, column, _in_excel(header), required if column in musts else bold)
            for column, header in enumerate(headers)
        ]
        for column, note in enumerate(notes):
            _write_note(sheet, column, note)
        for last, row in enumerate(rows, start=1):
            for column, cell in enumerate(row):
                if isinstance(cell, bool):
                    faults.append(sheet.write_boolean(last, column, cell))
                elif isinstance(cell, int) and abs(cell) <= NUMBER_MAX:
                    faults.append(sheet.write_number(last, column, cell, number))
                elif cell is not None:
                    faults.append(sheet.write_string(last, column, _in_excel(str(cell)), text))
            if any(faults):
                raise SheetError("a text of this row is longer than Excel has room for, or the table is", last + 1)
            faults.clear()
        sheet.autofilter(0, 0, last, len(headers) - 1)


def _write_note(sheet: Worksheet, column: int, note: Note) -> None:
    if note.text:
        sheet.write_comment(0, column, note.text, {"x_scale": 2})
    if note.choices and len(",".join(note.choices)) <= CHOICES_LENGTH_MAX:
        # A code, or another word that is read as one, is only asked about.
        offered = {"validate": "list", "source": list(note.choices), "error_type": "warning"}
        sheet.data_validation(1, column, ROWS_OFFERED, column, offered)


def _in_csv(cell: Cell) -> Cell:
    if isinstance(cell, bool):
        return str(cell).lower()
    return quoted(cell) if isinstance(cell, str) else cell


def _in_excel(text: str) -> str:
    # Text is no formula here. Where its own apostrophe looks like one of `quoted`, it gets that too: the reader takes one off.
    return quoted(text) if text.startswith("'") else text
