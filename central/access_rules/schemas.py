"""Shapes of levels, schedules and blocks."""

from datetime import datetime
from typing import Annotated, Self

from pydantic import ConfigDict, Field, field_serializer, model_validator

from access.card import CARD_BYTES_MAX
from access.contract.records import LevelGrant, Span
from central.cards.schemas import RawHex, card_number
from central.records.schemas import Asked, Moment, Name, OfSiteShown, OfSiteWanted
from central.vehicles.schemas import Plate


class ScheduleWanted(OfSiteWanted):
    """What may be set of a schedule."""

    name: Name
    spans: Annotated[tuple[Span, ...], Field(max_length=100)]


class SchedulesAsked(Asked):
    """Which schedules are wanted."""

    name: Name | None = None


class ScheduleShown(OfSiteShown):
    """A schedule."""

    name: str
    spans: tuple[Span, ...]


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
    """What may be set of a block: a plate, or a card's number as hex, and the reason that a guard is told."""

    plate: Plate | None = None
    raw: RawHex | None = None
    bits: Annotated[int, Field(ge=1, le=8 * CARD_BYTES_MAX)] | None = None
    reason: Name
    valid_until: Moment | None = None

    @model_validator(mode="after")
    def _plate_or_card(self) -> Self:
        if (self.plate is None) == (self.raw is None):
            raise ValueError("a block is of either a plate or a card (raw)")
        if self.raw is not None:
            card_number(self.raw, self.bits)
        return self


class BlocksAsked(Asked):
    """Which blocks are wanted."""

    plate: Plate | None = None


class BlockShown(OfSiteShown):
    """A block."""

    plate: str | None
    raw: bytes | None
    bits: int | None
    reason: str
    valid_until: datetime | None

    @field_serializer("raw")
    def _as_hex(self, raw: bytes | None) -> str | None:
        return None if raw is None else raw.hex().upper()
