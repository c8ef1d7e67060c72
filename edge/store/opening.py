"""Opening the journal's file: not over a network, not of a later version, sound or made anew of what is left; a backup first."""

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager, nullcontext, suppress
from dataclasses import dataclass
from pathlib import Path

import cbor2

from access.chain import link
from access.entries import EntryError
from access.presence import Presence
from edge.store.backup import back_up
from edge.store.database import connected, fault_code, not_opened, open_reader, open_writer
from edge.store.errors import StoreDamagedError, StoreError
from edge.store.mark import LastKnown, OpenMark, Tip
from edge.store.migrations import bring_up, pending, refuse_other_shape
from edge.store.presence import load
from edge.store.recovery import Alive, rebuild
from edge.store.renewal import noted_renewal
from edge.store.replacing import finish_replacing
from edge.store.sqlite import Database
from edge.store.whereabouts import refuse_network
from edge.store.writeahead import is_readable, log_of, sound_frames

LOOK_FOR_DAMAGE_S = 3.0  # at a start; what is not looked at then, a question comes upon, or the scrub
NEWEST_CHECKED = 200
_BREAK_OFF_AGAIN_S = 0.05


@dataclass(frozen=True, slots=True)
class OpenedFile:
    """A journal's file as it was found: what its entries add up to; its mark, and what was known of its end."""

    db: Database
    presence: Presence
    mark: OpenMark
    known: LastKnown


def opened(path: Path, utc_us: int, alive: Alive, tip: Tip | None = None, damage: str = "") -> OpenedFile:
    """Open a journal to write; one that is damaged is made anew first, and says what is lost. Raises StoreError.

    `tip`: its newest entry, where this very process has written it; `damage`: what it has found, further in than is looked here.
    """
    refuse_network(path)
    try:
        finish_replacing(path)
        mark = OpenMark(path)
        known = mark.last_known() if tip is None else LastKnown(tip=tip)
        try:
            db, presence = _opened(path, utc_us, damage)
        except StoreDamagedError as error:
            rebuild(path, utc_us, str(error.__cause__ or error), known, alive)
            db, presence = _opened(path, utc_us)
            mark, known = OpenMark(path), LastKnown()
    except OSError as error:
        raise StoreError(f"{path} cannot be opened: {error}") from error
    return OpenedFile(db, presence, mark, known)


def _opened(path: Path, utc_us: int, damage: str = "") -> tuple[Database, Presence]:
    if damage:
        raise StoreDamagedError(damage)
    is_begun = path.exists() and path.stat().st_size > 0
    if not is_begun and is_readable(log_of(path)):
        raise StoreDamagedError("the file is empty, and its write-ahead log is not")
    _roll_back(path)
    with looked_on(path) if is_begun else nullcontext(), ExitStack() as undo:
        try:
            if is_begun and _is_behind(path):
                back_up(path, utc_us)
            db = open_writer(path)
            undo.callback(db.close)
            _look_at_log(db, path)
            bring_up(db)
            refuse_other_shape(db)
            _look_for_damage(db)
            presence = load(db)
        except (sqlite3.Error, EntryError, cbor2.CBORDecodeError, UnicodeDecodeError) as error:
            raise _told(path, error) from error
        undo.pop_all()
    return db, presence


@contextmanager
def looked_on(path: Path) -> Iterator[None]:
    """Have it open beside: who closes a journal last deletes its log, and with it what is behind damage there."""
    with closing(open_reader(path)) as db:
        with suppress(sqlite3.Error):
            db.execute("PRAGMA schema_version").fetchone()
        yield


def _told(path: Path, error: Exception) -> StoreError:
    return not_opened(path, error) if isinstance(error, sqlite3.Error) else StoreDamagedError(f"{path} is damaged: {error}")


def _roll_back(path: Path) -> None:
    """Undo a commit that was cut off, where the file has no log: nobody can read it before that."""
    if path.with_name(path.name + "-journal").exists():
        with closing(connected(path)) as connection, suppress(sqlite3.DatabaseError):  # what is damaged is found out soon
            connection.execute("SELECT count(*) FROM sqlite_schema").fetchone()


def _is_behind(path: Path) -> bool:
    """Tell, without a byte being written, whether there are entries and steps of the schema are missing."""
    with closing(open_reader(path)) as db:
        missing = pending(db)
        there = db.execute("SELECT 1 FROM sqlite_schema WHERE name = 'entries'").fetchone()
        return bool(missing and there and db.execute("SELECT 1 FROM entries LIMIT 1").fetchone())


def _look_for_damage(db: Database) -> None:
    """Raise StoreDamagedError where pages contradict each other, or the newest entries do not chain."""
    verdict = _quick_check(db)
    if verdict != "ok":
        raise StoreDamagedError(verdict)
    if noted_renewal(db) is not None:
        return  # it has just been made anew: its holes are known, and no entry follows them yet
    after: tuple[int, bytes] | None = None
    for seq, canonical, previous, chained in db.execute(_NEWEST, (NEWEST_CHECKED,)):
        if link(previous, canonical) != chained or after not in {None, (seq, chained)}:
            raise StoreDamagedError(f"entry {seq} does not fit its hash: it was damaged or changed")
        after = seq - 1, previous


def _look_at_log(db: Database, path: Path) -> None:
    """Move the log into the file. Raise StoreDamagedError where SQLite does not come to its end: damage hides what is behind.

    One commit behind is what a power cut leaves: it was being written, and none other is begun before it is synced.
    """
    _, logged, _ = db.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchone()
    if logged < 0:
        return  # there is no log
    (page_bytes,) = db.execute("PRAGMA page_size").fetchone()
    if sum(frame.commits for frame in sound_frames(log_of(path), page_bytes, logged)) > 1:
        raise StoreDamagedError(f"frame {logged + 1} of the write-ahead log does not hold, and there are commits behind it")


# Of the newest epoch: it has no holes, a new one begins where there are some.
_NEWEST = """
    SELECT seq, canonical, previous, hash FROM entries
    WHERE epoch = (SELECT epoch FROM entries ORDER BY rowid DESC LIMIT 1) ORDER BY seq DESC LIMIT ?
"""


def _quick_check(db: Database) -> str:
    """Let SQLite look at its pages, for some seconds at those of the entries; "ok" also where it has found nothing until then."""
    for table in db.table_names():
        if table != "entries" and (verdict := _verdict(db, f"quick_check({table})")) != "ok":
            return verdict
    return _quick_check_of_all(db)


def _quick_check_of_all(db: Database) -> str:
    try:
        with _broken_off(db.conn, LOOK_FOR_DAMAGE_S):
            return _verdict(db, "quick_check(1)")
    except sqlite3.OperationalError as error:
        if fault_code(error) != sqlite3.SQLITE_INTERRUPT:
            raise
        return "ok"


@contextmanager
def _broken_off(connection: sqlite3.Connection, after_s: float) -> Iterator[None]:
    """Have SQLite break off what is done within, when the time is up; nothing that comes after is struck.

    From another thread: a progress handler is not called amid a step of SQLite's, and one step may be the walk through all pages.
    More than once: SQLite forgets what comes before the statement has begun.
    """
    is_done = threading.Event()

    def break_off() -> None:
        wait_s = after_s
        while not is_done.wait(wait_s):
            connection.interrupt()
            wait_s = _BREAK_OFF_AGAIN_S

    thread = threading.Thread(target=break_off, daemon=True)
    thread.start()
    try:
        yield
    finally:
        is_done.set()
        thread.join()


def _verdict(db: Database, check: str) -> str:
    return str(db.execute(f"PRAGMA {check}").fetchone()[0])
