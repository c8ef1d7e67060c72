"""EM4100 serial readers: RDM6300 and EM-18 (14 bytes), ID-12 and ID-20 (16 bytes: CR LF before the end).

A frame is STX, ten hex digits of the card, two of the checksum, ETX, at 9600 8N1; it repeats about every 65 ms while the card
stays (measured on real modules; a capture is in the tests).
"""

from functools import reduce
from operator import xor
from typing import Final, Literal

from devices.readers.presence import Presence
from devices.readings import CardRead, Reading, WireCounters

Checksum = Literal["xor", "sum"]

STX: Final = 0x02
ETX: Final = 0x03
CARD_BYTES: Final = 5
BODY_LENGTHS: Final = (12, 14)  # digits alone; digits and CR LF
HEX_DIGITS: Final = frozenset(b"0123456789ABCDEFabcdef")


def checksum_of(card: bytes, checksum: Checksum) -> int:
    """Return the XOR of the five bytes; some clones send their 8-bit sum instead."""
    return reduce(xor, card) if checksum == "xor" else sum(card) & 0xFF


def encode(card: bytes, checksum: Checksum = "xor", *, line_end: bool = False) -> bytes:
    """Return one frame as an RDM6300 sends it, or with `line_end` an ID-12; `card` is five bytes."""
    digits = (card + bytes([checksum_of(card, checksum)])).hex().upper().encode()
    return bytes([STX]) + digits + (b"\r\n" if line_end else b"") + bytes([ETX])


class Em4100:
    """Frames of one reader; holds at most one half frame."""

    def __init__(self, *, absent_after_s: float = 3.0, checksum: Checksum = "xor") -> None:
        self.counters = WireCounters()
        self._checksum: Checksum = checksum
        self._presence = Presence(absent_after_s)
        self._body: bytearray | None = None  # None: outside a frame
        self._in_noise = False

    def feed(self, data: bytes, now: float) -> list[Reading]:
        """Yield one `CardRead` for each presence that begins in `data`."""
        self.counters.bytes_in += len(data)
        cards = (self._take(byte) for byte in data)
        return [CardRead(card, bits=40) for card in cards if card is not None and self._is_new(card, now)]

    def reset(self) -> None:
        """Forget a half frame."""
        self._body = None
        self._in_noise = False

    def _take(self, byte: int) -> bytes | None:
        """Move one byte on; return the card where it completes a good frame."""
        if byte == STX:
            self._begin_frame()
            return None
        if self._body is None:
            self._note_noise()
            return None
        if byte == ETX:
            body, self._body = bytes(self._body), None
            return self._card_in(body)
        if len(self._body) == max(BODY_LENGTHS):
            self.counters.reject("frame too long")
            self._body, self._in_noise = None, True
            return None
        self._body.append(byte)
        return None

    def _begin_frame(self) -> None:
        if self._body is not None:
            self.counters.reject("frame cut short")
        self._body = bytearray()
        self._in_noise = False

    def _note_noise(self) -> None:
        """Count a run of bytes outside frames once."""
        if not self._in_noise:
            self.counters.reject("bytes outside a frame")
        self._in_noise = True

    def _card_in(self, body: bytes) -> bytes | None:
        digits, tail = body[:12], body[12:]
        if len(digits) < 12 or tail not in (b"", b"\r\n"):
            self.counters.reject("wrong length")
            return None
        if not HEX_DIGITS.issuperset(digits):
            self.counters.reject("not hex digits")
            return None
        data = bytes.fromhex(digits.decode("ascii"))
        card, sent = data[:CARD_BYTES], data[CARD_BYTES]
        if sent != checksum_of(card, self._checksum):
            self.counters.reject("wrong checksum")
            return None
        self.counters.frames += 1
        return card

    def _is_new(self, card: bytes, now: float) -> bool:
        new = self._presence.begins(card, now)
        self.counters.repeats += not new
        return new
