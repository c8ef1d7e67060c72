"""What the gates of a run have seen, counted together."""

import threading
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from math import ceil
from typing import Any

from simulators.load.gates import Written


def percentile(ordered: Sequence[float], share: float) -> float:
    """Return the smallest of the `ordered` values that at least `share` of them do not exceed; 0 where there are none."""
    return ordered[max(0, ceil(share * len(ordered)) - 1)] if ordered else 0.0


@dataclass(slots=True)
class Tally:
    """Counts, and the lags (seconds) of entries from their making to the verified acknowledgement; those of backlogs apart."""

    lags: list[float] = field(default_factory=list)
    acks: int = 0
    entries: int = 0
    backlog: int = 0
    drained_at: float = 0.0
    pictures: int = 0
    parked: int = 0
    errors: Counter[str] = field(default_factory=Counter)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def acknowledged(self, written: Sequence[Written], parked: int, now: float) -> None:
        """Count what an acknowledgement says."""
        with self._lock:
            self.acks += 1
            self.entries += len(written)
            self.parked += parked
            for one in written:
                if one.backlog:
                    self.backlog += 1
                    self.drained_at = now
                else:
                    self.lags.append(now - one.made)

    def kept(self) -> None:
        """Count a picture."""
        with self._lock:
            self.pictures += 1

    def failed(self, kind: str) -> None:
        """Count an error."""
        with self._lock:
            self.errors[kind] += 1

    def figures(self, began: float, ended: float) -> dict[str, Any]:
        """Return the figures of a run from `began` to `ended` (monotonic seconds)."""
        took = max(ended - began, 1e-9)
        with self._lock:
            lags = sorted(self.lags)
            return {
                "seconds": round(took, 2),
                "acks": self.acks,
                "entries": self.entries,
                "entries_per_s": round(self.entries / took, 1),
                "lag_p50_ms": round(percentile(lags, 0.5) * 1000, 1),
                "lag_p99_ms": round(percentile(lags, 0.99) * 1000, 1),
                "lag_max_ms": round((lags[-1] if lags else 0.0) * 1000, 1),
                "backlog": self.backlog,
                "backlog_s": round(self.drained_at - began, 2) if self.backlog else 0.0,
                "pictures": self.pictures,
                "parked": self.parked,
                "errors": dict(self.errors),
            }
