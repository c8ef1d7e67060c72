"""Readers on serial ports, and on serial servers in their place (`socket://`, `rfc2217://`), through pyserial."""

import contextlib
import time
from collections.abc import Callable
from typing import Final
from urllib.parse import parse_qs, urlsplit, urlunsplit

import serial

from devices.codec import ByteCodec
from devices.errors import UsageError
from devices.transports.backoff import Backoff
from devices.transports.callbacks import Emit, State
from devices.transports.reopening import Line, ReopeningLine

DEFAULT_BAUD: Final = 9600
READ_TIMEOUT_S: Final = 0.25  # how soon a quiet reader notices that it shall stop
WRITE_TIMEOUT_S: Final = 1.0
WAITING_BYTES_MAX: Final = 4096
_SCHEMES: Final = ("serial", "socket", "rfc2217")


def line_settings(url: str) -> tuple[str, int]:
    """Split a line's URL into what pyserial opens and the baud rate; `UsageError` where it makes no sense."""
    parts = urlsplit(url)
    if parts.scheme not in _SCHEMES or not (parts.netloc or parts.path):
        raise UsageError(f"a line is {', '.join(f'{scheme}://' for scheme in _SCHEMES)}, not {url!r}")
    query = parse_qs(parts.query, keep_blank_values=True)
    baud = query.pop("baud", [str(DEFAULT_BAUD)])[-1]
    if query or not (baud.isascii() and baud.isdigit() and 50 <= int(baud) <= 4_000_000):
        raise UsageError(f"a line takes only ?baud=50..4000000: {url!r}")
    target = parts.path if parts.scheme == "serial" else urlunsplit((*parts[:3], "", ""))
    return target, int(baud)


def serial_line(url: str, read_timeout_s: float = READ_TIMEOUT_S) -> Line:
    """Open `serial:///dev/...?baud=9600`, `socket://host:port` or `rfc2217://host:port`; OSError where it is not there."""
    target, baud = line_settings(url)
    is_port = url.startswith("serial:")
    port = serial.serial_for_url(
        target,
        baudrate=baud,
        timeout=read_timeout_s,
        write_timeout=WRITE_TIMEOUT_S,
        exclusive=True if is_port else None,  # a second opener would steal bytes
    )
    if is_port:
        # USB adapters hold bytes back for 16 ms unless told; what is no such adapter refuses.
        with contextlib.suppress(ValueError, NotImplementedError):
            port.set_low_latency_mode(True)
    line: Line = port
    return line


def read_waiting(line: Line) -> bytes:
    """Block for the first byte (up to the line's time-out), then take all that is there."""
    first = line.read(1)
    waiting = min(line.in_waiting, WAITING_BYTES_MAX) if first else 0
    return first + line.read(waiting) if waiting else first


class SerialReader:
    """Feeds what one serial device sends to its codec, in a thread of its own."""

    def __init__(
        self,
        device_id: str,
        url: str,
        codec: ByteCodec,
        emit: Emit,
        state: State,
        *,
        clock: Callable[[], float] = time.monotonic,
        backoff: Backoff | None = None,
    ) -> None:
        line_settings(url)  # a bad URL is told to the caller, not to the thread
        self.codec = codec
        self._emit = emit
        self._clock = clock
        self._line = ReopeningLine(f"serial {device_id}", lambda: serial_line(url), self._serve, state, backoff)

    def start(self) -> None:
        """Begin to open the line and read it."""
        self._line.start()

    def stop(self) -> None:
        """Close the line and wait for the thread."""
        self._line.stop()

    def _serve(self, line: Line) -> None:
        self.codec.reset()
        self.codec.counters.reopened = self._line.losses
        self._line.mark_up()
        while not self._line.stopping.is_set():
            data = read_waiting(line)
            if data:
                self._feed(data)

    def _feed(self, data: bytes) -> None:
        received_at = self._clock()
        for reading in self.codec.feed(data, received_at):
            self._emit(reading, received_at)
