"""The machine's clocks, as the gate program goes by them: what the kernel says, judged."""

import ctypes
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from access.entries import Body, Stamp, stamped
from edge.gate.clock import ClockJudge, Told

_TIME_ERROR = 5  # adjtimex(2): the clock is not synchronised
_TIMEX_BYTES = 512  # struct timex has 208 at most
AT_ONCE_S = 0.1  # between two readings of the monotonic clock: so much nearer together than a jump is long
READINGS_MAX = 10


def is_synchronised() -> bool:
    """Tell whether the kernel's clock is synchronised, as whoever disciplines it (NTP, PTP, GPS) has told the kernel."""
    try:
        adjtimex = ctypes.CDLL(None, use_errno=True).adjtimex
    except (AttributeError, OSError):
        return False
    state: int = adjtimex(ctypes.create_string_buffer(_TIMEX_BYTES))  # all zero: reads, sets nothing
    return 0 <= state < _TIME_ERROR


@dataclass(frozen=True, slots=True)
class Clocks:
    """Where the program has its time from: monotonic seconds, seconds of UTC, and whether the kernel's clock is synchronised."""

    monotonic: Callable[[], float] = time.monotonic
    utc: Callable[[], float] = time.time
    synchronised: Callable[[], bool] = is_synchronised

    def both(self) -> tuple[float, float]:
        """Read both clocks at one moment: who is held up between the two would take that for a jump."""
        now = self.monotonic()
        for _ in range(READINGS_MAX):
            before, utc, now = now, self.utc(), self.monotonic()
            if now - before <= AT_ONCE_S:
                break
        return now, utc


REAL_CLOCKS = Clocks()


class GateClock:
    """The judged time of one run. The consumer and the pen both ask it for stamps: one at a time."""

    def __init__(self, clocks: Clocks) -> None:
        self._clocks = clocks
        self._judge = ClockJudge(*clocks.both(), None)
        self._lock = threading.Lock()

    def begin(self, written_us: float) -> None:
        """Note the newest time (UTC microseconds) that the journal bears: it cannot truly be before that."""
        with self._lock:
            self._judge = ClockJudge(*self._clocks.both(), written_us / 1e6)

    def stamp(self) -> Stamp:
        """Return both clocks for an entry."""
        with self._lock:
            now, utc = self._clocks.both()
            told = self._judge.tell(now, utc)
        return stamped(now, told.at, told.quality)

    def told(self) -> Told:
        """Return the time to go by, and its quality."""
        with self._lock:
            return self._judge.tell(*self._clocks.both())

    def at(self) -> datetime:
        """Return the time to decide by (aware UTC): the machine's, or what it must be by now where that is not believed."""
        return datetime.fromtimestamp(self.told().at, UTC)

    def look(self) -> list[Body]:
        """Judge anew and return what is to be written."""
        synchronised = self._clocks.synchronised()
        with self._lock:
            return self._judge.look(*self._clocks.both(), synchronised=synchronised)

    def compare(self, offset_s: float, within_s: float) -> None:
        """Take the registry's word: this machine's UTC minus its own."""
        with self._lock:
            self._judge.compare(offset_s, within_s, *self._clocks.both())

    @property
    def alarms(self) -> frozenset[str]:
        """Return the alarms that stand."""
        return self._judge.alarms

    def offset_ms(self) -> int | None:
        """Return by how much this clock is ahead of the registry's, None where nobody vouches for that."""
        with self._lock:
            offset_s = self._judge.offset_s(self._clocks.monotonic())
        return None if offset_s is None else round(offset_s * 1000)

    def may_expire(self) -> bool:
        """Tell whether things may be deleted for their age."""
        with self._lock:
            return self._judge.may_expire(self._clocks.monotonic())
