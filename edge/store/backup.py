"""Copies of the journal by SQLite's backup, never by copying files; walked through before they count."""

import os
import sqlite3
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

from edge.store.database import open_reader
from edge.store.errors import StoreError

BACKUPS = "backups"
KEPT = 2


def back_up(journal: Path, utc_us: int) -> Path:
    """Put a copy into the folder of backups beside it, and let the older ones go but the last. Raises StoreError."""
    folder = journal.parent / BACKUPS
    folder.mkdir(mode=0o700, exist_ok=True)
    copy = folder / datetime.fromtimestamp(utc_us / 1e6, UTC).strftime("journal-%Y%m%dT%H%M%S.%fZ.db")
    copy_to(journal, copy)
    for old in sorted(folder.glob("journal-*.db"))[:-KEPT]:
        old.unlink()
    return copy


def copy_to(journal: Path, copy: Path) -> None:
    """Write the journal's present state into a file of its own, whole or not at all, while its gate runs. Raises StoreError."""
    draft = copy.with_name(copy.name + ".new")
    draft.unlink(missing_ok=True)
    try:
        with closing(open_reader(journal)) as source, closing(sqlite3.connect(draft)) as target:
            source.conn.backup(target)
            target.execute("PRAGMA journal_mode=DELETE")
        draft.chmod(0o600)
        with draft.open("rb") as file:
            os.fsync(file.fileno())
        draft.replace(copy)
    except (sqlite3.Error, OSError) as error:
        draft.unlink(missing_ok=True)
        raise StoreError(f"{journal} cannot be copied to {copy}: {error}") from error
