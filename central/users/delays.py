"""The growing delay after wrong passwords; pure, and bounded however many names are tried."""

from collections import OrderedDict
from dataclasses import dataclass
from threading import RLock

FREE_TRIES = 3
DELAY_S_MAX = 900.0
NAMES_MAX = 10_000


@dataclass(frozen=True, slots=True)
class _Failures:
    count: int
    until: float


class Delays:
    """Remembers failures by who was tried, from where; a name that is unknown is treated like others: the delay tells nothing.

    May be used from several threads.
    """

    def __init__(self) -> None:
        self._names: OrderedDict[str, _Failures] = OrderedDict()
        self._lock = RLock()

    def wait_s(self, name: str, now: float) -> float:
        """Return how long until this name may be tried again."""
        with self._lock:
            failures = self._names.get(name)
        return max(0.0, failures.until - now) if failures else 0.0

    def begin(self, name: str, now: float) -> float:
        """Return how long until this name may be tried again; if it may now, count this try as a failure until it succeeds.

        So of tries at the same moment none is free of the delay that the others bring.
        """
        with self._lock:
            if wait_s := self.wait_s(name, now):
                return wait_s
            self.failed(name, now)
        return 0.0

    def failed(self, name: str, now: float) -> None:
        """Count a failure: from the fourth on, each doubles the delay."""
        with self._lock:
            before = self._names.pop(name, _Failures(0, now))
            count = before.count + 1
            delay_s = min(2.0 ** (count - FREE_TRIES), DELAY_S_MAX) if count > FREE_TRIES else 0.0
            self._names[name] = _Failures(count, now + delay_s)
            if len(self._names) > NAMES_MAX:
                self._forget_one(now)

    def succeeded(self, name: str) -> None:
        """Forget the failures of a name."""
        with self._lock:
            self._names.pop(name, None)

    def _forget_one(self, now: float) -> None:
        """Forget the oldest whose delay is over: who tries other names does not end the delay of one."""
        over = (name for name, failures in self._names.items() if failures.until <= now)
        del self._names[next(over, next(iter(self._names)))]
