"""Shapes of who was counted at booths."""

from datetime import date
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from central.duty.schemas import Day
from central.records.schemas import Line

DAYS_MAX = 31


class CountsAsked(BaseModel):
    """From which day on, on the site's own calendar, and how many days; `what` and `direction` as booths write them."""

    model_config = ConfigDict(extra="forbid")

    site: UUID | None = None
    gate: UUID | None = None
    day: Day
    days: Annotated[int, Field(ge=1, le=DAYS_MAX)] = 1
    what: Line | None = None
    direction: Line | None = None


class CountShown(BaseModel):
    """How many passed within an hour of a day; what was counted by mistake is taken off."""

    day: date
    hour: Annotated[int, Field(ge=0, le=23)]
    what: str
    direction: str
    number: int


class CountsShown(BaseModel):
    """Who was counted where no reader is, by day and hour."""

    items: list[CountShown]
