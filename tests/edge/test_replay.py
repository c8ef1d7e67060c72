"""Journals decided again: the same under the rules of their time, and under others just what these change."""

import json
import sqlite3
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import pytest
from typer.testing import CliRunner

from access.contract.records import CardRecord, LaneRecord, PersonRecord, Record, VehicleRecord
from access.decision import Decision
from access.entries import Decided
from access.presence import Presence
from access.projection import projected
from access.reasons import GATES_OWN, REASONS
from access.replay import again
from edge.cli import app
from edge.places import Places
from edge.replay import ReplayError, Rulebooks, read_changes, replay
from edge.store.journal import JournalReader
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


def outcomes(past: Past, draft: Path) -> dict[int, str]:
    """What every decision that rules made comes to under a draft, by seq."""
    made: dict[int, str] = {}
    with closing(JournalReader(past.places.journal)) as reader:
        rules, presence = Rulebooks(past.places, draft.parent).draft(draft, int(BEGIN.timestamp())), Presence()
        for entry in reader.every():
            body = entry.body()
            found = again(entry, body, rules, presence) if isinstance(body, Decided) else None
            if isinstance(found, Decision):
                made[entry.seq] = found.outcome
            presence = projected(presence, body)
    return made


def test_one_changed_rule_shows_exactly_the_passages_that_it_changes(past: Past, tmp_path: Path) -> None:
    shown = Counter(text for body, text in decisions(past.places) if body.category == "resident" and body.medium == "card")
    (text, _), *_ = shown.most_common()
    person = next(one for one in past.people.everybody if one.card.hex().upper() == text)
    card = next(one for one in past.people.records(LANES) if isinstance(one, CardRecord) and one.person == person.id)
    before = outcomes(past, written(tmp_path, card.model_copy(update={"status": "active"})))
    after = outcomes(past, written(tmp_path, card.model_copy(update={"status": "frozen"})))
    with closing(JournalReader(past.places.journal)) as reader:
        by_card = {entry.seq for entry in reader.every() if entry.kind == "decision" and entry.fields.get("text") == text}
    changed = {seq for seq, outcome in before.items() if after[seq] != outcome}
    granted = {seq for seq in by_card & before.keys() if before[seq] == "grant"}
    assert granted
    assert granted <= changed <= by_card  # a question may have stayed one: who is inside with a frozen card is asked about
    assert "grant" not in {after[seq] for seq in changed}


def test_a_draft_that_denies_residents_is_refused_by_its_status(past: Past, tmp_path: Path) -> None:
    residents = [one for one in past.people.records(LANES) if isinstance(one, PersonRecord) and one.category == "resident"]
    draft = written(tmp_path, *(one.model_copy(update={"status": "frozen"}) for one in residents))
    asked = ["replay", "--config", str(past.config_path), "--under", str(draft), "--json"]
    result = CliRunner().invoke(app, asked)
    report = json.loads(result.stdout)
    assert (result.exit_code, report["newly_denied_protected"] > 0) == (1, True)
    example = report["differences"][0]["examples"][0]
    assert {"seq", "at", "lane", "shown", "was", "is"} == example.keys()
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


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("{", "draft.jsonl:2"),
        ('{"kind": "dragon"}', "draft.jsonl:2"),
        ('{"kind": "person", "id": "00000000-0000-0000-0000-000000000001"}', "draft.jsonl:2: person.name"),
        ('{"gone": {"kind": "person"}}', "draft.jsonl:2"),
        ("[1]", "draft.jsonl:2"),
    ],
)
def test_a_draft_with_a_fault_names_file_line_and_field(tmp_path: Path, line: str, said: str) -> None:
    draft = tmp_path / "draft.jsonl"
    draft.write_text(f"\n{line}\n", encoding="utf-8")
    with pytest.raises(ReplayError, match=said):
        list(read_changes(draft))


def test_a_draft_that_is_not_there_is_said(past: Past, tmp_path: Path) -> None:
    for name in ("none.jsonl", "none.snapshot"):
        result = CliRunner().invoke(app, ["replay", "--config", str(past.config_path), "--under", str(tmp_path / name)])
        assert result.exit_code == 2
        assert name in result.output
