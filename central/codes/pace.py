"""How often somebody may ask for something in a minute; bounded however many ask."""

from collections import OrderedDict
from threading import Lock
from typing import Final

from central.errors import RegistryError

PER_MINUTE: Final = 30
MINUTE_S: Final = 60.0
ASKING_MAX: Final = 10_000


class Pace:
    """Counts by who asks, a minute at a time; may be used from several threads."""

    def __init__(self) -> None:
        self._minutes: OrderedDict[str, tuple[float, int]] = OrderedDict()
        self._lock = Lock()

    def take(self, who: str, now: float) -> None:
        """Count one request; RegistryError 429 where there were too many within the minute."""
        with self._lock:
            began, count = self._minutes.pop(who, (now, 0))
            if now - began >= MINUTE_S:
                began, count = now, 0
            self._minutes[who] = (began, min(count + 1, PER_MINUTE + 1))
            if len(self._minutes) > ASKING_MAX:
                self._minutes.popitem(last=False)
        if count >= PER_MINUTE:
            raise RegistryError("asked too often: wait a little", 429, retry_after_s=max(1, round(began + MINUTE_S - now)))
