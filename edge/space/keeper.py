"""Looks after the space on the disk, in a thread of the gate program: measures, says what should go, and deletes what it is told.

What goes is decided here and written down by the gate's consumer, who has the journal, before it is deleted: the entry is the
proof. The eyes program, who writes the pictures, deletes none: it does not know which are disputed, and a full disk must be
helped also while it is away.
"""

import functools
import queue
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from access.contract.records import ErasureRecord
from edge.config import SpaceSection
from edge.places import Places
from edge.space.ballast import Ballast
from edge.space.folder import Folder
from edge.space.learning import Learning
from edge.space.levels import PRESSING, RELIEVED, Levels, Usage
from edge.space.pictures import Choice, Picture, Pictures
from edge.space.quotas import quotas
from edge.store.disused import Disused, OldSums
from edge.store.erasing import standing
from edge.store.errors import StoreError
from edge.store.evidence import Place
from edge.store.received import Kept
from edge.store.retention import Forgettable, OldEntries, Room, sync_kept

LOOK_EVERY_S = 2.0
LEARN_EVERY_S = 0.2  # while there is more to learn
ONCE_A_S = 60.0  # for each reason one entry of pictures that went
RETENTION_EVERY_S = 3600.0
ERASURES_EVERY_S = 600.0
SUMS_EVERY_S = 600.0
JOURNAL_ROOM = 256 * 1024  # for some fifteen passages: with so much free in its file, the journal needs nothing of a full disk
FULL_FOR_S = 2.0  # since the disk was last found full
DAY_US = 86_400_000_000


@dataclass(frozen=True, slots=True)
class Measured:
    """How full it is: the highest level that is reached, of what, and all in percent. `is_full`: the ballast is let go."""

    level: int
    of: tuple[str, ...]
    percents: tuple[tuple[str, int], ...]
    is_full: bool


@dataclass(frozen=True, slots=True)
class Outlived:
    """Entries that may be forgotten, and why: age, or full."""

    entries: Forgettable
    reason: str


@dataclass(frozen=True, slots=True)
class ErasuresStanding:
    """Who is to be erased from the journal, by what the registry tells; nobody new, mostly."""

    erasures: tuple[ErasureRecord, ...]


Finding = Measured | Choice | Outlived | ErasuresStanding | Disused


