"""Fault 10: there is damage where the look at a start does not come to, and what the start asks of the journal comes upon it.

It is made anew as where the look finds it: the gate starts, all that can be read is kept, and what is lost is said.
"""

import sqlite3
from collections.abc import Callable, Mapping
from contextlib import closing
from pathlib import Path
from struct import unpack_from
from uuid import UUID

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from access.entries import AlarmRaised, Commanded, CommandEnded, Decided, Observed, PassageEnded
from edge.identity import load_identity
from edge.store import database, opening
from edge.store.database import PAGE_BYTES, open_reader
from edge.store.head import keep_head, kept_head, sign_head
from edge.store.replacing import QUARANTINE
from edge.store.whereabouts import home_of
from tests.edge.gate.rig import Rig
from tests.faults.bad_disk import build_bad_disk
from tests.faults.journals import EDGE, KEY, STAMP, Place, add, bodies_of, copied, epochs_in, gaps_in, is_declared, opened, stored

INTERIOR = (0x02, 0x05)
SECTOR = 4096
PASSAGES = 400
CUT_OFF = f"{PASSAGES - 1:032x}"


def build(path: Path, edge: UUID = EDGE, home: str = "", forgotten: int = 0) -> None:
    """Write many more entries than are checked at a start; the last passage was cut off before it was known what came of it."""
    with closing(opened(path, home=home, edge=edge)) as journal:
        for number in range(PASSAGES):
            command, passage = f"{number:08x}", f"{number:032x}"
            granted = Decided("grant", "resident", "card", "reader-in", 1, "in", holder="李*")
            bodies = [granted, Commanded("io", "open", "", command), Observed("long", detail="y" * (number % 9 * 100))]
            if passage != CUT_OFF:
                bodies += [CommandEnded("io", command, ok=True), PassageEnded("passed", "in")]
            journal.append([journal.draft(body, STAMP, "in-1", passage) for body in bodies], STAMP)
        if forgotten:
            journal.forget(journal.epoch, forgotten, STAMP)


def tree_of(path: Path, name: str) -> list[list[int]]:
    """Return the pages of a table or an index level by level, from its root to its leaves."""
    with closing(open_reader(path)) as db:
        (root,) = db.execute("SELECT rootpage FROM sqlite_schema WHERE name = ?", (name,)).fetchone()
    content, levels = path.read_bytes(), [[int(root)]]
    while content[(levels[-1][0] - 1) * PAGE_BYTES] in INTERIOR:
        levels.append([below for page in levels[-1] for below in children(content, (page - 1) * PAGE_BYTES)])
    return levels


def children(content: bytes, at: int) -> list[int]:
    cells, _, _, last = unpack_from(">HHBI", content, at + 3)
    places = unpack_from(f">{cells}H", content, at + 12)
    return [*(unpack_from(">I", content, at + place)[0] for place in places), last]


def spoil(path: Path, *pages: int) -> None:
    with path.open("r+b") as file:
        for page in pages:
            file.seek((page - 1) * PAGE_BYTES)
            file.write(b"\xee" * PAGE_BYTES)


