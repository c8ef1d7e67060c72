"""Who may work at this booth: guards of the rules snapshot, their PINs, and the delay after wrong ones."""

import asyncio
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from argon2 import PasswordHasher
from argon2.exceptions import Argon2Error, InvalidHashError

from access.on_record import GuardFacts
from access.snapshot import SnapshotError
from edge.store.rules import map_snapshot

FREE_FAILURES = 2
DELAY_MAX_S = 60.0
BADGES_REMEMBERED_MAX = 1000


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

    def follow(self, path: str) -> None:
        """Read the guards of the snapshot at `path`; one that cannot be read leaves the guards as they were."""
        if path in ("", self._path):
            return
        try:
            self._guards = {guard.badge: guard for guard in map_snapshot(Path(path)).guards}
        except (OSError, SnapshotError) as error:
            self._log.warning("guards_unreadable", snapshot=path, error=str(error))
        else:
            self._path = path

    @property
    def has_rules(self) -> bool:
        """Whether any snapshot was read yet."""
        return bool(self._path)

    @property
    def is_empty(self) -> bool:
        """Whether nobody at all could sign in."""
        return not any(guard.status == "active" for guard in self._guards.values())

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

    def failed(self, badge: str, now: float) -> None:
        """Count one more wrong PIN."""
        count, _ = self._failures.pop(badge, (0, now))
        self._failures[badge] = (count + 1, now)
        while len(self._failures) > BADGES_REMEMBERED_MAX:
            self._failures.popitem(last=False)

    def passed(self, badge: str) -> None:
        """Forget the wrong PINs of a guard who has signed in."""
        self._failures.pop(badge, None)


class SignIn:
    """Checks badges and PINs, one at a time: an argon2id check takes much memory, and a flood of them must not."""

    def __init__(self, roll: Roll) -> None:
        self._roll = roll
        self._delays = Delays()
        self._hasher = PasswordHasher()
        self._nobody = self._hasher.hash("nobody has this PIN")
        self._one_at_a_time = asyncio.Lock()

    async def check(self, badge: str, pin: str, now: float) -> GuardFacts | Refused:
        """Return the guard, or why not; an unknown badge takes as long as a wrong PIN."""
        if wait_s := self._delays.wait_s(badge, now):
            return Refused(wait_s)
        # Counted before it is known, so that many tries at once do not slip through.
        self._delays.failed(badge, now)
        guard = self._roll.find(badge)
        async with self._one_at_a_time:
            right = await asyncio.to_thread(self._fits, guard.pin_hash if guard else self._nobody, pin)
        if guard is None or not right:
            return Refused()
        self._delays.passed(badge)
        return guard

    def _fits(self, pin_hash: str, pin: str) -> bool:
        try:
            return self._hasher.verify(pin_hash, pin)
        except (Argon2Error, InvalidHashError):
            return False
