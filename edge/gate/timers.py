"""Named deadlines of one lane (monotonic seconds)."""

from edge.gate.phases import Timer


class Timers:
    """At most one deadline for each purpose."""

    def __init__(self) -> None:
        self._at: dict[Timer, float] = {}

    def set(self, timer: Timer, at: float | None) -> None:
        """Set a deadline; None takes it away."""
        if at is None:
            self._at.pop(timer, None)
        else:
            self._at[timer] = at

    def cancel(self, *timers: Timer) -> None:
        """Take these away."""
        for timer in timers:
            self._at.pop(timer, None)

    def at(self, timer: Timer) -> float | None:
        """Return when it is due."""
        return self._at.get(timer)

    def next(self) -> float | None:
        """Return when the first is due."""
        return min(self._at.values(), default=None)

    def take_due(self, now: float) -> Timer | None:
        """Take out the first that is due."""
        due = min((timer for timer, at in self._at.items() if at <= now), key=self._at.__getitem__, default=None)
        if due is not None:
            del self._at[due]
        return due
