"""Somebody is erased from a gate's journal and rules: nothing of theirs is left, and all that was proved or decided still is."""

import hashlib
import os
import sqlite3
import time
from contextlib import closing
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from typer.testing import CliRunner

from access.contract.records import ErasureRecord
from access.entries import Decided, EvidenceKept, Expired, PassageEnded, ReadingTaken, stamped
from access.sealing import Opened
from edge.cli import app
from edge.places import Places, picture_in
from edge.replay import Report, replay
from edge.store.backup import copy_to, restore
from edge.store.erasing import Sweeps, standing
from edge.store.journal import Journal
from edge.store.reader import JournalReader
from edge.store.verify import verify
from simulators.history.past import EDGE, Past
from tests.sizes import sized

PASSAGES = sized(quick=150, soak=5_000)
STAMP = stamped(1.0, time.time())
PICTURE = b"a picture of them"
SHA256 = hashlib.sha256(PICTURE).hexdigest()


class Box:
    """A gate's folder with a past, in which somebody who came often, by plate and by card, is erased."""

    def __init__(self, folder: Path) -> None:
        with Past(folder, seed=5) as past:
            past.live(PASSAGES, change_every=PASSAGES // 4)
            self.places, self.config = past.places, past.config_path
            came = [entry.fields["person"] for entry in self.entries("decision")]
            elsewhere = self.plates_inside() | self._plates_in_force()
            outside = [one for one in past.people.everybody if one.plate and one.plate not in elsewhere]
            self.person = max(outside, key=lambda one: came.count(str(one.id)))
            credentials = tuple(sorted(self._credentials()))
            gone = [("person", self.person.id), *((kind, one) for kind in ("card", "vehicle") for one in credentials)]
            self.told = ErasureRecord(id=uuid4(), persons=(self.person.id,), credentials=credentials, since=int(time.time()))
            self.texts = (self.person.plate.encode(), self.person.card.hex().upper().encode())
            self.before, self.said_before = replay(self.places), self.said()
            past.change_rules([self.told], gone)
        self._keep_a_picture()

    def plates_inside(self) -> set[str]:
        with closing(sqlite3.connect(self.places.journal)) as db:
            return {plate for (plate,) in db.execute("SELECT plate FROM plates_inside")}

    def _plates_in_force(self) -> set[str]:
        query = "SELECT json_extract(data, '$.plate') FROM rules WHERE kind IN ('block', 'slip') AND to_revision IS NULL"
        with closing(sqlite3.connect(self.places.courier)) as db:
            return {plate for (plate,) in db.execute(query)}

    def _credentials(self) -> set[UUID]:
        query = "SELECT id FROM rules WHERE kind IN ('card', 'vehicle') AND json_extract(data, '$.person') = ?"
        with closing(sqlite3.connect(self.places.courier)) as db:
            return {UUID(bytes=identity) for (identity,) in db.execute(query, (str(self.person.id),))}

    def _keep_a_picture(self) -> None:
        path = picture_in(self.places.evidence, SHA256)
        path.parent.mkdir()
        path.write_bytes(PICTURE)
        passage = next(entry.passage for entry in self.entries("decision") if entry.fields["person"] == str(self.person.id))
        with closing(self.journal()) as journal:
            kept = EvidenceKept("c-1", SHA256, len(PICTURE), "camera-in")
            journal.append([journal.draft(kept, STAMP, passage=passage)], STAMP)

    def journal(self) -> Journal:
        return Journal(self.places.journal, EDGE, STAMP, os.urandom)

    def entries(self, *kinds: str) -> list[Opened]:
        with closing(JournalReader(self.places.journal)) as reader:
            return [entry for entry in reader.every() if entry.kind in kinds or not kinds]

    def said(self) -> list[bytes]:
        """What the tables of both databases still say of them."""
        found = []
        for path in (self.places.journal, self.places.courier):
            with closing(sqlite3.connect(path)) as db:
                rows = "\n".join(db.iterdump()).encode()
            found += [text for text in self.texts if text in rows or text.hex().upper().encode() in rows]
        return found

    def bytes_left(self) -> list[str]:
        """The files of the folder in which their texts stand, whatever page they are on; but for what the courier has let go."""
        files = [path for path in self.places.root.rglob("*") if path.is_file() and not path.name.startswith("courier.db")]
        return [path.name for path in files if any(text in path.read_bytes() for text in self.texts)]

    def sweep(self) -> int:
        with closing(self.journal()) as journal:
            return swept(journal, self.places)


def swept(journal: Journal, places: Places) -> int:
    sweeps, steps = Sweeps(journal, places.evidence), 0
    while not sweeps.step(standing(places.courier), STAMP):
        steps += 1
    return steps


@pytest.fixture(scope="module")
def erased(tmp_path_factory: pytest.TempPathFactory) -> Box:
    box = Box(tmp_path_factory.mktemp("box"))
    copy_to(box.places.journal, box.places.root.parent / "backup.db")
    box.sweep()
    return box


def decided(report: Report) -> tuple[int, int, int]:
    return report.decisions, report.different, report.unproved


def test_nothing_of_them_is_left_in_the_gates_folder(erased: Box) -> None:
    assert set(erased.said_before) == set(erased.texts)
    assert erased.said() == []
    assert erased.bytes_left() == []
    assert not picture_in(erased.places.evidence, SHA256).exists()


def test_the_journal_is_sound_and_says_what_went(erased: Box) -> None:
    assert CliRunner().invoke(app, ["verify", "--config", str(erased.config)]).exit_code == 0
    with closing(erased.journal()) as journal:
        assert journal.scrub(100_000) == []
    proofs = [body for body in (entry.body() for entry in erased.entries("expiry")) if isinstance(body, Expired)]
    assert [(body.what, body.reason) for body in proofs] == [("fields", "erased"), ("pictures", "erased")]
    gone = [entry for entry in erased.entries() if entry.erased]
    assert proofs[0].count == len(gone) > 3
    theirs = [entry for entry in gone if entry.kind == "decision" and entry.fields["person"] == str(erased.person.id)]
    assert theirs
    assert all(entry.fields["outcome"] and {"text", "holder"} <= set(entry.erased) for entry in theirs)


def test_every_decision_comes_out_as_it_did(erased: Box) -> None:
    before, after = erased.before, replay(erased.places)
    assert (before.different, before.unproved) == (0, 0)
    assert decided(after) == decided(before)
    assert after.unjudged["erased"] <= sum(bool(entry.erased) for entry in erased.entries("decision"))
    assert after.same >= before.same - after.unjudged["erased"]


def test_once_is_enough_and_what_comes_later_goes_too(erased: Box) -> None:
    """A vehicle that is inside keeps its plate with it, or it could not leave; what is written of its leaving is erased."""
    credential, plate = str(erased.told.credentials[0]), erased.person.plate
    with closing(erased.journal()) as journal:
        swept(journal, erased.places)
        for at, direction in ((["site", 1], "in"), (["", 2], "out")):
            assert swept(journal, erased.places) == 0
            seq, passage = journal.seq, f"p-{direction}"
            decision = Decided("grant", "access_ok", "plate", "camera", 1, direction, credential=credential, text=plate)
            ended = PassageEnded("passed", direction, facts=(("set", f"at:{credential}", at),), plate=plate)
            later = [ReadingTaken("camera", "plate", text=plate), decision, ended]
            journal.append([journal.draft(body, STAMP, passage=passage) for body in later], STAMP)
            assert swept(journal, erased.places) > 0
            assert journal.seq == seq + len(later) + 1, "one entry says what went"
            assert (plate in erased.plates_inside()) == bool(at[0])
    assert (erased.said(), erased.bytes_left()) == ([], [])
    assert verify(erased.places.journal).faults == []


def test_a_plate_that_was_handed_on_stays_with_whom_it_is_now(tmp_path: Path) -> None:
    """Who drives the car now has not asked to be forgotten; and the registry may not have these entries yet."""
    first, second, vehicle, plate = uuid4(), uuid4(), uuid4(), "粤B7K93P"
    with closing(Journal(tmp_path / "journal.db", EDGE, STAMP, os.urandom)) as journal:
        for passage, person in (("p-1", second), ("p-2", first), ("p-3", second)):
            read = ("grant", "access_ok", "plate", "camera", 1, "in")
            decision = Decided(*read, credential=str(vehicle), person=str(person), text=plate)
            bodies = [ReadingTaken("camera", "plate", text=plate), decision, PassageEnded("passed", "in", plate=plate)]
            journal.append([journal.draft(body, STAMP, passage=passage) for body in bodies], STAMP)
        told = ErasureRecord(id=uuid4(), persons=(first,), credentials=(), since=1)
        sweeps = Sweeps(journal, tmp_path)
        while not sweeps.step([told], STAMP):
            pass
    with closing(JournalReader(tmp_path / "journal.db")) as reader:
        left = {(entry.passage, entry.kind): bool(entry.erased) for entry in reader.every() if entry.passage}
    assert {passage for (passage, _), is_erased in left.items() if is_erased} == {"p-2"}
    assert all(is_erased for (passage, _), is_erased in left.items() if passage == "p-2")


def test_a_journal_that_is_put_back_is_erased_again(erased: Box) -> None:
    restore(erased.places.journal, erased.places.root.parent / "backup.db", STAMP.utc_us)
    assert erased.said()
    erased.sweep()
    assert erased.said() == []
    assert CliRunner().invoke(app, ["verify", "--config", str(erased.config)]).exit_code == 0
