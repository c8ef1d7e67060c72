from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest

from central.log.schemas import StoryEntry
from central.office.story import steps

AT = datetime(2026, 3, 2, tzinfo=UTC)


def told(kind: str, **fields: Any) -> list[tuple[str, str]]:
    entry = StoryEntry(
        id=UUID(int=1), seq=7, at=AT, after_ms=1.0, kind=kind, fields=fields, erased=(), sentence={"zh": "句", "en": "a sentence"}
    )
    return [(step.what, step.text) for step in steps([entry], "en", str)]


@pytest.mark.parametrize(
    ("kind", "fields", "expected"),
    [
        ("reading", {"medium": "code", "text": "secret-code-1"}, [("seen", "code …de-1")]),
        ("reading", {"medium": "plate"}, [("seen", "plate —")]),
        ("decision", {"outcome": "grant"}, [("decided", "a sentence"), ("written", "entry 7, before the arm moved")]),
        ("decision", {"outcome": "deny"}, [("decided", "a sentence"), ("written", "entry 7")]),
        (
            "decision",
            {"outcome": "grant", "uncommitted": True},
            [("decided", "a sentence"), ("written", "entry 7, only afterwards: the journal could not be written then")],
        ),
        ("decision", {"steps": ["x"], "candidates": "y"}, [("decided", "a sentence"), ("written", "entry 7")]),
        ("outcome", {"ok": False, "error": "no answer"}, [("arm", "the command failed: no answer")]),
        ("outcome", {"ok": True}, [("arm", "done")]),
        ("passage", {"result": "of a later version"}, [("passed", "of a later version")]),
        ("passage", {"result": "crashed"}, [("passed", "crashed the arm")]),
        ("alarm", {"what": "tailgating"}, [("alarm", "a sentence")]),
        ("lane", {"mode": "held_open", "until_us": 0}, [("lane", "a sentence")]),
        ("novelty", {}, [("other", "novelty")]),
    ],
)
def test_entries_are_told_as_what_they_are(kind: str, fields: dict[str, Any], expected: list[tuple[str, str]]) -> None:
    assert told(kind, **fields) == expected


def test_what_a_decision_obliged_to_is_told() -> None:
    due = [["take_duplicate", {"number": "000123"}], ["a_sites_own", {}], "of a later version", ["half"], ["take_duplicate", 7]]
    fields = {"outcome": "grant", "obligations": due}
    entry = StoryEntry(
        id=UUID(int=1), seq=7, at=AT, after_ms=1.0, kind="decision", fields=fields, erased=(), sentence={"zh": "句", "en": "x"}
    )
    decided, _ = steps([entry], "zh", str)
    assert decided.details == (("to be done", "收下副证 000123"), ("to be done", "a_sites_own"))


def test_what_a_lane_is_set_to_for_a_time_ends_by_itself() -> None:
    fields = {"mode": "convoy", "until_us": round(AT.timestamp() * 1_000_000) + 300_000_000}
    entry = StoryEntry(
        id=UUID(int=1),
        seq=7,
        at=AT,
        after_ms=1.0,
        kind="lane",
        fields=fields,
        erased=(),
        sentence={"zh": "句", "en": "a sentence"},
    )
    [step] = steps([entry], "en", str)
    assert step.details == (("ends by itself after", "5 min"),)
