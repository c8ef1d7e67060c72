"""How far the time of day is to be believed, and what time it is meanwhile: a pure judge over two clocks and what others say.

The monotonic clock never jumps, so within one run it tells what the time must be by now; UTC that says otherwise is not taken at
its word before somebody confirms it. The registry's word counts most: whoever sends wrong time over the network, or sets the
machine's clock, does not make passes last longer, and has nothing deleted. `now` is monotonic seconds, `utc` and `at` seconds of
UTC.
"""

from dataclasses import dataclass

from access.entries import AlarmRaised, Body, ClockJudged

RELEASED_S = 1_767_225_600.0
"""2026-01-01, when this was written or before: no clock that is right says less."""

JUMP_S = 2.0
STEADY_S = 60.0  # within this time a drift adds up to a jump
OFF_S = 5.0  # from the registry: more is an alarm
DAY_S = 86_400.0
COMPARED_FOR_S = DAY_S
SETTLE_S = 600.0  # for so long the kernel's clock must have been synchronised after a jump
SETTLE_DAY_S = DAY_S  # after a jump of more than a day


@dataclass(frozen=True, slots=True)
class Told:
    """The time to go by: seconds of UTC, and how far it is to be believed."""

    at: float
    quality: str


@dataclass(frozen=True, slots=True)
class _Compared:
    """What the registry said of this clock (this one minus its own, in seconds), when, and its skew (UTC - monotonic) then."""

    offset_s: float
    within_s: float
    now: float
    skew: float

    def offset_at(self, skew: float) -> float:
        """Return by how much a clock of that skew is off: what was said still holds after the clock has been set."""
        return self.offset_s + skew - self.skew


class ClockJudge:
    """Follows one machine's clock for one run of the program."""

    def __init__(self, now: float, utc: float, written: float | None) -> None:
        """Begin; `written` is the newest time that the journal bears (None: an empty one)."""
        self._floor = max(RELEASED_S, written or 0.0)
        self._given = (now, self._floor)
        self._anchor = (now, utc)
        self._skew = utc - now
        self._jump_s = 0.0
        self._compared: _Compared | None = None
        self._synchronised_since: float | None = None
        self._is_held = False
        away = utc - self._floor
        # How far the clock is from where it should be, as long as nobody has confirmed it; a store that is new knows nothing.
        self._doubt_s = away if away < -JUMP_S or (written is not None and away > DAY_S) else 0.0
        self._judged = ("", "")
        self._alarms: frozenset[str] = frozenset()

    def tell(self, now: float, utc: float) -> Told:
        """Return the time to go by. It never goes back, unless to a time that was confirmed."""
        self._notice_jump(now, utc)
        reckoned = self._reckoned(now)
        if self._is_held or utc < reckoned - JUMP_S:
            return Told(reckoned, "floor" if utc < reckoned else "drifting")
        at = max(utc, self._given[1])
        self._given = (now, at)
        return Told(at, "trusted" if self._source(now) else "drifting")

    def look(self, now: float, utc: float, *, synchronised: bool) -> list[Body]:
        """Judge anew (call it now and then) and return what is to be written: a change, a jump, an alarm that begins."""
        self._notice_jump(now, utc)
        if not synchronised:
            self._synchronised_since = None
        elif self._synchronised_since is None:
            self._synchronised_since = now
        self._believe_kernel(now, utc)
        return self._changes(now, utc)

    def compare(self, offset_s: float, within_s: float, now: float, utc: float) -> None:
        """Take the registry's word: this clock minus its own; where they agree, the clock is believed, also if it went back."""
        self._notice_jump(now, utc)
        self._compared = _Compared(offset_s, within_s, now, self._skew)
        if not self._is_off(now):
            self._believe(now, utc)

    @property
    def alarms(self) -> frozenset[str]:
        """Return the alarms that stand."""
        return self._alarms

    def offset_s(self, now: float) -> float | None:
        """Return by how much this clock is ahead of the registry's (seconds), None where that has not told for long."""
        heard = self._heard(now)
        return heard.offset_at(self._skew) if heard else None

    def may_expire(self, now: float) -> bool:
        """Tell whether things may be deleted for their age: only by a clock that somebody vouches for."""
        return bool(self._source(now))

    def _notice_jump(self, now: float, utc: float) -> None:
        then, before = self._anchor
        jump_s = (utc - before) - (now - then)
        if abs(jump_s) > JUMP_S:
            self._is_held = self._is_held or bool(self._source(then))  # what was trusted until now goes on by itself
            self._jump_s, self._anchor = jump_s, (now, utc)
            self._synchronised_since = None
            away = utc - self._reckoned(now)
            self._doubt_s = away if abs(away) > JUMP_S else 0.0  # one that has come back is as good as it was
            self._is_held = self._is_held and self._doubt_s != 0
        elif now - then > STEADY_S:
            self._anchor = (now, utc)
        self._skew = utc - now

    def _believe_kernel(self, now: float, utc: float) -> None:
        """Believe a clock in doubt that has been synchronised long enough, unless the registry says that it is off."""
        if self._synchronised_since is None or not self._doubt_s or self._is_off(now):
            return
        if now - self._synchronised_since >= (SETTLE_S if abs(self._doubt_s) <= DAY_S else SETTLE_DAY_S):
            self._believe(now, utc)

    def _believe(self, now: float, utc: float) -> None:
        self._doubt_s, self._is_held, self._given = 0.0, False, (now, max(utc, RELEASED_S))

    def _reckoned(self, now: float) -> float:
        """Say what the time must be at least: what was told last, and the time since."""
        then, at = self._given
        return at + (now - then)

    def _source(self, now: float) -> str:
        """Name who vouches for the clock: the registry, which wins, or the kernel's synchronisation ("": nobody)."""
        if self._doubt_s or self._is_off(now):
            return ""
        if self._heard(now):
            return "registry"
        return "ntp" if self._synchronised_since is not None else ""

    def _heard(self, now: float) -> _Compared | None:
        """Return what the registry said, as long as that counts."""
        return self._compared if self._compared and now - self._compared.now <= COMPARED_FOR_S else None

    def _is_off(self, now: float) -> bool:
        heard = self._heard(now)
        return heard is not None and abs(heard.offset_at(self._skew)) - heard.within_s > OFF_S

    def _changes(self, now: float, utc: float) -> list[Body]:
        quality = self.tell(now, utc).quality
        changes: list[Body] = []
        heard = self._heard(now)
        source = "registry" if heard else self._source(now)
        if (quality, source) != self._judged or self._jump_s:
            offset_ms = round((self.offset_s(now) or 0.0) * 1000)
            changes.append(ClockJudged(quality, source, offset_ms, round(self._jump_s * 1000)))
        self._judged, self._jump_s = (quality, source), 0.0
        standing = {"clock_off": self._is_off(now), "clock_behind": quality == "floor"}
        alarms = frozenset(what for what, stands in standing.items() if stands)
        changes += [AlarmRaised(what) for what in sorted(alarms - self._alarms)]
        self._alarms = alarms
        return changes
