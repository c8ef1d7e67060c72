"""MJPEG over HTTP: a `multipart/x-mixed-replace` body cut into pictures, before anything is decoded. Sans-IO.

Parts are as cameras send them: boundary line, headers, an empty line, a JPEG; with Content-Length or without.
"""

import re

from devices.errors import FrameError

HEAD_BYTES_MAX = 8 * 1024
PICTURE_BYTES_MAX = 4 * 1024 * 1024
_LENGTH = re.compile(rb"^content-length:[ \t]*(\d{1,18})[ \t]*\r?$", re.IGNORECASE | re.MULTILINE)
_BOUNDARY = re.compile(r'boundary="?([^";,\s]{1,70})"?', re.IGNORECASE)


def boundary_of(content_type: str) -> bytes | None:
    """Return the boundary that a Content-Type header names, None where the body is no MJPEG stream."""
    named = _BOUNDARY.search(content_type)
    if named is None or not content_type.lower().startswith("multipart/"):
        return None
    return b"--" + named[1].removeprefix("--").encode("latin-1")


class MjpegParser:
    """Takes bytes as they come and yields whole parts; holds at most one picture."""

    def __init__(self, boundary: bytes) -> None:
        self._boundary = boundary
        self._buffer = bytearray()
        self._in_body = False
        self._length = 0
        self._searched = 0

    def feed(self, data: bytes) -> list[bytes]:
        """Return the parts that `data` completes; raises FrameError where the stream cannot be followed further."""
        self._buffer += data
        parts = []
        while (part := self._next()) is not None:
            if part:
                parts.append(part)
        return parts

    def _next(self) -> bytes | None:
        """Return the next part; b"" where only a head was taken, None where more bytes are needed."""
        return self._take_body() if self._in_body else self._take_head()

    def _take_head(self) -> bytes | None:
        start = self._buffer.find(self._boundary)
        if start < 0:
            self._forget(max(0, len(self._buffer) - len(self._boundary)))
            return None
        end = self._buffer.find(b"\r\n\r\n", start)
        if end < 0:
            if len(self._buffer) - start > HEAD_BYTES_MAX:
                raise FrameError("endless part head", bytes(self._buffer[start:]))
            return None
        stated = _LENGTH.search(bytes(self._buffer[start:end]))
        self._length = int(stated[1]) if stated else PICTURE_BYTES_MAX + 1
        if stated and self._length > PICTURE_BYTES_MAX:
            raise FrameError("huge picture")
        self._forget(end + 4)
        self._in_body = True
        return b""

    def _take_body(self) -> bytes | None:
        """Take the stated length, or less where the next boundary comes before it: then the part was cut off."""
        end = self._buffer.find(self._boundary, self._searched)
        if 0 <= end < self._length:
            return self._take(end).removesuffix(b"\r\n")
        if len(self._buffer) >= self._length:
            if self._length > PICTURE_BYTES_MAX:
                raise FrameError("huge picture")
            return self._take(self._length)
        self._searched = max(0, len(self._buffer) - len(self._boundary))
        return None

    def _take(self, size: int) -> bytes:
        part = bytes(self._buffer[:size])
        self._forget(size)
        self._in_body = False
        return part

    def _forget(self, size: int) -> None:
        del self._buffer[:size]
        self._searched = 0
