"""Taking erased people out of the journal, a few rows at a time: their personal fields go, what the chain stands on stays.

A walk goes through what no walk with the same ids has seen: first it finds their passages and the plates and numbers read there,
then which of these are somebody else's too, then it erases. How far that is stands in the journal itself, so one that is put back
from a backup is walked through again.
"""

import hashlib
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

from access.contract.records import ErasureRecord
from access.entries import Body, EntryError, EvidenceKept, Expired, Stamp
from access.erasing import Eraser
from access.sealing import Opened, unseal
from edge.places import picture_in
from edge.store.errors import StoreError
from edge.store.journal import Journal
from edge.store.received import reading, rule_row
from edge.store.sqlite import Database

STEP_ROWS: Final = 500
# What belongs to one passage lies within so many rows: where a walk goes on, it looks back that far.
MARGIN_ROWS: Final = 2000
_FIND: Final = "SELECT rowid, canonical, personal FROM entries WHERE rowid > ? AND rowid <= ? ORDER BY rowid LIMIT ?"
_DECISIONS: Final = """
    SELECT rowid, canonical, personal FROM entries WHERE rowid > ? AND rowid <= ? AND kind = 'decision' ORDER BY rowid LIMIT ?
"""
_NEXT: Final = "SELECT rowid, utc_us, kind, passage, canonical, personal FROM entries WHERE rowid > ? AND rowid <= ?"


def standing(courier: Path) -> tuple[ErasureRecord, ...]:
    """Return the erasures that the registry tells of by now; none where its rules are not here. Raises StoreError."""
    if not courier.exists():
        return ()
    with reading(courier) as (db, _):
        rows = map(rule_row, db.execute("SELECT kind, id, data FROM rules WHERE kind = 'erasure' AND to_revision IS NULL"))
        try:
            return tuple(ErasureRecord.model_validate(dict(data)) for _, _, data in rows)
        except ValueError as error:
            raise StoreError(f"{courier} has an erasure that is none of this version") from error


