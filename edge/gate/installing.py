"""New rules on their way in: mapped and hashed outside the consumer's time, then handed over between two events."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from access.snapshot import Snapshot, SnapshotError
from edge.gate.events import SnapshotInstalled
from edge.store.rules import fingerprint, let_go, map_snapshot, newest_first


class Installing:
    """Called by one thread at a time: first the consumer's, as the program begins, then the link's."""

    def __init__(self, folder: Path, put: Callable[[SnapshotInstalled], None], log: Any) -> None:
        self._folder = folder
        self._put = put
        self._log = log
        self._latest: Snapshot | None = None

    def newest(self) -> None:
        """Hand over the newest snapshot in the folder that is whole."""
        any(self.install(path) for path in newest_first(self._folder))

    def install(self, path: Path, serial: int = 0, *, back: bool = False) -> bool:
        """Hand a snapshot over; tell whether it is whole. `serial`, `back`: see `edge.messages.SnapshotReady`."""
        if path.parent.resolve() != self._folder.resolve():
            self._log.error("snapshot_refused", why="outside the snapshots folder")
            return False
        try:
            snapshot = map_snapshot(path)
            digest = fingerprint(path)
        except (SnapshotError, OSError) as error:
            self._log.error("snapshot_refused", why=str(error))
            return False
        before, self._latest = self._latest, snapshot
        self._put(SnapshotInstalled(snapshot, digest, back, str(path), serial))
        if before is not None and before.whole is not snapshot.whole:
            let_go(before.whole)
        return True
