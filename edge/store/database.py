"""Opening the journal's database: one writer under a lock, everybody else read-only; what is checked at start."""

import fcntl
import os
import sqlite3
from pathlib import Path
from typing import Self

from edge.store.bare import bare_file
from edge.store.errors import StoreDamagedError, StoreError, StoreLockedError
from edge.store.sqlite import Database, database_at

BUSY_TIMEOUT_MS = 2000
WRITER_BUSY_MS = 1000  # it says no before the lane stops waiting for it
PAGE_BYTES = 512  # each commit writes whole pages of the table and of every index: small ones wear the flash a fifth as much
# Versions in which two connections that write or checkpoint at once can lose a commit ("WAL-reset bug", fixed in 3.51.3).
WAL_RESET_FIXED = ((3, 44, 6), (3, 50, 7), (3, 51, 3))
# What SQLite says where not the file is at fault but the machine around it; anything else at opening is damage.
_NOT_DAMAGE = frozenset(
    {
        *(sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED, sqlite3.SQLITE_PROTOCOL, sqlite3.SQLITE_INTERRUPT, sqlite3.SQLITE_NOMEM),
        *(sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_PERM),
    }
)
# What it says where a page could not be read: that is damage if it cannot be read the next time either.
_READ_FAULTS = frozenset({sqlite3.SQLITE_IOERR_READ, sqlite3.SQLITE_IOERR_SHORT_READ, sqlite3.SQLITE_IOERR_CORRUPTFS})
_PIECE_BYTES = 1024 * 1024
# How a file system says that it has not the shared memory that a write-ahead log needs.
_NO_SHARED_MEMORY = frozenset(
    {
        *(sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_PROTOCOL, sqlite3.SQLITE_IOERR_SHMOPEN, sqlite3.SQLITE_IOERR_SHMSIZE),
        *(sqlite3.SQLITE_IOERR_SHMLOCK, sqlite3.SQLITE_IOERR_SHMMAP),
    }
)
_SETTINGS = ("wal_autocheckpoint=0", "mmap_size=0", "foreign_keys=ON", "trusted_schema=OFF", "secure_delete=ON")
# A file that is made for a log is read without shared memory only by who has it alone; reading takes it, and gives it free again.
_ALONE = ("locking_mode=EXCLUSIVE", "schema_version")
_LOG_OFF = (*_ALONE, "journal_mode=DELETE", "locking_mode=NORMAL", "schema_version", "synchronous=EXTRA")
WITHOUT_LOG = "no write-ahead log on this file system: each commit takes several times as long"


def sqlite_note(version: tuple[int, ...] = sqlite3.sqlite_version_info) -> str:
    """Say for the health page which SQLite runs, and whether it has the WAL-reset bug (harmless with one writer)."""
    name = ".".join(map(str, version))
    fixed = any(version[:2] == good[:2] and version >= good for good in WAL_RESET_FIXED) or version >= max(WAL_RESET_FIXED)
    return f"SQLite {name}" + ("" if fixed else ": has the WAL-reset bug; safe while this gate is the only writer")


class WriterLock:
    """An exclusive lock beside the journal that names its owner; gone with its process."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._descriptor = -1

    def acquire(self) -> Self:
        """Take the lock; raises StoreLockedError naming the owner."""
        self._path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            owner = os.read(descriptor, 200).decode(errors="replace").strip()
            os.close(descriptor)
            raise StoreLockedError(f"{self._path} is held by {owner or 'another process'}; only one gate may write it") from error
        os.ftruncate(descriptor, 0)
        os.write(descriptor, f"process {os.getpid()}, boot {boot_id()}\n".encode())
        self._descriptor = descriptor
        return self

    def release(self) -> None:
        """Give the lock back."""
        if self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = -1


def boot_id() -> str:
    """Return the kernel's id of this boot, or "" where it has none."""
    try:
        return Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
    except OSError:
        return ""


def fault_code(error: sqlite3.Error) -> int:
    """Return SQLite's primary code of an error, 0 where it has none."""
    return getattr(error, "sqlite_errorcode", 0) & 0xFF


def not_opened(path: Path, error: sqlite3.Error, what: str = "opened") -> StoreError:
    """Say why a journal cannot be opened: it is damaged, or something around it is at fault."""
    is_damaged = fault_code(error) not in _NOT_DAMAGE or is_unreadable(path, error)
    return (StoreDamagedError if is_damaged else StoreError)(f"{path} cannot be {what}: {error}")


def is_unreadable(path: Path, error: sqlite3.Error) -> bool:
    """Tell whether it was in reading that SQLite failed, and a second reading of the whole file fails too: a sector is bad."""
    if getattr(error, "sqlite_errorcode", 0) not in _READ_FAULTS:
        return False
    try:
        file = bare_file(path)
        size = file.size
        return sum(len(file.read(at, _PIECE_BYTES)) for at in range(0, size, _PIECE_BYTES)) < size
    except OSError:
        return True


def open_writer(path: Path) -> Database:
    """Open for writing, every commit synced: WAL, checkpoints by our own hand when the gate is quiet. Raises StoreError.

    Where the file system does not allow WAL: a rollback journal, with its folder synced too.
    """
    db = connected(path)
    try:
        settings: tuple[str, ...] = ("synchronous=FULL",)
        if not _turn_log_on(db):
            db.close()  # it has tried to share memory, and would again
            db, settings = connected(path), _LOG_OFF
        for pragma in (*settings, *_SETTINGS):
            db.execute(f"PRAGMA {pragma}").fetchall()
    except sqlite3.Error as error:
        db.close()
        raise not_opened(path, error) from error
    return db


def connected(path: Path) -> Database:
    """Open a file to write, or a new one with pages as journals have them. Raises StoreError."""
    try:
        db = database_at(path, WRITER_BUSY_MS / 1000)
        db.execute(f"PRAGMA page_size={PAGE_BYTES}")  # of a file that is new
    except sqlite3.Error as error:
        raise not_opened(path, error) from error
    return db


def _turn_log_on(db: Database) -> bool:
    """Turn the write-ahead log on, and try whether it works."""
    try:
        mode = db.execute("PRAGMA journal_mode=WAL").fetchone()[0]
        db.execute("SELECT count(*) FROM sqlite_schema").fetchone()
    except sqlite3.OperationalError as error:
        if error.sqlite_errorcode not in _NO_SHARED_MEMORY:
            raise
        return False
    return bool(mode == "wal")


def has_log(db: Database) -> bool:
    """Tell whether it is written through a write-ahead log."""
    return bool(db.execute("PRAGMA journal_mode").fetchone()[0] == "wal")


def open_reader(path: Path) -> Database:
    """Open read-only, for the programs that do not write. Raises StoreError."""
    try:
        db = database_at(f"{path.resolve().as_uri()}?mode=ro", BUSY_TIMEOUT_MS / 1000, uri=True)
        db.execute("PRAGMA query_only=ON")
    except sqlite3.Error as error:
        raise not_opened(path, error, "read") from error
    return db
