"""Shapes that all records share."""

from datetime import MAXYEAR, MINYEAR, UTC, datetime
from typing import Annotated, Generic, TypeVar
from uuid import UUID

from fastapi import Query
from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field

from access.contract.record_fields import Status

PAGE_MAX = 500
EARLIEST_YEAR, LATEST_YEAR = 1970, 2200
ShownT = TypeVar("ShownT")


def _in_one_line(text: str) -> str:
    """Refuse control characters and marks that reorder text: they make one name look like another."""
    if any(not character.isprintable() for character in text):
        raise ValueError("has characters that cannot be printed")
    return text.strip()


def _prose(text: str) -> str:
    """Refuse what `_in_one_line` does, but for the ends of lines."""
    if any(not (character.isprintable() or character == "\n") for character in text):
        raise ValueError("has characters that cannot be printed")
    return text.strip()


def _of_our_time(at: datetime) -> datetime:
    """Refuse a time that no office means, and that a zone could carry beyond the calendar."""
    # At the ends of the calendar UTC may have no such day.
    if MINYEAR < at.year < MAXYEAR:
        at = at.astimezone(UTC)
    if not EARLIEST_YEAR <= at.year <= LATEST_YEAR:
        raise ValueError("is no time of these centuries")
    return at


Line = Annotated[str, Field(max_length=200), AfterValidator(_in_one_line)]
Name = Annotated[Line, Field(min_length=1)]
Prose = Annotated[str, Field(max_length=500), AfterValidator(_prose)]
Moment = Annotated[AwareDatetime, AfterValidator(_of_our_time)]
Limit = Annotated[int, Field(ge=1, le=PAGE_MAX)]


class Wanted(BaseModel):
    """Base of what a client may set; anything else is refused."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class OfSiteWanted(Wanted):
    """Base of what a client may set of a site's record; `site` cannot change later."""

    site: UUID


class HolderWanted(OfSiteWanted):
    """Base of what has a status and a time of validity."""

    status: Status = "active"
    valid_from: Moment | None = None
    valid_until: Moment | None = None


class Shown(BaseModel):
    """Base of what is shown of a record."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID


class VersionedShown(Shown):
    """Base of what is shown of a record that can change; its `version` is its ETag too."""

    version: int


class OfSiteShown(VersionedShown):
    """Base of what is shown of a site's record."""

    site_id: UUID


class HolderShown(OfSiteShown):
    """Base of what is shown of a record with status and validity."""

    status: Status
    valid_from: datetime | None
    valid_until: datetime | None


class WordsShown(BaseModel):
    """Words in both languages."""

    zh: str
    en: str


class Page(BaseModel, Generic[ShownT]):
    """One page of a list; where `more` is set, ask again with `after=more`."""

    items: list[ShownT]
    more: UUID | None


class PlacedPage(BaseModel, Generic[ShownT]):
    """One page of a list of what has no id; where `more` is set, ask again with `after=more`."""

    items: list[ShownT]
    more: str | None


class Asked(BaseModel):
    """Which page of a list is wanted; subclasses add what it is narrowed by."""

    model_config = ConfigDict(extra="forbid")

    site: UUID | None = None
    after: UUID | None = None
    limit: Limit = 100


AskedQuery = Annotated[Asked, Query()]
