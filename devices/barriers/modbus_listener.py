"""Reading along on a Modbus RTU line: for captures and for `gatehouse-device watch`."""

from typing import Final

from devices.barriers.modbus_rtu import FRAME_BYTES_MAX, READ_COILS, READ_INPUTS, SHORTEST_FRAME, is_sound, unpacked
from devices.readings import InputsRead, OutputsRead, Reading, WireCounters

QUIET_AFTER_S: Final = 1.0  # no frame is this slow: an older rest is not the head of what comes now


class BusListener:
    """Reads along on a line that others use, or in a capture: each reply to a read becomes a reading."""

    def __init__(self) -> None:
        self.counters = WireCounters()
        self._buffer = bytearray()
        self._last_byte_at = 0.0

    def feed(self, data: bytes, now: float) -> list[Reading]:
        """Yield the states in each sound reply to a read; eight for each byte, as the reply does not tell the count."""
        self.counters.bytes_in += len(data)
        self._drop_stale(now)
        self._buffer += data
        readings: list[Reading] = []
        offset = 0
        while offset + SHORTEST_FRAME <= len(self._buffer):
            frame = self._sound_frame_at(offset)
            if frame is None:
                offset += 1
                continue
            if offset:
                self.counters.reject("noise")
            self.counters.frames += 1
            readings += _states_in(frame)
            del self._buffer[: offset + len(frame)]
            offset = 0
        del self._buffer[:-FRAME_BYTES_MAX]
        return readings

    def reset(self) -> None:
        """Forget a half frame."""
        self._buffer.clear()

    def _drop_stale(self, now: float) -> None:
        if self._buffer and now - self._last_byte_at > QUIET_AFTER_S:
            self.counters.reject("frame cut short")
            self._buffer.clear()
        self._last_byte_at = now

    def _sound_frame_at(self, offset: int) -> bytes | None:
        """Return the sound frame that begins here: a request or echo, a longer write, an exception or a reply to a read."""
        head = self._buffer[offset : offset + 7]
        lengths = (8, 9 + (head[6] if len(head) == 7 else 0), 5, 5 + head[2])
        candidates = (bytes(self._buffer[offset : offset + length]) for length in lengths)
        return next((frame for frame, length in zip(candidates, lengths, strict=True) if _is_whole(frame, length)), None)


def _is_whole(frame: bytes, length: int) -> bool:
    return len(frame) == length and is_sound(frame)


def _states_in(frame: bytes) -> list[Reading]:
    function, size, data = frame[1], frame[2], frame[3:-2]
    if len(data) != size or size == 0 or function not in (READ_COILS, READ_INPUTS):
        return []
    states = unpacked(data, 8 * size)
    return [OutputsRead(states) if function == READ_COILS else InputsRead(states)]
