"""The growing delay after wrong passwords, per name; pure, and bounded however many names are tried."""

from collections import OrderedDict
from dataclasses import dataclass

FREE_TRIES = 3
DELAY_S_MAX = 900.0
NAMES_MAX = 10_000


@dataclass(frozen=True, slots=True)
class _Failures:
    count: int
    until: float


class Delays:
    """Remembers failures; an unknown name is treated like a known one, so that the delay tells nothing."""

    def __init__(self) -> None:
        self._names: OrderedDict[str, _Failures] = OrderedDict()

    def wait_s(self, name: str, now: float) -> float:
        """Return how long until this name may be tried again."""
        failures = self._names.get(name)
        return max(0.0, failures.until - now) if failures else 0.0

    def failed(self, name: str, now: float) -> None:
        """Count a failure: from the fourth on, each doubles the delay."""
        before = self._names.pop(name, _Failures(0, now))
        count = before.count + 1
        delay_s = min(2.0 ** (count - FREE_TRIES), DELAY_S_MAX) if count > FREE_TRIES else 0.0
        self._names[name] = _Failures(count, now + delay_s)
        if len(self._names) > NAMES_MAX:
            self._names.popitem(last=False)

    def succeeded(self, name: str) -> None:
        """Forget the failures of a name."""
        self._names.pop(name, None)
