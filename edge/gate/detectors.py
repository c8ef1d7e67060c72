"""How far a lane's detectors can be believed: failed (contacts that contradict), stuck, chattering, or blind to who passes."""

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field

from edge.gate.inputs import DETECTORS, UNDER_ARM, Inputs

CHATTER_EDGES = 12
CHATTER_WITHIN_S = 3.0
QUIET_AGAIN_S = 10.0
BLIND_AFTER = 3  # vehicles in a row that it has not seen

ALARMS: Mapping[str, str] = {
    "failed": "sensor_failed",
    "stuck": "loop_stuck",
    "chatters": "loop_chatters",
    "blind": "safety_blind",
}


@dataclass(slots=True)
class _Detector:
    level: bool | None = None
    since: float = 0.0
    edges: deque[float] = field(default_factory=lambda: deque(maxlen=CHATTER_EDGES))
    chatters: bool = False
    unseen: int = 0


class Detectors:
    """What is wrong with which detector of a lane: `ill`, by its name."""

    def __init__(self, wired: frozenset[str], stuck_s: float) -> None:
        self.ill: dict[str, str] = {}
        self._failed: frozenset[str] = frozenset()
        self._stuck_s = stuck_s
        self._all = {name: _Detector() for name in DETECTORS if name in wired}

    def forget(self) -> None:
        """Begin anew: their board was lost. What is blind stays blind."""
        for name, detector in self._all.items():
            self._all[name] = _Detector(unseen=detector.unseen)
        self._failed = frozenset()
        self.ill = {name: why for name, why in self.ill.items() if why == "blind"}

    def take(self, levels: Inputs, failed: frozenset[str], now: float) -> None:
        """Take in what was read."""
        self._failed = failed
        for name, detector in self._all.items():
            level = None if name in failed else getattr(levels, name)
            if level is detector.level:
                continue
            if level is not None and detector.level is not None:
                detector.edges.append(now)
            detector.level, detector.since = level, now
            if level and name in UNDER_ARM:
                self.seen()

    def seen(self) -> None:
        """Note that somebody under the arm was seen: they are not blind."""
        for name in UNDER_ARM:
            if name in self._all:
                self._all[name].unseen = 0

    def passed_unseen(self) -> None:
        """Note that somebody went away under the open arm, it seems, and nothing under the arm has seen them."""
        if "safety_loop" in self._all:
            self._all["safety_loop"].unseen += 1

    def judge(self, now: float) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """Judge them anew; returns the names of those that have become ill, and of those that are well again."""
        was, self.ill = self.ill, {name: why for name in self._all if (why := self._what_is_wrong(name, now))}
        fallen = tuple(name for name, why in self.ill.items() if was.get(name) != why)
        return fallen, tuple(name for name in was if name not in self.ill)

    def next_deadline(self) -> float | None:
        """Return when the next must be judged anew (monotonic)."""
        return min((at for name in self._all if (at := self._judged_at(name)) is not None), default=None)

    def _what_is_wrong(self, name: str, now: float) -> str:
        detector = self._all[name]
        detector.chatters = _chatters(detector, now)  # also while it has failed: it does not become well by that
        if name in self._failed:
            return "failed"
        if detector.chatters:
            return "chatters"
        if detector.level and now >= detector.since + self._stuck_s:
            return "stuck"
        return "blind" if detector.unseen >= BLIND_AFTER else ""

    def _judged_at(self, name: str) -> float | None:
        detector = self._all[name]
        if self.ill.get(name) == "chatters":
            return detector.edges[-1] + QUIET_AGAIN_S
        if detector.level and name not in self.ill:
            return detector.since + self._stuck_s
        return None


def _chatters(detector: _Detector, now: float) -> bool:
    """Tell whether its edges come too fast, or have not stopped for long enough since they did."""
    edges = detector.edges
    is_dense = len(edges) == CHATTER_EDGES and edges[-1] - edges[0] <= CHATTER_WITHIN_S
    return (is_dense or detector.chatters) and now < edges[-1] + QUIET_AGAIN_S
