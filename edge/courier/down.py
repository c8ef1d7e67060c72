"""The stream of rules down from the registry: wait for a change, collect all of it, install it at once, have a snapshot built."""

from collections.abc import Callable
from pathlib import Path
from typing import Protocol
from urllib.parse import urlencode

from pydantic import ValidationError

from access.contract.sync import RulesPage
from edge.courier.errors import SyncError
from edge.courier.progress import Progress
from edge.courier.registry import Registry
from edge.courier.snapshots import forget_from, is_whole, snapshot_path
from edge.courier.surroundings import Surroundings
from edge.messages import SnapshotReady
from edge.store.received import Received

WAIT_S = 20
POLL_DEADLINE_S = 30.0
PAUSE_S = 0.5  # after a poll that brought nothing; less than the two seconds that a change may take
PAGES_MAX = 5_000


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
        self._calendar = around.calendar
        self._announce = announce
        self._announced = -1

    def step(self) -> float:
        """Ask once; return the seconds until to ask again. Raises SyncError, RefusalError, StoreError."""
        since = self._received.revision()
        if since != self._announced and since > 0:
            self._publish(since)
        first = self._page(since)
        changed = first.revision != since
        if changed:
            with self._progress.receiving():
                self._receive(first)
        self._progress.rules_current(first.revision, self._calendar().timestamp())
        return 0.0 if changed else PAUSE_S

    def _page(self, since: int, first: RulesPage | None = None, after: str = "") -> RulesPage:
        asked: dict[str, str | int] = {"since": since, "wait": WAIT_S}
        if first is not None:
            asked = {"since": since, "wait": 0, "after": after, "until": first.revision}
        elif mark := self._received.mark():
            asked["mark"] = mark
        answer = self._registry.ask("GET", f"/rules?{urlencode(asked)}", deadline_s=POLL_DEADLINE_S)
        self._progress.contact(self._calendar().timestamp())
        try:
            page = RulesPage.model_validate_json(answer)
        except ValidationError as error:
            raise SyncError(f"rules of another version: {error.errors()[0]['msg']}") from error
        _check(page, since, first)
        return page

    def _receive(self, first: RulesPage) -> None:
        self._received.begin_arrival()
        self._received.arrive(first)
        page, pages = first, 1
        while page.more is not None:
            if pages == PAGES_MAX:
                raise SyncError(f"rules of more than {PAGES_MAX} pages")
            page, pages = self._page(first.since, first, page.more), pages + 1
            self._received.arrive(page)
        back = first.revision < first.since
        if back:
            forget_from(self._snapshots, first.revision)
        at_utc = int(self._calendar().timestamp())
        self._received.install(first.revision, at_utc, complete=first.complete, mark=first.mark)
        self._publish(first.revision, back=back)

    def _publish(self, revision: int, *, back: bool = False) -> None:
        path = snapshot_path(self._snapshots, revision)
        if not is_whole(path):
            self._builder.build()
        self._announce(SnapshotReady(str(path), revision, back))
        self._announced = revision


def _check(page: RulesPage, since: int, first: RulesPage | None) -> None:
    """Refuse pages that do not belong together: half of one revision and half of another must never be installed."""
    if page.since != since or (first is not None and (page.revision, page.complete) != (first.revision, first.complete)):
        raise SyncError("a page of other rules than those asked for")
    if page.revision < since and not page.complete:
        raise SyncError(f"changes up to revision {page.revision} after revision {since}")
    floor = 0 if page.complete else since
    revisions = [*(upsert.revision for upsert in page.upserts), *(gone.revision for gone in page.tombstones)]
    if any(not floor < revision <= page.revision for revision in revisions):
        raise SyncError(f"a change outside revisions {floor + 1} to {page.revision}")
