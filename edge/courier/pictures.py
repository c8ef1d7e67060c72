"""The stream of pictures up to the registry: after their entries, one at a time, never in the way of entries.

The newest go first, and of those looked at the disputed: what people ask about today shall not wait behind last week's backlog.
"""

import functools
import hashlib
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from access.contract.sync import PICTURE_BYTES_MAX
from access.entries import EvidenceKept
from edge.courier.errors import RefusalError
from edge.courier.progress import Progress
from edge.courier.registry import Registry
from edge.courier.surroundings import Surroundings
from edge.space.disputed import is_disputed
from edge.store.errors import StoreError
from edge.store.evidence import Evidence, EvidenceReader

IDLE_S = 5.0
PICTURE_DEADLINE_S = 60.0  # 200 KB at 64 kbit/s take 25 s
LOOKED_AT_MAX = 500
BATCH = 50


class Waiting:
    """The pictures to choose the next from: from the newest entry of the journal downwards, so many at a time."""

    def __init__(self, journal: EvidenceReader, progress: Progress) -> None:
        self._journal = journal
        self._progress = progress
        self._found: dict[int, tuple[bool, Evidence]] = {}
        self._begin()

    def _begin(self) -> None:
        self._found.clear()
        self._losses = self._progress.losses
        self._dealt_with = self._progress.pictures
        self._top = self._journal.newest()
        self._bottom = self._top + 1

    def look(self) -> None:
        """Find what is new, and more of what is old where there is room. Raises StoreError."""
        if self._progress.losses != self._losses:
            self._begin()
        if len(self._found) < LOOKED_AT_MAX:
            newer, self._top = self._journal.after(self._top, BATCH)
            older: list[Evidence] = []
            if self._bottom > self._dealt_with and len(self._found) <= LOOKED_AT_MAX - 2 * BATCH:
                older, self._bottom = self._journal.before(self._bottom, self._dealt_with, BATCH)
            for evidence in (*newer, *older):
                if not self._progress.is_picture_sent(evidence.rowid):
                    about = self._journal.about(evidence.entry.passage)
                    self._found[evidence.rowid] = is_disputed(about), evidence

    def next(self) -> Evidence | None:
        """Return what goes next: a picture never goes before its entry."""
        acked = self._progress.acked
        ready = (rowid for rowid, (_, of) in self._found.items() if of.entry.seq <= acked.get(of.entry.epoch, 0))
        first = max(ready, key=lambda rowid: (self._found[rowid][0], rowid), default=None)
        return None if first is None else self._found[first][1]

    def is_more_to_find(self) -> bool:
        """Tell whether older ones have not been looked at."""
        return self._bottom > self._dealt_with

    def done(self, rowid: int) -> None:
        """Take out what is dealt with."""
        del self._found[rowid]
        self._progress.picture_sent(rowid)

    def settle(self) -> None:
        """Note, where nothing is left, that everything is dealt with."""
        if not self._found and not self.is_more_to_find() and self._dealt_with != self._top:
            self._dealt_with = self._bottom = self._top
            self._progress.pictures_through(self._top)


class PicturesStream:
    """Sends the pictures that evidence entries name and the evidence store still has."""

    name = "pictures"

    def __init__(
        self, journal: Path, evidence: Path, registry: Registry, progress: Progress, around: Surroundings, log: Any
    ) -> None:
        self._path = journal
        self._evidence = evidence
        self._registry = registry
        self._progress = progress
        self._calendar = around.calendar
        self._log = log

    def step(self) -> float:
        """Deal with the next one; return the seconds until there may be more. Raises SyncError, RefusalError, StoreError."""
        self._waiting.look()
        evidence = self._waiting.next()
        if evidence is not None:
            self._send(evidence.picture)
            self._waiting.done(evidence.rowid)
        self._waiting.settle()
        return 0.0 if evidence is not None or self._waiting.is_more_to_find() else IDLE_S

    @functools.cached_property
    def _waiting(self) -> Waiting:
        # At the first use: the gate may not have made its journal yet.
        return Waiting(EvidenceReader(self._path), self._progress)

    def _send(self, evidence: EvidenceKept) -> None:
        picture = self._read(evidence)
        if picture is None:
            return
        query = urlencode({"capture": evidence.capture, "camera": evidence.camera})
        path = f"/pictures/{evidence.sha256}?{query}"
        try:
            self._registry.ask("PUT", path, picture, content_type="image/jpeg", deadline_s=PICTURE_DEADLINE_S)
        except RefusalError as error:
            if not error.is_for_good:
                raise
            self._log.warning("picture_refused", sha256=evidence.sha256, capture=evidence.capture, why=str(error))
        self._progress.contact(self._calendar().timestamp())

    def _read(self, evidence: EvidenceKept) -> bytes | None:
        """Return the picture, or None where it is gone (the evidence store has a budget) or is not what its entry says."""
        path = self._evidence / evidence.sha256[:2] / f"{evidence.sha256}.jpg"
        try:
            with path.open("rb") as file:
                picture = file.read(PICTURE_BYTES_MAX + 1)
        except FileNotFoundError:
            return None
        except OSError as error:
            raise StoreError(f"{path.name} cannot be read: {error}") from error
        if len(picture) > PICTURE_BYTES_MAX or hashlib.sha256(picture).hexdigest() != evidence.sha256:
            self._log.warning("picture_damaged", sha256=evidence.sha256, capture=evidence.capture)
            return None
        return picture
