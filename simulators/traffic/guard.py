"""The simulated guard: reads the booth's pages and presses its buttons as a browser without scripts would."""

import queue
import threading
import time
from dataclasses import dataclass, field
from typing import Final

from simulators.estate import Guard
from simulators.traffic.booth_pages import BoothError, BoothPages
from simulators.traffic.stories import Verdict

CALLS_MAX: Final = 100
CALL_LASTS_S: Final = 30.0
LOOK_AT_PAGE_S: Final = 0.4
WHYS: Final = {"admit": "visitor", "refuse": "no_consent"}


@dataclass(frozen=True, slots=True)
class Call:
    """Somebody waits at a lane: what the guard will say, not before `not_before` (monotonic)."""

    lane: str
    verdict: Verdict
    not_before: float
    answered: threading.Event = field(default_factory=threading.Event)


class SimulatedGuard:
    """One thread; looks at the page only while somebody has called."""

    def __init__(self, guard: Guard, pages: BoothPages) -> None:
        self._guard = guard
        self._pages = pages
        self._calls: queue.Queue[Call | None] = queue.Queue(CALLS_MAX)  # None: look whether to stop
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="simulated guard", daemon=True)

    def start(self) -> None:
        """Go on duty."""
        self._thread.start()

    def stop(self) -> None:
        """Go off duty, after the call at hand; who still waits is not answered any more."""
        self._stopping.set()
        self._calls.put(None)
        self._thread.join()
        self._pages.close()

    def call(self, lane: str, verdict: Verdict, after_s: float) -> Call:
        """Ask the guard to look at a lane; `answered` is set when the gate has taken the answer."""
        call = Call(lane, verdict, time.monotonic() + after_s)
        self._calls.put(call)
        return call

    def _run(self) -> None:
        open_calls: list[Call] = []
        while not self._stopping.is_set():
            if (call := self._next(waiting=not open_calls)) is not None:
                open_calls.append(call)
            open_calls = [call for call in open_calls if not self._answer(call)]

    def _next(self, *, waiting: bool) -> Call | None:
        """Return the next call; where others are open, wait for it only a moment."""
        try:
            return self._calls.get(timeout=None if waiting else LOOK_AT_PAGE_S)
        except queue.Empty:
            return None

    def _answer(self, call: Call) -> bool:
        """Answer one call if its time has come; True where it needs no further look."""
        now = time.monotonic()
        if now < call.not_before:
            return False
        if now > call.not_before + CALL_LASTS_S:
            return True
        try:
            if self._pages.answer(self._guard, call.lane, call.verdict, WHYS[call.verdict]):
                call.answered.set()
        except BoothError:
            return False
        return call.answered.is_set()
