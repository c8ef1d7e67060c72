"""Alarms ahead of a backlog: what people must look at does not wait until the journal comes to it."""

import functools
from collections.abc import Callable
from pathlib import Path
from uuid import UUID

import cbor2

from access.contract.alarms import ALARMS_PER_BATCH_MAX, EarlyAlarm, EarlyAlarms
from access.sealing import fits
from edge.courier.errors import RefusalError
from edge.courier.outgoing import Outgoing
from edge.courier.precedence import Precedence
from edge.courier.progress import Progress
from edge.courier.registry import Registry
from edge.store.following import Bookmark
from edge.store.reader import StoredEntry

IDLE_S = 5.0
TURN_S = 1.0  # time for the journal itself to bring it
LOOKED_BACK = 10_000  # entries: an older alarm that was never sent is no news


class AlarmsStream:
    """Sends alarms that the journal has not brought within TURN_S."""

    name = "alarms"

    def __init__(
        self,
        journal: Path,
        edge: UUID,
        registry: Registry,
        progress: Progress,
        precedence: Precedence,
        clock: Callable[[], float],
    ) -> None:
        self._path = journal
        self._edge = edge
        self._registry = registry
        self._progress = progress
        self._precedence = precedence
        self._clock = clock
        self._waiting_since: float | None = None

    def step(self) -> float:
        """Send what waits; return the seconds until there may be more. Raises SyncError, RefusalError, StoreError."""
        self._dealt_with.look()
        newest = self._journal.last_rowid()
        found = self._journal.alarms_after(self._dealt_with.at, ALARMS_PER_BATCH_MAX)
        waiting = [(epoch, entry) for _, epoch, entry in found if entry.seq > self._progress.acked.get(epoch, 0)]
        if waiting and not self._have_waited():
            return TURN_S
        if waiting:
            self._precedence.waits(self.name)
            self._send([(epoch, entry) for epoch, entry in waiting if epoch in self._journal.epochs(self._edge)])
        self._precedence.rests(self.name)
        self._waiting_since = None
        self._dealt_with.at = found[-1][0] if len(found) == ALARMS_PER_BATCH_MAX else newest
        return 0.0 if waiting else IDLE_S

    @functools.cached_property
    def _journal(self) -> Outgoing:
        return Outgoing(self._path)

    @functools.cached_property
    def _dealt_with(self) -> Bookmark:
        # Through it nothing is left to do.
        return Bookmark(self._journal, max(0, self._journal.last_rowid() - LOOKED_BACK))

    def _have_waited(self) -> bool:
        """Tell whether the journal has had time enough to bring them."""
        if self._waiting_since is None:
            self._waiting_since = self._clock()
        return self._clock() - self._waiting_since >= TURN_S

    def _send(self, waiting: list[tuple[UUID, StoredEntry]]) -> None:
        alarms = tuple(
            EarlyAlarm(epoch=epoch, seq=entry.seq, canonical=entry.canonical, personal=entry.personal)
            for epoch, entry in waiting
            if fits(entry.canonical, entry.personal)  # else the journal brings it, to be parked
        )
        if not alarms:
            return
        body = cbor2.dumps(EarlyAlarms(edge=self._edge, alarms=alarms).model_dump())
        try:
            self._registry.ask("POST", "/alarms", body, content_type="application/cbor")
        except RefusalError as error:
            if not error.is_for_good:
                self._precedence.rests(self.name)  # they go again later; it is not the link that holds them up
                raise
            self._progress.fault(self.name, str(error))  # refused for good: the journal brings them
        else:
            self._progress.fault(self.name, "")
