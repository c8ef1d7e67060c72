"""`python -m tests.faults.reopening_program JOURNAL BEGIN END`: under `bad_disk`, a sector goes bad beneath a running gate.

The look at an opening does not come so far: the walk finds it.
"""

import os
import sys
from contextlib import closing
from pathlib import Path
from unittest.mock import patch

from access.entries import Observed
from edge.store import opening
from edge.store.errors import StoreError
from tests.faults.journals import STAMP, add, opened

STEPS_MAX = 100


def main() -> None:
    path, begin, end = Path(sys.argv[1]), *sys.argv[2:]
    with patch.multiple(opening, _quick_check_of_all=lambda _db: "ok", NEWEST_CHECKED=1), closing(opened(path)) as journal:
        journal.look(lambda db: db.execute("PRAGMA cache_size=1").fetchall())
        os.environ["BAD_DISK_UNREADABLE"] = f"{path.stat().st_ino} {begin} {end}"
        for _ in range(STEPS_MAX):
            try:
                journal.scrub(50)
            except StoreError:
                journal.reopen(STAMP)
        add(journal, Observed("the gate goes on"))


if __name__ == "__main__":
    main()
