"""The stream of pictures up to the registry: after their entries, one at a time, never in the way of entries.

The newest go first, and of those looked at the disputed: what people ask about today shall not wait behind last week's backlog.
"""

import functools
import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from access.contract.sync import PICTURE_BYTES_MAX
from access.entries import EvidenceKept
from edge.courier.errors import RefusalError
from edge.courier.outgoing import Outgoing
from edge.courier.progress import Progress
from edge.courier.registry import Registry
from edge.courier.surroundings import Surroundings
from edge.places import picture_in
from edge.space.disputed import is_disputed
from edge.store.errors import StoreError
from edge.store.evidence import Evidence, EvidenceReader, Place

IDLE_S = 5.0
PICTURE_DEADLINE_S = 60.0  # 200 KB at 64 kbit/s take 25 s
LOOKED_AT_MAX = 500
BATCH = 50


@dataclass(frozen=True, slots=True, order=True)
class _Unseen:
    """Entries of an epoch after seq `after` through seq `through`, whose rowid is `newest`: acknowledged, not looked at."""

    newest: int
    epoch: UUID
    after: int
    through: int


class Waiting:
    """The pictures to choose the next from: of what is acknowledged in each epoch, from the newest downwards, so many at a time.

    What is not acknowledged is not looked at: at a gate that is cut off it is all there is. Rowids tell only what is newer: those
    of a tail that the journal has lost are given again.
    """

    def __init__(self, journal: Outgoing, evidence: EvidenceReader, edge: UUID, progress: Progress) -> None:
        self._journal = journal
        self._evidence = evidence
        self._edge = edge
        self._progress = progress
        self._begin()

    def _begin(self) -> None:
        self._losses = self._progress.losses
        self._through = self._progress.pictures  # the seq of each epoch through which all is in `_unseen`, or was looked at
        self._unseen: list[_Unseen] = []
        self._found: dict[Place, tuple[bool, Evidence]] = {}

    def look(self) -> None:
        """Find what has been acknowledged meanwhile, and look at more of it where there is room. Raises StoreError."""
        if self._progress.losses != self._losses:
            self._begin()
        acked = self._progress.acked
        for epoch in self._journal.epochs(self._edge):
            before, through = self._through.get(epoch, 0), acked.get(epoch, 0)
            if through > before:
                self._unseen.append(_Unseen(self._journal.place(epoch, through), epoch, before, through))
                self._through[epoch] = through
        if self._unseen:
            newest = max(self._unseen)
            is_news = newest.newest > max((one.rowid for _, one in self._found.values()), default=0)
            if len(self._found) < (LOOKED_AT_MAX if is_news else LOOKED_AT_MAX - 2 * BATCH):
                self._look_at(newest)

    def _look_at(self, unseen: _Unseen) -> None:
        epoch, after = unseen.epoch, unseen.after
        read, down_to = self._evidence.through(epoch, unseen.through, after, BATCH)
        fresh = [evidence for evidence in read if not self._progress.is_picture_sent(evidence.place)]
        self._found |= {one.place: (is_disputed(self._evidence.about(one.entry.passage)), one) for one in fresh}
        self._unseen.remove(unseen)
        if down_to > after:
            self._unseen.append(_Unseen(self._journal.place(epoch, down_to), epoch, after, down_to))

    def next(self) -> Evidence | None:
        """Return what goes next."""
        found = max(self._found.values(), key=lambda one: (one[0], one[1].rowid), default=None)
        return None if found is None else found[1]

    def is_more_to_find(self) -> bool:
        """Tell whether there is more that has not been looked at."""
        return bool(self._unseen)

    def done(self, place: Place) -> None:
        """Take out what is dealt with."""
        del self._found[place]
        self._progress.picture_sent(place, self._losses)

    def settle(self) -> None:
        """Note of each epoch, where nothing of it is left, that all of it is dealt with that is acknowledged."""
        left = {epoch for epoch, _ in self._found} | {unseen.epoch for unseen in self._unseen}
        for epoch, seq in self._through.items():
            if epoch not in left:
                self._progress.pictures_through(epoch, seq, self._losses)


class PicturesStream:
    """Sends the pictures that evidence entries name and the evidence store still has."""

    name = "pictures"

    def __init__(
        self,
        journal: Path,
        evidence: Path,
        edge: UUID,
        registry: Registry,
        progress: Progress,
        around: Surroundings,
        log: Any,
    ) -> None:
        self._path = journal
        self._evidence = evidence
        self._edge = edge
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
            self._waiting.done(evidence.place)
        self._waiting.settle()
        return 0.0 if evidence is not None or self._waiting.is_more_to_find() else IDLE_S

    @functools.cached_property
    def _waiting(self) -> Waiting:
        # At the first use: the gate may not have made its journal yet.
        return Waiting(Outgoing(self._path), EvidenceReader(self._path), self._edge, self._progress)

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
        path = picture_in(self._evidence, evidence.sha256)
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
