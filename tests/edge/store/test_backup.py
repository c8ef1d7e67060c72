"""Backups are made while the gate writes, walked through, and put back under a new epoch; a walk finds whatever was changed."""

import json
import re
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path
from uuid import UUID

import pytest
from typer.testing import CliRunner

from access.contract.sync import EnrolReply
from access.entries import GapDeclared, Observed
from edge.cli import app
from edge.identity import device_key, public_hex, save_identity
from edge.places import Places
from edge.store.backup import copy_to
from edge.store.head import keep_head, sign_head
from edge.store.replacing import QUARANTINE
from edge.store.verify import verify
from edge.store.writeahead import log_of
from tests.edge.test_config import GOOD
from tests.faults.journals import EDGE, STAMP, add, copied, epochs_in, opened, passages, stored


@pytest.fixture
def config(tmp_path: Path) -> Path:
    path = tmp_path / "gate.toml"
    path.write_text(GOOD, encoding="utf-8")
    return path


@pytest.fixture
def journal(tmp_path: Path) -> Path:
    folder = tmp_path / "var"
    folder.mkdir()
    return folder / "journal.db"


def asked(*arguments: object) -> tuple[int, str]:
    result = CliRunner().invoke(app, [str(argument) for argument in arguments])
    return result.exit_code, result.output


def test_a_backup_is_made_while_the_gate_writes_and_put_back_when_it_is_stopped(
    config: Path, journal: Path, tmp_path: Path
) -> None:
    copy = tmp_path / "copy.db"
    with closing(opened(journal)) as writing:
        passages(writing, 10)
        saved = writing.seq
        status, said = asked("backup", "--config", config, "--to", copy, "--json")
        told = json.loads(said)
        assert (status, told["ok"], told["entries"], told["epochs"][0]["head"]) == (0, True, saved, writing.head.hex())
        passages(writing, 5)
        assert asked("restore", "--config", config, "--from", copy)[0] == 2, "the gate is running"
    assert asked("backup", "--config", config, "--to", copy)[0] == 2, "an older copy is written over"
    before = journal.read_bytes()
    assert asked("restore", "--config", config, "--from", copy)[0] == 0
    with closing(opened(journal)) as goes_on:
        add(goes_on, Observed("after"))
    assert [began.reason for began in epochs_in(journal)] == ["created", "restored"]
    assert epochs_in(journal)[1].follows_seq == saved
    (aside,) = (journal.parent / QUARANTINE).glob("*/journal.db")
    assert aside.read_bytes() == before
    assert asked("journal", "verify", "--config", config)[0] == 0


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ("UPDATE entries SET canonical = x'80' WHERE seq = 5", "entry 5 of .* does not fit its hash"),
        ("UPDATE entries SET personal = x'a0' WHERE kind = 'reading'", ""),
        ("DELETE FROM entries WHERE seq = 5", "entries 5 to 5 of .* are missing, and no gap is declared"),
        ("UPDATE entries SET seq = seq + 1000 WHERE seq > 30", "are missing"),
        ("UPDATE entries SET previous = hash WHERE seq = 7", "entry 7 of .* does not follow"),
        ("UPDATE entries SET personal = x'ff' WHERE seq = 3", "entry 3 of .*: the personal fields"),
    ],
)
def test_a_walk_finds_what_was_changed_and_erased_values_are_no_fault(
    change: str, fault: str, config: Path, journal: Path, tmp_path: Path
) -> None:
    with closing(opened(journal)) as written:
        passages(written, 10)
    with closing(sqlite3.connect(journal, isolation_level=None)) as db:
        db.execute(change)
    found = verify(journal).faults
    assert bool(found) == bool(fault)
    if fault:
        assert any(re.search(fault, one) for one in found)
        assert asked("journal", "verify", "--config", config)[0] == 1
        assert asked("restore", "--config", config, "--from", journal)[0] == 2, "a damaged copy is put back"


@pytest.fixture
def places(journal: Path) -> Places:
    """Of a gate that is enrolled."""
    places = Places(journal.parent)
    key = public_hex(device_key(places))
    save_identity(places, EnrolReply(edge=EDGE, gate=UUID(int=2), site=UUID(int=3), lanes={}, registry_key=key))
    return places


