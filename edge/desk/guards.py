"""Who may work at this booth: guards of the rules snapshot, their PINs, and the delay after wrong ones."""

import asyncio
import contextlib
import json
import math
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from argon2 import PasswordHasher
from argon2.exceptions import Argon2Error, InvalidHashError

from access.acts import BREAK_GLASS
from access.on_record import GuardFacts
from access.pins import peppered
from access.snapshot import Snapshot, SnapshotError
from edge.pepper import read_pepper
from edge.places import Places
from edge.store.rules import map_snapshot

FREE_FAILURES = 2
DELAY_MAX_S = 60.0
BADGES_REMEMBERED_MAX = 1000
ALARM_AT = 5  # wrong ones in a row
KEPT_EVERY_S = 1.0
KEPT_BYTES_MAX = 100_000


@dataclass(frozen=True, slots=True)
class Refused:
    """A sign-in that was not let through: wrong badge or PIN, or too soon after wrong ones (`wait_s` > 0)."""

    wait_s: float = 0.0


class Roll:
    """The guards on record, read anew whenever the gate names another snapshot."""

    def __init__(self, log: Any) -> None:
        self._log = log
        self._path = ""
        self._guards: Mapping[str, GuardFacts] = {}
        self.rules: Snapshot | None = None

    def follow(self, path: str) -> None:
        """Read the guards of the snapshot at `path`; one that cannot be read leaves the guards as they were."""
        if path in ("", self._path):
            return
        try:
            rules = map_snapshot(Path(path))
        except (OSError, SnapshotError) as error:
            self._log.warning("guards_unreadable", snapshot=path, error=str(error))
        else:
            self._guards = {guard.badge: guard for guard in rules.guards}
            self._path, self.rules = path, rules

    @property
    def has_rules(self) -> bool:
        """Whether any snapshot was read yet."""
        return bool(self._path)

    @property
    def is_empty(self) -> bool:
        """Whether nobody at all could sign in."""
        return not any(guard.status == "active" for guard in self._guards.values())

    @property
    def needs_pepper(self) -> bool:
        """Whether some PIN can be proved only under the site's pepper."""
        return any(guard.peppered and guard.status == "active" for guard in self._guards.values())

    @property
    def decoy(self) -> str:
        """The hash of somebody's PIN: what an unknown badge is compared with costs as much time as one that is known."""
        return next((guard.pin_hash for guard in self._guards.values()), "")

    def find(self, badge: str) -> GuardFacts | None:
        """Return the active guard with this badge."""
        guard = self._guards.get(badge)
        return guard if guard is not None and guard.status == "active" else None


class Delays:
    """How long a badge must wait after wrong PINs: nothing, then 1, 2, 4 ... 60 s. It delays signing in and nothing else."""

    def __init__(self) -> None:
        self._failures: OrderedDict[str, tuple[int, float]] = OrderedDict()

    def wait_s(self, badge: str, now: float) -> float:
        """Return the seconds that this badge must still wait at `now` (monotonic)."""
        count, last = self._failures.get(badge, (0, now))
        if count <= FREE_FAILURES:
            return 0.0
        pause = min(DELAY_MAX_S, 2.0 ** min(count - FREE_FAILURES - 1, 10))
        return max(0.0, last + pause - now)

    def count(self, badge: str) -> int:
        """Return how many wrong PINs in a row this badge has had."""
        return self._failures.get(badge, (0, 0.0))[0]

    def failed(self, badge: str, now: float) -> None:
        """Count one more wrong PIN."""
        count, _ = self._failures.pop(badge, (0, now))
        self._failures[badge] = (count + 1, now)
        while len(self._failures) > BADGES_REMEMBERED_MAX:
            self._failures.popitem(last=False)

    def passed(self, badge: str) -> None:
        """Forget the wrong PINs of a guard who has signed in."""
        self._failures.pop(badge, None)

    def told(self, is_known: Callable[[str], bool]) -> bytes:
        """Return what a restart must not forget: the counts of those who are known; anything may be typed for a badge, a PIN too.

        When the last try was is nothing to another run's clock.
        """
        return json.dumps({badge: count for badge, (count, _) in self._failures.items() if is_known(badge)}).encode()

    def taken_up(self, told: bytes, now: float) -> None:
        """Go on from what another run has told, as if each last try was at `now`; nonsense is no reason not to start."""
        with contextlib.suppress(ValueError, AttributeError):
            for badge, count in json.loads(told).items():
                if isinstance(count, int) and count > 0:
                    self._failures[badge] = (count, now)


class SignIn:
    """Checks badges and PINs, one at a time: an argon2id check takes much memory, and a flood of them must not."""

    def __init__(self, roll: Roll, places: Places, now: float, alarm: Callable[[str], object] = lambda _badge: None) -> None:
        """Begin with the wrong tries that an earlier run has kept; `alarm` is told of a badge that somebody tries out."""
        self._roll = roll
        self._alarm = alarm
        self._places = places
        self._delays = Delays()
        self._kept_at = -math.inf
        self._hasher = PasswordHasher()
        self._one_at_a_time = asyncio.Lock()
        self.sealed_code = asyncio.Lock()  # held while that is proved and used up
        with contextlib.suppress(OSError), places.delays.open("rb") as file:
            self._delays.taken_up(file.read(KEPT_BYTES_MAX), now)

    @property
    def lacks_pepper(self) -> bool:
        """Whether PINs cannot be proved, for want of the pepper."""
        return self._roll.needs_pepper and not read_pepper(self._places)

    def failures(self, badge: str) -> int:
        """Return how many wrong PINs in a row this badge has had."""
        return self._delays.count(badge)

    async def check(self, badge: str, pin: str, now: float) -> GuardFacts | Refused:
        """Return the guard, or why not; an unknown badge takes as long as a wrong PIN."""
        guard = self._roll.find(badge)
        secret = pin
        if guard is not None and guard.peppered:
            pepper = read_pepper(self._places)
            secret = peppered(pin, pepper) if pepper else ""
        refused = await self.proved(badge, guard.pin_hash if guard else "", secret, now)
        return refused or guard or Refused()

    async def proved(self, badge: str, hashed: str, secret: str, now: float) -> Refused | None:
        """Return None where `secret` is what was hashed, else why not; "" is the hash of nothing. Wrong ones cost time."""
        if wait_s := self._delays.wait_s(badge, now):
            return Refused(wait_s)
        # Counted before it is known, so that many tries at once do not slip through.
        self._delays.failed(badge, now)
        async with self._one_at_a_time:
            right = await asyncio.to_thread(self._fits, hashed or self._roll.decoy, secret)
        if not hashed or not right:
            self._keep(now)
            # Of badges that nobody has there is no end.
            if hashed and self._delays.count(badge) == ALARM_AT:
                self._alarm(badge)
            return Refused()
        self._delays.passed(badge)
        self._keep(now)
        return None

    def _fits(self, pin_hash: str, pin: str) -> bool:
        try:
            return self._hasher.verify(pin_hash, pin)
        except (Argon2Error, InvalidHashError):
            return False

    def _keep(self, now: float) -> None:
        """Keep the counts over a restart, not at every try: a flood must not wear the disk, and one that fails stops nobody."""
        if now - self._kept_at < KEPT_EVERY_S:
            return
        self._kept_at = now
        draft = self._places.delays.with_suffix(".new")
        with contextlib.suppress(OSError):
            draft.touch(mode=0o600)
            draft.write_bytes(self._delays.told(lambda badge: badge == BREAK_GLASS or self._roll.find(badge) is not None))
            draft.replace(self._places.delays)
