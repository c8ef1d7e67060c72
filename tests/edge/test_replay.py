"""Journals decided again: the same under the rules of their time, and under others just what these change."""

import json
import sqlite3
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import get_args
from uuid import UUID

import pytest
from pydantic import TypeAdapter
from typer.testing import CliRunner

from access.contract.record_fields import Category, Record
from access.contract.records import AnyRecord, CardRecord, LaneRecord, PersonRecord, SiteRecord, VehicleRecord
from access.entries import Decided
from access.reasons import GATES_OWN, REASONS
from edge.booth_messages import GuardRequest
from edge.cli import app
from edge.places import Places
from edge.replay import Differences, Report, replay
from edge.store.reader import JournalReader
from edge.store.received import reading_rules
from simulators.history.past import BEGIN, LANES, Past
from tests.sizes import sized

PASSAGES = sized(quick=500, soak=20_000)


@pytest.fixture(scope="module")
def past(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Past]:
    with Past(tmp_path_factory.mktemp("past"), seed=3) as past:
        past.live(PASSAGES, change_every=PASSAGES // 10)
        yield past


def decisions(places: Places) -> list[tuple[Decided, str]]:
    """The decisions that rules made, each with the plate or card that was shown."""
    with closing(JournalReader(places.journal)) as reader:
        bodies = [entry.body() for entry in reader.every() if entry.kind == "decision"]
    return [(body, body.text) for body in bodies if isinstance(body, Decided) and body.reason not in GATES_OWN]


def copied(past: Past, folder: Path) -> Places:
    """A copy of the past's stores, to be changed."""
    places = Places(folder)
    places.make()
    for name in ("journal", "courier"):
        with (
            closing(sqlite3.connect(getattr(past.places, name))) as one,
            closing(sqlite3.connect(getattr(places, name))) as other,
        ):
            one.backup(other)
    return places


def written(folder: Path, *records: Record, gone: tuple[tuple[str, UUID], ...] = ()) -> Path:
    path = folder / "draft.jsonl"
    lines = [record.model_dump_json() for record in records]
    lines += [json.dumps({"gone": {"kind": kind, "id": str(identity)}}) for kind, identity in gone]
    path.write_text("\n".join(lines), encoding="utf-8")
    return path


def test_a_past_has_a_bit_of_everything(past: Past) -> None:
    reasons = Counter(body.reason for body, _ in decisions(past.places))
    wanted = {
        "access_ok",
        "visit_ok",
        "pass_ok",
        "emergency_ok",
        "blocked",
        "similar",
        "doubtful",
        "inactive",
        "quota_full_refer",
    }
    wanted |= {"goods_check", "pass_inside", "pass_hours", "visit_not_yet", "outside_schedule", "unknown_refer", "officer_refer"}
    assert wanted <= reasons.keys()
    assert {REASONS[reason].outcome for reason in reasons} == {"grant", "deny", "refer"}


def test_every_decision_comes_out_the_same(past: Past) -> None:
    report = replay(past.places)
    assert (report.different, report.unjudged.keys() - {"gates_own"}) == (0, set()), report.as_json()
    assert report.same == len(decisions(past.places)) > PASSAGES / 2


def installed(past: Past) -> dict[tuple[str, UUID], AnyRecord]:
    """The records that are installed in the end."""
    record: TypeAdapter[AnyRecord] = TypeAdapter(AnyRecord)
    with reading_rules(past.places.courier) as (_, rows):
        return {(kind, identity): record.validate_python(data) for kind, identity, data in rows}


def test_a_draft_that_changes_nothing_shows_nothing(past: Past, tmp_path: Path) -> None:
    """Whatever the rules were when it was recorded: what has changed since is not the draft's doing."""
    for draft in (written(tmp_path), written(tmp_path, *installed(past).values())):
        report = replay(past.places, draft)
        assert (report.differences, report.same) == ({}, len(decisions(past.places)))
        result = CliRunner().invoke(app, ["replay", "--config", str(past.config_path), "--under", str(draft)])
        assert result.exit_code == 0


def test_one_changed_rule_shows_exactly_the_passages_that_it_changes(past: Past, tmp_path: Path) -> None:
    """A lane that asked about strangers denies them: it changes what was asked there, and nothing else."""
    lane = next(one for one in installed(past).values() if isinstance(one, LaneRecord) and one.slug == "in-1")
    report = replay(past.places, written(tmp_path, lane.model_copy(update={"unknown": "deny"})))
    with closing(JournalReader(past.places.journal)) as reader:
        asked = {one.seq for one in reader.every() if (one.lane, one.fields.get("reason")) == ("in-1", "unknown_refer")}
    assert asked
    assert {key: found.count for key, found in report.differences.items()} == {("unknown", "refer", "deny"): len(asked)}
    examples = report.differences["unknown", "refer", "deny"].examples
    assert {one.seq for one in examples} <= asked
    assert {(one.recorded, one.before, one.after) for one in examples} == {("unknown_refer", "unknown_refer", "unknown")}


def test_a_changed_card_shows_nothing_but_what_it_opened(past: Past, tmp_path: Path) -> None:
    rules = installed(past)
    shown = Counter(text for body, text in decisions(past.places) if body.category == "resident" and body.medium == "card")
    of_text = {one.card.hex().upper(): one for one in past.people.everybody}
    cards = {one.person: one for one in rules.values() if isinstance(one, CardRecord) and one.status == "active"}
    text = next(text for text, _ in shown.most_common() if of_text[text].id in cards)
    report = replay(past.places, written(tmp_path, cards[of_text[text].id].model_copy(update={"status": "frozen"})))
    assert 0 < report.different <= shown[text]
    for (of, before, after), found in report.differences.items():
        assert of == "resident"
        assert (before, after) in {("grant", "deny"), ("grant", "refer"), ("refer", "deny")}  # who is inside is asked about
        assert {one.shown for one in found.examples} == {f"…{text[-4:]}"}


def test_a_draft_that_denies_residents_is_refused_by_its_status(past: Past, tmp_path: Path) -> None:
    residents = [one for one in past.people.records(LANES) if isinstance(one, PersonRecord) and one.category == "resident"]
    draft = written(tmp_path, *(one.model_copy(update={"status": "frozen"}) for one in residents))
    asked = ["replay", "--config", str(past.config_path), "--under", str(draft), "--json"]
    result = CliRunner().invoke(app, asked)
    report = json.loads(result.stdout)
    assert (result.exit_code, report["newly_denied_protected"] > 0) == (1, True)
    example = report["differences"][0]["examples"][0]
    assert {"seq", "at", "lane", "shown", "recorded", "was", "is"} == example.keys()
    told = CliRunner().invoke(app, asked[:-1])
    assert "must not be published" in told.stdout


def test_who_is_erased_leaves_every_outcome_as_it_was(past: Past, tmp_path: Path) -> None:
    places = copied(past, tmp_path / "erased")
    for person in past.people.everybody[::7]:
        erase(places, str(person.id))
    report = replay(places)
    assert report.different == 0, report.as_json()
    assert report.unjudged.keys() <= {"gates_own", "erased"}
    assert report.same > 0.9 * len(decisions(past.places))


def erase(places: Places, person: str) -> None:
    """What an erasure comes to at a gate: the values beside a person's entries go, and the name in the rules of all times."""
    with closing(JournalReader(places.journal)) as reader:
        entries = [(entry, entry.fields) for entry in reader.every()]
    passages = {entry.passage for entry, fields in entries if fields.get("person") == person}
    with closing(sqlite3.connect(places.journal, isolation_level=None)) as journal:
        journal.executemany("UPDATE entries SET personal = x'' WHERE passage = ?", [(passage,) for passage in passages])
    with closing(sqlite3.connect(places.courier, isolation_level=None)) as rules:
        named = "json_set(data, '$.name', '', '$.unit', '')"
        rules.execute(f"UPDATE rules SET data = {named} WHERE kind = 'person' AND json_extract(data, '$.id') = ?", (person,))


def test_only_what_was_asked_for_is_judged(past: Past) -> None:
    whole = replay(past.places)
    day = replay(past.places, since=BEGIN, until=BEGIN + timedelta(days=1))
    assert 0 < day.decisions < whole.decisions
    assert day.different == 0


def test_a_record_of_rules_that_are_gone_is_counted_not_guessed(past: Past, tmp_path: Path) -> None:
    places = copied(past, tmp_path / "old")
    with closing(sqlite3.connect(places.courier, isolation_level=None)) as rules:
        rules.execute("INSERT OR REPLACE INTO progress VALUES ('whole_from', 5)")
    report = replay(places)
    assert report.unproved == report.unjudged["rules_not_kept"] > 0
    assert report.different == 0


def test_what_cannot_be_judged_is_not_called_proved(past: Past, tmp_path: Path) -> None:
    lanes = [("lane", one.id) for one in past.people.records(LANES) if isinstance(one, LaneRecord)]
    asked = ["replay", "--config", str(past.config_path), "--json"]
    assert CliRunner().invoke(app, asked).exit_code == 0
    result = CliRunner().invoke(app, [*asked, "--under", str(written(tmp_path, gone=tuple(lanes)))])
    assert (result.exit_code, json.loads(result.stdout)["same"]) == (3, 0)


def test_a_tampered_decision_is_found(past: Past, tmp_path: Path) -> None:
    """Rules that say otherwise than the journal: somebody was let in who was frozen then."""
    places = copied(past, tmp_path / "tampered")
    cars = [one for one in past.people.records(LANES) if isinstance(one, VehicleRecord)]
    with closing(sqlite3.connect(places.courier, isolation_level=None)) as rules:
        for car in cars[:5]:
            rules.execute("UPDATE rules SET data = json_set(data, '$.status', 'frozen') WHERE id = ?", (car.id.bytes,))
    report = replay(places)
    assert report.different > 0


def drives(past: Past, lane: str, plate: str, *, admit: bool = False) -> str:
    """A vehicle comes, is let in by the guard where it is so wanted, and goes through; returns the passage."""
    past._hear_of_the_registry()
    past._board(lane, arrival=True)
    past._wait(0.5)
    past._see(lane, plate, 0.99)
    passage = past._gate.lanes[lane].passage
    assert passage is not None
    if admit:
        past._feed(GuardRequest("r", "admit", lane, "g-1", "张*", "looked", "", past._clock.now + 10, passage.id, ""))
    past._go_through(lane, "vehicle")
    return passage.id


def test_who_lives_here_or_comes_in_an_emergency_is_protected(past: Past, tmp_path: Path) -> None:
    """Emergency also by the kind of plate, which no record needs to name."""
    of_each = {(of, "grant", "deny"): Differences(1) for of in get_args(Category)}
    assert Report(differences=of_each).newly_denied() == len({"resident", "tenant", "family", "emergency", "officer"})
    with Past(tmp_path, seed=4) as other:
        drives(other, "in-1", "京X1234应急")
        lane = next(one for one in installed(other).values() if isinstance(one, LaneRecord) and one.slug == "in-1")
        report = replay(other.places, written(tmp_path, lane.model_copy(update={"mode": "held_closed"})))
    assert report.differences.keys() == {("emergency", "refer", "deny")}
    assert report.newly_denied() == 1


@pytest.mark.parametrize(("unknown", "same", "erased"), [("refer", 2, 0), ("deny", 1, 1)])
def test_a_guest_inside_whose_plate_was_erased_changes_no_other_decision(
    tmp_path: Path, unknown: str, same: int, erased: int
) -> None:
    """Somebody was asked about for a likeness to the guest; where the guest's plate is gone, that cannot be seen again."""
    with Past(tmp_path, seed=4) as past:
        lane = next(one for one in installed(past).values() if isinstance(one, LaneRecord) and one.slug == "out-1")
        past.change_rules([lane.model_copy(update={"unknown": unknown})])
        guest = drives(past, "in-1", "粤B8D2Z5", admit=True)
        drives(past, "out-1", "粤BBD2Z5")
        assert [body.reason for body, _ in decisions(past.places)] == ["unknown_refer", "similar_no_holder"]
        assert replay(past.places).same == 2
        with closing(sqlite3.connect(past.places.journal, isolation_level=None)) as journal:
            journal.execute("UPDATE entries SET personal = x'' WHERE passage = ? AND kind = 'passage'", (guest,))
        report = replay(past.places)
    assert (report.differences, report.same, report.unjudged["erased"]) == ({}, same, erased)


def test_nothing_judged_is_said(past: Past) -> None:
    for window in (["--since", "2031-01-01"], ["--until", "2001-01-01"]):
        result = CliRunner().invoke(app, ["replay", "--config", str(past.config_path), *window])
        assert (result.exit_code, result.output) == (2, "nothing was decided in that time\n")


@pytest.mark.parametrize("content", [None, b"x = = 1", b"\xff"])
def test_a_configuration_that_cannot_be_read_is_said(tmp_path: Path, content: bytes | None) -> None:
    config = tmp_path / "gate.toml"
    if content is not None:
        config.write_bytes(content)
    result = CliRunner().invoke(app, ["replay", "--config", str(config)])
    assert (result.exit_code, "gate.toml" in result.output) == (2, True)


def test_a_draft_of_another_site_is_refused(past: Past, tmp_path: Path) -> None:
    site = next(one for one in installed(past).values() if isinstance(one, SiteRecord))
    with Past(tmp_path, seed=4) as other:
        other.change_rules([site.model_copy(update={"slug": "hillside"})])
        path = other.places.snapshots / f"{other.revision}.snapshot"
    drafts = [path, written(tmp_path, site.model_copy(update={"id": UUID(int=9)}))]
    for draft in drafts:
        result = CliRunner().invoke(app, ["replay", "--config", str(past.config_path), "--under", str(draft)])
        assert (result.exit_code, "is of site" in result.output) == (2, True), result.output


def test_a_packed_draft_is_compared_with_the_packed_rules_of_a_gate_that_has_no_others(past: Past, tmp_path: Path) -> None:
    places = copied(past, tmp_path / "packed")
    places.courier.unlink()
    newest = past.places.snapshots / f"{past.revision}.snapshot"
    (places.snapshots / newest.name).write_bytes(newest.read_bytes())
    assert replay(places, newest).different == 0


def test_a_draft_that_makes_no_rules_with_the_installed_is_said_and_nothing_judged(past: Past, tmp_path: Path) -> None:
    draft = tmp_path / "draft.jsonl"
    draft.write_text('\n{"kind": "block", "id": "00000000-0000-0000-0000-000000000001", "reason": ""}\n', encoding="utf-8")
    result = CliRunner().invoke(app, ["replay", "--config", str(past.config_path), "--under", str(draft), "--json"])
    assert (result.exit_code, result.output) == (2, f"{draft}:2: block.plate: a block needs a plate or a card_hash\n")


def test_a_draft_that_is_not_there_is_said(past: Past, tmp_path: Path) -> None:
    for name in ("none.jsonl", "none.snapshot"):
        result = CliRunner().invoke(app, ["replay", "--config", str(past.config_path), "--under", str(tmp_path / name)])
        assert result.exit_code == 2
        assert name in result.output
