"""When a journal must begin a new epoch: what is remembered beside it, or noted in it, does not fit what it holds."""

from dataclasses import dataclass, replace
from uuid import UUID

import sqlite_utils

from access.contract.checkpoints import Checkpoint
from access.entries import GapDeclared
from access.sealing import unseal
from edge.store.recovery import Renewal, noted_renewal


@dataclass(frozen=True, slots=True)
class Remembered:
    """What is known of a journal from elsewhere: where it lives ("": do not ask), and the newest head that was kept of it."""

    home: str = ""
    checkpoint: Checkpoint | None = None

    def keep(self, db: sqlite_utils.Database) -> None:
        """Note in the journal where it lives."""
        if self.home and self.home != _noted_home(db):
            with db.atomic():
                db.execute("INSERT OR REPLACE INTO notes VALUES ('home', ?)", (self.home,))


def renewal_due(db: sqlite_utils.Database, edge: UUID, remembered: Remembered, *, tail_lost: bool) -> Renewal | None:
    """Say why a new epoch must begin, None where the journal goes on as it is."""
    newest = db.execute("SELECT epoch, seq, canonical FROM entries ORDER BY rowid DESC LIMIT 1").fetchone()
    noted = noted_renewal(db)
    checkpoint = remembered.checkpoint
    if newest is None:
        return noted or _begun(checkpoint)
    epoch, seq, canonical = UUID(bytes=newest[0]), newest[1], newest[2]
    if noted is not None:
        behind = _against(checkpoint, db, epoch, seq) if checkpoint is not None else None
        return noted if behind is None else replace(noted, gaps=(*noted.gaps, *behind.gaps))
    if unseal(canonical).edge != edge:
        return Renewal("enrolled")
    if remembered.home and _noted_home(db) not in ("", remembered.home):
        return Renewal("cloned", "journal_cloned", "the file was made on another machine, or is a copy")
    if tail_lost:
        gap = GapDeclared(epoch.hex, seq + 1, 0, "log_lost")
        return Renewal("rebuilt", "journal_tail_lost", "the write-ahead log is gone", (gap,))
    return None if checkpoint is None else _against(checkpoint, db, epoch, seq)


def _begun(checkpoint: Checkpoint | None) -> Renewal:
    """Begin a new journal: the first, or in the place of one that is gone."""
    if checkpoint is None:
        return Renewal("created")
    gap = GapDeclared(checkpoint.epoch.hex, 1, 0, "file_lost")
    return Renewal("rebuilt", "journal_tail_lost", "the journal's file is gone", (gap,))


def _against(checkpoint: Checkpoint, db: sqlite_utils.Database, epoch: UUID, seq: int) -> Renewal | None:
    """Compare with the kept head; one of an earlier epoch was settled as that ended."""
    known = db.execute("SELECT 1 FROM epochs WHERE epoch = ?", (checkpoint.epoch.bytes,)).fetchone()
    if known is None:
        gap = GapDeclared(checkpoint.epoch.hex, 1, 0, "behind_head")
        return Renewal("restored", "journal_restored", "an epoch that was begun is not here", (gap,))
    if checkpoint.epoch != epoch:
        return None
    if seq < checkpoint.seq:
        gap = GapDeclared(epoch.hex, seq + 1, 0, "behind_head")
        return Renewal("rebuilt", "journal_tail_lost", f"entries through {checkpoint.seq} were written", (gap,))
    row = db.execute("SELECT hash FROM entries WHERE epoch = ? AND seq = ?", (epoch.bytes, checkpoint.seq)).fetchone()
    if row is not None and row[0].hex() != checkpoint.head:
        return Renewal("rebuilt", "journal_changed", f"entry {checkpoint.seq} is another than was signed")
    return None


def _noted_home(db: sqlite_utils.Database) -> str:
    row = db.execute("SELECT value FROM notes WHERE name = 'home'").fetchone()
    return str(row[0]) if row else ""
