"""Changes of the rules: tried before approved, approved by a second person, shown gate by gate, undone by a new revision."""

from dataclasses import replace

import pytest

from access.workflows import rules_change
from access.workflows.events import Event
from access.workflows.rules_change import (
    WORKFLOW,
    Installation,
    RulesApproved,
    RulesDrafted,
    RulesInstalled,
    RulesPublished,
    RulesRolledBack,
    RulesTried,
    RulesWithdrawn,
)
from tests.access.workflows.cast import GUARD, MANAGER, REGISTRAR, at, codes, facts, refused, told
from tests.access.workflows.matrix import matrix

DRAFTED = RulesDrafted(at=at(9), by=REGISTRAR, draft="sha-1", gates=("east", "north"))
TRIED = RulesTried(at=at(10), by=REGISTRAR, draft="sha-1", days=30, newly_denied=17, newly_granted=2, protected_denied=0)
APPROVED = RulesApproved(at=at(11), by=MANAGER)
WITHDRAWN = RulesWithdrawn(at=at(11.5), by=MANAGER, reason="另行安排")
PUBLISHED = RulesPublished(at=at(12), by=MANAGER, revision=42, current=41)
INSTALLED = RulesInstalled(at=at(12.1), by=GUARD, gate="east", revision=42)
ROLLED_BACK = RulesRolledBack(at=at(13), by=MANAGER, revision=43, restored=41)

OUT: list[Event] = [DRAFTED, TRIED, APPROVED, PUBLISHED]
PATHS: dict[str, list[Event]] = {
    "new": [],
    "draft": [DRAFTED],
    "tried": [DRAFTED, TRIED],
    "approved": [DRAFTED, TRIED, APPROVED],
    "published": OUT,
    "withdrawn": [DRAFTED, WITHDRAWN],
    "rolled_back": [*OUT, INSTALLED, ROLLED_BACK],
}
SAMPLES = [DRAFTED, TRIED, APPROVED, WITHDRAWN, PUBLISHED, INSTALLED, ROLLED_BACK]
TABLE = """
                 new    draft      tried      approved   withdrawn  published
RulesDrafted     draft  =          draft      draft      .          .
RulesTried       .      tried      =          tried      .          .
RulesWithdrawn   .      withdrawn  withdrawn  withdrawn  .          .
RulesApproved    .      .          approved   .          .          .
RulesPublished   .      .          .          published  .          .
RulesInstalled   .      .          .          .          .          =
RulesRolledBack  .      .          .          .          .          rolled_back

                 rolled_back
RulesDrafted     .
RulesTried       .
RulesWithdrawn   .
RulesApproved    .
RulesPublished   .
RulesInstalled   no
RulesRolledBack  .
"""


def test_every_event_in_every_state() -> None:
    assert matrix(WORKFLOW, PATHS, SAMPLES) == TABLE.strip("\n")


@pytest.mark.parametrize(
    ("story", "event", "code"),
    [
        ([replace(DRAFTED, draft="sha-2")], TRIED, "draft_changed"),
        ([DRAFTED, replace(TRIED, protected_denied=1)], APPROVED, "protected_denied"),
        (PATHS["tried"], replace(APPROVED, by=REGISTRAR), "second_person_needed"),
        ([replace(DRAFTED, second_person=False), TRIED], replace(APPROVED, by=REGISTRAR), ""),
        ([DRAFTED, replace(TRIED, days=7)], APPROVED, "trial_too_short"),
        ([DRAFTED, TRIED, replace(TRIED, days=1)], APPROVED, "trial_too_short"),
        (PATHS["tried"], replace(APPROVED, at=at(34)), ""),
        (PATHS["tried"], replace(APPROVED, at=at(34.1)), "trial_too_old"),
        (PATHS["approved"], replace(PUBLISHED, at=at(10 + 7 * 24)), ""),
        (PATHS["approved"], replace(PUBLISHED, at=at(10.1 + 7 * 24)), "trial_too_old"),
        ([DRAFTED, replace(DRAFTED, second_person=False), TRIED], replace(APPROVED, by=REGISTRAR), "second_person_needed"),
        (PATHS["draft"], replace(WITHDRAWN, reason=" "), "reason_missing"),
        (PATHS["approved"], replace(PUBLISHED, revision=41), "revision_not_newer"),
        (OUT, replace(INSTALLED, revision=41), "other_revision"),
        (OUT, replace(INSTALLED, gate="south"), "gate_not_awaited"),
        ([*OUT, INSTALLED], INSTALLED, "gate_not_awaited"),
        (OUT, replace(ROLLED_BACK, revision=42), "revision_not_newer"),
        (OUT, replace(ROLLED_BACK, restored=42), "not_earlier"),
    ],
)
def test_guards(story: list[Event], event: Event, code: str) -> None:
    assert refused(WORKFLOW, told(WORKFLOW, story), event) == code


def test_a_changed_draft_must_be_tried_again() -> None:
    changed = told(WORKFLOW, [DRAFTED, replace(TRIED, protected_denied=1), replace(DRAFTED, draft="sha-2")])
    assert (changed.state, refused(WORKFLOW, changed, APPROVED)) == ("draft", "not_now")


def test_a_draft_may_be_tried_again_and_the_last_time_counts() -> None:
    again = told(WORKFLOW, [DRAFTED, TRIED, replace(TRIED, protected_denied=1)])
    assert (again.state, refused(WORKFLOW, again, APPROVED)) == ("tried", "protected_denied")
    assert told(WORKFLOW, [DRAFTED, replace(TRIED, protected_denied=1), TRIED, APPROVED]).state == "approved"


def test_each_gate_is_awaited_until_it_has_installed() -> None:
    state = told(WORKFLOW, [*OUT, INSTALLED])
    assert (state.installed, rules_change.missing_gates(state)) == ((Installation("east", at(12.1)),), ("north",))


def test_a_roll_back_is_a_new_revision_that_every_gate_installs_again() -> None:
    state = told(WORKFLOW, PATHS["rolled_back"])
    assert (state.revision, state.restored, rules_change.missing_gates(state)) == (43, 41, ("east", "north"))


def test_office_and_gates_apart() -> None:
    late = replace(INSTALLED, at=at(14), gate="north")
    recorded = [*facts("office", *OUT, ROLLED_BACK), *facts("east", INSTALLED), *facts("north", late)]
    state, _ = rules_change.reconcile(recorded)
    assert (codes(WORKFLOW, recorded), rules_change.missing_gates(state)) == (["out_of_order"], ("east", "north"))
