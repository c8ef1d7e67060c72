"""Starts a gate's journal anew, as a test tells it to, and says on a socket which entries are acknowledged, one after the other.

`python -m tests.faults.renewing_program WHAT JOURNAL`; see `DOINGS`.
"""

import socket
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from random import Random

from access.entries import Observed
from edge.store.backup import restore
from edge.store.head import kept_head
from edge.store.journal import Journal
from edge.store.reader import JournalReader
from tests.faults.journals import EDGE, KEY, STAMP, add, opened

PAGE_BYTES = 512


def start(path: Path, say: Callable[[Journal], None]) -> None:
    """Open it and go on, while another program has it open: so what is in the log stays there."""
    with closing(JournalReader(path)) as reader:
        list(reader._db.execute("PRAGMA schema_version"))
        start_alone(path, say)


def start_alone(path: Path, say: Callable[[Journal], None]) -> None:
    """Open it and go on."""
    with closing(opened(path, kept_head(path.with_name("journal.head"), KEY, EDGE))) as journal:
        for word in ("goes on", "and on"):
            add(journal, Observed(word))
            say(journal)


def put_back(path: Path, say: Callable[[Journal], None]) -> None:
    """Put a backup back, and go on."""
    restore(path, path.with_name("copy.db"), STAMP.utc_us)
    start_alone(path, say)


def rot(path: Path, say: Callable[[Journal], None]) -> None:
    """Have the file rot under a running gate, which opens it anew."""
    with closing(opened(path)) as journal:
        add(journal, Observed("before"))
        say(journal)
        journal.tidy()
        with path.open("r+b") as file:
            file.seek(path.stat().st_size - 20 * PAGE_BYTES)
            file.write(Random(1).randbytes(20 * PAGE_BYTES))
        journal.is_certain = False
        journal.reopen(STAMP)
        add(journal, Observed("after"))
        say(journal)


DOINGS = {doing.__name__: doing for doing in (start, start_alone, put_back, rot)}


def main() -> None:
    """Do what the command line says."""
    world, heard = socket.socketpair()

    def say(journal: Journal) -> None:
        world.send(f"{journal.epoch} {journal.seq}".encode())
        heard.recv(100)

    DOINGS[sys.argv[1]](Path(sys.argv[2]), say)


if __name__ == "__main__":
    main()
