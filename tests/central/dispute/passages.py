"""A passage as a gate writes it into its real journal, sent to a real registry, with the file that is made of it."""

import hashlib
import os
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from uuid import UUID

from access.entries import (
    Commanded,
    CommandEnded,
    Decided,
    Draft,
    EvidenceKept,
    GuardActed,
    Observed,
    PassageEnded,
    ReadingTaken,
    Stamp,
)
from access.sealing import Sealed
from central.actors import Actor
from central.dispute import services
from central.dispute.gathering import rows_of
from central.registry import Registry
from edge.store.journal import Journal
from tests.central.checkpoints.test_checkpoints import checkpoint, send
from tests.central.gate import BEGAN, JPEG, Gate

PASSAGE = "0192f1f0-0000-7000-8000-0000000000aa"
AUDITOR = Actor("auditor", "auditor")
PICTURE = hashlib.sha256(JPEG).hexdigest()


@contextmanager
def journal_of(gate: Gate, folder: Path) -> Iterator[Journal]:
    """Give the gate a real journal."""
    at_us = round(BEGAN.timestamp() * 1_000_000)
    with closing(Journal(folder / "journal.db", gate.enrolled.edge, Stamp(0, at_us), os.urandom)) as journal:
        yield journal


def write_passage(journal: Journal, person: UUID | None = None) -> None:
    """Let somebody be referred to the guard, who opens; others pass at the same time."""
    bodies = [
        (ReadingTaken("camera-in", "plate", 0.97, raw="粤B12D45", text="粤B12D45"), PASSAGE),
        (
            Decided(
                "refer", "unknown_refer", "plate", "camera-in", 7, "in", text="粤B12D45", holder="李*", unit="3-1201",
                person=str(person or ""), capture="c1", values={"shown": "粤B12D45"},
                steps=(("unknown", {"confidence": 0.97}, "unknown_refer"),),
            ),
            PASSAGE,
        ),
        (ReadingTaken("camera-out", "plate", text="京A66666"), "another"),
        (EvidenceKept("c1", PICTURE, len(JPEG), "camera-in"), PASSAGE),
        (GuardActed("open_once", "visitor", "101", "r1", guard_name="王*", words="host agreed"), PASSAGE),
        (Decided("grant", "guard_opened", "guard", "", 7, "in", values={"why": "visitor"}), PASSAGE),
        (Commanded("io", "open", "", "k1"), PASSAGE),
        (CommandEnded("io", "k1", ok=True, took_us=80_000), PASSAGE),
        (PassageEnded("passed", "in", 1, 7000, 3000, plate="粤B12D45"), PASSAGE),
        (Observed("sensor_well"), ""),
    ]  # fmt: skip
    for number, (body, passage) in enumerate(bodies):
        stamp = Stamp(number * 1_000_000, round(BEGAN.timestamp() * 1_000_000) + number * 1_000_000)
        draft = journal.draft(body, stamp)
        journal.append([Draft(draft.id, draft.body, "in-1", passage)], stamp)


def send_all(gate: Gate, journal: Journal, *, countersigned: bool = True) -> None:
    """Send the journal, its pictures and its head."""
    rows = journal._rows("SELECT canonical, personal FROM entries ORDER BY rowid")
    gate.epoch, gate.entries = journal.epoch, [Sealed(canonical, personal) for canonical, personal in rows]
    gate.send()
    assert gate.send_picture(JPEG, "c1").status_code == 200
    if countersigned:
        assert send(gate, checkpoint(gate, journal.seq)).status_code == 200


def exported(registry: Registry) -> bytes:
    return services.export(registry, AUDITOR, lambda work: rows_of(work, PASSAGE, None), "customer's complaint").data
