"""Acts with records: done once, on what the guard saw, and never said to be done where nothing is written."""

import os
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from access.acts import VehicleActed
from access.entries import stamped
from edge.booth_messages import RecordAct
from edge.gate.actions import Append, Keep
from edge.gate.record_acts import BYTES_MAX, REMEMBERED_MS
from edge.store.journal import Journal
from edge.store.presence import summed
from edge.store.reader import JournalReader
from tests.edge.gate.playbook import VEHICLE, Playbook, restart, settings

VISIT, OTHER = "0190aa00-0000-7000-8000-000000000001", "0190aa00-0000-7000-8000-000000000002"


@pytest.fixture
def book() -> Playbook:
    return Playbook(settings(VEHICLE))


def act(book: Playbook, request: str = "r-1", kind: str = "vehicle", **keys: Any) -> RecordAct:
    plain = RecordAct(request, kind, VISIT, "nothing_carried", "g7", "张*", book.now + 10, "leader", lane="in-1")
    return replace(plain, **keys)


def newest_of(book: Playbook, identity: str) -> str:
    drafts = [action.draft for action in book.sent if isinstance(action, Append)]
    return next((one.id.hex for one in reversed(drafts) if getattr(one.body, "identity", "") == identity), "")


def trip(quantity: str) -> dict[str, Any]:
    return {"released": [{"line": 1, "quantity": quantity}]}


def newest(book: Playbook) -> str:
    return [action.draft.id.hex for action in book.sent if isinstance(action, Append)][-1]


def test_an_act_is_written_once_with_its_facts_before_it_is_answered(book: Playbook) -> None:
    pressed = act(book, words="空车", details={"name": "李*"}, values={"lines": 3})
    assert book.feed(pressed) == ["write vehicle", "answer r-1 yes"]
    assert book.feed(pressed) == ["answer r-1 yes"]
    (body,) = book.bodies(VehicleActed)
    assert (body.identity, body.guard, body.role, body.words, body.guard_name) == (VISIT, "g7", "leader", "空车", "张*")
    assert (body.values, body.details) == ({"lines": 3}, {"name": "李*"})
    assert book.gate.presence.facts.get(f"cleared:{VISIT}") == int(book.at.timestamp())


def test_who_did_not_see_what_was_done_meanwhile_looks_again(book: Playbook) -> None:
    book.feed(act(book))
    first = newest(book)
    assert book.feed(act(book, "r-2")) == ["answer r-2 changed_meanwhile"]
    assert book.feed(act(book, "r-3", after="ff")) == ["answer r-3 changed_meanwhile"]
    assert book.feed(act(book, "r-4", after=first)) == ["write vehicle", "answer r-4 yes"]
    assert book.feed(act(book, "r-5", kind="count", identity="", act="count")) == ["write count", "answer r-5 yes"]
    assert book.feed(act(book, "r-6", kind="count", identity="", act="count")) == ["write count", "answer r-6 yes"]


