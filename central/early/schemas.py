"""What the office is shown of alarms that came before their turn."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel

from central.masking.kinds import Personal


class EarlyAlarmShown(BaseModel):
    """An alarm: a code of `access.alarms` and what it names more closely. `at_us` is the gate's clock (UTC microseconds)."""

    id: UUID
    site: UUID
    gate: UUID
    edge: UUID
    lane: str
    passage: str
    what: str
    detail: Annotated[str, Personal("report")]
    at_us: int
    received_at: datetime
