"""Shapes of edges as the office sees them."""

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import Query
from pydantic import BaseModel, ConfigDict, Field

from access.contract.record_fields import Slug
from central.records.schemas import Asked, Limit, Line, Moment, Name, Shown, Wanted

Status = Literal["pending", "active", "quarantined", "replaced", "revoked"]


class EdgesAsked(Asked):
    """Which edges are wanted; `silent_since`: those that were not seen since then, or never."""

    gate: UUID | None = None
    name: Line | None = None
    status: Status | None = None
    silent_since: Moment | None = None


EdgesQuery = Annotated[EdgesAsked, Query()]


class EdgeShown(Shown):
    """An edge: its state, the fingerprint that the gate shows too, what it said last of itself, how many entries are parked."""

    site_id: UUID
    gate_id: UUID
    name: str
    status: str
    note: str
    fingerprint: str
    enrolled_at: datetime
    approved_at: datetime | None
    last_seen_at: datetime | None
    health: dict[str, Any] | None
    health_at: datetime | None
    parked: int


class EdgeEventsAsked(BaseModel):
    """Which of the events of an edge are wanted."""

    model_config = ConfigDict(extra="forbid")

    what: Line | None = None
    by: Line | None = None
    since: Moment | None = None
    until: Moment | None = None
    after: UUID | None = None
    limit: Limit = 100


EdgeEventsQuery = Annotated[EdgeEventsAsked, Query()]


class EdgeEventShown(Shown):
    """What became of an edge, when, and by whom (a user's name, `box` or `registry`)."""

    at: datetime
    what: str
    by: str
    words: str


class ApprovalWanted(Wanted):
    """The fingerprint as it stands on the screen of the box."""

    fingerprint: Annotated[str, Field(min_length=20, max_length=40)]


class RevocationWanted(Wanted):
    """Why an edge may speak no more."""

    reason: Name


class TokenWanted(Wanted):
    """For which gate a token is wanted, and what its edge shall be called."""

    site: Slug
    gate: Slug
    name: Name


class TokenMade(Wanted):
    """A token that enrols one edge once, shown once."""

    token: str
    expires_at: datetime
