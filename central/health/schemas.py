"""What the office is shown of what gates say of themselves."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import Query
from pydantic import BaseModel

from access.contract.health import Health
from central.edges.schemas import Status
from central.records.schemas import Asked, Moment


class HealthAsked(Asked):
    """Of which edges it is wanted; `silent_since`: of those that have said nothing of themselves since then."""

    gate: UUID | None = None
    status: Status | None = None
    silent_since: Moment | None = None


HealthQuery = Annotated[HealthAsked, Query()]


class HealthShown(BaseModel):
    """What an edge said last of itself, and when it came."""

    edge: UUID
    site: UUID
    gate: UUID
    received_at: datetime
    health: Health