def spoil_rows(path: Path) -> None:
    leaves = tree_of(path, "entries")[-1]
    spoil(path, leaves[len(leaves) // 2])


def spoil_places(path: Path) -> None:
    """By it an entry is found at its place, but the newest ones still are."""
    spoil(path, *tree_of(path, "sqlite_autoindex_entries_1")[1][:-1])


def spoil_passages(path: Path) -> None:
    """By it the decision of a passage is found."""
    spoil(path, *tree_of(path, "entries_by_passage")[0])


def spoil_free_pages(path: Path) -> None:
    """From them the next commit takes one."""
    (page,) = unpack_from(">I", path.read_bytes(), 32)
    assert page, "there are none"
    spoil(path, page)


def spoil_text(path: Path) -> None:
    """A byte of one row is another, and no letter begins so."""
    with closing(sqlite3.connect(path, isolation_level=None)) as db:
        db.execute("UPDATE entries SET passage = CAST(x'ff31' AS TEXT) WHERE seq = ?", (2 * PASSAGES,))


def keep_head_at(path: Path, head: Path, seq: int, key: Ed25519PrivateKey, edge: UUID) -> None:
    with closing(open_reader(path)) as db:
        epoch, chained = db.execute("SELECT epoch, hash FROM entries WHERE seq = ?", (seq,)).fetchone()
    keep_head(head, sign_head(key, edge, UUID(bytes=epoch), seq, chained, STAMP.utc_us))


def build_gate(tmp_path: Path) -> tuple[Rig, Mapping[Place, bytes]]:
    """Return a gate that is stopped, and what is in its journal."""
    rig = Rig(tmp_path, program="tests.faults.hasty_gate")
    edge = load_identity(rig.places).edge
    build(rig.places.journal, edge, home_of(rig.places.root), forgotten=PASSAGES)
    return rig, stored(rig.places.journal, edge)


def start(rig: Rig, before: Mapping[Place, bytes]) -> list[Place]:
    """Start it, and see that the journal was made anew, once; return what is lost, and said to be."""
    with rig:
        rig.wait_for("alarm", what="journal_rebuilt")
        rig.wait_for("alarm", what="granted_not_confirmed")
        rig.wait_for("passage", result="interrupted")
    journal = rig.places.journal
    kept, gaps = stored(journal, load_identity(rig.places).edge), gaps_in(journal)
    lost = [place for place in before if place not in kept]
    assert all(is_declared(place, gaps) for place in lost)
    assert [began.reason for began in epochs_in(journal)][-1] == "rebuilt"
    assert len(list(journal.parent.glob(f"{QUARANTINE}/*/journal.db"))) == 1
    return lost


def test_fault_10_a_gate_starts_whose_questions_come_upon_damage(tmp_path: Path) -> None:
    rig, before = build_gate(tmp_path)
    spoil_rows(rig.places.journal)
    assert start(rig, before)


@pytest.mark.parametrize("spoilt", [spoil_passages, spoil_text, spoil_free_pages])
def test_fault_10_a_gate_starts_without_loss_where_no_entry_lies_in_what_is_damaged(
    spoilt: Callable[[Path], None], tmp_path: Path
) -> None:
    rig, before = build_gate(tmp_path)
    spoilt(rig.places.journal)
    assert start(rig, before) == []


def test_fault_10_a_gate_starts_whose_questions_come_upon_a_bad_sector(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rig, before = build_gate(tmp_path)
    journal = rig.places.journal
    leaves = tree_of(journal, "entries")[-1]
    at = leaves[len(leaves) // 2] * PAGE_BYTES // SECTOR * SECTOR
    monkeypatch.setenv("LD_PRELOAD", str(build_bad_disk(tmp_path)))
    monkeypatch.setenv("BAD_DISK_UNREADABLE", f"{journal.stat().st_ino} {at} {at + SECTOR}")
    assert 1 <= len(start(rig, before)) <= 25, "not read, or more is lost than lies in a sector"


def test_fault_10_a_gate_whose_first_word_comes_upon_damage_starts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It has no write-ahead log, and writes that down."""
    with monkeypatch.context() as patched:
        patched.setattr(database, "_turn_log_on", lambda _db: False)
        rig, before = build_gate(tmp_path)
    spoil_free_pages(rig.places.journal)
    monkeypatch.setenv("LD_PRELOAD", str(build_bad_disk(tmp_path)))
    monkeypatch.setenv("BAD_DISK_NO_SHARED_MEMORY", "1")
    assert start(rig, before) == []
    assert AlarmRaised("journal_without_log") in bodies_of(rig.places.journal)


@pytest.mark.parametrize(
    ("letters", "others"),
    [
        (b"utc_us INTEGER", b"utc_ur INTEGER"),
        (b"anchor_seq", b"anchor_sep"),
        (b"at_us INTEGER", b"at_ur INTEGER"),
        (b"epoch, name)", b"epoch, namd)"),
        (b'"applied_at" TEXT', b'"applied_au" TEXT'),
        (b'"name" TEXT', b'"nale" TEXT'),
    ],
)
def test_fault_10_a_letter_of_the_schema_that_rotted_is_damage(tmp_path: Path, letters: bytes, others: bytes) -> None:
    path = tmp_path / "journal.db"
    with closing(opened(path)) as journal:
        add(journal, Observed("one"))
    before, content = stored(path), path.read_bytes()
    assert letters in content
    path.write_bytes(content.replace(letters, others))
    opened(path).close()
    assert before.items() <= stored(path).items()
    assert [began.reason for began in epochs_in(path)] == ["created", "rebuilt"]


def test_fault_10_damage_where_the_kept_head_is_looked_for_is_dealt_with(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    built, head = tmp_path / "journal.db", tmp_path / "journal.head"
    build(built)
    with closing(opened(built)) as journal:
        add(journal, Observed("in the log alone"))
        path = copied(built, tmp_path / "killed")
    before = stored(built)
    keep_head_at(path, head, 2 * PASSAGES, KEY, EDGE)
    spoil_places(path)
    monkeypatch.setattr(opening, "_quick_check_of_all", lambda _db: "ok")
    opened(path, kept_head(head, KEY, EDGE)).close()
    assert before.items() <= stored(path).items()
    assert gaps_in(path) == []
    assert [began.reason for began in epochs_in(path)] == ["created", "rebuilt"]
    assert len(list(path.parent.glob(f"{QUARANTINE}/*/journal.db"))) == 1