class Keeper(threading.Thread):
    """Tells what it finds by `tell`; `release` and `drop` may be called from any thread."""

    def __init__(
        self, places: Places, space: SpaceSection, tell: Callable[[Finding], None], utc: Callable[[], float], log: Any
    ) -> None:
        super().__init__(name="space", daemon=True)
        self._places = places
        self._space = space
        self._tell = tell
        self._utc = utc
        self._log = log
        self._folder = Folder(places)
        self.quotas = quotas(space, self._folder.disk_bytes())
        self._ballast = Ballast(places.ballast, self.quotas.ballast)
        self._sync = Kept({})
        self._pictures = Pictures(self._is_picture_sent)
        self._levels = Levels()
        self._learning: Learning | None = None
        self._to_drop: queue.SimpleQueue[Choice] = queue.SimpleQueue()
        self._wake = threading.Event()
        self._stopping = False
        self.may_expire = False
        """Whether the clock is good enough to delete things for their age; the consumer says so."""
        self._full_at = float("-inf")
        self._next_at: dict[str, float] = {}

    def run(self) -> None:
        """Look now and then until told to stop."""
        while not self._stopping:
            self._wake.wait(LEARN_EVERY_S if self._step(time.monotonic()) else LOOK_EVERY_S)
            self._wake.clear()

    def stop(self) -> None:
        """Let the thread end."""
        self._stopping = True
        self._wake.set()
        self.join(LOOK_EVERY_S)

    def release(self) -> bool:
        """Let the ballast go because nothing can be written; tell whether there was any."""
        self._full_at = time.monotonic()
        self._wake.set()
        return self._ballast.release()

    def drop(self, choice: Choice) -> None:
        """Delete these pictures: it is written down."""
        self._to_drop.put(choice)
        self._wake.set()

    def _step(self, now: float) -> bool:
        """Look once; tell whether there is more to learn at once. How full it is comes first: that helps a failing disk too."""
        self._delete()
        self._look_for_erasures(now)
        self._look_for_old_sums(now)
        room = self._room()
        try:
            usage = self._folder.usage(self.quotas, room.used if room else None)
            pressing = self._measure(usage, now)
            is_more = self._learn()
            self._choose(usage, room, now, pressing=pressing)
        except (OSError, StoreError) as error:
            self._log.warning("space_not_known", why=str(error))
            return False
        return is_more

    def _look_for_erasures(self, now: float) -> None:
        """Tell who is to be erased, now and then; where the rules cannot be read, the next time."""
        if now < self._next_at.get("erasures", 0.0):
            return
        self._next_at["erasures"] = now + ERASURES_EVERY_S
        try:
            erasures = standing(self._places.courier)
        except StoreError as error:
            self._log.warning("erasures_not_known", why=str(error))
            return
        if erasures:
            self._tell(ErasuresStanding(erasures))

    def _look_for_old_sums(self, now: float) -> None:
        """Tell which sums may go, some at a time, while the clock is believed; where they cannot be read, the next time."""
        if not self.may_expire or now < self._next_at.get("sums", 0.0):
            return
        self._next_at["sums"] = now + SUMS_EVERY_S
        try:
            found = self._sums.disused(self._places.courier, self._days_ago(0))
        except StoreError as error:
            self._log.warning("old_sums_not_known", why=str(error))
            return
        if found.names or found.undated:
            self._tell(found)

    def _delete(self) -> None:
        """Delete what was chosen; what the disk does not let go is tried again at every look, as it is written that it went."""
        for _ in range(self._to_drop.qsize()):
            choice = self._to_drop.get_nowait()
            left = tuple(picture for picture in choice.pictures if not self._deleted(picture))
            done = len(choice.pictures) - len(left)
            if done:
                self._log.info("pictures_expired", count=done, bytes=choice.size, reason=choice.reason)
            if left:
                self._to_drop.put(replace(choice, pictures=left))

    def _deleted(self, picture: Picture) -> bool:
        try:
            self._folder.delete(picture.sha256)
        except OSError as error:
            self._log.warning("picture_not_deleted", sha256=picture.sha256, why=str(error))
            return False
        return True

    @functools.cached_property
    def _old(self) -> OldEntries:
        # At the first use that finds a journal: the gate may not have made it yet.
        return OldEntries(self._places.journal)

    @functools.cached_property
    def _sums(self) -> OldSums:
        return OldSums(self._places.journal)

    def _room(self) -> Room | None:
        """Return how much of the journal's file is in use, None where it cannot be read."""
        try:
            return self._old.room()
        except StoreError:
            return None

    def _measure(self, usage: Usage, now: float) -> bool:
        """Tell how full it is, and look after the ballast; return whether the disk presses. Raises OSError."""
        percents = usage.percents()
        pressing = now - self._full_at < FULL_FOR_S or max(percents["disk"], percents.get("inodes", 0)) >= PRESSING
        is_full = pressing and not self._ballast.is_there()
        if not pressing:
            is_full = not self._ballast.remake(self._folder.free_bytes())
        level = self._levels.take(percents)
        self._tell(Measured(level, self._levels.at(level), tuple(sorted(percents.items())), is_full))
        return pressing

    def _learn(self) -> bool:
        """Take in what the journal says of pictures; where it cannot be read, what is known already has to do."""
        try:
            if self._learning is None:
                self._learning = Learning(self._places.journal, self._folder, self._pictures)
            return self._learning.learn()
        except StoreError as error:
            self._log.warning("pictures_not_learnt", why=str(error))
            if not len(self._pictures):
                self._pictures.lie_there(self._folder.pictures())
            return False

    def _choose(self, usage: Usage, room: Room | None, now: float, *, pressing: bool) -> None:
        is_told = False
        if pressing:
            is_told = self._once("full", now, lambda: self._pictures.to_free(*_needed(usage, self.quotas.ballast)))
        if self._learning is not None and self._learning.is_complete():
            self._once("budget", now, lambda: self._pictures.over(self.quotas))
            if self.may_expire:
                self._once("age", now, lambda: self._pictures.too_old(self._days_ago(self._space.pictures_days)))
        if room is None:
            return
        if pressing and not is_told and not len(self._pictures) and room.free < JOURNAL_ROOM:
            self._outlive("full", None, ONCE_A_S, now)
        elif room.used > self.quotas.journal:
            self._outlive("full", None, RETENTION_EVERY_S, now)
        elif self.may_expire:
            self._outlive("age", self._days_ago(self._space.entries_days), RETENTION_EVERY_S, now)

    def _once(self, reason: str, now: float, choose: Callable[[], Choice]) -> bool:
        """Tell what should go, once a minute for each reason; tell whether it was."""
        if now < self._next_at.get(reason, 0.0):
            return False
        self._next_at[reason] = now + ONCE_A_S
        self._sync = sync_kept(self._places.courier)
        choice = choose()
        for picture in choice.pictures:
            self._pictures.gone(picture.sha256)
        if choice.pictures:
            self._tell(choice)
        return bool(choice.pictures)

    def _is_picture_sent(self, place: Place) -> bool:
        return self._sync.is_picture_sent(place)

    def _outlive(self, reason: str, before_us: int | None, every_s: float, now: float) -> None:
        """Tell which entries may be forgotten. What is done once an hour is one part of the journal, whatever the reason."""
        key = f"entries every {every_s:g} s"
        if now < self._next_at.get(key, 0.0):
            return
        self._next_at[key] = now + every_s
        self._sync = sync_kept(self._places.courier)
        found = self._old.forgettable(self._sync.acked, before_us, self._space.forget_percent)
        if found is not None:
            self._tell(Outlived(found, reason))

    def _days_ago(self, days: int) -> int:
        """Return UTC in microseconds; asked only while the machine's clock is believed."""
        return round(self._utc() * 1e6) - days * DAY_US


def _needed(usage: Usage, ballast: int) -> tuple[int, int]:
    """Return how many bytes and files should go so that it is well again, ballast and all: at least one picture."""
    beyond = {what: usage.used[what] - usage.size[what] * RELIEVED // 100 for what in ("disk", "inodes")}
    free = usage.size["disk"] - usage.used["disk"]
    return max(beyond["disk"], 2 * ballast - free, 1), beyond["inodes"] if usage.size["inodes"] else 0
