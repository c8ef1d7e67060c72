"""The board's side of Modbus RTU: what a relay and input board hears and answers. Simulated boards speak through it."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from devices.barriers.modbus_rtu import (
    COILS_MAX,
    EXCEPTION_BIT,
    FLASH_ON,
    FRAME_BYTES_MAX,
    POINTS_MAX,
    READ_COILS,
    READ_INPUTS,
    TENTHS_MAX,
    WRITE_COIL,
    WRITE_COILS,
    Request,
    is_sound,
    packed,
    pulse_coil,
    sealed,
    unpacked,
)
from devices.readings import WireCounters

ILLEGAL_FUNCTION: Final = 0x01
ILLEGAL_ADDRESS: Final = 0x02
ILLEGAL_VALUE: Final = 0x03

_COIL_VALUES: Final = {0xFF00: True, 0x0000: False}


@dataclass(frozen=True, slots=True)
class Refused:
    """A sound frame that the board must refuse with an exception code."""

    unit: int
    function: int
    exception: int


class RequestParser:
    """Finds the requests to one board in what the line brings; holds at most one frame."""

    def __init__(self, unit: int) -> None:
        self.counters = WireCounters()
        self._unit = unit
        self._buffer = bytearray()

    def feed(self, data: bytes) -> list[Request | Refused]:
        """Return the requests that became whole; what is not for this board is passed over."""
        self.counters.bytes_in += len(data)
        self._buffer += data
        requests = []
        for frame, noise in _frames_in(self._buffer):
            if noise:
                self.counters.reject("noise")
            if frame[0] == self._unit:
                self.counters.frames += 1
                requests.append(_request_in(frame))
        return requests


def encode_reply(request: Request, states: tuple[bool, ...] = ()) -> bytes:
    """Return the board's answer: the states that were asked for, or the echo of a write."""
    if request.states:
        return sealed(request.encode()[:6])
    data = packed(states)
    return sealed(bytes([request.unit, request.function, len(data)]) + data)


def encode_refusal(refused: Refused) -> bytes:
    """Return the board's exception reply."""
    return sealed(bytes([refused.unit, refused.function | EXCEPTION_BIT, refused.exception]))


def _request_in(frame: bytes) -> Request | Refused:
    unit, function = frame[0], frame[1]
    start, value = int.from_bytes(frame[2:4], "big"), int.from_bytes(frame[4:6], "big")
    if function == WRITE_COIL:
        return _write_in(unit, start, value)
    if function not in (READ_COILS, READ_INPUTS, WRITE_COILS):
        return Refused(unit, function, ILLEGAL_FUNCTION)
    if not 1 <= value <= POINTS_MAX:
        return Refused(unit, function, ILLEGAL_VALUE)
    if function == WRITE_COILS:
        data = frame[7:-2]
        if len(data) != (value + 7) // 8:
            return Refused(unit, function, ILLEGAL_VALUE)
        return Request(unit, WRITE_COILS, start, value, unpacked(data, value))
    return Request(unit, READ_COILS if function == READ_COILS else READ_INPUTS, start, value)


def _write_in(unit: int, start: int, value: int) -> Request | Refused:
    """Return the write of one coil that a value means: on, off, or at addresses from FLASH_ON on a time."""
    if FLASH_ON <= start < FLASH_ON + COILS_MAX and 1 <= value <= TENTHS_MAX:
        return pulse_coil(unit, start - FLASH_ON, value)
    if start >= FLASH_ON or value not in _COIL_VALUES:
        return Refused(unit, WRITE_COIL, ILLEGAL_VALUE)
    return Request(unit, WRITE_COIL, start, 1, (_COIL_VALUES[value],))


def _frames_in(buffer: bytearray) -> Iterator[tuple[bytes, int]]:
    """Take each sound request out of `buffer` with the number of noise bytes before it; keep what may be the head of one."""
    offset = 0
    while offset + 8 <= len(buffer):
        length = 9 + buffer[offset + 6] if buffer[offset + 1] == WRITE_COILS else 8
        frame = bytes(buffer[offset : offset + length])
        if len(frame) == length and is_sound(frame):
            yield frame, offset
            del buffer[: offset + length]
            offset = 0
        else:
            offset += 1
    del buffer[:-FRAME_BYTES_MAX]
