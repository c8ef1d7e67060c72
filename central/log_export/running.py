"""The work on exports that are made beside the serving: one at a time of all workers; one that was left is begun anew."""

import os
import shutil
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Final

import structlog

from central.actors import Actor
from central.errors import RegistryError
from central.jobs import repeated
from central.log.schemas import Search
from central.log.tables import LogExport
from central.log_export import repository, services
from central.log_export.cells import heads
from central.log_export.files import MAKING, check_room, folder, workplace, write_file
from central.log_export.reading import LogRows, StoppedError, count
from central.log_export.words import FORMS, SHEET
from central.registry import Registry

LOOKS_S: Final = 2.0
SWEEPS_S: Final = 600.0
# How often it is told how far an export is, and heard whether it is still wanted.
TOLD_EVERY_S: Final = 0.5
TRIES_MAX: Final = 3
WAITS_S: Final = 0.5
DATABASE, REPLICA, LAG = "GATEHOUSE_DATABASE", "GATEHOUSE_REPLICA", "GATEHOUSE_REPLICA_LAG"
log = structlog.get_logger("central.log_export")


@contextmanager
def log_exports(registry: Registry) -> Iterator[None]:
    """Work on what waits while the block lasts, and delete what has had its day."""
    stopping = threading.Event()
    alone = registry.database.alone
    with (
        repeated("log exports", lambda: _worked_on(registry, stopping), LOOKS_S, alone=alone),
        repeated("old log exports", lambda: sweep(registry), SWEEPS_S, first_after_s=LOOKS_S, alone=alone),
    ):
        try:
            yield
        finally:
            stopping.set()


def _worked_on(registry: Registry, stopping: threading.Event) -> None:
    """Have another process work on what waits, and stay until it has ended."""
    with registry.read() as work:
        if repository.next_unfinished(work.session) is None:
            return
    command = [sys.executable, "-m", "central.log_export.worker", str(registry.pictures.parent)]
    with subprocess.Popen(command, env=os.environ | _surroundings(registry)) as worker:
        while worker.poll() is None:
            if stopping.wait(WAITS_S):
                worker.terminate()
                break
    if worker.returncode:
        log.error("exports cannot be worked on", status=worker.returncode)


def _surroundings(registry: Registry) -> dict[str, str]:
    """Return where the database and its replica are; in the environment, which nobody else can read."""
    replica = registry.replica
    return {
        DATABASE: registry.database.writer.url.render_as_string(hide_password=False),
        REPLICA: "" if replica is None else replica.url.render_as_string(hide_password=False),
        LAG: "0" if replica is None else str(replica.lag_max.total_seconds()),
    }


def work_on_next(registry: Registry, stopped: Callable[[], bool] = lambda: False) -> bool:
    """Work on the export that waits longest; False where none does. Where it is stopped, it waits to be begun anew."""
    if stopped():
        return False
    with registry.write() as work:
        row = repository.next_unfinished(work.session)
        if row is None:
            return False
        row.state, row.tries, row.rows_done = "running", row.tries + 1, 0
        work.session.flush()
        work.session.expunge(row)
    run = _Run(registry, row, stopped)
    try:
        run.work()
    except StoppedError:
        log.info("an export was stopped", id=str(row.id))
        run.wait_again()
    except RegistryError as error:
        run.end("failed", error)
    except Exception:
        log.exception("an export failed", id=str(row.id))
        run.end("failed", RegistryError("a fault of the registry; it has been written down", 500))
    return not stopped()


def sweep(registry: Registry) -> None:
    """Delete exports that have had their day, and files that no export knows."""
    # First: what comes while this goes on is none of its business.
    found = list(folder(registry).iterdir())
    with registry.write() as work:
        for export_id in repository.begun_before(work.session, work.at - services.KEPT):
            repository.drop(work.session, export_id)
        known = repository.known(work.session)
        oldest = (work.at - services.KEPT).timestamp()
    for path in found:
        if path.name.startswith(MAKING):
            if path.exists() and path.stat().st_mtime < oldest:  # of a worker that was killed
                shutil.rmtree(path, ignore_errors=True)
        elif path.name not in {f"{export_id}.{form}" for export_id in known for form in FORMS}:
            path.unlink(missing_ok=True)


@dataclass(slots=True)
class _Run:
    """One try of one export."""

    registry: Registry
    row: LogExport
    stopped: Callable[[], bool]
    told_s: float = field(default=float("-inf"))
    rows: int = 0

    def work(self) -> None:
        """Make the file and put it in its place; StoppedError where it is wanted no more."""
        row, actor = self.row, self._actor()
        if row.tries > TRIES_MAX:
            raise RegistryError("the export was begun {most} times and never came to its end", 500, most=TRIES_MAX)
        wanted, title = Search.model_validate(row.wanted), SHEET[row.language]
        with workplace(folder(self.registry)) as place:
            check_room(place)
            total = count(self.registry, actor, wanted, lambda _done: self._check())
            self._put(rows_total=total)

            def before_each(done: int) -> None:
                self.rows = done
                check_room(place)
                self._check()

            rows = LogRows(self.registry, actor, wanted, row.language, before_each)
            made = write_file(row.form, heads(row.language), rows, place, title, self._is_unwanted)
            self.rows, size = rows.done, made.stat().st_size
            made.replace(services.path_of(self.registry, row))
        if not self.end("done", size=size):
            services.path_of(self.registry, row).unlink(missing_ok=True)

    def end(self, state: str, error: RegistryError | None = None, *, size: int = 0) -> bool:
        """Write down how it ended; False where nobody wants it any more."""
        fault = {} if error is None else {"fault_zh": error.chinese, "fault_en": error.message}
        with self.registry.write() as work:
            values = {"state": state, "finished_at": work.at, "wanted": {}, "rows_done": self.rows, "size": size, **fault}
            is_ours = repository.put(work.session, self.row.id, self.row.tries, values)
        begun = services.Begun(self.row.id, self.row.look_id, self.row.site_id)
        services.ended(self.registry, self._actor(), begun, self.rows, whole=is_ours and state == "done")
        return is_ours

    def wait_again(self) -> None:
        """Let it be begun anew, where it was the server that stopped: that is no fault of it."""
        if self.stopped():
            self._is_put(state="queued", tries=self.row.tries - 1, rows_done=0)

    def _actor(self) -> Actor:
        row = self.row
        return Actor(row.by_name, row.by_role, row.by_site, row.origin, id=row.by_id)

    def _check(self) -> None:
        if self._is_unwanted():
            raise StoppedError

    def _is_unwanted(self) -> bool:
        """Tell, now and then, how far it is, and hear whether it is wanted no more."""
        if self.stopped():
            return True
        now = self.registry.clock()
        if now - self.told_s < TOLD_EVERY_S:
            return False
        self.told_s = now
        return not self._is_put(rows_done=self.rows)

    def _put(self, **values: object) -> None:
        if not self._is_put(**values):
            raise StoppedError

    def _is_put(self, **values: object) -> bool:
        with self.registry.write() as work:
            return repository.put(work.session, self.row.id, self.row.tries, values)