@pytest.mark.parametrize(
    ("keys", "refusal"),
    [
        ({"expires_mono": 0.0}, "expired"),
        ({"kind": "decision"}, "unknown_act"),
        ({"act": "dance"}, "unknown_act"),
        ({"values": {"words": "x" * BYTES_MAX}}, "too_long"),
        ({"details": {"words": "x" * BYTES_MAX}}, "too_long"),
        ({"words": "字" * (BYTES_MAX // 3 + 1)}, "too_long"),
        ({"kind": "visit", "act": "VisitorsLeft", "values": {"before": 7}}, "changed_meanwhile"),
        ({"kind": "slip", "act": "TripReleased", "values": trip("1e999999999")}, "unknown_act"),
        ({"kind": "slip", "act": "TripReleased", "values": trip("Infinity")}, "unknown_act"),
    ],
)
def test_an_act_is_refused_and_nothing_written(book: Playbook, keys: dict[str, Any], refusal: str) -> None:
    assert book.feed(act(book, **keys)) == [f"answer r-1 {refusal}"]
    assert book.bodies(VehicleActed) == []
    assert book.feed(act(book, **keys)) == [f"answer r-1 {refusal}"]


def test_what_was_done_a_day_ago_is_on_every_page_or_forgotten_there(book: Playbook) -> None:
    book.feed(act(book))
    book.move_clock(REMEMBERED_MS / 1000 - 60)
    assert book.feed(act(book, "r-2")) == ["answer r-2 changed_meanwhile"]
    book.move_clock(120)
    assert book.feed(act(book, "r-3")) == ["write vehicle", "answer r-3 yes"]


def test_an_act_with_a_camera_names_the_picture_that_is_kept(book: Playbook) -> None:
    assert book.feed(act(book, camera="camera-in")) == ["write vehicle", "keep camera-in", "answer r-1 yes"]
    (keep,) = [action for action in book.sent if isinstance(action, Keep)]
    assert keep.capture_id == book.bodies(VehicleActed)[0].capture != ""
    assert book.feed(act(book, "r-2", camera="nobody's", after=newest(book))) == ["write vehicle", "answer r-2 yes"]


def test_where_nothing_can_be_written_nothing_is_done(book: Playbook) -> None:
    book.gate.can_write = False
    assert book.feed(act(book)) == ["answer r-1 not_written"]
    assert f"cleared:{VISIT}" not in book.gate.presence.facts
    book.gate.can_write = True
    assert book.feed(act(book, "r-2")) == ["write vehicle", "answer r-2 yes"]


def test_after_a_restart_the_facts_are_there_and_any_page_may_act(book: Playbook) -> None:
    book.feed(act(book))
    restart().play(book)
    assert f"cleared:{VISIT}" in book.gate.presence.facts
    assert book.feed(act(book, "r-2", act="mark_loading")) == ["write vehicle", "answer r-2 yes"]
    assert f"cleared:{VISIT}" not in book.gate.presence.facts


def test_only_so_many_records_are_remembered(book: Playbook, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("edge.gate.record_acts.REMEMBERED_MAX", 2)
    for number in range(3):
        book.feed(act(book, f"r-{number}", identity=str(number)))
    assert book.feed(act(book, "r-9", identity="2")) == ["answer r-9 changed_meanwhile"]
    assert book.feed(act(book, "r-8", identity="0")) == ["write vehicle", "answer r-8 yes"]


def test_a_journal_that_is_made_anew_of_its_entries_adds_up_to_the_same(tmp_path: Path, book: Playbook) -> None:
    asked: list[tuple[str, str, str, dict[str, Any]]] = [
        ("visit", VISIT, "HostAgreed", {"people": 2}),
        ("visit", VISIT, "CardLent", {"card": OTHER}),
        ("visit", VISIT, "VisitorsLeft", {"people": 1}),
        ("pass", OTHER, "WorkerEntered", {"permit": VISIT}),
        ("pass", OTHER, "WorkerLeft", {"given_back": False}),
        ("slip", OTHER, "TripReleased", {**trip("2.5"), "cleared": VISIT}),
        ("vehicle", VISIT, "mark_loading", {}),
    ]
    with closing(Journal(tmp_path / "journal.db", UUID(int=1), stamped(1.0, book.at.timestamp()), os.urandom)) as journal:
        for number, (kind, identity, name, values) in enumerate(asked):
            known = len(book.sent)
            keys = {"identity": identity, "act": name, "values": values, "after": newest_of(book, identity)}
            lines = book.feed(act(book, f"r-{number}", kind, **keys))
            assert lines == [f"write {kind}", f"answer r-{number} yes"]
            drafts = [action.draft for action in book.sent[known:] if isinstance(action, Append)]
            journal.append(drafts, stamped(1.0, book.at.timestamp() - number))  # also by a clock that goes back
        assert dict(journal.presence.facts.items()) == dict(book.gate.presence.facts.items())
        with closing(JournalReader(tmp_path / "journal.db")) as reader:
            assert dict(summed(reader.every()).facts.items()) == dict(journal.presence.facts.items())
    assert {f"lent:{OTHER}", f"transfer:{OTHER}", f"party:{VISIT}", f"uses:{VISIT}"} <= set(book.gate.presence.facts)
