"""The decision: what was presented, at which lane, under which rules, when -> grant, deny or refer, and how it came about."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from access.case import Case, Presented, Verdict
from access.matching import Candidate, Match, match
from access.presence import Presence
from access.reasons import REASONS
from access.rules import RULES
from access.snapshot import LaneRules, Snapshot


@dataclass(frozen=True, slots=True)
class Step:
    """One rule that was looked at: what it saw, and the reason that it concluded with (empty: it let pass)."""

    rule: str
    saw: Mapping[str, Any]
    concluded: str


@dataclass(frozen=True, slots=True)
class Decision:
    """Grant, deny or refer, with the reason, the values of its sentence, and how it came about."""

    outcome: str
    reason: str
    values: Mapping[str, Any]
    steps: tuple[Step, ...]
    candidates: tuple[Candidate, ...]
    match: Match
    revision: int
    obligations: tuple[str, ...] = ()


def decide(presented: Presented, lane: LaneRules, snapshot: Snapshot, presence: Presence, at: datetime) -> Decision:
    """Ask the rules in order; the first that concludes decides, and where none objects the holder may pass."""
    found = match(presented.medium, presented.raw, presented.text, presented.bits, snapshot)
    case = Case(presented, lane, snapshot, presence, at, found)
    steps = []
    verdict = Verdict()
    for name, rule in RULES.items():
        verdict = rule(case)
        steps.append(Step(name, verdict.saw, verdict.reason))
        if verdict.reason:
            break
    else:
        verdict = Verdict("access_ok")
    values = {**found.described(), **verdict.values}
    outcome = REASONS[verdict.reason].outcome
    return Decision(outcome, verdict.reason, values, tuple(steps), found.candidates, found, snapshot.revision)
