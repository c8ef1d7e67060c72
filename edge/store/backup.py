"""Copies of the journal by SQLite's backup, never by copying files; walked through before they count."""

import os
import sqlite3
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

from edge.store.database import WriterLock, is_unreadable, open_reader
from edge.store.errors import StoreDamagedError, StoreError
from edge.store.findings import Verdict
from edge.store.migrations import bring_up
from edge.store.renewal import Renewal, note_renewal
from edge.store.replacing import RESTORED, finish_replacing, new_draft, replace
from edge.store.sqlite import database_at
from edge.store.verify import verify

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
    """Write the journal's present state into a file of its own, whole or not at all, while its gate runs.

    Raises StoreError; StoreDamagedError where a page of it cannot be read.
    """
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
        is_bad = isinstance(error, sqlite3.Error) and is_unreadable(journal, error)
        raise (StoreDamagedError if is_bad else StoreError)(f"{journal} cannot be copied to {copy}: {error}") from error


def restore(journal: Path, source: Path, utc_us: int) -> Verdict:
    """Put a copy in the place of the journal, whose gate must be stopped; the present one is set aside.

    The next start begins a new epoch: what was written since the copy was made may be at the registry. Raises StoreError, and
    then all is as it was, or the next start finishes what was begun.
    """
    lock = WriterLock(journal.with_suffix(".lock")).acquire()
    try:
        verdict = verify(source)
        if verdict.faults:
            raise StoreError(f"{source} is damaged: {verdict.faults[0]}")
        finish_replacing(journal)
        draft = new_draft(journal)
        copy_to(source, draft)
        with closing(database_at(draft)) as db:
            bring_up(db)
            with db.atomic():
                note_renewal(db, Renewal("restored", "journal_restored", "put back from a backup"))
        replace(journal, draft, RESTORED, utc_us)
    except (sqlite3.Error, OSError) as error:
        raise StoreError(f"{source} cannot be put back: {error}") from error
    finally:
        lock.release()
    return verdict
