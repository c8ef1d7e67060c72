"""Messages through a pipe, each behind its length; who has patience is not held up by an end that stands still amid one."""

import os
import select
from struct import Struct
from typing import Final

from access.contract.sync import BATCH_BYTES_MAX

# What a message may take; it comes from our own program.
MESSAGE_BYTES_MAX: Final = 64 * BATCH_BYTES_MAX
_LENGTH: Final = Struct("!I")


class StandsStillError(Exception):
    """Nothing moves in the pipe."""


def send(end: int, content: bytes, patience_s: float | None = None) -> None:
    """Send a message, waiting at most so long for each part of it to be taken. Raises StandsStillError, OSError."""
    left = memoryview(_LENGTH.pack(len(content)) + content)
    while left:
        _wait(end, select.POLLOUT, patience_s)
        left = left[os.write(end, left) :]


def receive(end: int, patience_s: float | None = None) -> bytes:
    """Return the next message, waiting at most so long for each part of it. Raises StandsStillError, EOFError, OSError."""
    (length,) = _LENGTH.unpack(_read(end, _LENGTH.size, patience_s))
    if length > MESSAGE_BYTES_MAX:
        raise OSError(f"a message of {length} bytes")
    return _read(end, length, patience_s)


def _read(end: int, length: int, patience_s: float | None) -> bytes:
    parts = []
    while length:
        _wait(end, select.POLLIN, patience_s)
        part = os.read(end, length)
        if not part:
            raise EOFError("the other end is closed")
        parts.append(part)
        length -= len(part)
    return b"".join(parts)


def _wait(end: int, event: int, patience_s: float | None) -> None:
    """Wait until something can be done; without patience the system call after it waits itself."""
    if patience_s is None:
        return
    poll = select.poll()
    poll.register(end, event)
    if not poll.poll(patience_s * 1000):
        raise StandsStillError(f"nothing moved for {patience_s:g} s")
