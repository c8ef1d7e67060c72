"""One reading per presence: readers repeat a card for as long as it is held up."""

REMEMBERED_MAX = 16


class Presence:
    """Tells a thing held up anew from one that is still there, by the time since it was last seen."""

    def __init__(self, absent_after_s: float) -> None:
        self._absent_after_s = absent_after_s
        self._last_seen: dict[bytes, float] = {}

    def begins(self, thing: bytes, now: float) -> bool:
        """Note that `thing` is seen at `now`; True where it had not been seen for `absent_after_s`."""
        last = self._last_seen.pop(thing, None)
        self._last_seen[thing] = now  # the newest goes last, so that the first is the oldest
        if len(self._last_seen) > REMEMBERED_MAX:
            del self._last_seen[next(iter(self._last_seen))]
        return last is None or now - last > self._absent_after_s
