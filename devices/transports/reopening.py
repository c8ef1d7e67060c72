"""A line that is opened again whenever it is lost: a reader pulled out and put back must work with no help."""

import termios
import threading
from collections.abc import Callable
from typing import Final, Protocol

from devices.errors import LinkLost
from devices.transports.backoff import Backoff
from devices.transports.callbacks import State

# pyserial raises SerialException (an OSError) for most losses, but lets termios.error out of flushes.
LINE_ERRORS: Final = (OSError, termios.error, LinkLost)
JOIN_TIMEOUT_S: Final = 5.0


class Line(Protocol):
    """What we use of a pyserial port."""

    @property
    def in_waiting(self) -> int:
        """Bytes that can be read without waiting."""
        ...

    def read(self, size: int) -> bytes:
        """Return up to `size` bytes, fewer where the port's time-out passes."""
        ...

    def write(self, data: bytes) -> int | None:
        """Send all of `data`."""
        ...

    def reset_input_buffer(self) -> None:
        """Drop what has come and was not read."""
        ...

    def close(self) -> None:
        """Give the port back."""
        ...


class ReopeningLine:
    """A daemon thread that opens a line, lets `serve` work on it until it is lost, waits and opens it again.

    `serve` returns when `stopping` is set and raises one of `LINE_ERRORS` when the line is lost; it calls `mark_up` as soon as
    the peer has shown itself.
    """

    def __init__(
        self,
        name: str,
        open_line: Callable[[], Line],
        serve: Callable[[Line], None],
        state: State,
        backoff: Backoff | None = None,
    ) -> None:
        self.stopping = threading.Event()
        self.losses = 0
        self._open_line = open_line
        self._serve = serve
        self._state = state
        self._backoff = backoff or Backoff()
        self._told: tuple[bool, str] | None = None  # None: nothing told yet
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)

    @property
    def is_up(self) -> bool:
        """Whether the peer has shown itself and was not lost since."""
        return self._told is not None and self._told[0]

    def start(self) -> None:
        """Begin to open the line."""
        self._thread.start()

    def stop(self) -> None:
        """Let `serve` end, close the line and wait for the thread."""
        self.stopping.set()
        if self._thread.is_alive():
            self._thread.join(JOIN_TIMEOUT_S)

    def mark_up(self, why: str = "") -> None:
        """Say that the peer is there, and what is wrong with it all the same."""
        self._backoff.reset()
        if self._told != (True, why):
            self._tell(up=True, why=why)

    def _run(self) -> None:
        while not self.stopping.is_set():
            try:
                self._serve_once()
            except LINE_ERRORS as error:
                self.losses += self.is_up
                if self._told is None or self.is_up:  # how it fails to come back is nothing new
                    self._tell(up=False, why=str(error))
                self.stopping.wait(self._backoff.next_s())

    def _serve_once(self) -> None:
        line = self._open_line()
        try:
            self._serve(line)
        finally:
            line.close()

    def _tell(self, *, up: bool, why: str) -> None:
        self._told = (up, why)
        self._state(up, why)
