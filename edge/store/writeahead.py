"""The write-ahead log as it lies on the disk: its frames, read with no help of SQLite.

The format is that of https://sqlite.org/fileformat2.html#walformat. The sums of a log run on from frame to frame, but each frame
bears the sum through itself: so a frame behind a damaged one can be told to be sound too.
"""

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

HEADER_BYTES: Final = 32
_FRAME_HEADER_BYTES: Final = 24
_MAGIC: Final = {0x377F0682: "<", 0x377F0683: ">"}  # the byte order that sums are made in


@dataclass(frozen=True, slots=True)
class Frame:
    """One page as a commit has written it; `commits`: it is the last of its commit."""

    number: int
    page: bytes
    commits: bool


def log_of(journal: Path) -> Path:
    """Return where the write-ahead log of a journal lies."""
    return journal.with_name(journal.name + "-wal")


def is_readable(log: Path) -> bool:
    """Tell whether there is a log, whose header holds: a header lies in one sector, and no power cut tears it. Raises OSError."""
    try:
        with log.open("rb") as file:
            return _order_in(file.read(HEADER_BYTES)) != ""
    except FileNotFoundError:
        return False


def sound_frames(log: Path, page_bytes: int, begin: int = 0) -> Iterator[Frame]:
    """Yield the frames of the log's present round that hold, from the one at index `begin`; none where there is no log.

    Raises OSError.
    """
    size = _FRAME_HEADER_BYTES + page_bytes
    try:
        file = log.open("rb")
    except FileNotFoundError:
        return
    with file:
        header = file.read(HEADER_BYTES)
        order = _order_in(header)
        if not order:
            return
        salts, before = header[16:24], header[24:32]
        if begin:
            file.seek(HEADER_BYTES + (begin - 1) * size)
            before = file.read(size)[16:24]
        while len(frame := file.read(size)) == size:
            summed = frame[:8] + frame[_FRAME_HEADER_BYTES:]
            if frame[8:16] == salts and _sum(summed, before, order) == frame[16:24]:
                number, size_after = struct.unpack_from(">II", frame)
                yield Frame(number, frame[_FRAME_HEADER_BYTES:], commits=size_after > 0)
            before = frame[16:24]


def _order_in(header: bytes) -> str:
    """Return the byte order of the sums, "" where the header does not hold."""
    if len(header) < HEADER_BYTES:
        return ""
    order = _MAGIC.get(int.from_bytes(header[:4], "big"), "")
    return order if order and _sum(header[:24], bytes(8), order) == header[24:32] else ""


def _sum(data: bytes, before: bytes, order: str) -> bytes:
    """Return the sum through `data`, going on from the sum `before`."""
    first, second = struct.unpack(">II", before)
    words = struct.unpack(f"{order}{len(data) // 4}I", data)
    for one, other in zip(words[::2], words[1::2], strict=True):
        first = (first + one + second) & 0xFFFFFFFF
        second = (second + other + first) & 0xFFFFFFFF
    return struct.pack(">II", first, second)
