"""A disk that stalls for as long as a test likes: whatever inserts entries waits, in the thread that writes."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from edge.store.journal import Journal

ANSWERS_WITHIN_S = 10.0


@contextmanager
def stalled(journal: Journal) -> Iterator[None]:
    """Let insertions into this journal wait until the end of the block; begin it while nothing is being written."""
    answers = threading.Event()
    db = journal._db
    db.conn.create_function("answered", 0, lambda: int(answers.wait(ANSWERS_WITHIN_S)))
    db.execute("CREATE TEMP TRIGGER IF NOT EXISTS stalling BEFORE INSERT ON main.entries BEGIN SELECT answered(); END")
    try:
        yield
    finally:
        answers.set()
