"""What a walk through a journal has found: each thing by its kind and its place, and told in words."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Final, Literal
from uuid import UUID

from access.contract.checkpoints import Checkpoint
from access.entries import GapDeclared

FAULTS_MAX: Final = 100
Kind = Literal["edit", "gap", "reordering", "added", "cut_tail", "wrong_key"]


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is wrong: of which kind, in words, and of which entry (seq 0: of none alone; no epoch: of none at all)."""

    kind: Kind
    words: str
    epoch: UUID | None = None
    seq: int = 0

    def as_json(self) -> dict[str, Any]:
        """Return it for programs."""
        return {"kind": self.kind, "epoch": str(self.epoch) if self.epoch else None, "seq": self.seq, "words": self.words}


@dataclass(slots=True)
class EpochWalked:
    """One epoch: whose it is, how many entries, from where to where, the chain hash of the last; holes as [first, last].

    `why` is the reason that it was begun for, "" where that is not known any more. `rowid` is the last entry's.
    """

    epoch: UUID
    edge: UUID
    first: int = 0
    last: int = 0
    entries: int = 0
    head: str = ""
    holes: list[tuple[int, int]] = field(default_factory=list)
    why: str = ""
    rowid: int = 0


@dataclass(slots=True)
class Verdict:
    """What a walk has found; `findings` are what was changed, or is missing with no word of it (at most FAULTS_MAX).

    `signed` is the head that was kept beside the journal, `countersigned` the one that the registry has signed last: both must be
    in it. `erased` entries have lost personal fields, which is no fault; `pending` is why the next start begins a new epoch, and
    `undeclared` what is missing at the end meanwhile, which that start is to declare.
    """

    signed: Checkpoint | None = None
    countersigned: Checkpoint | None = None
    epochs: list[EpochWalked] = field(default_factory=list)
    gaps: list[GapDeclared] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    erased: int = 0
    pending: str = ""
    undeclared: list[str] = field(default_factory=list)

    @property
    def faults(self) -> list[str]:
        """What was found, in words."""
        return [finding.words for finding in self.findings]

    @property
    def entries(self) -> int:
        """How many entries were read."""
        return sum(epoch.entries for epoch in self.epochs)

    def found(self, finding: Finding) -> None:
        """Take up one more, where there are not too many to be read."""
        if len(self.findings) < FAULTS_MAX:
            self.findings.append(finding)

    def as_json(self) -> dict[str, Any]:
        """Return it for programs."""
        epochs = [
            {"epoch": str(one.epoch), "edge": str(one.edge), "first": one.first, "last": one.last, "head": one.head}
            | {"entries": one.entries, "holes": one.holes, "why": one.why}
            for one in self.epochs
        ]
        gaps = [{"epoch": gap.epoch, "first": gap.first, "last": gap.last, "reason": gap.reason} for gap in self.gaps]
        heads = {"signed_head": _place(self.signed), "countersigned": _place(self.countersigned)}
        known = {"epochs": epochs, "gaps": gaps, "erased": self.erased, "pending": self.pending}
        known |= {"undeclared": self.undeclared}
        findings = [finding.as_json() for finding in self.findings]
        return {"ok": not findings, "entries": self.entries} | known | heads | {"findings": findings, "faults": self.faults}

    def told(self) -> Iterator[str]:
        """Tell it in lines."""
        for one in self.epochs:
            whose = f"epoch {one.epoch} of edge {one.edge}" + (f" ({one.why})" if one.why else "")
            yield f"{whose}: {one.entries} entries, {one.first} to {one.last}, head {one.head}"
        for gap in self.gaps:
            yield f"gap declared in {gap.epoch}: {gap.first} to {gap.last or '?'} ({gap.reason})"
        yield _told_head("signed head", self.signed)
        yield _told_head("countersigned by the registry", self.countersigned)
        if self.erased:
            yield f"personal fields are gone of {self.erased} entries, which their hashes allow"
        if self.pending:
            yield f"a new epoch begins at the next start: {self.pending}"
        for words in self.undeclared:
            yield f"to be declared then: {words}"
        for finding in self.findings:
            yield f"{finding.kind.replace('_', ' ')}: {finding.words}"
        yield f"{self.entries} entries, {len(self.findings)} faults"


def _place(head: Checkpoint | None) -> dict[str, Any] | None:
    return {"epoch": str(head.epoch), "seq": head.seq} if head else None


def _told_head(what: str, head: Checkpoint | None) -> str:
    return f"{what} at entry {head.seq} of {head.epoch}" if head else f"{what}: none to compare the end with"
