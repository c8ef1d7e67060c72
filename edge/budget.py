"""So much at once, and so much in the long run: what bounds what another machine can make this one do; pure."""

from dataclasses import dataclass


@dataclass(slots=True)
class Budget:
    """At most `burst` at once, and `per_s` a second in the long run; times are monotonic seconds."""

    burst: float
    per_s: float
    spent: float = 0.0
    at: float = float("-inf")

    def allows(self, cost: float, now: float) -> bool:
        """Spend that much, where there is as much left."""
        left = max(0.0, self.spent - max(0.0, now - self.at) * self.per_s) if self.spent else 0.0
        self.spent, self.at = left, now
        if left + cost > self.burst:
            return False
        self.spent += cost
        return True
