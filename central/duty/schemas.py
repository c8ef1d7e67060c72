"""Shapes of guards."""

from typing import Annotated

from pydantic import Field, SecretStr

from access.contract.records import Status
from central.records.schemas import Asked, Name, OfSiteShown, OfSiteWanted


class GuardWanted(OfSiteWanted):
    """What may be set of a guard; without `pin` the PIN stays as it is."""

    name: Name
    badge: Annotated[str, Field(pattern=r"^\d{1,10}$")]
    pin: Annotated[SecretStr, Field(min_length=4, max_length=12)] | None = None
    status: Status = "active"


class GuardsAsked(Asked):
    """Which guards are wanted."""

    badge: Annotated[str, Field(pattern=r"^\d{1,10}$")] | None = None
    status: Status | None = None


class GuardShown(OfSiteShown):
    """A guard."""

    name: str
    badge: str
    status: Status
