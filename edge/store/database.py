"""Opening the journal's database: one writer under a lock, everybody else read-only; what is checked at start."""

import fcntl
import os
import sqlite3
from contextlib import ExitStack, closing
from pathlib import Path
from typing import Self

import sqlite_utils

from edge.store.errors import StoreError, StoreLockedError

BUSY_TIMEOUT_MS = 2000
# Versions in which two connections that write or checkpoint at once can lose a commit ("WAL-reset bug", fixed in 3.51.3).
WAL_RESET_FIXED = ((3, 44, 6), (3, 50, 7), (3, 51, 3))


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


def open_writer(path: Path) -> sqlite_utils.Database:
    """Open for writing: WAL, every commit synced, checkpoints by our own hand when the gate is quiet. Raises StoreError."""
    with ExitStack() as undo:
        try:
            connection = undo.enter_context(closing(sqlite3.connect(path, timeout=BUSY_TIMEOUT_MS / 1000)))
            mode = connection.execute("PRAGMA journal_mode=WAL").fetchone()[0]
            for pragma in ("synchronous=FULL", "wal_autocheckpoint=0", "mmap_size=0", "foreign_keys=ON", "trusted_schema=OFF"):
                connection.execute(f"PRAGMA {pragma}")
        except sqlite3.Error as error:
            raise StoreError(f"{path} cannot be opened: {error}") from error
        if mode != "wal":
            raise StoreError(f"{path}: the file system does not allow WAL (journal mode stays {mode})")
        undo.pop_all()
    return sqlite_utils.Database(connection)


def open_reader(path: Path) -> sqlite_utils.Database:
    """Open read-only, for the programs that do not write. Raises StoreError."""
    try:
        connection = sqlite3.connect(
            f"{path.resolve().as_uri()}?mode=ro", uri=True, timeout=BUSY_TIMEOUT_MS / 1000, check_same_thread=False
        )
        connection.execute("PRAGMA query_only=ON")
        return sqlite_utils.Database(connection)
    except sqlite3.Error as error:
        raise StoreError(f"{path} cannot be read: {error}") from error
