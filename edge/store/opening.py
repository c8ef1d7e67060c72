"""Opening the journal's file: not over a network, not of a later version, sound or made anew of what is left; a backup first."""

import sqlite3
import time
from contextlib import ExitStack, closing
from pathlib import Path

import cbor2
import sqlite_utils

from access.chain import link
from access.entries import EntryError
from access.presence import Presence
from edge.store.backup import back_up
from edge.store.database import fault_code, not_opened, open_reader, open_writer
from edge.store.errors import StoreDamagedError, StoreError
from edge.store.migrations import bring_up, pending
from edge.store.presence import load
from edge.store.recovery import Alive, finish_rebuilding, noted_renewal, rebuild
from edge.store.whereabouts import refuse_network

LOOK_FOR_DAMAGE_S = 3.0  # at a start; what is not looked at then, the scrub comes to
NEWEST_CHECKED = 200
_OPCODES_BETWEEN_LOOKS = 50_000


def opened(path: Path, utc_us: int, alive: Alive) -> tuple[sqlite_utils.Database, Presence]:
    """Open a journal to write, with what its entries add up to; one that is damaged is set aside first. Raises StoreError."""
    refuse_network(path)
    finish_rebuilding(path)
    try:
        return _opened(path, utc_us)
    except StoreDamagedError as error:
        rebuild(path, utc_us, str(error.__cause__ or error), alive)
    return _opened(path, utc_us)


def _opened(path: Path, utc_us: int) -> tuple[sqlite_utils.Database, Presence]:
    with ExitStack() as undo:
        try:
            if path.exists() and path.stat().st_size and _is_behind(path):
                back_up(path, utc_us)
            db = open_writer(path)
            undo.callback(db.close)
            bring_up(db)
            _look_for_damage(db)
            presence = load(db)
        except (sqlite3.Error, EntryError, cbor2.CBORDecodeError, UnicodeDecodeError) as error:
            raise _told(path, error) from error
        undo.pop_all()
    return db, presence


def _told(path: Path, error: Exception) -> StoreError:
    return not_opened(path, error) if isinstance(error, sqlite3.Error) else StoreDamagedError(f"{path} is damaged: {error}")


def _is_behind(path: Path) -> bool:
    """Tell, without a byte being written, whether there are entries and steps of the schema are missing."""
    with closing(open_reader(path)) as db:
        missing = pending(db)
        return bool(missing) and db.table("entries").exists() and db.table("entries").count > 0


def _look_for_damage(db: sqlite_utils.Database) -> None:
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


# Of the newest epoch: it has no holes, a new one begins where there are some.
_NEWEST = """
    SELECT seq, canonical, previous, hash FROM entries
    WHERE epoch = (SELECT epoch FROM entries ORDER BY rowid DESC LIMIT 1) ORDER BY seq DESC LIMIT ?
"""


def _quick_check(db: sqlite_utils.Database) -> str:
    """Let SQLite look at its pages for some seconds; "ok" also where it has found nothing until then."""
    until = time.monotonic() + LOOK_FOR_DAMAGE_S
    db.conn.set_progress_handler(lambda: time.monotonic() > until, _OPCODES_BETWEEN_LOOKS)
    try:
        return str(db.execute("PRAGMA quick_check(1)").fetchone()[0])
    except sqlite3.OperationalError as error:
        if fault_code(error) != sqlite3.SQLITE_INTERRUPT:
            raise
        return "ok"
    finally:
        db.conn.set_progress_handler(None, 0)
