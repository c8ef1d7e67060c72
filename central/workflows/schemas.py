"""Shapes of records that workflows move; each kind adds its record and its details."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from central.masking.kinds import Personal
from central.records.schemas import Asked, Limit, Line, OfSiteShown, OfSiteWanted, Wanted


class Details(Wanted):
    """Base of what the office writes down of a record besides what its workflow knows; every field has a default."""


class Opening(OfSiteWanted):
    """Base of what opens a record: the fields of its first event, and `details`."""


class FlowAsked(Asked):
    """Which records are wanted; subclasses add what they are found by."""

    state: Line | None = None
    number: Line | None = None


class FlowShown(OfSiteShown):
    """Base of what is shown: `may` names the acts that are open to the one who asks; `due_at`: when time moves it next."""

    model_config = ConfigDict(from_attributes=True)

    number: str
    state: str
    opened_at: datetime
    changed_at: datetime
    due_at: datetime | None
    may: list[str]


class EventsAsked(BaseModel):
    """Which page of the events of a record is wanted."""

    model_config = ConfigDict(extra="forbid")

    name: Line | None = None
    by: Line | None = None
    after: UUID | None = None
    limit: Limit = 100


class EventShown(BaseModel):
    """One event of a record, in the order in which they happened; `data` holds its fields."""

    n: Annotated[int, Field(ge=1)]
    id: UUID
    name: str
    at: datetime
    by_name: str
    by_role: str
    origin: str
    data: Annotated[dict[str, Any], Personal("facts")]
