"""The urgent deny list: from a file that somebody brought, and from the registry while many rules are on their way down."""

from collections.abc import Callable
from urllib.parse import urlencode

from access.contract.deny import DENIED_MAX, DenyList
from edge.courier.answers import read_answer
from edge.courier.down import SnapshotPass
from edge.courier.page_size import PageSize
from edge.courier.progress import Progress
from edge.courier.registry import Registry
from edge.courier.snapshots import snapshot_path
from edge.courier.surroundings import Surroundings
from edge.deny import laid_at, laid_list
from edge.identity import Identity
from edge.messages import SnapshotReady
from edge.places import Places
from edge.store.received import Received

LOOK_S = 0.5
ASK_S = 1.0
ASK_ALL_S = 60.0  # who is no longer denied is told by a list of all
NEVER = float("-inf")


class DenyStream:
    """Folds deny lists into the rules that the gate decides by, at once."""

    name = "deny"

    def __init__(
        self,
        places: Places,
        identity: Identity,
        received: Received,
        builder: SnapshotPass,
        registry: Registry,
        progress: Progress,
        announce: Callable[[SnapshotReady], None],
        around: Surroundings,
    ) -> None:
        self._places = places
        self._identity = identity
        self._received = received
        self._builder = builder
        self._registry = registry
        self._progress = progress
        self._announce = announce
        self._clock = around.clock
        self._calendar = around.calendar
        self._seen: tuple[int, int] | None = None
        self._size = PageSize(DENIED_MAX, around.clock)
        self._asked_through = 0
        self._asked_all_at = NEVER
        self._cut_at = DENIED_MAX  # so many were asked for where not all were named

    def step(self) -> float:
        """Look for a list; return the seconds until to look again. Raises SyncError, RefusalError, StoreError."""
        found = self._place()
        if found is not None and found != self._seen:
            # None where it is none of this registry's: the command that lays it says why.
            if (brought := laid_list(self._places, self._identity)) is not None:
                self._fold(brought)
            self._seen = found  # only now: what could not be taken in is tried again
        self._build_due()  # also what an earlier run laid aside and did not come to build
        revision = self._received.revision()
        if self._progress.is_receiving and revision > 0:
            self._ask(revision)
        return ASK_S if self._progress.is_receiving else LOOK_S

    def _place(self) -> tuple[int, int] | None:
        """Return what tells the file that lies there from an earlier one, None where there is none."""
        try:
            found = laid_at(self._places).stat()
        except OSError:
            return None
        return found.st_mtime_ns, found.st_ino

    def _ask(self, installed: int) -> None:
        """Ask who was denied since the installed rules: for all where it is due, else for what is newer than the last answer."""
        asked_at, limit = self._clock(), self._size.limit
        is_all = self._is_all_due(installed)
        since = installed if is_all else self._asked_through
        denied = self._size.ask(lambda most: self._list(since, most), is_cut=lambda answer: not answer.complete)
        if is_all or denied.denied or denied.gone:
            self._fold(denied if is_all else denied.model_copy(update={"complete": False}))
        else:
            self._progress.denied(denied.serial / 1_000_000)
        # Only now: what could not be taken in is asked for again.
        self._asked_through = denied.revision
        self._cut_at = DENIED_MAX if denied.complete else limit
        if is_all:
            self._asked_all_at = asked_at

    def _is_all_due(self, installed: int) -> bool:
        """Tell whether to ask for all: at first, each minute, and where more of a list that was cut may come through now."""
        is_first = self._asked_through < installed
        return is_first or self._size.limit > self._cut_at or self._clock() - self._asked_all_at >= ASK_ALL_S

    def _list(self, since: int, limit: int) -> DenyList:
        answer = self._registry.ask("GET", f"/deny?{urlencode({'since': since, 'limit': limit})}")
        return read_answer(DenyList, answer, "a deny list")

    def _fold(self, denied: DenyList) -> None:
        self._received.deny(denied, int(self._calendar().timestamp()))
        self._build_due()
        self._progress.denied(self._received.deny_serial() / 1_000_000)

    def _build_due(self) -> None:
        """Build and announce what a list has changed; noted only when it is there: else it is due again. Raises StoreError."""
        if self._received.is_urgent_due():
            self._builder.build()
            self._received.urgent_built()
            self._announce_installed()

    def _announce_installed(self) -> None:
        """Announce the installed revision; again where another was installed meanwhile: else the gate would go back to this."""
        announced = -1
        while (revision := self._received.revision()) != announced:
            self._announce(SnapshotReady(str(snapshot_path(self._places.snapshots, revision)), revision))
            announced = revision
