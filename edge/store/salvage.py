"""What can still be read of a damaged journal: rows are taken from the file's pages themselves, with no help of SQLite.

The format is that of https://sqlite.org/fileformat2.html. Where the header is what is damaged, the page sizes that journals are
made with are tried. A row counts only if its chain hash fits its bytes, so whatever else is found in a page is found out.
"""

import struct
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from access.chain import link
from access.entries import EntryError
from access.sealing import Opened, unseal
from edge.store.bare import BareFile, bare_file
from edge.store.database import PAGE_BYTES
from edge.store.writeahead import log_of, sound_frames

_TABLE_LEAF = 0x0D
_COLUMNS = 12
_ROW_BYTES_MAX = 1 << 20
_INTEGER_BYTES = (0, 1, 2, 3, 4, 6, 8)
PAGE_SIZES = (PAGE_BYTES, 4096)


@dataclass(frozen=True, slots=True)
class Salvaged:
    """A row as it was written: it fits its own hash; `intact` is unset where its personal fields could not be read any more."""

    rowid: int
    opened: Opened
    canonical: bytes
    personal: bytes
    previous: bytes
    hash: bytes
    intact: bool = True


def salvaged(journal: Path) -> Iterator[Salvaged]:
    """Yield every row of a journal that can still be read, in the order of its pages; maybe one twice. Raises OSError."""
    file = bare_file(journal) if journal.exists() else None  # one that is gone is as one that is empty: there may be a log
    for page_bytes in _page_sizes(file):
        pages = _Pages(file, page_bytes, _logged(log_of(journal), page_bytes))
        for number in pages.numbers():
            yield from _rows(pages.page(number), pages)


def _read(file: BareFile | None, at: int, size: int) -> bytes:
    """Return bytes of the file: fewer where it ends, none where they cannot be read."""
    try:
        return b"" if file is None else file.read(at, size)
    except OSError:
        return b""


def _page_sizes(file: BareFile | None) -> tuple[int, ...]:
    """Return the page size that the header tells, or those that journals have had."""
    header = _read(file, 0, 18)
    (told,) = struct.unpack(">H", header[16:18]) if len(header) == 18 else (0,)
    return (told,) if header.startswith(b"SQLite format 3\0") and told in PAGE_SIZES else PAGE_SIZES


class _Pages:
    """The pages of a file, the newest form of each."""

    def __init__(self, file: BareFile | None, page_bytes: int, newer: Mapping[int, bytes]) -> None:
        self._file = file
        self._newer = newer
        self.size = page_bytes

    def numbers(self) -> Iterator[int]:
        """Give the numbers of all pages but the first, which holds no rows of ours."""
        in_file = 0 if self._file is None else self._file.size // self.size
        yield from range(2, in_file + 1)
        yield from sorted(number for number in self._newer if number > in_file)

    def page(self, number: int) -> bytes:
        """Return a page, fewer bytes where the file ends, none where they cannot be read."""
        if number in self._newer:
            return self._newer[number]
        return _read(self._file, (number - 1) * self.size, self.size)


def _logged(log: Path, page_bytes: int) -> dict[int, bytes]:
    """Return the newest committed form of each page in the write-ahead log; a frame that does not hold is passed over."""
    pages: dict[int, bytes] = {}
    uncommitted: dict[int, bytes] = {}
    for frame in sound_frames(log, page_bytes):
        uncommitted[frame.number] = frame.page
        if frame.commits:
            pages |= uncommitted
            uncommitted.clear()
    return pages


def _rows(leaf: bytes, pages: _Pages) -> Iterator[Salvaged]:
    if len(leaf) < pages.size or leaf[0] != _TABLE_LEAF:
        return
    (cells,) = struct.unpack_from(">H", leaf, 3)
    for at in range(8, min(8 + 2 * cells, pages.size - 1), 2):
        try:
            row = _row(leaf, struct.unpack_from(">H", leaf, at)[0], pages)
        except (ValueError, IndexError, OverflowError, struct.error):
            continue  # this cell is damaged, the next may not be
        if row is not None:
            yield row


def _row(leaf: bytes, at: int, pages: _Pages) -> Salvaged | None:
    """Read one cell; None where it is a row of another table, or does not fit its hash."""
    size, at = _varint(leaf, at)
    rowid, at = _varint(leaf, at)
    if size > _ROW_BYTES_MAX:
        raise ValueError("no row is so long")
    values = _record(_payload(leaf, at, size, pages))
    if len(values) != _COLUMNS:
        return None
    canonical, personal, previous, chained = values[8:]
    if not (isinstance(canonical, bytes) and isinstance(personal, bytes) and isinstance(previous, bytes)):
        return None
    if link(previous, canonical) != chained:
        return None
    return _opened(rowid, canonical, personal, previous, chained)


def _opened(rowid: int, canonical: bytes, personal: bytes, previous: bytes, chained: bytes) -> Salvaged | None:
    try:
        return Salvaged(rowid, unseal(canonical, personal), canonical, personal, previous, chained)
    except EntryError:
        pass  # its personal fields are damaged: the entry holds without them
    try:
        return Salvaged(rowid, unseal(canonical), canonical, b"", previous, chained, intact=False)
    except EntryError:
        return None


def _payload(leaf: bytes, at: int, size: int, pages: _Pages) -> bytes:
    """Return a cell's payload, from its overflow pages too where it does not fit the leaf."""
    most = pages.size - 35
    if size <= most:
        return leaf[at : at + size]
    least = (pages.size - 12) * 32 // 255 - 23
    local = least + (size - least) % (pages.size - 4)
    local = local if local <= most else least
    parts, (follows,) = [leaf[at : at + local]], struct.unpack_from(">I", leaf[: at + local + 4], at + local)
    left = size - local
    while left > 0:
        overflow = pages.page(follows) if follows else b""
        if len(overflow) < pages.size:
            raise ValueError("an overflow page is missing")
        parts.append(overflow[4 : 4 + min(left, pages.size - 4)])
        left -= pages.size - 4
        (follows,) = struct.unpack_from(">I", overflow)
    return b"".join(parts)


def _record(payload: bytes) -> list[int | bytes | None]:
    """Return the values of a record; text as its bytes."""
    end, at = _varint(payload, 0)
    kinds: list[int] = []
    while at < end and len(kinds) <= _COLUMNS:
        kind, at = _varint(payload, at)
        kinds.append(kind)
    values: list[int | bytes | None] = []
    at = end
    for kind in kinds:
        size = (kind - 12) // 2 if kind >= 12 else _INTEGER_BYTES[kind] if kind < len(_INTEGER_BYTES) else 0
        part = payload[at : at + size]
        if len(part) < size:
            raise ValueError("a record ends early")
        values.append(part if kind >= 12 else int.from_bytes(part, "big", signed=True) if size else None)
        at += size
    return values


def _varint(data: bytes, at: int) -> tuple[int, int]:
    """Return the variable-length number at `at`, and where it ends."""
    value = 0
    for index in range(9):
        byte = data[at + index]
        if index == 8:
            return value << 8 | byte, at + 9
        value = value << 7 | byte & 0x7F
        if byte < 0x80:
            return value, at + index + 1
    raise ValueError("no number ends here")
