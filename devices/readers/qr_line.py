"""QR and bar code modules on a serial line (GM65 and its like): the decoded text as it is, ended by CR, LF, CRLF or TAB."""

import unicodedata
from typing import Final

from devices.readers.presence import Presence
from devices.readings import CodeRead, Reading, WireCounters

LINE_ENDS: Final = frozenset(b"\r\n\t")
LINE_BYTES_MAX: Final = 600  # the longest code that the office prints (QR version 15, level M)
QUIET_AFTER_S: Final = 1.0  # a full line takes 0.63 s at 9600 baud; an older rest is a glitch, not the head of this code
ENCODINGS: Final = ("utf-8", "gbk")


def encode(text: str, line_end: bytes = b"\r\n") -> bytes:
    """Return the bytes that a module sends for one scan."""
    return text.encode() + line_end


class QrLine:
    """Lines of one scanner; holds at most one line of 600 bytes."""

    def __init__(self, *, absent_after_s: float = 3.0) -> None:
        self.counters = WireCounters()
        self._presence = Presence(absent_after_s)
        self._line = bytearray()
        self._overflowing = False
        self._last_byte_at = 0.0

    def feed(self, data: bytes, now: float) -> list[Reading]:
        """Yield one `CodeRead` for each presence that begins in `data`."""
        self.counters.bytes_in += len(data)
        self._drop_stale(now)
        texts = [text for byte in data if (text := self._take(byte)) is not None]
        return [CodeRead(text) for text in texts if self._is_new(text, now)]

    def reset(self) -> None:
        """Forget a half line."""
        self._line.clear()
        self._overflowing = False

    def _drop_stale(self, now: float) -> None:
        if self._line and now - self._last_byte_at > QUIET_AFTER_S:
            self.counters.reject("line cut short")
            self.reset()
        self._last_byte_at = now

    def _take(self, byte: int) -> str | None:
        """Move one byte on; the text where it completes a good line."""
        if byte in LINE_ENDS:
            line, ended_overflow = bytes(self._line), self._overflowing
            self.reset()
            return None if ended_overflow or not line else self._text_of(line)
        if len(self._line) < LINE_BYTES_MAX:
            self._line.append(byte)
        elif not self._overflowing:
            self.counters.reject("line too long")
            self._overflowing = True
        return None

    def _text_of(self, line: bytes) -> str | None:
        text = _decoded(line)
        if text is None:
            self.counters.reject("neither UTF-8 nor GBK")
        elif any(unicodedata.category(character) == "Cc" for character in text):
            self.counters.reject("control character")
        else:
            self.counters.frames += 1
            return text
        return None

    def _is_new(self, text: str, now: float) -> bool:
        new = self._presence.begins(text.encode(), now)
        self.counters.repeats += not new
        return new


def _decoded(line: bytes) -> str | None:
    for encoding in ENCODINGS:
        try:
            return line.decode(encoding)
        except UnicodeDecodeError:
            continue
    return None
