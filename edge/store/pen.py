"""The thread that writes: whoever has something written waits for it only so long, whatever the disk does meanwhile."""

import queue
import threading
from collections.abc import Callable
from typing import Any, Final

from edge.store.errors import StoreError

STOP_WITHIN_S: Final = 5.0
Job = Callable[[], Any]


class StoreStalledError(StoreError):
    """The disk takes too long: whether it is written will be known later."""


class _Errand:
    """A job, and what became of it."""

    def __init__(self, job: Job) -> None:
        self._job = job
        self.done = threading.Event()
        self.result: Any = None
        self.error: BaseException | None = None

    def run(self) -> None:
        try:
            self.result = self._job()
        except BaseException as error:  # noqa: BLE001 - it is raised again where the job came from
            self.error = error
        self.done.set()


class Pen(threading.Thread):
    """Does one job at a time, in order. `begin` is called first, in the thread."""

    def __init__(self, begin: Callable[[], None]) -> None:
        super().__init__(daemon=True)
        self._begin = begin
        self._errands: queue.SimpleQueue[_Errand | None] = queue.SimpleQueue()
        self._last = _Errand(lambda: None)
        self._last.done.set()
        self._abandoned = False
        self.start()

    @property
    def is_free(self) -> bool:
        """Whether the last job is done."""
        return self._last.done.is_set()

    def do(self, job: Job, within_s: float) -> Any:
        """Have it done and return what it returns, or raise what it raises; StoreStalledError where that takes too long.

        It is done all the same then, and until it is, all that follows is refused at once.
        """
        if self._abandoned and not self.is_free:
            raise StoreStalledError("the disk has not answered yet")
        errand = self.start_on(job)
        self._abandoned = not errand.done.wait(within_s)
        if self._abandoned:
            raise StoreStalledError(f"the disk has not answered within {within_s:g} s")
        if errand.error is not None:
            raise errand.error
        return errand.result

    def start_on(self, job: Job) -> _Errand:
        """Have it done some time, whatever comes of it."""
        self._last = _Errand(job)
        self._errands.put(self._last)
        return self._last

    def run(self) -> None:
        """Do jobs until told to stop."""
        self._begin()
        while (errand := self._errands.get()) is not None:
            errand.run()

    def stop(self) -> bool:
        """Finish what was begun; tell whether that was possible in time."""
        self._errands.put(None)
        self.join(STOP_WITHIN_S)
        return not self.is_alive()
