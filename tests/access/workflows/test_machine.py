"""What holds for every workflow: tables that fit together, refusals that change nothing, reconciliation that needs no luck."""

from collections.abc import Mapping
from dataclasses import replace
from random import Random
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from access.workflows.catalogue import WORKFLOWS
from access.workflows.events import Elapsed, Event, Fact
from access.workflows.machine import NEW, Workflow
from access.workflows.order import SLACK
from access.workflows.refusals import Refusal
from tests.access.workflows import (
    test_card,
    test_contractor_pass,
    test_incident,
    test_office_key,
    test_permit,
    test_release_slip,
    test_rules_change,
    test_shift,
    test_vehicle_presence,
    test_visit,
)
from tests.access.workflows.cast import at, facts, told

STORIES: Mapping[str, Any] = {
    "visit": test_visit,
    "permit": test_permit,
    "contractor_pass": test_contractor_pass,
    "release_slip": test_release_slip,
    "card": test_card,
    "office_key": test_office_key,
    "vehicle_presence": test_vehicle_presence,
    "shift": test_shift,
    "incident": test_incident,
    "rules_change": test_rules_change,
}
STORY = st.lists(
    st.tuples(st.integers(0, 15), st.sampled_from("abc"), st.sampled_from(list(SLACK)), st.floats(0, 30)), max_size=12
)
each_workflow = pytest.mark.parametrize("workflow", WORKFLOWS.values(), ids=list(WORKFLOWS))


@each_workflow
def test_tables_fit_together(workflow: Workflow[Any]) -> None:
    known = set(workflow.events)
    assert workflow.states[0] == NEW == workflow.blank.state
    assert all(set(cell.targets) <= set(workflow.states) for row in workflow.moves.values() for cell in row.values())
    assert not any(cell.refusal and (cell.targets or cell.guards) for row in workflow.moves.values() for cell in row.values())
    assert set(workflow.writes) <= known
    assert workflow.happens <= set(workflow.writes)
    assert {event for event, _ in workflow.findings} <= known


@each_workflow
def test_every_state_can_be_reached(workflow: Workflow[Any]) -> None:
    reached, before = {NEW}, set[str]()
    while reached != before:
        before = set(reached)
        reached |= {state for row in before for cell in workflow.moves[row].values() for state in cell.targets}
    assert reached == set(workflow.states)


def path_of(name: str, pick: int) -> list[Event]:
    """Return a story that leads to one of the states."""
    paths = list(STORIES[name].PATHS.values())
    return list(paths[pick % len(paths)])


def sample_of(name: str, pick: int, hour: float) -> Event:
    """Return one of the events that would be right somewhere, at a time at which it may not be."""
    samples: list[Event] = STORIES[name].SAMPLES
    return replace(samples[pick % len(samples)], at=at(hour))


@each_workflow
@given(path=st.integers(0, 11), drawn=STORY, chance=st.randoms())
def test_reconciling_needs_no_luck(workflow: Workflow[Any], path: int, drawn: list[Any], chance: Random) -> None:
    """What the office knew and what gates did besides, at any time and under any clock: one record, one list of findings."""
    gates = [
        Fact(UUID(int=seq), origin, seq, sample_of(workflow.name, pick, hour), quality)
        for seq, (pick, origin, quality, hour) in enumerate(drawn)
    ]
    recorded = [*facts("office", *path_of(workflow.name, path)), *gates]
    shuffled = [*recorded, *recorded[1::2]]
    chance.shuffle(shuffled)
    assert workflow.reconcile(shuffled) == workflow.reconcile(recorded)


@each_workflow
@given(path=st.integers(0, 11), picks=st.lists(st.tuples(st.integers(0, 15), st.floats(0, 9)), max_size=12))
def test_what_was_never_refused_is_found_right(workflow: Workflow[Any], path: int, picks: list[tuple[int, float]]) -> None:
    """Recorded by one gate in order, the same story comes to the same record, and nothing is found wrong with it."""
    accepted = path_of(workflow.name, path)
    record, hour = told(workflow, accepted), 100.0
    for pick, later in picks:
        hour += later
        record = workflow.ripened(record, at(hour))
        event = sample_of(workflow.name, pick, hour)
        moved = workflow.advance(record, event)
        if not isinstance(event, Elapsed) and not isinstance(moved, Refusal):
            record = moved
            accepted.append(event)
    reconciled, findings = workflow.reconcile(facts("east", *accepted))
    assert findings == ()
    assert workflow.ripened(reconciled, at(hour)) == workflow.ripened(record, at(hour))


@pytest.mark.parametrize("path", ["approved", "in"])
def test_time_cannot_be_told_to_have_passed(path: str) -> None:
    state = told(WORKFLOWS["visit"], test_visit.PATHS[path])
    early = {"approved": test_visit.EXPIRED, "in": test_visit.OVERSTAYED}[path]
    moved = WORKFLOWS["visit"].advance(state, replace(early, at=at(17)))
    assert moved == Refusal("not_due")
