"""The decision: what was presented, at which lane, under which rules, when -> grant, deny or refer, and how it came about."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from access.case import Case, Companion, Presented, Verdict
from access.finding import find
from access.matching import Candidate, Match
from access.obligations import Obligation
from access.on_record import LaneRules
from access.passing import Passing, passes_of, passing, subject_of, visits_of
from access.plate import shown
from access.presence import Known, Presence, Value
from access.reasons import REASONS
from access.rules import RULES
from access.snapshot import Snapshot

# What a credential comes to that is good, where the lane asks for a second one.
AWAITING = frozenset({"factor_awaited", "person_awaited", "escort_awaited"})


@dataclass(frozen=True, slots=True)
class Step:
    """One rule that was looked at: what it saw, and the reason that it concluded with (empty: it let pass)."""

    rule: str
    saw: Mapping[str, Any]
    concluded: str


@dataclass(frozen=True, slots=True)
class Explanation:
    """How a decision came about: every rule looked at, the revision of the rules, and every presence value that was read."""

    steps: tuple[Step, ...]
    revision: int
    reads: Mapping[str, Value | None]


@dataclass(frozen=True, slots=True)
class Decision:
    """Grant, deny or refer, with the reason and the values of its sentence; `passing` is what a passage on it would change."""

    outcome: str
    reason: str
    values: Mapping[str, Any]
    explanation: Explanation
    candidates: tuple[Candidate, ...]
    obligations: tuple[Obligation, ...]
    match: Match
    passing: Passing


def decide(presented: Presented, lane: LaneRules, snapshot: Snapshot, presence: Presence, at: datetime) -> Decision:
    """Ask the rules in order; the first that concludes decides, and where none objects the holder may pass.

    Pure: `at` is aware, everything known is an argument, and the same arguments give the same decision.
    """
    known = Known(presence)
    return _decide(_case(presented, lane, snapshot, known, at))


def _case(presented: Presented, lane: LaneRules, snapshot: Snapshot, known: Known, at: datetime) -> Case:
    found, adopted = find(presented, lane, snapshot, known)
    plate = presented.text if presented.medium == "plate" else ""
    return Case(
        presented,
        lane,
        snapshot,
        known,
        at,
        found,
        adopted,
        subject_of(found.credential, plate, snapshot) if found.credential or not found.exact else "",
        visits_of(found.credential, snapshot),
        passes_of(found.credential, snapshot),
        lambda: _companions(presented, lane, snapshot, known, at),
    )


def _decide(case: Case) -> Decision:
    steps, due = [], []
    verdict = Verdict()
    for name, rule in RULES.items():
        verdict = rule(case)
        steps.append(Step(name, verdict.saw, verdict.reason))
        if verdict.reason:
            due = [*verdict.obligations]
            break
        due += verdict.obligations
    else:
        verdict = _nobody_objects(case)
        due += verdict.obligations
    plate = case.presented.text if case.presented.medium == "plate" else ""
    return Decision(
        REASONS[verdict.reason].outcome,
        verdict.reason,
        {**case.match.described(), **verdict.values},
        Explanation(tuple(steps), case.snapshot.revision, case.known.reads),
        verdict.candidates or case.match.candidates,
        tuple(one for at, one in enumerate(due) if one not in due[:at]),
        case.match,
        passing(case.match.credential, plate, case.presented.direction, case.lane, case.snapshot, case.at),
    )


def _nobody_objects(case: Case) -> Verdict:
    if case.adopted is not None:
        return Verdict("inexact_ok", {"near": shown(case.adopted.credential.shown)}, obligations=(Obligation("compare_picture"),))
    if case.visits:
        return Verdict("visit_ok")
    if case.passes:
        return Verdict("pass_ok", {"number": case.passes[0].number})
    return Verdict("access_ok")


def _companions(presented: Presented, lane: LaneRules, snapshot: Snapshot, known: Known, at: datetime) -> tuple[Companion, ...]:
    """Return what was presented within the lane's window and would pass, if it were not for the second credential."""
    window = timedelta(seconds=lane.factor_window_s)
    found = []
    for earlier in presented.earlier:
        if timedelta(0) <= at - earlier.at <= window:
            case = _case(replace(earlier.presented, earlier=()), lane, snapshot, known, earlier.at)
            if case.match.credential and _decide(case).reason in AWAITING:
                found.append(Companion(earlier.presented.medium, case.match.credential, earlier.at))
    return tuple(found)
