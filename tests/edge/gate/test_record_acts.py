"""Acts with records: done once, on what the guard saw, and never said to be done where nothing is written."""

from dataclasses import replace
from typing import Any

import pytest

from access.acts import VehicleActed
from edge.gate.actions import Append, Keep
from edge.gate.record_acts import BYTES_MAX
from edge.messages import RecordAct
from tests.edge.gate.playbook import VEHICLE, Playbook, restart, settings

VISIT = "0190aa00-0000-7000-8000-000000000001"


@pytest.fixture
def book() -> Playbook:
    return Playbook(settings(VEHICLE))


def act(book: Playbook, request: str = "r-1", kind: str = "vehicle", **keys: Any) -> RecordAct:
    plain = RecordAct(request, kind, VISIT, "nothing_carried", "g7", "张*", book.now + 10, "leader", lane="in-1")
    return replace(plain, **keys)


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
    ],
)
def test_an_act_is_refused_and_nothing_written(book: Playbook, keys: dict[str, Any], refusal: str) -> None:
    assert book.feed(act(book, **keys)) == [f"answer r-1 {refusal}"]
    assert book.bodies(VehicleActed) == []
    assert book.feed(act(book, **keys)) == [f"answer r-1 {refusal}"]


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
