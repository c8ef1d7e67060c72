"""Modbus RTU as relay and input boards speak it: coils are relays, discrete inputs are inputs.

Functions 01 (read coils), 02 (read inputs), 05 (one coil) and 0F (several coils) of the Modbus application protocol, and the
timed pulse that Waveshare's boards and their kin add to function 05. The toggle that they add too is left out on purpose: done
twice, it undoes itself.
"""

from dataclasses import dataclass, replace
from typing import Final, Literal

from devices.errors import UsageError
from devices.readings import WireCounters

Function = Literal[0x01, 0x02, 0x05, 0x0F]

READ_COILS: Final = 0x01
READ_INPUTS: Final = 0x02
WRITE_COIL: Final = 0x05
WRITE_COILS: Final = 0x0F
EXCEPTION_BIT: Final = 0x80

POINTS_MAX: Final = 256  # far more than any board on a barrier has; the protocol would allow 2000
FRAME_BYTES_MAX: Final = 256
SHORTEST_FRAME: Final = 5
FLASH_ON: Final = 0x0200
"""Added to a coil's address in function 05, it makes the value a time (Waveshare's wiki, Modbus RTU Relay, "flash on")."""
COILS_MAX: Final = 0x100  # addresses below FLASH_ON that can be coils of a board; 0x01FF would be a toggle
TENTH_MS: Final = 100
TENTHS_MAX: Final = 300  # half a minute: far more than an arm needs to hear


def _crc_table() -> tuple[int, ...]:
    table = []
    for byte in range(256):
        value = byte
        for _ in range(8):
            value = (value >> 1) ^ (0xA001 if value & 1 else 0)
        table.append(value)
    return tuple(table)


_CRC_TABLE: Final = _crc_table()


def crc16(data: bytes) -> bytes:
    """Return the CRC-16/MODBUS of `data`, low byte first as it goes on the wire."""
    value = 0xFFFF
    for byte in data:
        value = (value >> 8) ^ _CRC_TABLE[(value ^ byte) & 0xFF]
    return value.to_bytes(2, "little")


def sealed(body: bytes) -> bytes:
    """Return `body` with its CRC."""
    return body + crc16(body)


def is_sound(frame: bytes) -> bool:
    """Say whether the last two bytes are the CRC of the rest."""
    return len(frame) >= SHORTEST_FRAME and crc16(frame[:-2]) == frame[-2:]


