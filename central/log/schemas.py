"""Shapes of the log."""

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from central.log.patterns import PlateMatch
from central.masking.kinds import Personal
from central.records.schemas import Line, Moment

LOG_PAGE_MAX = 200
PLACES_MAX = 50
Outcome = Literal["grant", "deny", "refer", "guard", "lane", "observation", "pass", "slip", "visit", "vehicle"]
Evidence = Literal["with", "without"]
Cursor = Annotated[str, Field(pattern=r"^\d{1,18}-[0-9a-f]{32}$")]


class Search(BaseModel):
    """What is looked for; all that is given must fit. `older` and `newer` are the cursors of a page.

    In `plate` a `?` stands for any one character; with `alike` look-alikes fit too (0 and Q, 8 and B ...). `person` is an id,
    part of a name, or a unit; `number` that of a visit, pass or slip; `guard` a badge; `evidence` asks for entries that have
    pictures here, or should have and have not.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    since: Moment | None = None
    until: Moment | None = None
    site: UUID | None = None
    gate: Annotated[list[UUID], Field(max_length=PLACES_MAX)] = []
    lane: Annotated[list[UUID], Field(max_length=PLACES_MAX)] = []
    plate: Annotated[Line, Field(max_length=40)] = ""
    plate_match: PlateMatch = "whole"
    alike: bool = False
    card: Annotated[Line, Field(max_length=40)] = ""
    person: Annotated[Line, Field(max_length=80)] = ""
    unit: Annotated[Line, Field(max_length=40)] = ""
    company: Annotated[Line, Field(max_length=80)] = ""
    category: Annotated[Line, Field(max_length=60)] = ""
    guard: Annotated[Line, Field(max_length=60)] = ""
    number: Annotated[Line, Field(max_length=40)] = ""
    evidence: Evidence | None = None
    outcome: Outcome | None = None
    reason: Annotated[Line, Field(max_length=60)] = ""
    older: Cursor | None = None
    newer: Cursor | None = None
    limit: Annotated[int, Field(ge=1, le=LOG_PAGE_MAX)] = 50


class Row(BaseModel):
    """One line of the log: a decision, what a guard did, what a lane was set to, or an observation.

    `sentence` says why, by language; `story` tells the whole passage in one sentence, once it is over (before: empty).
    `concludes`: this is the passage's last decision (or there was none), so in a list the story can stand for the sentence.
    """

    id: UUID
    at: datetime
    kind: str
    site: UUID
    gate: UUID
    lane: UUID | None
    passage: str
    outcome: Outcome | str
    reason: str
    sentence: dict[str, str]
    story: dict[str, str]
    concludes: bool
    medium: str
    credential: Annotated[str, Personal("credential")]
    holder: Annotated[str, Personal("name")]
    unit: Annotated[str, Personal("address")]
    category: str
    person: UUID | None
    pictures: Annotated[list[str], Personal("photo")]


class LogPage(BaseModel):
    """One page, newest first; ask again with `older=` or `newer=` for its neighbours."""

    rows: list[Row]
    older: str | None
    newer: str | None


class StoryEntry(BaseModel):
    """One entry of a passage in its place; `after_ms` since the entry before; `erased` names personal fields that are gone."""

    id: UUID
    seq: int
    at: datetime
    after_ms: float
    kind: str
    fields: dict[str, Any]
    erased: tuple[str, ...]
    sentence: dict[str, str]


class Proof(BaseModel):
    """Where an entry stands in its gate's chain; `holds`: its hash was made again from its bytes and is the stored one."""

    edge: UUID
    epoch: UUID
    seq: int
    follows: str
    chain_hash: str
    holds: bool
    clock: str
    received_at: datetime


class EntryShown(BaseModel):
    """One entry of the log with all that is known of it."""

    row: Row
    fields: dict[str, Any]
    story: list[StoryEntry]
    proof: Proof
