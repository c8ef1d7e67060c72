"""Writes for the gate program: stamps and commits entries, holds back what cannot be written, looks after the journal."""

import contextlib
import os
import queue
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Concatenate, ParamSpec, TypeVar
from uuid import UUID

from access.contract.checkpoints import Checkpoint
from access.contract.records import ErasureRecord
from access.entries import AlarmRaised, Body, Draft, HealthNoted, Stamp
from edge.identity import Identity
from edge.places import Places
from edge.store.erasing import Sweeps
from edge.store.errors import StoreError, is_full, is_without_room
from edge.store.head import HeadKeeper, kept_head
from edge.store.held import Held, Unwritten
from edge.store.journal import Forgotten, Journal
from edge.store.mending import rotten
from edge.store.pen import Pen, StoreStalledError
from edge.store.renewal import Remembered, Renewal
from edge.store.scrub import Rotten
from edge.store.sqlite import Database
from edge.store.whereabouts import home_of

TIDY_EVERY = 50  # commits; when the gate is quiet
TIDY_AT_LATEST = 5000  # commits; even if it never is, so that the write-ahead log does not fill the disk
COMMIT_WITHIN_S = 1.5  # of the two seconds that a card may take; then the lane does as it is set for a store that fails
WRITE_AGAIN_S = 3.0  # a store that is held may take 2 s to say no; a passage must not wait for that all the time
SCRUB_EVERY_S = 6.0
SCRUB_ROWS = 50  # 500 a minute, and no passage waits for more than a few milliseconds of it
Made = TypeVar("Made")
Asked = ParamSpec("Asked")


@dataclass(frozen=True, slots=True)
class Erased:
    """A piece of an erasure was done, or could not be; `is_over`: nothing is left to do for now."""

    is_over: bool


@dataclass(slots=True)
class _Commit:
    """Entries to write together, as long as somebody waits for that."""

    drafts: Sequence[Draft]
    is_given_up: bool = False


