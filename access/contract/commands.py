"""Remote commands: asked for at the office, claimed by the gate, done at once or not at all.

The long poll only names what waits. A gate claims a command with a short request; its ten seconds count from the moment that
request was sent, so that no delay on the way and no clock makes a late command look fresh.
"""

from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field

from access.contract.record_fields import Slug
from access.contract.sync import Message

COMMAND_LASTS_S = 10.0
COMMANDS_WAITING_MAX = 20

RemoteAct = Literal["open_once", "hold_open", "hold_closed", "out_of_service", "convoy", "resume", "direct"]


class CommandsWaiting(Message):
    """Ids of the commands that wait for this gate, oldest first."""

    version: Literal[1] = 1
    commands: Annotated[tuple[UUID, ...], Field(max_length=COMMANDS_WAITING_MAX)] = ()


class RemoteCommand(Message):
    """One command, claimed: it is given to one claim only; `left_ms` of its ten seconds were left when the registry answered."""

    version: Literal[1] = 1
    command: UUID
    lane: Slug
    act: RemoteAct
    issuer: Annotated[str, Field(min_length=1, max_length=100)]
    issuer_name: Annotated[str, Field(max_length=200)] = ""
    reason: Annotated[str, Field(min_length=1, max_length=100)]
    words: Annotated[str, Field(max_length=500)] = ""
    minutes: Annotated[int, Field(ge=0, le=24 * 60)] = 0
    choice: Annotated[str, Field(max_length=100)] = ""
    left_ms: Annotated[int, Field(ge=0, le=10_000)]


class CommandResult(Message):
    """What became of a command at the gate; `refusal` is a short code where it was not accepted."""

    version: Literal[1] = 1
    command: UUID
    accepted: bool
    refusal: Annotated[str, Field(max_length=100)] = ""
