"""Shapes of levels, schedules, special days, blocks, and modes of lanes."""

from datetime import date, datetime
from typing import Annotated, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, field_serializer, model_validator

from access.card import CARD_BYTES_MAX
from access.contract.records import LevelGrant, Span
from central.cards.schemas import RawHex, card_number
from central.files.printed import read_card
from central.masking.kinds import Personal
from central.records.schemas import EARLIEST_YEAR, LATEST_YEAR, Asked, Line, Moment, Name, OfSiteShown, OfSiteWanted, Wanted
from central.sites.schemas import Mode
from central.vehicles.schemas import Plate

YEARS = Field(ge=EARLIEST_YEAR, le=LATEST_YEAR)


def _sound(span: Span) -> Span:
    if span.start == "24:00":
        raise ValueError("a span begins before 24:00")
    if len(set(span.days)) < len(span.days):
        raise ValueError("names one thing twice")
    return span


def _of_our_time(day: date) -> date:
    if not EARLIEST_YEAR <= day.year <= LATEST_YEAR:
        raise ValueError("is no day of these centuries")
    return day


Day = Annotated[date, AfterValidator(_of_our_time)]


def _card(text: str) -> str:
    read_card(text)
    return text


class ScheduleWanted(OfSiteWanted):
    """What may be set of a schedule; a span that ends before it begins, or then, ends on the following day."""

    name: Name
    spans: Annotated[tuple[Annotated[Span, AfterValidator(_sound)], ...], Field(max_length=100)]


class SchedulesAsked(Asked):
    """Which schedules are wanted."""

    name: Name | None = None


class ScheduleShown(OfSiteShown):
    """A schedule."""

    name: str
    spans: tuple[Span, ...]


class SpecialDayWanted(OfSiteWanted):
    """What may be set of a special day: a date counts as 0 (Monday) to 6, or as 7, a holiday."""

    date: Day
    counts_as: Annotated[int, Field(ge=0, le=7)]
    name: Line = ""


class SpecialDaysAsked(Asked):
    """Which special days are wanted."""

    date: Day | None = None
    year: Annotated[int, YEARS] | None = None


class SpecialDayShown(OfSiteShown):
    """A special day."""

    date: date
    counts_as: int
    name: str


class StatutoryDaysWanted(OfSiteWanted):
    """The statutory holidays of a year, and the working days swapped for them, are to be special days of a site."""

    year: Annotated[int, YEARS]


class StatutoryDaysShown(BaseModel):
    """What became of it: the days that are new, and those that the office has set otherwise, which stay as they are."""

    added: list[SpecialDayShown]
    otherwise: list[SpecialDayShown]


class ModeWanted(Wanted):
    """What a lane is to be set to, and why."""

    mode: Mode
    reason: Name


class LevelWanted(OfSiteWanted):
    """What may be set of an access level."""

    name: Name
    grants: Annotated[tuple[LevelGrant, ...], Field(max_length=200)]


class LevelsAsked(Asked):
    """Which access levels are wanted."""

    name: Name | None = None


class GrantShown(LevelGrant):
    """A grant of a level."""

    model_config = ConfigDict(from_attributes=True)


class LevelShown(OfSiteShown):
    """An access level."""

    name: str
    grants: tuple[GrantShown, ...]


class BlockWanted(OfSiteWanted):
    """What may be set of a block: a plate, or a card's number as hex, the reason that a guard is told, and who asked for it."""

    plate: Plate | None = None
    raw: RawHex | None = None
    bits: Annotated[int, Field(ge=1, le=8 * CARD_BYTES_MAX)] | None = None
    reason: Name
    source: Line = ""
    valid_until: Moment | None = None

    @model_validator(mode="after")
    def _plate_or_card(self) -> Self:
        if (self.plate is None) == (self.raw is None):
            raise ValueError("a block is of either a plate or a card (raw)")
        if self.raw is not None:
            card_number(self.raw, self.bits)
        return self


class BlocksAsked(Asked):
    """Which blocks are wanted; `card`: as printed on it or in hex, in whatever form a reader delivers it."""

    plate: Plate | None = None
    card: Annotated[Line, AfterValidator(_card)] | None = None
    source: Line | None = None
    expires_before: Moment | None = None


class BlockShown(OfSiteShown):
    """A block; one that has expired holds nobody up any more."""

    plate: Annotated[str | None, Personal("plate", "blocks")]
    raw: Annotated[bytes | None, Personal("card", "blocks")]
    bits: int | None
    reason: Annotated[str, Personal("report", "blocks")]
    source: Annotated[str, Personal("note", "blocks")]
    valid_until: datetime | None
    expired: bool

    @field_serializer("raw")
    def _as_hex(self, raw: bytes | None) -> str | None:
        return None if raw is None else raw.hex().upper()