class Scribe:
    """The one writer of the journal; lives in the consumer's thread. `now` is monotonic seconds.

    `alive` is called while a damaged journal is made anew, which may take its time; `wake` when something is done that nobody
    waited for.
    """

    def __init__(
        self,
        places: Places,
        identity: Identity,
        log: Any,
        stamp: Callable[[], Stamp],
        make_room: Callable[[], bool],
        alive: Callable[[], None] = lambda: None,
        take_precedence: Callable[[], None] = lambda: None,
        wake: Callable[[], None] = lambda: None,
    ) -> None:
        """Open the journal. `make_room` is asked once where the disk is full, and tells whether it could. Raises StoreError."""
        self._log = log
        self.stamp = stamp
        self._make_room = make_room
        self._is_room_made = False
        self._held = Held()
        self._write_again_at = 0.0
        self._scrub_at = 0.0
        self._stalled = False
        self._told_of_head = False
        self._told_renewal: Renewal | None = None
        self._failed: frozenset[str] = frozenset()
        self._alarms: queue.SimpleQueue[Draft] = queue.SimpleQueue()
        remembered = Remembered(home_of(places.root), kept_head(places.head, identity.key, identity.edge))
        self.journal = self._with_room(
            lambda: Journal(places.journal, identity.edge, self.stamp(), os.urandom, remembered, alive)
        )
        self.rotten: tuple[Rotten, ...] = ()
        """Entries that have rotted: the registry is to be asked for them."""
        self._look_for_rotten()
        self._sweeps = Sweeps(self.journal, places.evidence)
        self._pen = Pen(take_precedence, wake)
        self._heads = HeadKeeper(places.head, identity.key, self.journal, time.monotonic())
        self._tell_renewal()
        if not self.journal.has_log:
            alarm = self.draft(AlarmRaised("journal_without_log"))
            self._alarms.put(alarm)
            self._held.keep([Unwritten.unchanged(alarm)], self.stamp())

    def ask(self, find: Callable[Concatenate[Database, Asked], Made], *asked: Asked.args, **named: Asked.kwargs) -> Made:
        """Ask the journal as a gate starts, before anything else is written; see `Journal.look`. Raises StoreError.

        Where that comes upon damage the file is made anew first, as in running, and asked once more.
        """
        try:
            return self.journal.look(find, *asked, **named)
        except StoreError:
            if self.journal.is_certain:
                raise
            self._reopen()
            return self.journal.look(find, *asked, **named)

    @property
    def standing(self) -> frozenset[str]:
        """The alarms that stand: entries are held back; some have rotted; the disk has failed in this run."""
        rotten = {"entry_rotten"} if self.rotten else set()
        return frozenset({"store_failed"} if self._held else set()) | self._failed | rotten

    def new_alarms(self) -> Iterator[Draft]:
        """Give the alarms that are new, each once, as they are written: so they are the same ones after a restart."""
        while self.journal.raised:
            yield self.journal.raised.popleft()
        while not self._alarms.empty():
            yield self._alarms.get_nowait()

    @property
    def checkpoint(self) -> Checkpoint | None:
        """The newest signed head."""
        return self._heads.newest

    def draft(self, body: Body, lane: str = "", passage: str = "") -> Draft:
        """Give a body an id of its own."""
        return self.journal.draft(body, self.stamp(), lane, passage)

    def commit(self, drafts: Sequence[Draft]) -> None:
        """Write `drafts`, after those that are held back. Raises StoreError: then none is written, or it will be known later."""
        commit = _Commit(drafts)
        try:
            self._pen.do(lambda: self._commit(commit), COMMIT_WITHIN_S)
        except StoreStalledError:
            self._stalled = commit.is_given_up = True
            raise

    def _commit(self, commit: _Commit) -> None:
        self._with_room(lambda: self._write(commit))

    def _with_room(self, act: Callable[[], Made]) -> Made:
        """Do something, once more where the disk was full and room could be made. Raises StoreError."""
        try:
            return act()
        except StoreError as error:
            if not (is_full(error) and self._make_room()):
                raise
            made = act()
            self._is_room_made = True
            return made

    @property
    def holds_back(self) -> bool:
        """Tell whether entries wait that could not be written: what is read of the journal is not all that has happened."""
        return bool(self._held)

    @property
    def is_settled(self) -> bool:
        """Whether all that has happened is in the journal, and nothing is being written."""
        return self._pen.is_free and not self._held

    def _write(self, commit: _Commit) -> None:
        self._held.write(self.journal, self.stamp())
        if not commit.is_given_up:  # else its entries are among those held back
            self.journal.append(commit.drafts, self.stamp())

    def hold_back(self, entries: Iterable[Unwritten], now: float) -> None:
        """Keep what could not be written for when it can."""
        if not self._held:  # else it would be tried later and later, the more come meanwhile
            self._write_again_at = now + WRITE_AGAIN_S
        self._held.keep(entries, self.stamp())

    def look_after(self, now: float, *, quiet: bool) -> None:
        """Do what takes its time, in bounded pieces: write what is held back, tidy, keep the head, scrub."""
        if not self._pen.is_free:
            return
        if now >= self._write_again_at and (self._held or not self.journal.is_certain):
            self._write_again_at = now + WRITE_AGAIN_S
            self.start(self._write_held_back)
        elif self.journal.is_certain and (job := self._job_due(now, quiet=quiet)) is not None:
            self.start(job)

    def start(self, job: Callable[[], None]) -> None:
        """Have done what nobody waits for, soon; where it fails that is logged."""
        self._pen.start_on(lambda: self._in_background(job))

    @property
    def is_idle(self) -> bool:
        """Whether nothing is being written."""
        return self._pen.is_free

    def _in_background(self, job: Callable[[], None]) -> None:
        """Do it; what fails is due again later."""
        try:
            job()
        except StoreError as error:
            self._log.warning("upkeep_failed", error=str(error))
        except Exception:  # noqa: BLE001 - nobody hears of it otherwise, and the gate must go on
            self._log.exception("upkeep_failed")

    def _job_due(self, now: float, *, quiet: bool) -> Callable[[], None] | None:
        """Return the next piece of work: none takes longer than the disk does, and a commit waits for one at most."""
        if self._stalled:
            self._stalled = False
            return lambda: self._raise("disk_slow")
        if self._is_tidy_due(quiet=quiet):
            return self._tidy
        if self._heads.is_due(now, quiet=quiet):
            return lambda: self._keep_head(now)
        if quiet and now >= self._scrub_at:
            self._scrub_at = now + SCRUB_EVERY_S
            return self._scrub
        return None

    def _is_tidy_due(self, *, quiet: bool) -> bool:
        """Tell whether the log should be moved: enough is in it, or there is room for that now, the last perhaps."""
        return self._is_room_made or self.journal.unmoved >= (TIDY_EVERY if quiet else TIDY_AT_LATEST)

    def fall_behind(self, epoch: UUID, seq: int) -> None:
        """Begin a new epoch, soon, where the registry has more of this one than there is here; at most once."""
        self.start(lambda: self._fall_behind(epoch, seq))

    def _fall_behind(self, epoch: UUID, seq: int) -> None:
        self.journal.fall_behind(epoch, seq, self.stamp())
        self._tell_renewal()

    def mend(self, place: Rotten, canonical: bytes, personal: bytes) -> None:
        """Put a rotten entry back, soon, as the registry has it; one that it has not (no bytes) is given up."""
        self.start(lambda: self._mend(place, canonical, personal))

    def _mend(self, place: Rotten, canonical: bytes, personal: bytes) -> None:
        if place not in self.rotten:
            return
        if not canonical:
            self.journal.give_up(place, self.stamp())
        elif not self.journal.mend(place.epoch, place.seq, canonical, personal):
            self._log.error("entry_not_mended", epoch=place.epoch.hex, seq=place.seq)
        self._look_for_rotten()
        self._tell_renewal()

    def forget(self, epoch: UUID, through: int, reason: str, tell: Callable[[Forgotten], None]) -> None:
        """Delete some old entries with proof, soon, and `tell` how many; see `Journal.forget`. None where that fails."""
        self.start(lambda: tell(self._forgotten(epoch, through, reason)))

    def _forgotten(self, epoch: UUID, through: int, reason: str) -> Forgotten:
        try:
            return self.journal.forget(epoch, through, self.stamp(), reason)
        except StoreError as error:
            self._log.warning("entries_not_forgotten", why=str(error))
            return Forgotten(0)

    def erase(self, erasures: Sequence[ErasureRecord], tell: Callable[[Erased], None]) -> None:
        """Take a few more rows of who is erased out of the journal, soon, and `tell` whether that was all."""
        self.start(lambda: tell(self._erased(erasures)))

    def _erased(self, erasures: Sequence[ErasureRecord]) -> Erased:
        try:
            return Erased(self._sweeps.step(erasures, self.stamp()))
        except StoreError as error:
            self._log.warning("entries_not_erased", why=str(error))
            return Erased(is_over=True)

    def close(self) -> None:
        """Keep the head and close the journal; one whose disk does not answer is left as it is."""
        if not self._pen.stop():
            return
        if self.journal.is_certain:
            self._keep_head(time.monotonic())
        self.journal.close()

    def _write_held_back(self) -> None:
        """Open the journal anew where that is needed, and write what is held. Raises StoreError: what is not written stays."""
        if not self.journal.is_certain:
            self._reopen()
        self._commit(_Commit([]))

    def _reopen(self) -> None:
        """Trust nothing after an error of the disk: open anew, look, and say that the disk is bad."""
        self._with_room(lambda: self.journal.reopen(self.stamp()))
        self._log.error("disk_bad", seq=self.journal.seq)
        self._failed = frozenset({"disk_bad"})
        self._tell_renewal()
        self._raise("disk_bad")
        self.journal.append([self.draft(HealthNoted("disk", "bad"))], self.stamp())

    def _tell_renewal(self) -> None:
        """Tell once why a new epoch was begun, also where what began it failed after that."""
        why, told = self.journal.renewed, self._told_renewal
        self._told_renewal = why
        if why is not None and why is not told and why.alarm:
            self._log.error("epoch_renewed", reason=why.reason, detail=why.detail)

    def _tidy(self) -> None:
        """Move the write-ahead log while nothing happens: it takes as long as the disk likes."""
        self._is_room_made = False
        self.journal.tidy()

    def _keep_head(self, now: float) -> None:
        try:
            self._heads.keep(now, self.stamp().utc_us)
            self._told_of_head = False
        except OSError as error:
            self._log.error("head_not_kept", error=str(error))
            if self._told_of_head or is_without_room(error):
                return
            self._told_of_head = True
            with contextlib.suppress(StoreError):
                self._raise("disk_bad", "head")

    def _scrub(self) -> None:
        found = self.journal.scrub(SCRUB_ROWS)
        for place in found:
            self._log.error("entry_rotten", epoch=place.epoch.hex, seq=place.seq)
            self._raise("entry_rotten", f"{place.epoch.hex}/{place.seq}")
        if found:
            self._look_for_rotten()

    def _look_for_rotten(self) -> None:
        self.rotten = self.journal.look(rotten, self.journal.edge)

    def _raise(self, alarm: str, detail: str = "") -> None:
        """Write an alarm down and have it shown. Raises StoreError."""
        raised = self.draft(AlarmRaised(alarm, detail))
        self._alarms.put(raised)
        self.journal.append([raised], self.stamp())
