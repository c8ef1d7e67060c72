"""The stream of pictures up to the registry: after their entries, one at a time, never in the way of entries."""

import functools
import hashlib
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from access.contract.sync import PICTURE_BYTES_MAX
from access.entries import EntryError, EvidenceKept
from access.sealing import Opened
from edge.courier.errors import RegistryError
from edge.courier.progress import Progress
from edge.courier.registry import Registry
from edge.courier.surroundings import Surroundings
from edge.store.errors import StoreError
from edge.store.journal import JournalReader

IDLE_S = 5.0
PICTURE_DEADLINE_S = 60.0  # 200 KB at 64 kbit/s take 25 s
BATCH = 50
# Refusals of this very picture; sending it again would not help.
ABOUT_THE_PICTURE = frozenset({400, 404, 413, 415, 422})


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
        """Deal with the next few; return the seconds until there may be more. Raises SyncError, RegistryError, StoreError."""
        try:
            waiting = self._journal.evidence_after(self._progress.pictures, BATCH)
        except EntryError as error:
            raise StoreError(f"an evidence entry cannot be read: {error}") from error
        self._progress.fault(self.name, "")
        for rowid, entry in waiting:
            if entry.seq > self._progress.acked.get(entry.epoch, 0):
                return IDLE_S  # a picture never comes before its entry
            self._send(entry)
            self._progress.pictures_through(rowid)
        return 0.0 if waiting else IDLE_S

    @functools.cached_property
    def _journal(self) -> JournalReader:
        return JournalReader(self._path)

    def _send(self, entry: Opened) -> None:
        try:
            evidence = entry.body()
        except EntryError as error:
            self._log.warning("evidence_unreadable", seq=entry.seq, why=str(error))
            return
        assert isinstance(evidence, EvidenceKept), "the journal was asked for evidence"
        picture = self._read(evidence)
        if picture is None:
            return
        query = urlencode({"capture": evidence.capture, "camera": evidence.camera})
        path = f"/pictures/{evidence.sha256}?{query}"
        try:
            self._registry.ask("PUT", path, picture, content_type="image/jpeg", deadline_s=PICTURE_DEADLINE_S)
        except RegistryError as error:
            if error.status not in ABOUT_THE_PICTURE:
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
