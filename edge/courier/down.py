"""The stream of rules down from the registry: wait for a change, collect all of it, install it at once, have a snapshot built."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Protocol
from urllib.parse import urlencode

from access.contract.sync import RECORDS_PER_PAGE_MAX, RulesPage
from edge.courier.answers import read_answer
from edge.courier.errors import RefusalError, SyncError
from edge.courier.page_size import PageSize
from edge.courier.progress import Progress
from edge.courier.registry import Registry
from edge.courier.snapshots import forget_from, is_whole, snapshot_path
from edge.courier.surroundings import Surroundings
from edge.messages import SnapshotReady
from edge.store.received import Received

WAIT_S = 20
POLL_DEADLINE_S = 30.0
PAUSE_S = 0.5  # after a poll that brought nothing; less than the two seconds that a change may take
PAGES_MAX = 200_000  # of the smallest: ten million records


class SnapshotPass(Protocol):
    """What builds the snapshot of the installed rules."""

    def build(self) -> None:
        """Build it. Raises StoreError."""


class RulesStream:
    """Keeps the gate's rules those of the registry. `announce` tells the gate of a snapshot."""

    name = "rules"

    def __init__(
        self,
        received: Received,
        snapshots: Path,
        builder: SnapshotPass,
        registry: Registry,
        progress: Progress,
        around: Surroundings,
        announce: Callable[[SnapshotReady], None],
    ) -> None:
        self._received = received
        self._snapshots = snapshots
        self._builder = builder
        self._registry = registry
        self._progress = progress
        self._clock = around.clock
        self._calendar = around.calendar
        self._announce = announce
        self._announced = -1
        self._size = PageSize(RECORDS_PER_PAGE_MAX, around.clock)

    def step(self) -> float:
        """Ask once; return the seconds until to ask again. Raises SyncError, RefusalError, StoreError."""
        since = self._received.revision()
        if since != self._announced and since > 0:
            self._publish(since)
        arrival = self._received.arrival()
        if arrival is not None and arrival.since == since:
            self._receive(arrival)  # of an earlier step: whether these are the registry's still, the next one asks
            return 0.0
        first = self._page(since)
        told_at = self._clock()
        changed = first.revision != since
        if changed:
            self._received.begin_arrival()
            self._received.arrive(first)
            self._receive(first)
        self._progress.rules_current(told_at)
        return 0.0 if changed else PAUSE_S

    def announce_again(self) -> None:
        """Have the next step look at the snapshot, and announce it once more; from any thread."""
        self._announced = -1

    def _page(self, since: int, before: RulesPage | None = None) -> RulesPage:
        """Return the first page of what has changed, as soon as something has; with `before` the one that follows on it.

        Where the registry has none that does, what was laid aside is let go: the next step begins anew.
        """
        try:
            page = self._ask(self._question(since, before))
        except RefusalError as error:
            if error.is_for_good:
                self._received.begin_arrival()
            raise
        if fault := _fault_of(page, since, before):
            self._received.begin_arrival()
            raise SyncError(fault)
        return page

    def _question(self, since: int, before: RulesPage | None) -> Mapping[str, str | int]:
        if before is not None:
            return {"since": since, "wait": 0, "after": before.more or "", "until": before.revision}
        mark = self._received.mark()
        return {"since": since, "wait": WAIT_S} | ({"mark": mark} if mark else {})

    def _ask(self, question: Mapping[str, str | int]) -> RulesPage:
        return self._size.ask(lambda limit: self._ask_for(question, limit), is_cut=lambda page: page.more is not None)

    def _ask_for(self, question: Mapping[str, str | int], limit: int) -> RulesPage:
        query = urlencode({**question, "limit": limit})
        answer = self._registry.ask("GET", f"/rules?{query}", deadline_s=POLL_DEADLINE_S)
        self._progress.contact(self._calendar().timestamp())
        return read_answer(RulesPage, answer, "rules")

    def _receive(self, page: RulesPage) -> None:
        """Collect what follows on a page that is laid aside, and install all; the next step goes on where this breaks off."""
        with self._progress.receiving():
            page = self._last_page(page)
            back = page.revision < page.since
            if back:
                forget_from(self._snapshots, page.revision)
            self._install(page)
            self._progress.rules_installed(page.revision)
            self._publish(page.revision, back=back)

    def _install(self, page: RulesPage) -> None:
        machine_utc, time = self._calendar().timestamp(), self._progress.time_at(self._clock())
        self._received.install(
            page.revision,
            int(machine_utc),
            complete=page.complete,
            mark=page.mark,
            closed_utc=int(time.utc if time else max(machine_utc, self._progress.rules_utc)),
            forgets=time is not None and time.trusted,
        )

    def _last_page(self, page: RulesPage) -> RulesPage:
        for _ in range(PAGES_MAX):
            if page.more is None:
                return page
            page = self._page(page.since, page)
            self._received.arrive(page)
        raise SyncError(f"rules of more than {PAGES_MAX} pages")

    def _publish(self, revision: int, *, back: bool = False) -> None:
        path = snapshot_path(self._snapshots, revision)
        if not is_whole(path):
            self._builder.build()
        self._announce(SnapshotReady(str(path), revision, back))
        self._announced = revision


def _fault_of(page: RulesPage, since: int, before: RulesPage | None) -> str:
    """Say why a page cannot be ("": it can): half of one revision and half of another must never be installed."""
    if page.since != since or (before is not None and _rules_of(page) != _rules_of(before)):
        return "a page of other rules than those asked for"
    if page.revision < since and not page.complete:
        return f"changes up to revision {page.revision} after revision {since}"
    floor = 0 if page.complete else since
    revisions = [*(upsert.revision for upsert in page.upserts), *(gone.revision for gone in page.tombstones)]
    if any(not floor < revision <= page.revision for revision in revisions):
        return f"a change outside revisions {floor + 1} to {page.revision}"
    return ""


def _rules_of(page: RulesPage) -> tuple[int, bool, str]:
    return page.revision, page.complete, page.mark
