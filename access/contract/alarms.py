"""Alarms ahead of their turn: sealed entries that the registry shows at once, though the journal has not come to them yet."""

from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field

from access.contract.sync import Message
from access.sealing import ENTRY_BYTES_MAX

ALARMS_PER_BATCH_MAX = 20


class EarlyAlarm(Message):
    """One alarm entry as it stands in the journal; the journal brings it again, in its place."""

    epoch: UUID
    seq: Annotated[int, Field(ge=1)]
    canonical: Annotated[bytes, Field(min_length=1, max_length=ENTRY_BYTES_MAX)]
    personal: Annotated[bytes, Field(max_length=ENTRY_BYTES_MAX)] = b""


class EarlyAlarms(Message):
    """Alarms of one edge, as CBOR."""

    version: Literal[1] = 1
    edge: UUID
    alarms: Annotated[tuple[EarlyAlarm, ...], Field(min_length=1, max_length=ALARMS_PER_BATCH_MAX)]


class AlarmsTaken(Message):
    """How many of them the registry keeps until the journal comes; the others it had, or could not read."""

    version: Literal[1] = 1
    kept: Annotated[int, Field(ge=0)]