def test_a_walk_finds_that_entries_before_the_signed_head_are_gone(config: Path, places: Places) -> None:
    copy = places.root / "copy.db"
    with closing(opened(places.journal)) as written:
        copy_to(places.journal, copy)
        passages(written, 10)
        head = sign_head(device_key(places), EDGE, written.epoch, written.seq, written.head, STAMP.utc_us)
        keep_head(places.head, head)
        passages(written, 1)
    status, said = asked("journal", "verify", "--config", config)
    assert (status, f"signed head at entry {head.seq}" in said) == (0, True)
    with closing(sqlite3.connect(places.journal, isolation_level=None)) as db:
        db.execute("DELETE FROM entries WHERE seq >= ?", (head.seq,))
    status, said = asked("journal", "verify", "--config", config)
    assert (status, f"entries through {head.seq} were written" in said) == (1, True)
    opened(places.journal, head).close()
    assert asked("journal", "verify", "--config", config)[0] == 0, "the gate has declared it by now"
    assert asked("restore", "--config", config, "--from", copy)[0] == 0
    assert asked("journal", "verify", "--config", config)[0] == 0, "the next start is to declare it"


def test_a_walk_finds_that_the_log_is_gone_and_changes_nothing(config: Path, places: Places, tmp_path: Path) -> None:
    with closing(opened(places.journal)) as written:
        passages(written, 10)
        written.tidy()
        passages(written, 10)
        assert asked("journal", "verify", "--config", config)[0] == 0, "the gate is running"
        killed = copied(places.journal, tmp_path / "killed")
    log_of(killed).unlink()
    shutil.copytree(killed.parent, places.root, dirs_exist_ok=True)
    mark = places.journal.with_suffix(".open")
    assert (mark.read_bytes(), asked("journal", "verify", "--config", config)[0], mark.read_bytes()) == (b"", 1, b"")
    opened(places.journal).close()
    assert asked("journal", "verify", "--config", config)[0] == 0, "the gate has declared it by now"


def test_a_walk_finds_that_a_former_epoch_ends_too_early(journal: Path) -> None:
    with closing(opened(journal, home="here")) as written:
        passages(written, 10)
        last = written.seq
    opened(journal, home="there").close()
    assert verify(journal).faults == []
    with closing(sqlite3.connect(journal, isolation_level=None)) as db:
        db.execute("DELETE FROM entries WHERE seq > 20 AND epoch = (SELECT epoch FROM entries ORDER BY rowid LIMIT 1)")
    (fault,) = verify(journal).faults
    assert fault.startswith(f"entries 21 to {last} of ")


def test_what_was_forgotten_is_no_hole_and_the_walk_goes_on_from_its_proof(journal: Path) -> None:
    with closing(opened(journal)) as written:
        passages(written, 100)
        before = stored(journal)
        gone = written.forget(written.epoch, 150, STAMP)
        assert (gone.count, gone.from_us, gone.to_us) == (150, STAMP.utc_us, STAMP.utc_us)
        assert written.forget(written.epoch, 150, STAMP).count == 0
        assert written.forget(written.epoch, 10_000, STAMP).count > 0
        assert written.forget(written.epoch, 10_000, STAMP).count <= 2, "the newest go too"
    verdict = verify(journal)
    assert (verdict.faults, verdict.epochs[0].holes) == ([], [])
    assert verdict.epochs[0].last == len(before) + 3
    opened(journal).close()
    assert len(epochs_in(journal)) == 0, "the first entry is forgotten, and no new epoch begins for it"


def test_a_hole_that_was_declared_is_told_and_is_no_fault(journal: Path) -> None:
    with closing(opened(journal)) as written:
        passages(written, 10)
        add(written, GapDeclared(written.epoch.hex, 5, 6, "damaged"))
    with closing(sqlite3.connect(journal, isolation_level=None)) as db:
        db.execute("DELETE FROM entries WHERE seq IN (5, 6)")
    verdict = verify(journal)
    assert (verdict.faults, verdict.epochs[0].holes, len(verdict.gaps)) == ([], [(5, 6)], 1)
    assert any("gap declared" in line for line in verdict.told())
