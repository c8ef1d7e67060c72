"""A serial port whose far end we hold: a raw pseudo-terminal that can be pulled out and put back."""

import os
import select
import threading
import time
import tty
from pathlib import Path
from types import TracebackType
from typing import Final, Self

CHUNK_BYTES: Final = 4096
UNREAD_AFTER_S: Final = 0.5
BITS_PER_BYTE: Final = 10  # 8N1: a start and a stop bit


class PtyPort:
    """The master of a pty; with `link` a stable name that points to it, as /dev/serial/by-id does; `baud` paces what is sent."""

    def __init__(self, link: Path | None = None, baud: int | None = None) -> None:
        self._link = link
        self._byte_s = BITS_PER_BYTE / baud if baud else 0.0
        self._reading = threading.Lock()  # held while the descriptors are used, so that unplug cannot pull them away
        self._writing = threading.Lock()
        self._master = -1
        self._slave = -1
        self.device = ""
        self.replug()

    @property
    def path(self) -> str:
        """The path to open: the stable name where there is one."""
        return self.device if self._link is None else str(self._link)

    @property
    def url(self) -> str:
        """What a gate.toml says to open this port."""
        return f"serial://{self.path}?baud=9600"

    @property
    def is_plugged(self) -> bool:
        """Whether the port is there."""
        return self._master >= 0

    def replug(self) -> None:
        """Put the device back; the system may give it another name, the stable name follows. Nothing where it is there."""
        with self._reading, self._writing:
            if self.is_plugged:
                return
            # Our own hold on the slave keeps the master readable while no program has the port open.
            self._master, self._slave = os.openpty()
            tty.setraw(self._master)
            tty.setraw(self._slave)
            os.set_blocking(self._master, False)
            self.device = os.ttyname(self._slave)
            if self._link is not None:
                self._link.parent.mkdir(parents=True, exist_ok=True)
                self._link.unlink(missing_ok=True)
                self._link.symlink_to(self.device)

    def unplug(self) -> None:
        """Pull the device out: who has it open sees a hang-up."""
        with self._reading, self._writing:
            if not self.is_plugged:
                return
            if self._link is not None:
                self._link.unlink(missing_ok=True)
            os.close(self._master)
            os.close(self._slave)
            self._master = self._slave = -1

    def write(self, data: bytes) -> None:
        """Send; what nobody reads is lost after a while, as on a real port, and all is lost where it is unplugged."""
        with self._writing:
            for chunk in self._paced(data):
                if not self.is_plugged or not self._write_chunk(chunk):
                    return

    def read(self, timeout_s: float) -> bytes:
        """Return what the program has sent, waiting for the first byte at most `timeout_s`."""
        with self._reading:
            if self.is_plugged and select.select([self._master], [], [], timeout_s)[0]:
                return os.read(self._master, CHUNK_BYTES)
        return b""

    def close(self) -> None:
        """Give everything back."""
        self.unplug()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    def _paced(self, data: bytes) -> list[bytes]:
        size = 1 if self._byte_s else CHUNK_BYTES
        return [data[start : start + size] for start in range(0, len(data), size)]

    def _write_chunk(self, chunk: bytes) -> bool:
        """Write all of a chunk; False where nobody reads."""
        if self._byte_s:
            time.sleep(self._byte_s)
        while chunk:
            if not select.select([], [self._master], [], UNREAD_AFTER_S)[1]:
                return False
            chunk = chunk[os.write(self._master, chunk) :]
        return True
