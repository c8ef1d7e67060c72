"""Shapes of rules changes: drafts, what came of them on the log, and where they are in use."""

from datetime import datetime
from typing import Annotated, Any, Literal, Self
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, model_validator

from access.workflows.rules_change import RulesChange
from central.masking.kinds import Personal
from central.records.schemas import Line, Prose, VersionedShown, Wanted
from central.workflows.schemas import Details, FlowAsked, FlowShown, Opening
from central.workflows.shapes import Number

Kind = Literal["schedules", "special_days", "levels", "zones", "quotas", "lanes", "blocks"]
Facts = Annotated[dict[str, Any], Field(max_length=50)]
DAYS_MAX = 92
EXAMPLE: dict[str, Any] = {
    "kind": "schedules",
    "id": None,
    "wanted": {"name": "夜间", "spans": [{"days": [0, 1, 2, 3, 4], "start": "22:00", "end": "06:00"}]},
}


class RecordChangeWanted(Wanted):
    """One record that is to be otherwise: `wanted` is what its own kind takes (none: it is to go); without `id` it is new.

    A new record gets its id with the draft, and later changes of the draft, and of others in it, may name it.
    """

    model_config = ConfigDict(json_schema_extra={"examples": [EXAMPLE]})

    kind: Kind
    id: UUID | None = None
    wanted: Facts | None = None

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        if self.id is None and self.wanted is None:
            raise ValueError("a change names a record, or says what a new one is to be")
        return self


Changes = Annotated[tuple[RecordChangeWanted, ...], Field(min_length=1, max_length=200)]


class RulesChangeDetails(Details):
    """What the office writes down of a change of the rules."""

    title: Line = ""
    remark: Annotated[Prose, Personal("report")] = ""


class RulesChangeWanted(Opening):
    """A draft of the rules: the records that are to be otherwise, in the order in which they are to be changed."""

    changes: Changes
    details: RulesChangeDetails = RulesChangeDetails()


class DraftWanted(Wanted):
    """The draft as a whole, in the place of the one before."""

    changes: Changes


class RecordChange(BaseModel):
    """One record of a draft: its `version` when it was drafted (0: it is new), what it was then, and what is wanted of it.

    `published`: the version that it got by being published (0: not yet).
    """

    kind: Kind
    id: UUID
    version: int
    wanted: Annotated[dict[str, Any] | None, Personal("facts")]
    replaces: Annotated[dict[str, Any] | None, Personal("facts")]
    published: int = 0


class DraftShown(VersionedShown):
    """The draft of a rules change, whose id and version these are.

    `left_out`: how many changes are of records that the reader may not read.
    """

    digest: str
    changes: list[RecordChange]
    left_out: int = 0


class RulesChangeShown(FlowShown):
    """A change of the rules; `missing` are the gates that have not taken it into use yet."""

    model_config = ConfigDict(from_attributes=True)

    record: RulesChange
    details: RulesChangeDetails
    missing: tuple[str, ...] = ()


class RulesChangesAsked(FlowAsked):
    """Which changes are wanted; `awaits`: slug or id of a gate that has not taken them into use yet."""

    author: Line | None = None
    awaits: Line | None = None


class TryAsked(BaseModel):
    """On how many days of the log a draft is tried, 30 to be approved; `draft`: the digest that was seen (none: as it is now)."""

    model_config = ConfigDict(extra="forbid")

    days: Annotated[int, Field(ge=1, le=DAYS_MAX)] = 30
    draft: Line | None = None


class RollBackWanted(Wanted):
    """What was replaced is to come back; `restored`: the revision that it was at, where the office wants to be sure."""

    restored: Number | None = None


class OutcomeShown(BaseModel):
    """What a decision came to, and the reason."""

    outcome: str
    reason: str


class ExampleShown(BaseModel):
    """One decision that the draft would change: its entry in the log, what it was then, is now, and would be."""

    entry: UUID
    at: datetime
    gate: str
    lane: str
    category: str
    then: OutcomeShown
    now: OutcomeShown
    draft: OutcomeShown


class TallyShown(BaseModel):
    """How many decisions would change so, and the first few of each category."""

    count: int
    by_category: dict[str, int]
    by_reason: dict[str, int]
    by_lane: dict[str, int]
    examples: list[ExampleShown]


class TrialShown(BaseModel):
    """What came of a draft on the log: whom it would newly deny, grant, or have asked about, and who of these is protected.

    `shortened`: the log is longer, only the newest were judged. `drifted`: decided otherwise today than then, draft or not.
    """

    draft: str
    revision: int
    since: datetime
    until: datetime
    shortened: bool
    decisions: int
    judged: int
    drifted: int
    unjudged: dict[str, int]
    newly: dict[str, TallyShown]
    protected: TallyShown
