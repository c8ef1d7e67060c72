"""Shapes of reveals, of looks, and of their review."""

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import Query
from pydantic import BaseModel, ConfigDict, Field

from central.masking.kinds import Personal
from central.records.schemas import Asked, Line, Moment, Shown, Wanted

ENTRIES = "entries"
FIELDS_MAX = 40
LookKind = Literal["reveal", "record", "search", "entry", "export", "dispute", "subject_export", "picture"]
FieldName = Annotated[str, Field(pattern=r"^[a-z_]+(?:\.[a-z_]+){0,5}$", max_length=120, examples=["phone"])]


class RevealWanted(Wanted):
    """Which masked fields of which record are to be seen, and what for; `kind` as the audit calls it, or `entries` of the log.

    A field is named by its place in what is shown, as `phone`, `details.phone` or `record.terms.plates`; of an entry
    `row.holder`, `row.unit`, `row.credential`, and `sentence` and `fields` for what was written down of it.
    """

    kind: Annotated[Line, Field(min_length=1, max_length=60, examples=["persons"])]
    id: UUID
    fields: Annotated[tuple[FieldName, ...], Field(min_length=1, max_length=FIELDS_MAX, examples=[["phone"]])]
    purpose: Annotated[Line, Field(min_length=3, max_length=200, examples=["业主投诉 2026-118"])]


class Revealed(Shown):
    """The values by field, shown this once; `id` is the look that was written down of it."""

    at: datetime
    values: Annotated[dict[str, Any], Field(examples=[{"phone": "13800138000"}])]


class LooksAsked(Asked):
    """Which looks are wanted, newest first: at a person, at another record or entry, by whom, of what kind, of which time.

    `vehicle`: at this vehicle, and at what its plate was searched by or passed with.
    """

    person: UUID | None = None
    subject: UUID | None = None
    vehicle: UUID | None = None
    by: Line | None = None
    role: Line | None = None
    kind: LookKind | None = None
    since: Moment | None = None
    until: Moment | None = None


LooksQuery = Annotated[LooksAsked, Query()]


class LookShown(Shown):
    """One look: who looked, in what role, from where, when (UTC microseconds), at what or whom, at which fields and why.

    `rows`: how many rows left in a file. What was typed is never kept: a search by plate or card is known by `vehicle=` only.
    """

    site_id: UUID | None
    at_us: int
    kind: LookKind
    by_name: str
    by_role: str
    origin: str
    subject_kind: str
    subject_id: UUID | None
    person_id: UUID | None
    fields: list[str]
    purpose: Annotated[str, Personal("report")]
    rows: int


class ReviewAsked(BaseModel):
    """The review of which time (without: the seven days before now) and, for who sees several, of which site."""

    model_config = ConfigDict(extra="forbid")

    site: UUID | None = None
    since: Moment | None = None
    until: Moment | None = None


ReviewQuery = Annotated[ReviewAsked, Query()]
FlagKind = Literal["own_pace", "peers", "night", "one_subject", "big_export"]


class FlagShown(BaseModel):
    """Something to ask about: what kind, who or (`subject_id`) whom it is about, the figure, the usual one, and why."""

    kind: FlagKind
    by_name: str
    by_role: str
    subject_kind: str
    subject_id: UUID | None
    count: int
    expected: float
    zh: str
    en: str


class UserLooks(BaseModel):
    """How often one user looked: in all, by kind, at night; a day's mean now, and in the four weeks before; rows in files."""

    by_name: str
    by_role: str
    looks: int
    by_kind: dict[str, int]
    at_night: int
    a_day: float
    a_day_before: float
    rows: int


class ReviewShown(BaseModel):
    """The review: what stands out, and the figures of all who looked."""

    since: datetime
    until: datetime
    flags: list[FlagShown]
    users: list[UserLooks]
