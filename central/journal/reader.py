"""A process beside the one that serves: it reads batches, so that the other has a core for the database and the network."""

import gc
import marshal
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from itertools import islice
from multiprocessing.connection import Connection
from typing import Final

import structlog

from access.contract.sync import BATCH_BYTES_MAX
from central.journal.reading import Portion, as_plain, from_plain, read
from central.logs import configure_logs

log = structlog.get_logger("central.journal")
# What a portion may take; it comes from our own program.
PORTION_BYTES_MAX: Final = 64 * BATCH_BYTES_MAX
# To send a smaller batch there and back would take longer than to read it.
WORTHWHILE_BYTES: Final = 16 * 1024
GC_THRESHOLD: Final = 20_000
PATIENCE_S: Final = 20.0
END: Final = b""
UNABLE: Final = b"?"


class ReaderError(Exception):
    """The other process stands still."""


class UnableError(Exception):
    """The other process could not read a batch, and says so."""


class Reader:
    """The other process, started when it is needed, and again where it has died; one thread talks with it."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[bytes] | None = None
        self._wire: Connection | None = None

    @property
    def pid(self) -> int | None:
        """Its process id."""
        return self._process.pid if self._process is not None else None

    def read(self, body: bytes, form: str) -> Iterator[Portion]:
        """Read as `reading.read` does: there, or what did not come from there, here."""
        came = 0
        try:
            for portion in self._from_there(body, form):
                came += 1
                yield portion
        except (UnableError, ReaderError, OSError, EOFError) as error:
            if not isinstance(error, UnableError):
                log.warning("the reading process is lost", why=str(error) or type(error).__name__)
                self.close()
            # A fault of what is read comes up again here, where it is told.
            yield from islice(read(body, form), came, None)

    def start(self) -> None:
        """Start it, unless it runs."""
        if self._process is None:
            here, there = socket.socketpair()
            with there:
                command = [sys.executable, "-m", "central.journal.reader", str(there.fileno())]
                self._process = subprocess.Popen(command, pass_fds=[there.fileno()], stdin=subprocess.DEVNULL)
            self._wire = Connection(here.detach())

    def close(self) -> None:
        """End it."""
        if self._wire is not None:
            self._wire.close()
        if self._process is not None:
            self._process.kill()
            self._process.wait()
        self._process = self._wire = None

    def _from_there(self, body: bytes, form: str) -> Iterator[Portion]:
        self.start()
        wire = self._wire
        assert wire is not None
        wire.send_bytes(form.encode())
        wire.send_bytes(body)
        while (content := self._received(wire)) != END:
            if content == UNABLE:
                raise UnableError
            yield from_plain(marshal.loads(content))  # noqa: S302 - of our own program

    def _received(self, wire: Connection) -> bytes:
        if not wire.poll(PATIENCE_S):
            raise ReaderError(f"no answer within {PATIENCE_S:g} s")
        return wire.recv_bytes(PORTION_BYTES_MAX)


def main() -> None:
    """Read what comes over the connection that is named, until its other end is closed."""
    configure_logs()
    # What lives as long as the program is never looked through again; a batch is made of about so many objects, and they go.
    gc.freeze()
    gc.set_threshold(GC_THRESHOLD, 20, 20)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the program that started this one
    wire = Connection(int(sys.argv[1]))
    with suppress(EOFError, OSError):
        while True:
            form, body = wire.recv_bytes(), wire.recv_bytes(PORTION_BYTES_MAX)
            _answer(wire, form.decode(), body)


def _answer(wire: Connection, form: str, body: bytes) -> None:
    try:
        for portion in read(body, form):
            wire.send_bytes(marshal.dumps(as_plain(portion)))
        wire.send_bytes(END)
    except OSError:
        raise
    except Exception:  # noqa: BLE001 - whatever it is, it comes up again, and is told, where the batch is read then
        wire.send_bytes(UNABLE)


def cores() -> int:
    """Tell how many processors this program may use."""
    return len(os.sched_getaffinity(0))


if __name__ == "__main__":
    main()
