"""What the walk finds, and what it has seen."""

from dataclasses import dataclass, field
from typing import Any, Literal
from uuid import UUID

# edit: bytes or columns are others. gap: something is missing within. cut_tail: the end is missing. reordering: an entry stands
# in another's place. added: something that nobody wrote. wrong_key: a signature is of another key. fork: two histories.
# disputed: the gate itself has signed another head. parked: an entry that is not in the log, though it could be.
Kind = Literal["edit", "gap", "cut_tail", "reordering", "added", "wrong_key", "fork", "disputed", "parked"]


@dataclass(frozen=True, slots=True)
class Place:
    """Of which entry something is told: a gate's by edge, epoch and seq, the audit's by seq and id, the tree's by its leaf."""

    edge: UUID | None = None
    epoch: UUID | None = None
    seq: int | None = None
    audit: UUID | None = None
    leaf: int | None = None

    def facts(self) -> dict[str, Any]:
        """Return what is known of it."""
        told = {"edge": self.edge, "epoch": self.epoch, "seq": self.seq, "audit": self.audit, "leaf": self.leaf}
        return {name: str(value) if isinstance(value, UUID) else value for name, value in told.items() if value is not None}


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that does not fit: in which part (journal, checkpoint, edge, audit, tree, published), what, where, in words."""

    part: str
    kind: Kind
    place: Place
    words: str

    def facts(self) -> dict[str, Any]:
        """Return it as values for JSON."""
        return {"part": self.part, "kind": self.kind, **self.place.facts(), "words": self.words}

    def line(self) -> str:
        """Return it in a line."""
        where = ", ".join(f"{name} {value}" for name, value in self.place.facts().items())
        return f"{self.part}: {self.kind}: {where + ': ' if where else ''}{self.words}"


@dataclass(slots=True)
class Seen:
    """What was walked over, and what did not fit."""

    findings: list[Finding] = field(default_factory=list)
    counts: dict[str, int] = field(default_factory=dict)

    def add(self, part: str, kind: Kind, place: Place, words: str) -> None:
        """Note something that does not fit."""
        self.findings.append(Finding(part, kind, place, words))

    def count(self, what: str, by: int = 1) -> None:
        """Count what was walked over."""
        self.counts[what] = self.counts.get(what, 0) + by

    def take(self, other: "Seen") -> None:
        """Add what another has seen."""
        self.findings += other.findings
        for what, number in other.counts.items():
            self.count(what, number)
