"""Entries that have rotted at the gate, fetched from the registry."""

from collections.abc import Callable
from queue import Empty, Queue
from typing import Any

from pydantic import ValidationError

from access.cbor import CborError, loads
from access.contract.sync import SentEntry
from edge.courier.errors import RefusalError, SyncError
from edge.courier.progress import Progress
from edge.courier.registry import Registry
from edge.messages import EntryFetched, EntryWanted

WANTED_MAX = 200  # the gate asks again at each greeting
IDLE_S = 60.0


class RottenStream:
    """Asks for what the gate wants, one after the other; `tell` takes messages to the gate."""

    name = "rotten"

    def __init__(self, registry: Registry, progress: Progress, tell: Callable[[Any], object]) -> None:
        self._registry = registry
        self._progress = progress
        self._tell = tell
        self._wanted: Queue[EntryWanted] = Queue(WANTED_MAX)
        self._asked: EntryWanted | None = None

    def wanted(self, entry: EntryWanted) -> None:
        """Take what the gate wants; from any thread."""
        if not self._wanted.full():
            self._wanted.put(entry)

    def step(self) -> float:
        """Fetch one; return the seconds until there may be another. Raises SyncError, RefusalError; then it is tried again."""
        try:
            self._asked = self._asked or self._wanted.get_nowait()
        except Empty:
            return IDLE_S
        self._tell(self._fetched(self._asked))
        self._asked = None
        return 0.0

    def _fetched(self, wanted: EntryWanted) -> EntryFetched:
        try:
            answer = self._registry.ask("GET", f"/entries/{wanted.epoch}/{wanted.seq}")
            sent = SentEntry.model_validate(loads(answer))
        except RefusalError as error:
            # Only where it says so of the entry itself: a registry of another version may not know the question.
            if error.status != 404 or error.facts.get("field") != "seq":
                raise
            return EntryFetched(wanted.epoch, wanted.seq)
        except (ValidationError, CborError) as error:
            # Without what was wrong with it: the error's own words show what may be personal.
            raise SyncError("an entry of another version") from error
        return EntryFetched(wanted.epoch, wanted.seq, sent.canonical, sent.personal)
