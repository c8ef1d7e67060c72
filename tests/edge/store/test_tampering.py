"""Whatever is done to a journal behind the gate's back is found and named; where nothing was done, nothing is found."""

import json
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner

from access.contract.checkpoints import Checkpoint
from access.entries import Observed
from edge.cli import app
from edge.identity import device_key
from edge.store.backup import copy_to, restore
from edge.store.head import keep_head, kept_head
from edge.store.mark import NOTHING_KNOWN
from edge.store.recovery import rebuild
from edge.store.scrub import Scrub
from edge.store.witnesses import witnesses_of
from tests.edge.tampering import (
    COLUMNS,
    TAMPERINGS,
    Box,
    checkpoint,
    copied,
    countersigned,
    cut,
    cut_forgotten,
    made,
    swapped,
    tell,
)
from tests.edge.test_config import GOOD
from tests.faults.journals import EDGE, STAMP, add, opened
from tests.sizes import sized


@pytest.fixture(scope="module")
def original(tmp_path_factory: pytest.TempPathFactory) -> Box:
    return made(tmp_path_factory.mktemp("box") / "var")


@pytest.fixture
def box(original: Box, tmp_path: Path) -> Box:
    return copied(original, tmp_path / "var")


@pytest.mark.parametrize("name", TAMPERINGS)
def test_what_was_done_is_found_and_named(name: str, box: Box) -> None:
    act, kind, epoch, seq = TAMPERINGS[name]
    act(box)
    found = box.verdict().findings
    of = [one for one in found if one.kind == kind and (epoch < 0 or one.epoch == box.epochs[epoch]) and seq in (0, one.seq)]
    assert of, [f"{one.kind} {one.seq}: {one.words}" for one in found]


def test_nothing_is_found_where_nothing_was_done(box: Box, tmp_path: Path) -> None:
    verdict = box.verdict()
    assert (verdict.faults, verdict.erased) == ([], 0)
    assert verdict.signed is not None
    assert verdict.countersigned is not None
    box.do("UPDATE entries SET personal = x'' WHERE kind = 'reading'")
    assert (box.verdict().faults, box.verdict().erased > 0) == ([], True)
    copy = tmp_path / "copy.db"
    copy_to(box.places.journal, copy)
    with closing(opened(box.places.journal, kept(box))) as journal:
        add(journal, Observed("later"))
        journal.forget(box.epochs[0], 12, STAMP)
    assert box.verdict().faults == []
    rebuild(box.places.journal, STAMP.utc_us, "damaged", NOTHING_KNOWN, lambda: None)
    assert (box.verdict().faults, box.verdict().pending) == ([], "rebuilt")
    opened(box.places.journal, kept(box)).close()
    assert box.verdict().faults == []
    restore(box.places.journal, copy, STAMP.utc_us)
    assert (box.verdict().faults, box.verdict().pending) == ([], "restored")
    opened(box.places.journal, kept(box)).close()
    assert box.verdict().faults == []
    cut(box, 9)
    assert box.verdict().faults
    opened(box.places.journal, kept(box)).close()


def kept(box: Box) -> Checkpoint | None:
    return kept_head(box.places.head, device_key(box.places), EDGE)


def test_a_cut_that_the_gate_has_found_at_its_start_is_declared(box: Box) -> None:
    cut(box, 9)
    assert [one.kind for one in box.verdict().findings if one.seq] != []
    opened(box.places.journal, kept(box)).close()
    verdict = box.verdict()
    assert (verdict.faults, [gap.reason for gap in verdict.gaps], verdict.epochs[-1].why) == ([], ["behind_head"], "rebuilt")


