"""Shapes of the keys that sign passes, and of a code on a phone."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import BaseModel, Field

from central.masking.kinds import Personal
from central.records.schemas import Name, Shown, Wanted

Kid = Annotated[str, Field(pattern=r"^[0-9a-f]{8}$", examples=["5d41402a"])]
KeyStatus = Literal["active", "retired", "revoked"]


class PassKeyShown(Shown):
    """A key of a site; gates take codes under it while it is active.

    `signs`: it signs what is made out now. `is_here`: its private half is. `codes`: how many codes under it are still good.
    """

    site_id: UUID
    kid: Kid
    public_key: str
    status: KeyStatus
    made_at: datetime
    made_by: str
    signs_from: datetime
    ended_at: datetime | None
    ended_by: str
    reason: str
    signs: bool
    is_here: bool
    codes: int


class RotationWanted(Wanted):
    """When the new key begins to sign: at once, or later, where gates are cut off now and then."""

    after_hours: Annotated[int, Field(ge=0, le=24 * 90)] = 0


class RetirementWanted(Wanted):
    """Whether a key goes although codes under it are still good."""

    force: bool = False


class KeyRevocationWanted(Wanted):
    """Why a key is good no more."""

    reason: Name


class TurnShown(BaseModel):
    """A code as a phone shows it from one moment up to, not including, another."""

    text: str
    since: datetime
    until: datetime


class PhoneCodeShown(Shown):
    """The code of a visit for the holder's phone, and when it is good; where it `turns`, how it is shown in the next minutes."""

    text: Annotated[str, Personal("card")]
    turns: bool
    valid_from: datetime
    valid_until: datetime
    next: list[TurnShown]
