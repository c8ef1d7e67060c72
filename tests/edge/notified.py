"""A service manager's end of the notification socket."""

import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

TIMEOUT_S = 20


@contextmanager
def notified(folder: Path) -> Iterator[tuple[str, Callable[[], str]]]:
    """Yield the socket's address, and what returns the next message that came there."""
    path = folder / "notify"
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as line:
        line.bind(str(path))
        line.settimeout(TIMEOUT_S)
        yield str(path), lambda: line.recv(4096).decode()
