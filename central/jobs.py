"""What the serving process does by itself now and then, each in a thread of its own; what fails is tried again the next time."""

import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager

import structlog

log = structlog.get_logger("central.jobs")
Alone = Callable[[str], AbstractContextManager[bool]]
"""Gives True where nobody else, in whatever process, does what has this name while the block lasts."""


@contextmanager
def repeated(
    name: str, act: Callable[[], bool | None], every_s: float, first_after_s: float | None = None, alone: Alone | None = None
) -> Iterator[None]:
    """Do it every so many seconds (the first time after `first_after_s`) while the block lasts, and at once where it is True.

    True says that there is more to do: between two times it can be stopped. With `alone`, what another process is just doing
    is left to it.
    """
    stopping = threading.Event()

    def once() -> bool:
        if alone is None:
            return bool(act())
        with alone(name) as mine:
            return mine and bool(act())

    def work() -> None:
        wait_s = every_s if first_after_s is None else first_after_s
        while not stopping.wait(wait_s):
            wait_s = every_s
            try:
                wait_s = 0 if once() else every_s
            except Exception:
                log.exception("a job failed", job=name)

    thread = threading.Thread(target=work, name=name, daemon=True)
    thread.start()
    try:
        yield
    finally:
        stopping.set()
        thread.join()
