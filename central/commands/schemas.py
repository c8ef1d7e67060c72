"""Shapes of remote commands."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from fastapi import Query
from pydantic import Field, ValidationInfo, field_validator

from access.contract.commands import RemoteAct
from central.masking.kinds import Personal
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

    @field_validator("minutes")
    @classmethod
    def _are_of_a_timed_act(cls, minutes: int, info: ValidationInfo) -> int:
        # An act that is none is told by itself.
        if minutes and info.data.get("act", "hold_open") not in TIMED:
            raise ValueError("minutes are for hold_open and convoy")
        return minutes

    @field_validator("choice")
    @classmethod
    def _is_of_directing(cls, choice: str, info: ValidationInfo) -> str:
        if choice and info.data.get("act", "direct") != "direct":
            raise ValueError("a direction is for direct")
        return choice


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
    reason: Annotated[str, Personal("report")]
    words: Annotated[str, Personal("report")]
    minutes: int
    choice: str
    issuer_name: Annotated[str, Personal("staff")]
    issued_at: datetime
    expires_at: datetime
    claimed_at: datetime | None
    ended_at: datetime | None
    state: State
    refusal: str
