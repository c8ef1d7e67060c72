"""What the ledger may hold: the kinds of contradictions, how grave each is, and the entries by which it is told; pure."""

from collections.abc import Mapping, Sequence
from dataclasses import field
from typing import Any, Final, Literal, get_args

from access.immutable import immutable
from central.ledger.marks import Mark

Kind = Literal[
    "double_entry",
    "pass_used_twice",
    "admitted_after_revocation",
    "over_released",
    "impossible_movement",
    "clock_disagreement",
    "uncommitted_opening",
    "peer_contradicted",
    "record_contradicted",
    "acted_after_revocation",
]
Severity = Literal["low", "medium", "high"]
State = Literal["open", "explained", "signed"]
KINDS: Final[tuple[Kind, ...]] = get_args(Kind)
SEVERITIES: Final[tuple[Severity, ...]] = get_args(Severity)
STATES: Final[tuple[State, ...]] = get_args(State)
# More entries than these tell nobody more.
ENTRIES_MAX: Final = 20


@immutable
class Finding:
    """One contradiction: `key` says of what it is one of its kind, `topic` of which marks.

    `facts`: `how` chooses its sentence, the others are its numbers and codes; nothing in them is personal.
    """

    kind: Kind
    key: str
    topic: str
    severity: Severity
    entries: tuple[Mark, ...]
    facts: Mapping[str, Any] = field(default_factory=dict)

    @property
    def places(self) -> frozenset[tuple[Any, Any, int]]:
        """The places of its entries."""
        return frozenset(each.place for each in self.entries)


def told_by(marks: Sequence[Mark]) -> tuple[Mark, ...]:
    """Return the entries that a story of many is told by: the first, and the last of them."""
    half = ENTRIES_MAX // 2
    return tuple(marks if len(marks) <= ENTRIES_MAX else (*marks[:half], *marks[-half:]))


def pair_key(topic: str, one: Mark, other: Mark) -> str:
    """Name what two entries say of one topic."""
    return f"{topic}:{one.entry.hex}:{other.entry.hex}"
