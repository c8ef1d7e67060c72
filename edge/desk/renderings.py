"""Parts of pages as they were rendered last: pages that show the same share them, and none is rendered anew too soon."""

import math
from collections.abc import Callable, Hashable, Mapping
from operator import is_

PAUSE_S = 0.05  # between two states that are shown: what comes meanwhile is shown together
FRESH_S = 1.0  # time alone brings some of it about

Parts = Mapping[str, str]
State = tuple[object, ...]


class Renderings:
    """Of one state at a time: `state` returns objects of which another stands there whenever something is new."""

    def __init__(self, state: Callable[[], State], now: Callable[[], float]) -> None:
        self._state = state
        self._now = now
        self._shown: State = ()
        self._since = -math.inf
        self._kept: dict[Hashable, Parts] = {}

    def pause_s(self) -> float:
        """Return for how long what is new has to wait; what is shown already need not."""
        return 0.0 if self._is_shown(self._state()) else max(0.0, self._since + PAUSE_S - self._now())

    def shared(self, key: Hashable, render: Callable[[], Parts]) -> Parts:
        """Return the parts of this state under a key: rendered once."""
        state, now = self._state(), self._now()
        if not self._is_shown(state) or now - self._since >= FRESH_S:
            self._shown, self._since, self._kept = state, now, {}
        if key not in self._kept:
            self._kept[key] = render()
        return self._kept[key]

    def _is_shown(self, state: State) -> bool:
        return len(state) == len(self._shown) and all(map(is_, state, self._shown))
