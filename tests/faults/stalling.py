"""A disk that stalls for as long as a test likes: whatever inserts entries waits, in the thread that writes."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from edge.store.journal import Journal

ANSWERS_WITHIN_S = 10.0


@contextmanager
def stalled(journal: Journal) -> Iterator[threading.Event]:
    """Let insertions into this journal wait until the end of the block; gives what is set as soon as one does.

    Begin it while nothing is being written.
    """
    waits, answers = threading.Event(), threading.Event()
    db = journal._db

    def answered() -> int:
        waits.set()
        return int(answers.wait(ANSWERS_WITHIN_S))

    db.conn.create_function("answered", 0, answered)
    db.execute("CREATE TEMP TRIGGER IF NOT EXISTS stalling BEFORE INSERT ON main.entries BEGIN SELECT answered(); END")
    try:
        yield waits
    finally:
        answers.set()
