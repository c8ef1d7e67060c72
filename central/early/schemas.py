"""What the office is shown of alarms that came before their turn."""

from datetime import datetime
from uuid import UUID

from pydantic import BaseModel


class EarlyAlarmShown(BaseModel):
    """An alarm: a code of `access.alarms` and what it names more closely. `at_us` is the gate's clock (UTC microseconds)."""

    id: UUID
    site: UUID
    gate: UUID
    edge: UUID
    lane: str
    passage: str
    what: str
    detail: str
    at_us: int
    received_at: datetime
