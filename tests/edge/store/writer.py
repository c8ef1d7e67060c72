"""`python -m tests.edge.store.writer JOURNAL`: append entries for ever, saying each seq once it is committed; to be killed."""

import os
import sys
import time
from pathlib import Path
from uuid import UUID

from access.entries import Observed, stamped
from edge.store.journal import Journal


def main() -> None:
    journal = Journal(Path(sys.argv[1]), UUID(int=1), stamped(time.monotonic(), time.time()), os.urandom)
    while True:
        stamp = stamped(time.monotonic(), time.time())
        seq = journal.append([journal.draft(Observed("x" * 200), stamp) for _ in range(3)], stamp)
        os.write(1, f"{seq}\n".encode())


if __name__ == "__main__":
    main()
