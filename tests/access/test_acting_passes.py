"""What acts with a contractor pass change in the presence: a duplicate hangs in one place, and takes a place of its permit."""

from datetime import UTC, datetime
from typing import Any

import pytest

from access.acting.act import Act
from access.acting.passes import CHANGED, pass_facts
from access.presence import Presence, Value

AT = datetime(2026, 3, 2, 10, tzinfo=UTC)
SECONDS = int(AT.timestamp())
INSIDE: dict[str, Value] = {"held:p": ["east", 7, "permit:m"], "permit:m": 1}
MOVED: dict[str, Value] = {"transfer:p": ["east", 7, "west"]}
AT_POST: dict[str, Value] = {"at:w": ["yard", 7]}
GONE: dict[str, Value] = {"at:w": ["", SECONDS]}
HERE: list[str | int] = ["west", SECONDS, "permit:m"]


def presence(facts: dict[str, Value]) -> Presence:
    return Presence().after([("set", name, value) for name, value in facts.items() if not name.startswith("permit:")])


def after(facts: dict[str, Value], name: str, **values: Any) -> dict[str, Value] | str:
    before = presence(facts)
    changes = pass_facts(Act("pass", "p", name, values, "west", AT), before)
    return changes if isinstance(changes, str) else dict(before.after(changes).facts.items())


@pytest.mark.parametrize(
    ("before", "name", "values", "expected"),
    [
        ({}, "WorkerEntered", {"permit": "m"}, {"held:p": HERE, "permit:m": 1}),
        ({}, "WorkerEntered", {}, {"held:p": HERE[:2]}),
        (INSIDE, "WorkerEntered", {"permit": "m"}, CHANGED),
        (MOVED, "WorkerEntered", {"permit": "m"}, CHANGED),
        (INSIDE, "WorkerLeft", {"given_back": True}, {}),
        (INSIDE, "WorkerLeft", {"given_back": False}, {"transfer:p": ["east", SECONDS, "west"]}),
        ({}, "WorkerLeft", {"given_back": True}, CHANGED),
        (MOVED, "DuplicateBroughtBack", {}, {}),
        (INSIDE, "DuplicateBroughtBack", {}, CHANGED),
        (INSIDE, "DuplicateCounted", {"found": True, "expected": True}, INSIDE),
        ({}, "DuplicateCounted", {"found": False, "expected": False}, {}),
        (INSIDE, "DuplicateCounted", {"found": False, "expected": True}, {}),
        (MOVED, "DuplicateCounted", {"found": False, "expected": True}, {}),
        ({}, "DuplicateCounted", {"found": False, "expected": True}, CHANGED),
        ({}, "DuplicateCounted", {"found": True, "expected": False, "permit": "m"}, {"held:p": HERE, "permit:m": 1}),
        (MOVED, "DuplicateCounted", {"found": True, "expected": False, "permit": "m"}, {"held:p": HERE, "permit:m": 1}),
        (INSIDE, "DuplicateCounted", {"found": True, "expected": False, "permit": "m"}, {"held:p": HERE, "permit:m": 1}),
        (INSIDE, "PassConfiscated", {"reason": "x"}, INSIDE),
        (INSIDE | AT_POST, "WorkerLeft", {"given_back": True, "subject": "w"}, GONE),
        (INSIDE | AT_POST, "WorkerLeft", {"given_back": False, "subject": "w"}, {"transfer:p": ["east", SECONDS, "west"]} | GONE),
        (INSIDE | {"at:w": ["", 7]}, "WorkerLeft", {"given_back": True, "subject": "w"}, {"at:w": ["", 7]}),
        (INSIDE, "WorkerLeft", {"given_back": True, "subject": "w"}, {}),
        (INSIDE | AT_POST, "WorkerLeft", {"given_back": True}, AT_POST),
        (INSIDE | AT_POST, "WorkerLeft", {"given_back": True, "subject": None}, AT_POST),
        ({"at:w": ["", 7]}, "WorkerEntered", {"subject": "w"}, {"held:p": HERE[:2]}),
        ({}, "WorkerEntered", {"subject": "w"}, {"held:p": HERE[:2]}),
        (INSIDE | AT_POST, "DuplicateCounted", {"found": False, "expected": True, "subject": "w"}, {}),
        ({"at:w": ["", 7]}, "DuplicateCounted", {"found": True, "expected": False, "subject": "w"}, {"held:p": HERE[:2]}),
        (INSIDE | AT_POST, "DuplicateCounted", {"found": True, "expected": True, "subject": "w"}, INSIDE | AT_POST),
    ],
)
def test_a_duplicate_hangs_where_it_was_handed_in(before: Any, name: str, values: Any, expected: Any) -> None:
    assert after(before, name, **values) == expected
