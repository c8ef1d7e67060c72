"""Journals as a gate leaves them, to be damaged and opened again, and the questions that are asked of them then."""

import os
import shutil
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path
from uuid import UUID

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from access.chain import genesis, link
from access.contract.checkpoints import Checkpoint
from access.entries import Body, Decided, EpochBegan, GapDeclared, Observed, PassageEnded, ReadingTaken, Stamp
from edge.store.head import sign_head
from edge.store.journal import Journal
from edge.store.reader import JournalReader
from edge.store.renewal import Remembered
from edge.store.replacing import files_of

EDGE = UUID(int=1)
KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
STAMP = Stamp(1_000_000, 1_767_225_600_000_000)
Place = tuple[UUID, int]


def opened(path: Path, checkpoint: Checkpoint | None = None, home: str = "", edge: UUID = EDGE) -> Journal:
    """Open a journal as the gate does at a start."""
    return Journal(path, edge, STAMP, os.urandom, Remembered(home, checkpoint))


def add(journal: Journal, *bodies: Body) -> int:
    """Commit entries of their own."""
    return journal.append([journal.draft(body, STAMP) for body in bodies], STAMP)


def passages(journal: Journal, number: int, first: int = 0) -> None:
    """Commit passages as a gate writes them: of several sizes, with personal fields, with facts."""
    for index in range(first, first + number):
        name = f"at:{UUID(int=index % 50)}"
        steps = tuple(["rule", {"saw": index}, "x" * (index * 37 % 500)] for _ in range(3))
        add(journal, ReadingTaken("reader-in", "card", 1.0, f"{index:010X}", f"{index:010X}"))
        add(
            journal, Decided("grant", "resident", "card", "reader-in", 1, "in", text=f"粤B{index:05d}", holder="李*", steps=steps)
        )
        ended = PassageEnded("passed", "in", facts=(("set", name, ["site", index]),), plate=f"粤B{index:05d}")
        add(journal, ended, Observed("long", detail="y" * (index % 7 * 1500)))


def signed_head(journal: Journal) -> Checkpoint:
    """Return the head that the gate would keep now."""
    return sign_head(KEY, journal.edge, journal.epoch, journal.seq, journal.head, STAMP.utc_us)


def copied(journal: Path, folder: Path) -> Path:
    """Copy a journal with its write-ahead log as they lie; whoever had it open may be taken to have been killed."""
    folder.mkdir(parents=True, exist_ok=True)
    for path in (*files_of(journal), journal.with_suffix(".open")):
        if path.exists() and not path.name.endswith("-shm"):
            shutil.copy(path, folder / path.name)
    return folder / journal.name


def stored(path: Path, edge: UUID = EDGE) -> Mapping[Place, bytes]:
    """Return the canonical bytes of every entry by its place; each must fit its own hash and the one before it."""
    found: dict[Place, bytes] = {}
    hashes: dict[Place, bytes] = {}
    with closing(JournalReader(path)) as reader:
        rows = reader._db.execute("SELECT epoch, seq, canonical, previous, hash FROM entries ORDER BY rowid").fetchall()
    for epoch_bytes, seq, canonical, previous, chained in rows:
        epoch = UUID(bytes=epoch_bytes)
        assert link(previous, canonical) == chained, f"entry {seq} does not fit its hash"
        before = genesis(edge, epoch) if seq == 1 else hashes.get((epoch, seq - 1))
        assert before in {None, previous}, f"entry {seq} does not follow {seq - 1}"
        found[epoch, seq], hashes[epoch, seq] = canonical, chained
    return found


def bodies_of(path: Path) -> list[Body]:
    """Return what a journal holds, in the order it was written."""
    with closing(JournalReader(path)) as reader:
        return [entry.body() for entry in reader.every()]


def gaps_in(path: Path) -> list[GapDeclared]:
    """Return the gaps that a journal declares."""
    return [body for body in bodies_of(path) if isinstance(body, GapDeclared)]


def epochs_in(path: Path) -> list[EpochBegan]:
    """Return how its epochs began."""
    return [body for body in bodies_of(path) if isinstance(body, EpochBegan)]


def is_declared(place: Place, gaps: list[GapDeclared]) -> bool:
    """Tell whether a gap says that this entry is lost."""
    epoch, seq = place
    return any(gap.epoch == epoch.hex and gap.first <= seq and (gap.last == 0 or seq <= gap.last) for gap in gaps)
