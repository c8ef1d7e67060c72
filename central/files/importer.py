"""The thread of the serving program that works on imports, one at a time; it ends when nothing is left, and is woken for more."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final
from uuid import UUID

import structlog
from sqlalchemy.exc import SQLAlchemyError

from central.errors import RegistryError
from central.files import repository
from central.files.running import StoppedError, end, run
from central.jobs import repeated
from central.registry import Registry

LOOKS_S: Final = 10.0
log = structlog.get_logger("central.files")


class Importer:
    """Works on all imports that wait, those first that were left in the middle."""

    def __init__(self, registry: Registry) -> None:
        self._registry = registry
        self._lock = threading.Lock()
        self._stopping = threading.Event()
        self._thread: threading.Thread | None = None

    def wake(self) -> None:
        """See to what waits, now."""
        with self._lock:
            if self._thread is None and not self._stopping.is_set():
                self._thread = threading.Thread(target=self._work, name="imports", daemon=True)
                self._thread.start()

    @contextmanager
    def working(self) -> Iterator[None]:
        """Work while the block lasts, first on what was left in the middle, also by another worker that died."""
        self.wake()
        try:
            with repeated("imports", self.wake, LOOKS_S):
                yield
        finally:
            self.stop()

    def stop(self) -> None:
        """End after the chunk that is being worked on; the next start goes on behind it."""
        with self._lock:
            self._stopping.set()
            thread = self._thread
        if thread is not None:
            thread.join()

    def _work(self) -> None:
        while (import_id := self._next()) is not None:
            if not self._run_alone(import_id):
                with self._lock:
                    self._thread = None
                return

    def _next(self) -> UUID | None:
        """Return what to work on; under the lock, so that who wakes us is either seen here or starts another thread."""
        with self._lock:
            found = None
            try:
                if not self._stopping.is_set():
                    with self._registry.read() as work:
                        found = repository.next_of_server(work.session)
            except SQLAlchemyError:
                log.exception("imports cannot be looked up")
            if found is None:
                self._thread = None
            return found

    def _run_alone(self, import_id: UUID) -> bool:
        """Run an import, unless another worker runs one: it sees to what waits as well, and we look again in a while."""
        try:
            with self._registry.database.alone("imports") as mine:
                if mine:
                    self._run(import_id)
                return mine
        except SQLAlchemyError:
            log.exception("imports cannot be worked on now")
            return False

    def _run(self, import_id: UUID) -> None:
        try:
            run(self._registry, import_id, wanted=lambda: not self._stopping.is_set())
        except StoppedError:
            log.info("an import was stopped", id=str(import_id))
        except Exception:
            log.exception("an import failed", id=str(import_id))
            self._set_aside(import_id)

    def _set_aside(self, import_id: UUID) -> None:
        """Let a failed import not be begun again and again: its file stays, and it can be resumed."""
        words = "a fault of the registry; it has been written down"
        try:
            end(self._registry, import_id, "failed", RegistryError(words, 500), keeps_file=True)
        except (SQLAlchemyError, StoppedError):
            log.exception("an import is left as it is until the next start", id=str(import_id))
            self._stopping.set()
