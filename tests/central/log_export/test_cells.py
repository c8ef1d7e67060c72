"""Cells of a sheet of the log: what no spreadsheet obeys, and what can still be read."""

import csv
import io
import zipfile
from pathlib import Path

import pytest
import python_calamine as calamine
from hypothesis import given
from hypothesis import strategies as st

from central.files.cells import quoted, unquoted
from central.files.writing import Cell, write_csv
from central.log_export import files
from central.log_export.cells import REPLACED, UNITS_MAX, clean
from central.log_export.files import workplace, write_file
from central.log_export.reading import StoppedError

HOSTILE = [
    '=HYPERLINK("http://evil.example","x")',
    "+cmd|' /C calc'!A0",
    "-2+3+cmd|' /C calc'!A0",
    "@SUM(1+1)*cmd|' /C calc'!A0",
    "＝1+1",
    "＋1",
    "－1",
    "＠x",
    "\t=1+1",
    "\r=1+1",
    "\n=1+1",
    "\x00=1+1",
    "\u200b=1+1",
    "'=1+1",
    '"=1+1',
    'x","=1+1',
    "x;=1+1",
    "a\x00b\x1fc\x7f",
    "\u202egpj.exe",
    "\ud800half",
    "\ufffe\uffff",
    "<c><f>1+1</f></c>&amp;_x0041_",
    "字" * 40_000,
    "😀" * 20_000,
]
FORMULA = tuple("=+-@＝＋－＠\t\r\n\x00")
any_text = st.one_of(st.sampled_from(HOSTILE), st.text(st.characters(exclude_categories=()), max_size=12))


def csv_cells(rows: list[list[str]]) -> list[list[str]]:
    data = b"".join(write_csv(["a"] * len(rows[0]), [[clean(text) for text in row] for row in rows]))
    assert data.startswith(b"\xef\xbb\xbf")
    return list(csv.reader(io.StringIO(data.decode("utf-8-sig"), newline="")))[1:]


@given(st.lists(st.lists(any_text, min_size=3, max_size=3), min_size=1, max_size=4))
def test_a_csv_is_read_again_as_it_was_and_nothing_in_it_begins_as_a_formula(rows: list[list[str]]) -> None:
    found = csv_cells(rows)
    assert [[unquoted(cell) for cell in row] for row in found] == [[clean(text) for text in row] for row in rows]
    assert not [cell for row in found for cell in row if cell.startswith(FORMULA) or cell.lstrip().startswith(FORMULA)]


@given(any_text)
def test_what_is_clean_is_seen_fits_a_cell_and_stays_as_it_is(text: str) -> None:
    cell = clean(text)
    assert clean(cell) == cell
    assert len(quoted(cell).encode("utf-16-le")) // 2 <= UNITS_MAX + 1
    assert not {*cell} & {*map(chr, range(32)), "\x7f", "\u202e", "\u2066", "\u200f", "\ufeff"}


def test_what_is_harmless_stays_as_it_is() -> None:
    for text in ("李小明", "粤B·12D45", "0012345678", "138 0013 8000", "8-1201", "𠮷野家", "a　b", "葛\U000e0100", "\ue000"):
        assert quoted(clean(text)) == text
    assert quoted(clean("+86 138 0013 8000")) == "'+86 138 0013 8000"
    assert clean("a\r\nb\u2028c") == "a b c"
    assert clean("a\u202eb") == f"a{REPLACED}b"


def test_hostile_texts_are_plain_texts_in_a_workbook(tmp_path: Path) -> None:
    rows: list[list[Cell]] = [[clean(text), n] for n, text in enumerate(HOSTILE)]
    with workplace(tmp_path) as place:
        made = write_file("xlsx", ["name", "n"], rows, place, "log", lambda: False)
        data = made.read_bytes()
    assert list(tmp_path.iterdir()) == []
    book = calamine.CalamineWorkbook.from_filelike(io.BytesIO(data))
    found = book.get_sheet_by_name("log").to_python()
    assert [unquoted(str(row[0])) for row in found[1:]] == [row[0] for row in rows]
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    sheet = parts["xl/worksheets/sheet1.xml"]
    assert b"<f>" not in sheet
    assert b"<f " not in sheet
    assert b"hyperlink" not in sheet.lower().replace(b"=hyperlink(", b"")
    assert not [name for name in parts if "vba" in name or "external" in name.lower()]


def test_rows_beyond_a_sheet_go_to_further_ones(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "SHEET_ROWS", 3)
    with workplace(tmp_path) as place:
        made = write_file("xlsx", ["n"], ([n] for n in range(7)), place, "log", lambda: False)
        book = calamine.CalamineWorkbook.from_path(made)
    assert book.sheet_names == ["log", "log 2", "log 3"]
    assert [book.get_sheet_by_name(name).to_python() for name in book.sheet_names] == [
        [["n"], [0], [1], [2]],
        [["n"], [3], [4], [5]],
        [["n"], [6]],
    ]


def test_a_workbook_that_is_stopped_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(StoppedError), workplace(tmp_path) as place:
        write_file("xlsx", ["n"], [[1], [2]], place, "log", lambda: True)
    assert list(tmp_path.iterdir()) == []
