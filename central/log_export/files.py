"""Files of exports: where they are made, written as CSV or as a workbook, and with how much room."""

import io
import shutil
import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

import xlsxwriter
from typing_extensions import override
from xlsxwriter.workbook import Workbook
from xlsxwriter.worksheet import Worksheet

from central.errors import RegistryError
from central.files.cells import quoted
from central.files.writing import COLUMN_WIDTH, EXCEL, Cell, write_csv
from central.log_export.reading import StoppedError
from central.registry import Registry

# A sheet of Excel has 1,048,576 rows; the first one has the headers.
SHEET_ROWS: Final = 1_048_575
BYTES_MAX: Final = 4 << 30
# So much of the disk is left to the registry.
FREE_MIN: Final = 1 << 30
MAKING: Final = "making-"
BLOCK_BYTES: Final = 1 << 16


def folder(registry: Registry) -> Path:
    """Return the folder of the files, made where it is missing."""
    found = registry.pictures.with_name("exports")
    found.mkdir(parents=True, exist_ok=True, mode=0o700)
    return found


@contextmanager
def workplace(beside: Path) -> Iterator[Path]:
    """Give a folder in that one which is gone, with all that is in it, when the block ends however it does."""
    with tempfile.TemporaryDirectory(prefix=MAKING, dir=beside) as made:
        yield Path(made)


def check_room(place: Path) -> None:
    """Raise RegistryError 422 where what is made here has become too large, 503 where the disk is nearly full."""
    if sum(_size(path) for path in place.iterdir()) > BYTES_MAX:
        raise RegistryError("an export has at most {most} bytes: ask for less", 422, most=BYTES_MAX)
    if shutil.disk_usage(place).free < FREE_MIN:
        raise RegistryError("there is not enough room on the disk for an export", 503)


def write_file(
    form: str, headers: Sequence[str], rows: Iterable[Sequence[Cell]], place: Path, title: str, stopped: Callable[[], bool]
) -> Path:
    """Write all rows to a new file in this folder; StoppedError as soon as it is to stop."""
    path = place / f"log.{form}"
    if form == "csv":
        with path.open("wb") as file:
            file.writelines(write_csv(headers, rows))
    else:
        _write_book(headers, rows, path, title, stopped)
    return path


def blocks_of(path: Path) -> Iterator[bytes]:
    """Yield a file block by block."""
    with path.open("rb") as file:
        while block := file.read(BLOCK_BYTES):
            yield block


def _size(path: Path) -> int:
    with suppress(FileNotFoundError):
        return path.stat().st_size
    return 0


class _Watched(io.FileIO):
    """A file whose writing stops when nobody wants it any more: to pack a million rows takes half a minute."""

    def __init__(self, path: Path, stopped: Callable[[], bool]) -> None:
        super().__init__(path, "w+")
        self._stopped = stopped
        self._is_over = False

    @override
    def write(self, data: object, /) -> int:
        # Once: what the packer still writes as it lets go is let through.
        if not self._is_over and self._stopped():
            self._is_over = True
            raise StoppedError
        return super().write(data)  # type: ignore[arg-type]


def _write_book(
    headers: Sequence[str], rows: Iterable[Sequence[Cell]], path: Path, title: str, stopped: Callable[[], bool]
) -> None:
    """Write as many sheets as the rows need; what waits to be packed lies beside, and no more than a row in memory."""
    with _Watched(path, stopped) as file:
        book = xlsxwriter.Workbook(file, EXCEL | {"tmpdir": str(path.parent)})
        book.use_zip64()
        try:
            _fill(book, headers, rows, title)
            if not _is_packed(book):
                raise StoppedError
        finally:
            for sheet in book.worksheets():
                sheet.row_data_fh.close()


def _is_packed(book: Workbook) -> bool:
    """Pack the book, unless that is stopped; caught here, so that the packer is gone before its file is closed."""
    with suppress(StoppedError):
        book.close()
        return True
    return False


def _fill(book: Workbook, headers: Sequence[str], rows: Iterable[Sequence[Cell]], title: str) -> None:
    text = book.add_format({"num_format": "@"})  # what is edited later stays text too
    bold = book.add_format({"num_format": "@", "bold": True})
    sheet = _sheet(book, headers, title, bold)
    line = 0
    for row in rows:
        if line == SHEET_ROWS:
            sheet, line = _sheet(book, headers, f"{title} {len(book.worksheets()) + 1}", bold), 0
        line += 1
        for column, cell in enumerate(row):
            if isinstance(cell, int):
                sheet.write_number(line, column, cell)
            elif cell:
                sheet.write_string(line, column, quoted(cell), text)


def _sheet(book: Workbook, headers: Sequence[str], title: str, bold: object) -> Worksheet:
    sheet = book.add_worksheet(title)
    sheet.set_column(0, len(headers) - 1, COLUMN_WIDTH)
    sheet.freeze_panes(1, 0)
    for column, header in enumerate(headers):
        sheet.write_string(0, column, header, bold)
    return sheet
