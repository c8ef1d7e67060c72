"""Shapes of the ledger."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, Field

from central.ledger.findings import Kind, Severity, State
from central.masking.kinds import Personal
from central.records.schemas import Asked, Moment, OfSiteShown, Prose, Wanted, WordsShown


class ConflictsAsked(Asked):
    """Which contradictions are wanted, newest first: of a state, kind, severity or gate, or whose latest entry is of a time."""

    state: State | None = None
    kind: Kind | None = None
    severity: Severity | None = None
    gate: UUID | None = None
    since: Moment | None = None
    until: Moment | None = None


class CountsAsked(Wanted):
    """Of which site the counts are wanted; of all that are seen where none is named."""

    site: UUID | None = None


class ContradictionShown(OfSiteShown):
    """One contradiction; `at` is the latest of its entries by the gates' clocks.

    Signed ones never change: what comes to light afterwards stands in another of the next `round`. `explained`: later entries let
    it go together after all; nobody needs to sign it.
    """

    kind: Kind
    kind_words: WordsShown
    severity: Severity
    severity_words: WordsShown
    state: State
    state_words: WordsShown
    round: Annotated[int, Field(ge=1, examples=[1])]
    sentence: WordsShown
    gates: list[UUID]
    at: datetime
    found_at: datetime
    changed_at: datetime
    signed_at: datetime | None
    signed_by: str | None
    signed_role: str | None
    words: Annotated[str | None, Field(examples=["已查录像：业主从东门步行出场"]), Personal("report")]


class StoryShown(BaseModel):
    """One side of a contradiction: an entry of a gate in its place, or (no `entry`) what the registry has on record."""

    told_by: Annotated[str, Field(examples=["gate"])]
    entry: UUID | None
    gate: UUID | None
    lane: UUID | None
    edge: UUID | None
    epoch: UUID | None
    seq: int | None
    at: datetime | None
    clock: Annotated[str, Field(examples=["trusted"])]
    clock_words: WordsShown
    sentence: WordsShown


class ConflictWhole(ContradictionShown):
    """A contradiction with both its stories."""

    stories: list[StoryShown]


class ConflictSigned(Wanted):
    """What the one who signs has found out, in words."""

    words: Annotated[Prose, Field(min_length=1, examples=["已查录像：业主从东门步行出场"])]


class ConflictCounts(BaseModel):
    """How many wait to be signed off: in all, and by severity and kind."""

    open: Annotated[int, Field(ge=0, examples=[3])]
    by_severity: Annotated[dict[Severity, int], Field(examples=[{"low": 0, "medium": 1, "high": 2}])]
    by_kind: Annotated[dict[Kind, int], Field(examples=[{"double_entry": 1, "pass_used_twice": 2}])]
    oldest_found_at: datetime | None
