"""Shapes of shifts and of the roster that plans them."""

from datetime import date, datetime
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from access.workflows.shift import Shift
from central.duty.schemas import Badge, Day
from central.masking.kinds import Personal
from central.records.schemas import Line, Name, OfSiteWanted, Prose, Wanted
from central.workflows.schemas import Details, FlowAsked, FlowShown, Opening

DAYS_MAX = 31
POSTS_MAX = 20
ROWS_MAX = 100


class ShiftDetails(Details):
    """What the planner notes of a shift, as whom the guard stands in for."""

    note: Annotated[Line, Personal("report")] = ""


class ShiftOpening(Opening):
    """A shift that is planned, with the planner's note."""

    details: ShiftDetails = ShiftDetails()


class ShiftShown(FlowShown):
    """A shift with its handover sheet."""

    model_config = ConfigDict(from_attributes=True)

    record: Shift
    details: ShiftDetails


class ShiftsAsked(FlowAsked):
    """Which shifts are wanted; `week` as in 2026-W48. `post`: by what it was called; `post_id`: whatever it was called."""

    day: Day | None = None
    week: Annotated[str, Field(pattern=r"^[0-9]{4}-W[0-9]{2}$")] | None = None
    post: Line | None = None
    post_id: UUID | None = None
    guard: Badge | None = None


class OnBehalf(Wanted):
    """Base of what guards do; `on_behalf_of`: the badge of the guard for whom a program of the booth acts."""

    on_behalf_of: Badge | None = None


class ItemCheckedWanted(OnBehalf):
    """An item of the sheet was looked at."""

    code: Prose
    found: Prose
    word: Prose = ""


class ReplanWanted(Wanted):
    """Another guard is to serve."""

    guard: Badge


class PatternRow(Wanted):
    """Who serves in a shift at a post: with several guards each has one day, in turn, beginning again at the end.

    `post`: one of the roster's; where the roster has only one it need not be named.
    """

    post: Line = ""
    shift: Name
    guards: Annotated[tuple[Badge, ...], Field(min_length=1, max_length=DAYS_MAX)]


class RosterWanted(OfSiteWanted):
    """A roster: on these days, at these posts (by id or name), the guards of the pattern; all of it is planned, or nothing.

    With `dry_run` nothing is planned, and the conflicts are shown.
    """

    days: Annotated[tuple[Day, ...], Field(min_length=1, max_length=DAYS_MAX)]
    posts: Annotated[tuple[Name, ...], Field(min_length=1, max_length=POSTS_MAX)]
    pattern: Annotated[tuple[PatternRow, ...], Field(min_length=1, max_length=ROWS_MAX)]
    dry_run: bool = False


class StintShown(BaseModel):
    """One shift of a roster; without `id` it is not planned yet."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID | None = None
    post: str
    guard: str
    day: date
    name: str
    begins: datetime
    ends: datetime


class ConflictShown(BaseModel):
    """Why a shift cannot be planned: the row of the pattern, from 0, and the field of the request that is at fault."""

    row: int
    field: str
    day: date | None
    zh: str
    en: str


class Unfilled(BaseModel):
    """A shift at a post of the roster for which nobody is planned."""

    day: date
    post: str
    shift: str


class RosterShown(BaseModel):
    """What was planned, or would be; what stands against it; and what is left without a guard: the first of each."""

    planned: list[StintShown]
    conflicts: list[ConflictShown]
    unfilled: list[Unfilled]
