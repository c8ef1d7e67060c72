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
        self._under_way = threading.Lock()  # half as dear as an Event, and cards wait for it
        self._under_way.acquire()
        self.result: Any = None
        self.error: BaseException | None = None

    @property
    def is_done(self) -> bool:
        """Whether it has ended, well or not."""
        return not self._under_way.locked()

    def is_done_within(self, within_s: float) -> bool:
        """Wait for its end; tell whether it came."""
        is_done = self._under_way.acquire(timeout=within_s)
        if is_done:
            self._under_way.release()
        return is_done

    def run(self) -> None:
        try:
            self.result = self._job()
        except BaseException as error:  # noqa: BLE001 - it is raised again where the job came from
            self.error = error
        self._under_way.release()


class Pen(threading.Thread):
    """Does one job at a time, in order. `begin` is called first, in the thread; `wake` after each job that nobody waits for."""

    def __init__(self, begin: Callable[[], None], wake: Callable[[], None]) -> None:
        super().__init__(daemon=True)
        self._begin = begin
        self._wake = wake
        self._errands: queue.SimpleQueue[tuple[_Errand, bool] | None] = queue.SimpleQueue()
        self._last = _Errand(lambda: None)
        self._last.run()
        self._abandoned = False
        self.start()

    @property
    def is_free(self) -> bool:
        """Whether the last job is done."""
        return self._last.is_done

    def do(self, job: Job, within_s: float) -> Any:
        """Have it done and return what it returns, or raise what it raises; StoreStalledError where that takes too long.

        It is done all the same then, and until it is, all that follows is refused at once.
        """
        if self._abandoned and not self.is_free:
            raise StoreStalledError("the disk has not answered yet")
        errand = self._hand_over(job, is_awaited=True)
        self._abandoned = not errand.is_done_within(within_s)
        if self._abandoned:
            raise StoreStalledError(f"the disk has not answered within {within_s:g} s")
        if errand.error is not None:
            raise errand.error
        return errand.result

    def start_on(self, job: Job) -> None:
        """Have it done some time, whatever comes of it."""
        self._hand_over(job, is_awaited=False)

    def _hand_over(self, job: Job, *, is_awaited: bool) -> _Errand:
        self._last = _Errand(job)
        self._errands.put((self._last, is_awaited))
        return self._last

    def run(self) -> None:
        """Do jobs until told to stop."""
        self._begin()
        while (handed := self._errands.get()) is not None:
            errand, is_awaited = handed
            errand.run()
            if not is_awaited:
                self._wake()

    def stop(self) -> bool:
        """Finish what was begun; tell whether that was possible in time."""
        self._errands.put(None)
        self.join(STOP_WITHIN_S)
        return not self.is_alive()
