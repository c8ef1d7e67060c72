"""Shapes of who is inside, of stays, and of timelines."""

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from central.log.schemas import Cursor
from central.masking.kinds import Personal
from central.records.schemas import Line, Moment

PAGE_MAX = 500
STAYS_MAX = 500
HOURS_MAX = 24 * 366
Kind = Literal[
    "resident_vehicle", "visitor_vehicle", "worker_vehicle", "other_vehicle", "resident", "visitor", "worker", "staff", "other"
]
Doubt = Literal["gate_silent", "left_unnamed"]
Order = Literal["since", "overstayed"]
Language = Literal["zh", "en"]
TimelineKind = Literal["decision", "passage", "guard", "visit", "pass", "slip", "vehicle", "event", "change"]
Hours = Annotated[int, Field(ge=1, le=HOURS_MAX)]
Place = Annotated[str, Field(pattern=r"^[01]-\d{1,12}-[0-9a-f]{32}$", examples=["1-1772411400-01954f3e000170008000000000000001"])]


class InsideAsked(BaseModel):
    """Who of those inside is wanted, and in which order: the longest inside first, or first those who have overstayed."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    site: UUID | None = None
    zone: UUID | None = None
    gate: UUID | None = None
    kind: Annotated[list[Kind], Field(max_length=9)] = []
    unit: Annotated[Line, Field(max_length=40)] = ""
    overstayed: bool | None = None
    longer_than_hours: Hours | None = None
    order: Order = "since"
    after: Place | None = None
    limit: Annotated[int, Field(ge=1, le=PAGE_MAX)] = 100


class InsideShown(BaseModel):
    """Somebody or something inside; `id` stands for who it is as long as they are inside.

    `since`: when they came to the zone, through `gate` and `lane`, by the entry `entry` of the log; where that is not kept any more
    it is null. `people`: of a visit, how many are inside. `number`: of the visit or pass, which is `record`. `overstayed`:
    `valid_until` is past. `uncertain`: why it may be that they have left.
    """

    id: UUID
    site: UUID
    kind: Kind
    zone: UUID | None
    zone_name: str
    since: datetime
    gate: UUID | None
    lane: UUID | None
    entry: UUID | None
    credential: Annotated[str, Personal("credential")]
    name: Annotated[str, Personal("name")]
    unit: Annotated[str, Personal("address")]
    company: Annotated[str, Personal("note")]
    people: int
    person: UUID | None
    vehicle: UUID | None
    workflow: str
    record: UUID | None
    number: str
    valid_until: datetime | None
    overstayed: bool
    uncertain: list[Doubt]


class GateWord(BaseModel):
    """How fresh a gate's word is: when the registry last heard of it, and of when its newest entry is; `is_silent`: cut off."""

    gate: UUID
    site: UUID
    name: str
    last_seen_at: datetime | None
    newest_at: datetime | None
    is_silent: bool


class InsidePage(BaseModel):
    """One page of who is inside; where `more` is set, ask again with `after=more`.

    `totals` are of all that was asked for, by kind, and `people` of those on foot. `is_certain`: no gate is cut off, and nobody in
    the list may have left unnamed.
    """

    items: list[InsideShown]
    more: str | None
    totals: dict[str, int]
    people: int
    vehicles: int
    at: datetime
    is_certain: bool
    gates: list[GateWord]


class RollCallAsked(BaseModel):
    """Which site (without: all that one sees), and in which language."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    site: UUID | None = None
    lang: Language = "zh"


class StaysAsked(BaseModel):
    """Stays that ended from `since` up to `until`, at most 31 days: of a site, through a gate, of a category, at least so long."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    since: Moment
    until: Moment
    site: UUID | None = None
    gate: UUID | None = None
    category: Annotated[Line, Field(max_length=60)] = ""
    longer_than_hours: Hours | None = None
    limit: Annotated[int, Field(ge=0, le=STAYS_MAX)] = 50


class MoveShown(BaseModel):
    """Somebody came or went: when, where, by which entry of the log, shown as what; `category` and `credential` as decided."""

    at: datetime
    site: UUID
    gate: UUID
    lane: UUID | None
    entry: UUID
    decision: UUID | None
    category: str
    credential: Annotated[str, Personal("credential")]
    name: Annotated[str, Personal("name")]
    unit: Annotated[str, Personal("address")]


class StayShown(BaseModel):
    """An entry, the exit that ended it, and how long it lasted."""

    entered: MoveShown
    left: MoveShown
    seconds: int


class CategoryStays(BaseModel):
    """The stays of one category: how many, and in seconds the median, the length that 90 % are not longer than, the longest."""

    category: str
    count: int
    median_s: int
    p90_s: int
    longest_s: int


class StaysShown(BaseModel):
    """Stays by category, the longest of them, and how much does not go together.

    `unchecked`: exits whose entry would be before `since` and was not looked for, as there were too many.
    """

    by_category: list[CategoryStays]
    longest: list[StayShown]
    count: int
    without_entry: int
    entered_again: int
    unchecked: int


class IrregularAsked(BaseModel):
    """Of which time what does not go together is wanted, at most 31 days, and of which site; `kind`: only these."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    since: Moment
    until: Moment
    site: UUID | None = None
    gate: UUID | None = None
    kind: Literal["without_entry", "entered_again"] | None = None
    after: Cursor | None = None
    limit: Annotated[int, Field(ge=1, le=PAGE_MAX)] = 100


class IrregularShown(BaseModel):
    """An exit of whom no entry is known, or an entry (`move`) of whom no exit is known since the one `before`.

    `unchecked`: nobody has looked for an entry before the time that was asked for.
    """

    kind: Literal["without_entry", "entered_again"]
    move: MoveShown
    before: MoveShown | None
    unchecked: bool


class IrregularPage(BaseModel):
    """One page, oldest first; where `more` is set, ask again with `after=more`."""

    items: list[IrregularShown]
    more: str | None


class TimelineAsked(BaseModel):
    """Of what the timeline is wanted: a plate, a person by id, or a card by its number in any form; exactly one of these."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    plate: Annotated[Line, Field(max_length=40, examples=["粤B·12345"])] = ""
    person: UUID | None = None
    card: Annotated[Line, Field(max_length=40)] = ""
    site: UUID | None = None
    since: Moment | None = None
    until: Moment | None = None
    kind: Annotated[list[TimelineKind], Field(max_length=9)] = []
    older: Cursor | None = None
    limit: Annotated[int, Field(ge=1, le=200)] = 50


class TimelineItem(BaseModel):
    """Something that happened: at a gate, to a visit, pass, slip or other record, or in the registry (`change`).

    A `passage` stands at its decision, with `story` telling it whole and `result` how it ended. `act` is the outcome, the event
    or what was changed; `record` and `number` name what it is about. `facts`: of events and changes.
    """

    id: UUID
    at: datetime
    kind: TimelineKind
    site: UUID | None
    gate: UUID | None
    lane: UUID | None
    act: str
    reason: Annotated[str, Personal("report")]
    result: str
    by: Annotated[str, Personal("staff")]
    workflow: str
    record: UUID | None
    number: str
    credential: Annotated[str, Personal("credential")]
    sentence: dict[str, str]
    story: dict[str, str]
    facts: Annotated[dict[str, Any], Personal("facts")]


class TimelinePage(BaseModel):
    """One page, newest first; where `older` is set, ask again with `older=`. `left_out`: sorts that the role may not read."""

    items: list[TimelineItem]
    older: str | None
    left_out: list[str]
