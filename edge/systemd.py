"""What systemd is told about the service (sd_notify(3)): datagrams to the socket that it names, nothing where it names none."""

import contextlib
import socket
from typing import Final

SOCKET: Final = "NOTIFY_SOCKET"


class Service:
    """Says when the service is ready, that it lives, and that it is about to stop."""

    def __init__(self, address: str = "") -> None:
        self._address = "\0" + address[1:] if address.startswith("@") else address  # @: a name outside the file system
        self._is_ready = False

    def alive(self) -> None:
        """Feed the watchdog; the first time, the service is ready too."""
        self._say("WATCHDOG=1" if self._is_ready else "READY=1\nWATCHDOG=1")
        self._is_ready = True

    def stopping(self) -> None:
        """Say that it ends because it was asked to."""
        self._say("STOPPING=1")

    def _say(self, state: str) -> None:
        if not self._address:
            return
        with contextlib.suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_NONBLOCK) as line:
            line.sendto(state.encode(), self._address)
