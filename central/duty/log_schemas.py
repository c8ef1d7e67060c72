"""Shapes of the duty log."""

from datetime import date, datetime
from typing import Annotated
from uuid import UUID

from pydantic import Field

from central.duty.schemas import Badge, Day, Names, References
from central.masking.kinds import Personal
from central.records.schemas import Asked, Line, Moment, Name, OfSiteShown, OfSiteWanted, Prose


class EntryWanted(OfSiteWanted):
    """An entry of the duty log: at which post (by id or name), when (without `at`: now), and what there is to say.

    `entry_kind`: `note` is for the relief; any other word is the office's own. `corrects`: the entry that this one sets right.
    `guard`: by whom, where somebody else writes it down.
    """

    post: Name
    guard: Badge | None = None
    at: Moment | None = None
    entry_kind: Annotated[Line, Field(min_length=1, max_length=40)]
    text: Annotated[Prose, Field(min_length=1)]
    told: Names = ()
    pictures: References = ()
    corrects: UUID | None = None


class EntriesAsked(Asked):
    """Which entries are wanted; `corrects_id`: those that correct this one."""

    post: Line | None = None
    guard: Line | None = None
    day: Day | None = None
    entry_kind: Line | None = None
    corrects_id: UUID | None = None


class DutyEntryShown(OfSiteShown):
    """An entry; `guard`: the badge, or the name of whoever wrote it; `day`: in the site's zone."""

    post: str
    guard: str
    day: date
    at: datetime
    entry_kind: str
    text: Annotated[str, Personal("report")]
    told: Annotated[list[str], Personal("staff")]
    pictures: Annotated[list[str], Personal("photo")]
    corrects_id: UUID | None
