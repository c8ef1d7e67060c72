"""What a rule is given and what it answers."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from access.matching import Match
from access.presence import Presence
from access.snapshot import LaneRules, Snapshot


@dataclass(frozen=True, slots=True)
class Presented:
    """A credential at a lane: medium card, code or plate; `raw` as delivered, `text` its normal form; going in or out."""

    medium: str
    raw: str
    text: str
    direction: str
    bits: int = 0
    confidence: float = 1.0
    characters: tuple[float, ...] = ()


@dataclass(frozen=True, slots=True)
class Case:
    """All that the rules look at."""

    presented: Presented
    lane: LaneRules
    snapshot: Snapshot
    presence: Presence
    at: datetime
    match: Match


@dataclass(frozen=True, slots=True)
class Verdict:
    """What one rule concluded: an outcome with its reason, or nothing (`reason` empty: the next rule is asked)."""

    reason: str = ""
    values: Mapping[str, Any] = field(default_factory=dict)
    saw: Mapping[str, Any] = field(default_factory=dict)


Rule = Callable[[Case], Verdict]
