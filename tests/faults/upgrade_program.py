"""`python -m tests.faults.upgrade_program JOURNAL N`: upgrade a schema, killed at statement N; else says how many there were."""

import os
import signal
import sys

from edge.store.migrations import bring_up
from edge.store.sqlite import database_at


def main() -> None:
    db = database_at(sys.argv[1])
    seen = 0

    def count(_statement: str) -> None:
        nonlocal seen
        seen += 1
        if seen == int(sys.argv[2]):
            os.kill(os.getpid(), signal.SIGKILL)

    db.conn.set_trace_callback(count)
    bring_up(db)
    os.write(1, f"{seen}\n".encode())


if __name__ == "__main__":
    main()
