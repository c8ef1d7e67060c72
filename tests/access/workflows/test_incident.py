"""Incidents: entries are added and corrected by further entries, never changed."""

from dataclasses import replace
from uuid import UUID

import pytest

from access.workflows import incident
from access.workflows.events import Event
from access.workflows.incident import (
    ENTRIES_MAX,
    WORKFLOW,
    EntryAdded,
    IncidentClosed,
    IncidentReopened,
    IncidentReported,
    LogEntry,
)
from tests.access.workflows.cast import GUARD, LEADER, at, facts, refused, told
from tests.access.workflows.matrix import matrix

FIRST, SECOND = LogEntry(UUID(int=1), "water in the basement", told=("leader-1",)), LogEntry(UUID(int=2), "pump running")
REPORTED = IncidentReported(at=at(3), by=GUARD, kind="water", place="basement 2", entry=FIRST)
ADDED = EntryAdded(at=at(4), by=GUARD, entry=SECOND)
CORRECTION = replace(ADDED, entry=LogEntry(UUID(int=3), "basement 3, not 2", corrects=FIRST.id))
CLOSED = IncidentClosed(at=at(6), by=LEADER, reason="dry")
REOPENED = IncidentReopened(at=at(7), by=LEADER, reason="wet again")

PATHS: dict[str, list[Event]] = {"new": [], "open": [REPORTED], "closed": [REPORTED, CLOSED]}
SAMPLES = [REPORTED, ADDED, CLOSED, REOPENED]
TABLE = """
                  new   open    closed
IncidentReported  open  .       .
EntryAdded        .     =       =
IncidentClosed    .     closed  .
IncidentReopened  .     .       open
"""


def test_every_event_in_every_state() -> None:
    assert matrix(WORKFLOW, PATHS, SAMPLES) == TABLE.strip("\n")


@pytest.mark.parametrize(
    ("story", "event", "code"),
    [
        ([], replace(REPORTED, entry=replace(FIRST, text=" ")), "text_missing"),
        ([REPORTED], replace(ADDED, entry=replace(SECOND, text="")), "text_missing"),
        ([REPORTED], replace(ADDED, entry=FIRST), "entry_exists"),
        ([REPORTED], replace(ADDED, entry=replace(SECOND, corrects=UUID(int=9))), "entry_unknown"),
        ([REPORTED], replace(CLOSED, reason=""), "reason_missing"),
        ([REPORTED, CLOSED], CORRECTION, ""),
    ],
)
def test_guards(story: list[Event], event: Event, code: str) -> None:
    assert refused(WORKFLOW, told(WORKFLOW, story), event) == code


def test_a_correction_leaves_what_it_corrects() -> None:
    assert told(WORKFLOW, [REPORTED, ADDED, CORRECTION]).entries == (FIRST, SECOND, CORRECTION.entry)


def test_entries_are_limited() -> None:
    more: list[Event] = [replace(ADDED, entry=LogEntry(UUID(int=number), "still wet")) for number in range(2, ENTRIES_MAX + 1)]
    full = told(WORKFLOW, [REPORTED, *more])
    assert refused(WORKFLOW, full, replace(ADDED, entry=LogEntry(UUID(int=ENTRIES_MAX + 1), "?"))) == "too_many_items"


def test_posts_apart() -> None:
    state, findings = incident.reconcile([*facts("north", ADDED), *facts("east", REPORTED)])
    assert (state.entries, findings) == ((FIRST, SECOND), ())
