"""What a gate says of itself: at every change, and each minute. The latest holds."""

from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field

from access.contract.record_fields import Slug
from access.contract.sync import Message

Name = Annotated[str, Field(max_length=100)]
Count = Annotated[int, Field(ge=0)]


class Health(Message):
    """Versions, what waits, what is wrong. Times are UTC microseconds of the gate's clock (0: never, or nothing waits)."""

    version: Literal[1] = 1
    edge: UUID
    at_us: int
    software: Name
    revision: Count = 0
    rules_us: int = 0
    waiting: Count = 0
    oldest_waiting_us: int = 0
    disk_free_bytes: Count = 0
    disk_bytes: Count = 0
    space: Name = ""
    clock: Name = ""
    devices_down: Annotated[tuple[Name, ...], Field(max_length=200)] = ()
    lanes: Annotated[dict[Slug, Name], Field(max_length=64)] = Field(default_factory=dict)
    alarms: Annotated[tuple[Name, ...], Field(max_length=50)] = ()
    error: Annotated[str, Field(max_length=500)] = ""


class HealthTaken(Message):
    """The registry has it; `received_us` is its own clock (UTC microseconds), by which the gate judges its own."""

    version: Literal[1] = 1
    received_us: int
