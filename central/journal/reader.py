"""Processes beside the one that serves: they read batches, so that it has a core for the database and the network."""

import fcntl
import gc
import marshal
import os
import signal
import subprocess
import sys
from collections import deque
from collections.abc import Iterator
from contextlib import suppress
from itertools import islice
from queue import Empty, LifoQueue
from typing import Final

import structlog

from central.journal.pipe import StandsStillError, receive, send
from central.journal.reading import Home, Portions, as_plain, from_plain, read, read_here
from central.logs import configure_logs

log = structlog.get_logger("central.journal")
# One is read ahead while another goes into the database.
READERS: Final = 2
# A batch that has been read waits in the pipe: what Linux lets any program have.
PIPE_BYTES: Final = 1024 * 1024
# To send a smaller batch there and back would take longer than to read it.
WORTHWHILE_BYTES: Final = 16 * 1024
GC_THRESHOLD: Final = 20_000
# For a process that has not answered yet, since it may still have to start on a busy machine; and for one that has.
START_S, PATIENCE_S = 20.0, 5.0
END: Final = b""
UNABLE: Final = b"?"


class UnableError(Exception):
    """The other process could not read a batch, and says so."""


class Reader:
    """Another process, started when it is needed, and again where it has died; one thread at a time talks with it."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[bytes] | None = None
        self._there: int | None = None
        self._here: int | None = None
        self._patience_s = START_S

    @property
    def pid(self) -> int | None:
        """Its process id."""
        return self._process.pid if self._process is not None else None

    def read(self, body: bytes, home: Home) -> Portions:
        """Read as `reading.read` does: there, or what did not come from there, here."""
        came = 0
        portions = self._from_there(body, home)
        try:
            for portion in portions:
                came += 1
                yield portion
        except (UnableError, StandsStillError, OSError, EOFError) as error:
            if not isinstance(error, UnableError):
                log.warning("a reading process is lost", why=str(error) or type(error).__name__)
            # A fault of what is read comes up again here, where it is told.
            yield from islice(read(body, home), came, None)
        finally:
            portions.close()

    def close(self) -> None:
        """End it."""
        for wire in (self._there, self._here):
            if wire is not None:
                os.close(wire)
        if self._process is not None:
            self._process.kill()
            self._process.wait()
        self._process = self._there = self._here = None

    def _start(self) -> tuple[int, int]:
        """Start it, unless it runs; returns what leads there and back."""
        if self._process is not None and self._process.poll() is not None:
            self.close()
        if self._there is None or self._here is None:
            (asked, there), (here, answered) = _pipes()
            for end in (there, here):
                with suppress(OSError):  # this user has many pipes: a batch waits with its reader then
                    fcntl.fcntl(end, fcntl.F_SETPIPE_SZ, PIPE_BYTES)
            os.set_blocking(there, False)  # else what does not fit would be waited for without end
            self._there, self._here, self._patience_s = there, here, START_S
            command = [sys.executable, "-m", "central.journal.reader", str(asked), str(answered)]
            try:
                self._process = subprocess.Popen(command, pass_fds=[asked, answered], stdin=subprocess.DEVNULL)
            finally:
                os.close(asked)
                os.close(answered)
        return self._there, self._here

    def _from_there(self, body: bytes, home: Home) -> Portions:
        """Yield what comes from there; nothing of it is left there for the next, or the process is ended."""
        try:
            there, here = self._start()
            send(there, marshal.dumps(tuple(home)), self._patience_s)
            send(there, body, self._patience_s)
            answers = self._answers(here)
            try:
                for content in answers:
                    yield from_plain(marshal.loads(content))  # noqa: S302 - of our own program
            except GeneratorExit:
                self._pass_over(answers)
                raise
        except (GeneratorExit, UnableError):
            raise
        except BaseException:
            self.close()
            raise

    def _answers(self, wire: int) -> Iterator[bytes]:
        """Yield the portions of a batch that come through a pipe. Raises UnableError behind them, and what `receive` does."""
        while (content := receive(wire, self._patience_s)) != END:
            self._patience_s = PATIENCE_S
            if content == UNABLE:
                raise UnableError
            yield content

    def _pass_over(self, answers: Iterator[bytes]) -> None:
        """Take what nobody wants any more out of the way of the next; whoever does not want it need not hear what went wrong."""
        try:
            with suppress(UnableError):
                deque(answers, maxlen=0)
        except (StandsStillError, OSError, EOFError):
            self.close()


def _pipes() -> tuple[tuple[int, int], tuple[int, int]]:
    """Return two pipes, or none of them. Raises OSError."""
    one = os.pipe()
    try:
        return one, os.pipe()
    except OSError:
        for end in one:
            os.close(end)
        raise


class Readers:
    """A few of them; a batch that finds none free is read here."""

    def __init__(self, count: int = READERS, patience_s: float = PATIENCE_S) -> None:
        self._patience_s = patience_s
        self._readers = tuple(Reader() for _ in range(count))
        # The one that was used last is used first: the others need not even be started.
        self._free: LifoQueue[Reader] = LifoQueue()
        for reader in reversed(self._readers):
            self._free.put(reader)

    def read(self, body: bytes, home: Home) -> Portions:
        """Read as `reading.read` does."""
        if len(body) < WORTHWHILE_BYTES:
            yield from read_here(body, home)
            return
        try:
            reader = self._free.get(timeout=self._patience_s)
        except Empty:
            yield from read_here(body, home)
            return
        try:
            yield from reader.read(body, home)
        finally:
            self._free.put(reader)

    def close(self) -> None:
        """End them."""
        for reader in self._readers:
            reader.close()


def main() -> None:
    """Read what comes through the first pipe that is named and answer through the second, until the other end is closed."""
    configure_logs()
    # What lives as long as the program is never looked through again; a batch is made of about so many objects, and they go.
    gc.freeze()
    gc.set_threshold(GC_THRESHOLD, 20, 20)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the program that started this one
    asked, answered = map(int, sys.argv[1:])
    with suppress(EOFError, OSError):
        while True:
            home = Home._make(marshal.loads(receive(asked)))  # noqa: S302 - of our own program
            _answer(answered, receive(asked), home)


def _answer(wire: int, body: bytes, home: Home) -> None:
    try:
        for portion in read(body, home):
            send(wire, marshal.dumps(as_plain(portion)))
        send(wire, END)
    except OSError:
        raise
    except Exception:  # noqa: BLE001 - whatever it is, it comes up again, and is told, where the batch is read then
        send(wire, UNABLE)


def cores() -> int:
    """Tell how many processors this program may use."""
    return len(os.sched_getaffinity(0))


if __name__ == "__main__":
    main()