def packed(states: tuple[bool, ...]) -> bytes:
    """Return the states eight a byte, the first in the lowest bit."""
    bits = sum(state << index for index, state in enumerate(states))
    return bits.to_bytes((len(states) + 7) // 8, "little")


def unpacked(data: bytes, count: int) -> tuple[bool, ...]:
    """Return the first `count` states of packed bytes."""
    bits = int.from_bytes(data, "little")
    return tuple(bool(bits >> index & 1) for index in range(count))


@dataclass(frozen=True, slots=True)
class Request:
    """One request to one board; `states` are those to write, empty where it reads.

    With `tenths` the board itself releases the coil again, after so many times 100 ms.
    """

    unit: int
    function: Function
    start: int
    count: int
    states: tuple[bool, ...] = ()
    tenths: int = 0

    def encode(self) -> bytes:
        """Return the frame as it goes on the wire."""
        head = bytes([self.unit, self.function]) + (self.start + (FLASH_ON if self.tenths else 0)).to_bytes(2, "big")
        if self.function == WRITE_COIL:
            return sealed(head + (self.tenths or 0xFF00 * self.states[0]).to_bytes(2, "big"))
        head += self.count.to_bytes(2, "big")
        if self.function == WRITE_COILS:
            data = packed(self.states)
            head += bytes([len(data)]) + data
        return sealed(head)

    def reply_length(self) -> int:
        """Return the bytes that a good reply has."""
        return 8 if self.states else 5 + (self.count + 7) // 8


def _request(unit: int, function: Function, start: int, count: int, states: tuple[bool, ...] = ()) -> Request:
    if not (1 <= unit <= 247 and 1 <= count <= POINTS_MAX and 0 <= start <= 0x10000 - count):
        raise UsageError(f"no such request: unit {unit}, start {start}, count {count}")
    return Request(unit, function, start, count, states)


def read_coils(unit: int, count: int, start: int = 0) -> Request:
    """Ask which relays are energised."""
    return _request(unit, READ_COILS, start, count)


def read_inputs(unit: int, count: int, start: int = 0) -> Request:
    """Ask which inputs are active."""
    return _request(unit, READ_INPUTS, start, count)


def write_coil(unit: int, coil: int, *, on: bool) -> Request:
    """Energise or release one relay."""
    return _request(unit, WRITE_COIL, coil, 1, (on,))


def pulse_coil(unit: int, coil: int, tenths: int) -> Request:
    """Energise one relay for `tenths` times 100 ms: the board lets go by itself, whatever becomes of us.

    `01 05 02 00 00 07 8D B0` is relay 0 for 700 ms in the maker's example (Waveshare's wiki, Modbus RTU Relay, "flash on").
    """
    if not (0 <= coil < COILS_MAX and 1 <= tenths <= TENTHS_MAX):
        raise UsageError(f"no such pulse: coil {coil}, {tenths} times 100 ms")
    return replace(write_coil(unit, coil, on=True), tenths=tenths)


def write_coils(unit: int, states: tuple[bool, ...], start: int = 0) -> Request:
    """Set several relays at once."""
    return _request(unit, WRITE_COILS, start, len(states), states)


@dataclass(frozen=True, slots=True)
class Reply:
    """What the board answered: the states read, or the code of its refusal (0: none)."""

    states: tuple[bool, ...] = ()
    exception: int = 0


class ReplyParser:
    """Finds the reply to one request at a time in what the line brings; holds at most one frame."""

    def __init__(self) -> None:
        self.counters = WireCounters()
        self._request: Request | None = None
        self._buffer = bytearray()

    def expect(self, request: Request) -> None:
        """Begin to wait for the reply to `request`; what came before belongs to nobody."""
        self._request = request
        self._buffer.clear()

    def feed(self, data: bytes) -> Reply | None:
        """Return the reply once it is whole; bytes before it are counted as noise."""
        self.counters.bytes_in += len(data)
        self._buffer += data
        for offset in range(len(self._buffer)):
            reply = self._reply_at(offset)
            if reply is not None:
                if offset:
                    self.counters.reject("noise before the reply")
                self._buffer.clear()
                self._request = None
                self.counters.frames += 1
                return reply
        del self._buffer[:-FRAME_BYTES_MAX]
        return None

    def give_up(self) -> str:
        """Count and say what was wrong with what came instead of a reply."""
        reason = self._fault()
        self.counters.reject(reason)
        self._buffer.clear()
        self._request = None
        return reason

    def _reply_at(self, offset: int) -> Reply | None:
        request = self._request
        frame = bytes(self._buffer[offset : offset + FRAME_BYTES_MAX])
        if request is None or len(frame) < SHORTEST_FRAME or frame[0] != request.unit:
            return None
        if frame[1] == request.function | EXCEPTION_BIT and is_sound(frame[:5]):
            return Reply(exception=frame[2])
        frame = frame[: request.reply_length()]
        if frame[1] != request.function or len(frame) < request.reply_length() or not is_sound(frame):
            return None
        return _good_reply(request, frame)

    def _fault(self) -> str:
        buffer, request = bytes(self._buffer), self._request
        if not buffer or request is None:
            return "no reply"
        if buffer[0] != request.unit:
            return "wrong unit or noise"
        if len(buffer) < request.reply_length():
            return "reply cut short"
        return "not the reply to this request" if is_sound(buffer[: request.reply_length()]) else "wrong CRC"


def _good_reply(request: Request, frame: bytes) -> Reply | None:
    """Return what a sound frame says, where it answers this request."""
    if request.states:
        echo = request.encode()
        return Reply() if frame[:6] == echo[:6] else None
    return Reply(unpacked(frame[3:-2], request.count)) if frame[2] == len(frame) - 5 else None
