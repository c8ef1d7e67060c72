"""Shapes of the log."""

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from central.records.schemas import Line, Moment

LOG_PAGE_MAX = 200
Outcome = Literal["grant", "deny", "refer", "guard", "lane", "observation"]
PlateMatch = Literal["whole", "prefix", "suffix", "part"]
Cursor = Annotated[str, Field(pattern=r"^\d{1,18}-[0-9a-f]{32}$")]


class Search(BaseModel):
    """What is looked for; all that is given must fit. `older` and `newer` are the cursors of a page."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    since: Moment | None = None
    until: Moment | None = None
    gate: UUID | None = None
    lane: UUID | None = None
    plate: Annotated[Line, Field(max_length=40)] = ""
    plate_match: PlateMatch = "whole"
    card: Annotated[Line, Field(max_length=40)] = ""
    person: Annotated[Line, Field(max_length=80)] = ""
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
    credential: str
    holder: str
    unit: str
    category: str
    person: UUID | None
    pictures: list[str]


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
