"""Shapes of remote commands."""

from datetime import datetime
from typing import Annotated, Literal, Self
from uuid import UUID

from fastapi import Query
from pydantic import Field, model_validator

from access.contract.commands import RemoteAct
from central.records.schemas import Asked, Line, Moment, Shown, Wanted

State = Literal["waiting", "claimed", "done", "refused", "expired"]
TIMED = frozenset({"hold_open", "convoy"})


class CommandWanted(Wanted):
    """What is asked of a lane, and why: a code or words; `minutes` for hold_open and convoy (0: the gate's usual time).

    `choice` is the direction for `direct` (in, out; "" is both).
    """

    act: RemoteAct
    reason: Annotated[Line, Field(min_length=1, max_length=100)]
    words: Annotated[Line, Field(max_length=500)] = ""
    minutes: Annotated[int, Field(ge=0, le=24 * 60)] = 0
    choice: Literal["", "in", "out"] = ""

    @model_validator(mode="after")
    def _fits_the_act(self) -> Self:
        if self.minutes and self.act not in TIMED:
            raise ValueError("minutes are for hold_open and convoy")
        if self.choice and self.act != "direct":
            raise ValueError("a direction is for direct")
        return self


class CommandsAsked(Asked):
    """Which commands are wanted: of a gate or lane, what was asked, by whom and when, and what became of it."""

    gate: UUID | None = None
    lane: UUID | None = None
    act: RemoteAct | None = None
    by: Line | None = None
    state: State | None = None
    since: Moment | None = None
    until: Moment | None = None


CommandsQuery = Annotated[CommandsAsked, Query()]


class CommandShown(Shown):
    """A command and what became of it; `claimed` long ago means that nobody knows: the gate's journal will tell."""

    site_id: UUID
    gate_id: UUID
    lane_id: UUID
    act: str
    reason: str
    words: str
    minutes: int
    choice: str
    issuer_name: str
    issued_at: datetime
    expires_at: datetime
    claimed_at: datetime | None
    ended_at: datetime | None
    state: State
    refusal: str
