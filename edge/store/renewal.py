"""When a journal must begin a new epoch: what is remembered beside it, or noted in it, does not fit what it holds."""

import json
from dataclasses import asdict, dataclass, replace
from uuid import UUID

from access.contract.checkpoints import Checkpoint
from access.entries import GapDeclared
from access.sealing import unseal
from edge.store.mark import LastKnown, Tip
from edge.store.sqlite import Database


@dataclass(frozen=True, slots=True)
class Renewal:
    """Why the next start begins a new epoch: noted in the journal until it has."""

    reason: str
    alarm: str = ""
    detail: str = ""
    gaps: tuple[GapDeclared, ...] = ()


@dataclass(frozen=True, slots=True)
class Remembered:
    """What is known of a journal from elsewhere: where it lives ("": do not ask), and the newest head that was kept of it."""

    home: str = ""
    checkpoint: Checkpoint | None = None

    def keep(self, db: Database) -> None:
        """Note in the journal where it lives."""
        if self.home and self.home != _noted_home(db):
            with db.atomic():
                db.execute("INSERT OR REPLACE INTO notes VALUES ('home', ?)", (self.home,))


_GONE = Renewal("rebuilt", "journal_tail_lost", "the journal's file is gone")


def note_renewal(db: Database, renewal: Renewal) -> None:
    """Keep it for the next start; within the caller's transaction."""
    db.execute("INSERT OR REPLACE INTO notes VALUES ('renewal', ?)", (json.dumps(asdict(renewal)),))


def noted_renewal(db: Database) -> Renewal | None:
    """Return what was noted, if anything."""
    row = db.execute("SELECT value FROM notes WHERE name = 'renewal'").fetchone()
    if row is None:
        return None
    fields = json.loads(row[0])
    return Renewal(**fields | {"gaps": tuple(GapDeclared(**gap) for gap in fields["gaps"])})


def renewal_due(db: Database, edge: UUID, remembered: Remembered, known: LastKnown) -> Renewal | None:
    """Say why a new epoch must begin, with all that is lost; None where the journal goes on as it is."""
    found = _newest(db)
    lost = loss_unsaid(db, remembered.checkpoint, known)
    gaps = lost.gaps if lost else ()
    noted = noted_renewal(db)
    if noted is not None:
        said = {(gap.epoch, gap.first) for gap in noted.gaps}
        return replace(noted, gaps=(*noted.gaps, *(gap for gap in gaps if (gap.epoch, gap.first) not in said)))
    if found is None:
        return lost or (_GONE if known.log_lost or known.tip else Renewal("created"))
    if _edge_of(db) != edge:
        return Renewal("enrolled", gaps=gaps)
    if remembered.home and _noted_home(db) not in ("", remembered.home):
        return Renewal("cloned", "journal_cloned", "the file was made on another machine, or is a copy", gaps)
    return lost


def loss_unsaid(db: Database, checkpoint: Checkpoint | None, known: LastKnown) -> Renewal | None:
    """Say what is gone from the end, by the head that was kept and by what is known; the next start will declare it."""
    return _behind(db, known) or _against(checkpoint, db, _newest(db))


def lost_at_end(db: Database, known: LastKnown) -> tuple[GapDeclared, ...]:
    """Name what was written and is not at the end any more; of what a log held that is gone nobody knows how much."""
    tip, found = known.tip, _newest(db)
    if tip is not None:
        (last,) = db.execute("SELECT coalesce(max(seq), 0) FROM entries WHERE epoch = ?", (tip.epoch.bytes,)).fetchone()
        return (GapDeclared(tip.epoch.hex, last + 1, tip.seq, "disk_bad"),) if last < tip.seq else ()
    return (GapDeclared(found.epoch.hex, found.seq + 1, 0, "log_lost"),) if known.log_lost and found is not None else ()


def _newest(db: Database) -> Tip | None:
    row = db.execute("SELECT epoch, seq, hash FROM entries ORDER BY rowid DESC LIMIT 1").fetchone()
    return Tip(UUID(bytes=row[0]), row[1], row[2]) if row else None


def _edge_of(db: Database) -> UUID:
    (canonical,) = db.execute("SELECT canonical FROM entries ORDER BY rowid DESC LIMIT 1").fetchone()
    return unseal(canonical).edge


def _behind(db: Database, known: LastKnown) -> Renewal | None:
    gaps = lost_at_end(db, known)
    why = "the write-ahead log is gone" if known.tip is None else f"entries through {known.tip.seq} were written"
    return Renewal("rebuilt", "journal_tail_lost", why, gaps) if gaps else None


def _against(checkpoint: Checkpoint | None, db: Database, found: Tip | None) -> Renewal | None:
    """Compare with the kept head; one of an earlier epoch was settled as that ended."""
    if checkpoint is None:
        return None
    if found is None:
        return replace(_GONE, gaps=(GapDeclared(checkpoint.epoch.hex, 1, 0, "file_lost"),))
    known = db.execute("SELECT 1 FROM epochs WHERE epoch = ?", (checkpoint.epoch.bytes,)).fetchone()
    if known is None:
        gap = GapDeclared(checkpoint.epoch.hex, 1, 0, "behind_head")
        return Renewal("restored", "journal_restored", "an epoch that was begun is not here", (gap,))
    if checkpoint.epoch != found.epoch:
        return None
    if found.seq < checkpoint.seq:
        gap = GapDeclared(found.epoch.hex, found.seq + 1, 0, "behind_head")
        return Renewal("rebuilt", "journal_tail_lost", f"entries through {checkpoint.seq} were written", (gap,))
    query = "SELECT hash FROM entries WHERE epoch = ? AND seq = ?"
    row = db.execute(query, (found.epoch.bytes, checkpoint.seq)).fetchone()
    if row is not None and row[0].hex() != checkpoint.head:
        return Renewal("rebuilt", "journal_changed", f"entry {checkpoint.seq} is another than was signed")
    return None


def _noted_home(db: Database) -> str:
    row = db.execute("SELECT value FROM notes WHERE name = 'home'").fetchone()
    return str(row[0]) if row else ""
