"""`python -m tests.faults.opening_program JOURNAL`: open a journal as at a start, and write; under `bad_disk`."""

import sys
from contextlib import closing
from pathlib import Path

from access.entries import Observed
from tests.faults.journals import add, opened

if __name__ == "__main__":
    with closing(opened(Path(sys.argv[1]))) as journal:
        journal.scrub(100_000)
        add(journal, Observed("the gate goes on"))