class Sweep:
    """One walk for those of the erasures that have come least far; lives in the thread that writes. Raises sqlite3.Error."""

    def __init__(self, db: Database, erasures: Sequence[ErasureRecord]) -> None:
        self._db = db
        (self._end,) = db.execute("SELECT coalesce(max(rowid), 0) FROM entries").fetchone()
        through = {each.id: self._through(each) for each in erasures}
        least = min(through.values(), default=self._end)
        self._whose = [each for each in erasures if through[each.id] == least]
        persons = [one for each in self._whose for one in each.persons]
        credentials = [one for each in self._whose for one in each.credentials]
        self._eraser = Eraser(persons, credentials, credentials)
        self._begin = self._at = max(0, least - MARGIN_ROWS)
        self._do = self._find
        self.is_over = least >= self._end
        self._passages: set[str] = set()
        self._alone: set[int] = set()
        self._gone: list[tuple[int, bytes, int]] = []  # when, what and how many bytes
        self._pictures: dict[str, int] = {}  # SHA-256 and bytes of those of their passages

    def _through(self, erasure: ErasureRecord) -> int:
        row = self._db.execute("SELECT value FROM notes WHERE name = ?", (_note(erasure),)).fetchone()
        through = int(row[0]) if row else 0
        return through if through <= self._end else 0  # this file is another than that was

    def step(self, _db: Database) -> None:
        """Do the next rows; `is_over` when all are done."""
        self._do()

    def _find(self) -> None:
        rows = self._db.execute(_FIND, (self._at, self._end, STEP_ROWS)).fetchall()
        for rowid, canonical, personal in rows:
            if opened := self._eraser.theirs(canonical, personal):
                self._eraser.hear(self._eraser.said_by(opened))
                self._note_place(rowid, opened)
        self._go_on(rows, self._spare)

    def _spare(self) -> None:
        """Forget what was read of others too, as a plate that was handed on: theirs is what lies in their passages."""
        rows = self._db.execute(_DECISIONS, (self._at, self._end, STEP_ROWS)).fetchall()
        self._eraser.forget({self._eraser.read_of_others(canonical, personal) for _, canonical, personal in rows})
        self._go_on(rows, self._erase)

    def _go_on(self, rows: Sequence[tuple[int, bytes, bytes]], then: Callable[[], None]) -> None:
        is_done = len(rows) < STEP_ROWS
        self._at = self._begin if is_done else rows[-1][0]
        if is_done:
            self._do = then

    def _note_place(self, rowid: int, opened: Opened) -> None:
        if opened.passage:
            self._passages.add(opened.passage)
        else:
            self._alone.add(rowid)

    def _erase(self) -> None:
        rows = self._db.execute(f"{_NEXT} ORDER BY rowid LIMIT ?", (self._at, self._end, STEP_ROWS)).fetchall()
        with self._db.atomic():
            for rowid, utc_us, kind, passage, canonical, personal in rows:
                theirs = passage in self._passages or rowid in self._alone
                left, gone = self._eraser.left(canonical, personal, theirs=theirs)
                if gone:
                    self._db.execute("UPDATE entries SET personal = ? WHERE rowid = ?", (left, rowid))
                    self._gone.append((utc_us, hashlib.sha256(canonical).digest(), len(personal) - len(left)))
                if theirs and kind == EvidenceKept.kind:
                    self._note_picture(canonical)
        self.is_over = len(rows) < STEP_ROWS
        self._at = rows[-1][0] if rows else self._end

    def _note_picture(self, canonical: bytes) -> None:
        try:
            body = unseal(canonical).body()
        except EntryError:
            return  # whoever walks the chain tells of it
        if isinstance(body, EvidenceKept):
            self._pictures[body.sha256] = body.size

    def proofs(self, evidence: Path) -> list[Body]:
        """Return what is to be written of what goes: of entries, by their hashes, and of pictures, as far as they are there."""
        proofs: list[Body] = []
        pictures = {sha256: size for sha256, size in self._pictures.items() if picture_in(evidence, sha256).exists()}
        if self._gone:
            times, size = [utc_us for utc_us, _, _ in self._gone], sum(size for _, _, size in self._gone)
            digest = hashlib.sha256(b"".join(sorted(what for _, what, _ in self._gone))).digest()
            proofs.append(Expired("fields", "erased", len(times), size, min(times), max(times), digest))
        if pictures:
            digest = hashlib.sha256(b"".join(sorted(map(bytes.fromhex, pictures)))).digest()
            proofs.append(Expired("pictures", "erased", len(pictures), sum(pictures.values()), 0, 0, digest))
        return proofs

    def delete_pictures(self, evidence: Path) -> None:
        """Delete the pictures of their passages. Raises OSError."""
        for sha256 in self._pictures:
            picture_in(evidence, sha256).unlink(missing_ok=True)

    def note(self, db: Database) -> None:
        """Note how far these erasures have come."""
        with db.atomic():
            for each in self._whose:
                db.execute("INSERT OR REPLACE INTO notes VALUES (?, ?)", (_note(each), str(self._end)))

    def is_of(self, db: Database) -> bool:
        """Tell whether it walks through this file."""
        return self._db is db


class Sweeps:
    """Walks through a journal, one walk after another, as long as there is something that none has seen."""

    def __init__(self, journal: Journal, evidence: Path) -> None:
        self._journal = journal
        self._evidence = evidence
        self._sweep: Sweep | None = None

    def step(self, erasures: Sequence[ErasureRecord], stamp: Stamp) -> bool:
        """Take a few more rows; tell whether nothing is left to do. Pictures go too. Raises StoreError."""
        if self._sweep is None or not self._journal.look(self._sweep.is_of):
            self._sweep = self._journal.look(Sweep, erasures)
            if self._sweep.is_over:
                self._sweep = None
                return True
        self._journal.look(self._sweep.step)
        if self._sweep.is_over:
            ended, self._sweep = self._sweep, None
            self._end(ended, stamp)
        return False

    def _end(self, sweep: Sweep, stamp: Stamp) -> None:
        """Write down what goes before the pictures do; what fails here is found once more."""
        if proofs := sweep.proofs(self._evidence):
            self._journal.append([self._journal.draft(body, stamp) for body in proofs], stamp)
        try:
            sweep.delete_pictures(self._evidence)
            self._journal.look(sweep.note)
            self._journal.clear_log()
        except OSError as error:
            raise StoreError(f"pictures cannot be deleted: {error}") from error


def _note(erasure: ErasureRecord) -> str:
    return f"erased {erasure.id}"
