"""Vehicles inside and outside: from passages, asked about where they cannot be, kept as they happened."""

from dataclasses import replace
from typing import Any

import pytest

from access.workflows import vehicle_presence
from access.workflows.events import Event
from access.workflows.vehicle_presence import (
    WORKFLOW,
    LoadCleared,
    LoadingMarked,
    VehicleEntered,
    VehicleExited,
    VehiclePresence,
    VehicleSetInside,
    VehicleSetOutside,
)
from tests.access.workflows.cast import GUARD, at, codes, facts, refused, told
from tests.access.workflows.matrix import matrix

PLATE = "粤B12345"
ENTERED = VehicleEntered(at=at(8), by=GUARD, credential=PLATE, lane="east-in")
EXITED = VehicleExited(at=at(18), by=GUARD, credential=PLATE, lane="east-out")
SET_INSIDE = VehicleSetInside(at=at(9), by=GUARD, credential=PLATE, reason="came in behind a lorry")
SET_OUTSIDE = VehicleSetOutside(at=at(17), by=GUARD, credential=PLATE, reason="missed at the exit")
MARKED = LoadingMarked(at=at(9), by=GUARD, why="slip F-88")
CLEARED = LoadCleared(at=at(10), by=GUARD, slip="F-88")

PATHS: dict[str, list[Event]] = {"new": [], "inside": [ENTERED], "outside": [ENTERED, EXITED]}
SAMPLES = [ENTERED, EXITED, SET_INSIDE, SET_OUTSIDE, MARKED, CLEARED]
TABLE = """
                   new      inside   outside
VehicleEntered     inside   no       inside
VehicleExited      no       outside  no
VehicleSetInside   inside   .        inside
VehicleSetOutside  outside  outside  .
LoadingMarked      .        =        .
LoadCleared        .        =        .
"""


def test_every_event_in_every_state() -> None:
    assert matrix(WORKFLOW, PATHS, SAMPLES) == TABLE.strip("\n")


@pytest.mark.parametrize(
    ("story", "event", "code"),
    [
        ([], EXITED, "exit_without_entry"),
        ([ENTERED], ENTERED, "entry_while_inside"),
        ([ENTERED, SET_OUTSIDE], ENTERED, ""),
        ([ENTERED], replace(SET_OUTSIDE, reason=""), "reason_missing"),
        ([ENTERED, MARKED], EXITED, "load_unchecked"),
        ([ENTERED, MARKED, CLEARED], EXITED, ""),
        ([ENTERED, MARKED, SET_OUTSIDE, ENTERED], EXITED, ""),
    ],
)
def test_guards(story: list[Event], event: Event, code: str) -> None:
    assert refused(WORKFLOW, told(WORKFLOW, story), event) == code


@pytest.mark.parametrize(
    ("recorded", "found", "state"),
    [
        ([*facts("east", ENTERED), *facts("north", EXITED)], [], "outside"),
        ([*facts("east", ENTERED), *facts("north", replace(ENTERED, at=at(9)))], ["entry_while_inside"], "inside"),
        ([*facts("north", EXITED)], ["exit_without_entry"], "outside"),
        ([*facts("east", ENTERED, MARKED), *facts("north", EXITED)], ["load_unchecked"], "outside"),
    ],
)
def test_gates_apart(recorded: Any, found: list[str], state: str) -> None:
    assert (codes(WORKFLOW, recorded), vehicle_presence.reconcile(recorded)[0].state) == (found, state)


def test_since_is_the_last_that_was_seen_or_said() -> None:
    entered_again = [*facts("east", ENTERED), *facts("north", replace(ENTERED, at=at(9)))]
    assert vehicle_presence.reconcile(entered_again)[0].since == at(9)
    assert told(WORKFLOW, [SET_INSIDE]) == VehiclePresence("inside", PLATE, at(9))
    assert told(WORKFLOW, [ENTERED, SET_OUTSIDE]) == VehiclePresence("outside", PLATE, at(17))


def test_the_nightly_list_names_the_longest_unseen_first() -> None:
    days = [VehiclePresence("inside", f"plate-{day}", at(-24 * day)) for day in (1, 9, 7, 30)]
    gone = VehiclePresence("outside", "gone", at(-24 * 60))
    assert [seen.credential for seen in vehicle_presence.unseen([*days, gone], at(0), 7)] == ["plate-30", "plate-9", "plate-7"]