def test_what_was_forgotten_of_an_epoch_that_a_copy_follows_needs_its_proof(box: Box, tmp_path: Path) -> None:
    copy_to(box.places.journal, tmp_path / "copy.db")
    with closing(opened(box.places.journal)) as journal:
        add(journal, Observed("later"))
    keep_head(box.places.head, checkpoint(box, box.lasts[2] + 1))
    restore(box.places.journal, tmp_path / "copy.db", STAMP.utc_us)
    assert box.verdict().faults == []
    missing = f"entries {box.lasts[2] + 1} to {box.lasts[2] + 1} of {box.epochs[2]} are not there"
    assert f"to be declared then: {missing}" in "\n".join(box.verdict().told())
    opened(box.places.journal, kept(box)).close()
    assert box.verdict().faults == []
    cut_forgotten(box)
    assert [(one.kind, one.epoch, one.seq) for one in box.verdict().findings] == [("gap", box.epochs[2], 1)]


def test_the_command_tells_it_to_people_and_programs(box: Box, tmp_path: Path) -> None:
    config = tmp_path / "gate.toml"
    config.write_text(GOOD, encoding="utf-8")
    asked = ["--config", str(config), "--json"]
    whole = CliRunner().invoke(app, ["journal", "verify", *asked])
    told = json.loads(whole.output)
    assert (whole.exit_code, told["ok"], told["countersigned"]["seq"]) == (0, True, box.signed)
    swapped(box, "seq", 7, 11)
    found = CliRunner().invoke(app, ["verify", *asked])
    first = json.loads(found.output)["findings"][0]
    assert (found.exit_code, first["kind"], first["epoch"], first["seq"]) == (1, "reordering", str(box.epochs[2]), 7)
    in_words = CliRunner().invoke(app, ["journal", "verify", *asked[:2]])
    assert f"reordering: entry 7 of {box.epochs[2]} is in another's place: it is entry 11" in in_words.output


def test_what_another_registry_has_said_of_another_edge_is_no_fault(box: Box) -> None:
    told = checkpoint(box, box.signed).model_copy(update={"edge": box.epochs[0]})
    tell(box, countersigned(told))
    assert witnesses_of(box.places).countersigned is None
    assert box.verdict().faults == []


def test_the_scrub_finds_a_column_that_has_rotted_and_mends_it_from_the_bytes(box: Box) -> None:
    box.do("UPDATE entries SET utc_us = 1 WHERE epoch = EPOCH2 AND seq = 7")
    with closing(opened(box.places.journal)) as journal:
        (rotten,) = journal.scrub(1000)
        assert (rotten.epoch, rotten.seq) == (box.epochs[2], 7)
        journal.give_up(rotten, STAMP)
        assert Scrub(journal._db).step(1000) == []
    assert box.verdict().faults == []


# What the documents say cannot be found: personal fields taken out whole, as an erasure does.
_FIELDS = COLUMNS.split(", ")


@settings(max_examples=sized(quick=40, soak=3000), deadline=None)
@given(data=st.data())
def test_a_bit_changed_anywhere_in_a_row_is_found(
    original: Box, data: st.DataObject, tmp_path_factory: pytest.TempPathFactory
) -> None:
    box = copied(original, tmp_path_factory.mktemp("bits") / "var")
    with box.database() as db:
        rows = db.execute(f"SELECT {COLUMNS} FROM entries ORDER BY rowid").fetchall()
        row = data.draw(st.sampled_from(rows[: box.signed]))
        at = data.draw(st.integers(1, len(_FIELDS) - 1))
        value = row[at]
        if isinstance(value, int):
            changed: object = value ^ 1 << data.draw(st.integers(0, 40))
        elif not value:
            changed = b"\x00" if isinstance(value, bytes) else "x"
        elif isinstance(value, bytes):
            bit = data.draw(st.integers(0, len(value) * 8 - 1))
            changed = bytes(byte ^ (1 << bit % 8 if place == bit // 8 else 0) for place, byte in enumerate(value))
        else:
            changed = value + "x"
        db.execute(f"UPDATE OR REPLACE entries SET {_FIELDS[at]} = ? WHERE rowid = ?", (changed, row[0]))
    assert box.verdict().faults, (_FIELDS[at], value, changed)
