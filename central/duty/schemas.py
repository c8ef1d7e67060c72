"""Shapes of guards, and what all of duty writes alike."""

from datetime import date, datetime
from typing import Annotated

from pydantic import AfterValidator, Field, SecretStr

from access.contract.record_fields import Status
from central.masking.kinds import Personal
from central.records.schemas import EARLIEST_YEAR, LATEST_YEAR, Asked, HolderShown, HolderWanted, Line, Name


def _of_our_time(day: date) -> date:
    if not EARLIEST_YEAR <= day.year <= LATEST_YEAR:
        raise ValueError("is no day of these centuries")
    return day


Badge = Annotated[str, Field(pattern=r"^[0-9]{1,10}$")]
Day = Annotated[date, AfterValidator(_of_our_time)]
# Where a picture is kept: its SHA-256, a capture's name, or the office's own reference.
References = Annotated[tuple[Name, ...], Field(max_length=20)]
Names = Annotated[tuple[Name, ...], Field(max_length=20)]


class GuardWanted(HolderWanted):
    """What may be set of a guard; without `pin` the PIN stays as it is."""

    name: Name
    badge: Badge
    pin: Annotated[SecretStr, Field(min_length=4, max_length=12)] | None = None
    is_leader: bool = False
    phone: Annotated[Line, Field(max_length=30)] = ""


class GuardsAsked(Asked):
    """Which guards are wanted."""

    badge: Badge | None = None
    status: Status | None = None
    is_leader: bool | None = None
    in_force: bool | None = None


class GuardShown(HolderShown):
    """A guard; `in_force`: the validity has begun and has not ended. Of the PIN only is told when it was set last."""

    name: Annotated[str, Personal("staff")]
    badge: str
    is_leader: bool
    phone: Annotated[str, Personal("phone")]
    in_force: bool
    pin_changed_at: datetime | None
