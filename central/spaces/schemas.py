"""Shapes of parking spaces and quotas."""

from typing import Annotated, Literal, Self
from uuid import UUID

from pydantic import Field, model_validator

from central.masking.kinds import Personal
from central.records.schemas import Asked, HolderShown, HolderWanted, Line, Moment, Name, OfSiteShown, OfSiteWanted, Prose

SpaceKind = Literal["owned", "rented", "visitor", "reserved"]
SpaceStatus = Literal["active", "frozen", "returned"]
Over = Literal["refer", "deny", "wait"]
Number = Annotated[Name, Field(max_length=40)]
# Somebody's: of these it is said whose.
HELD = frozenset({"owned", "rented"})


class QuotaWanted(OfSiteWanted):
    """What may be set of a quota; `over`: what becomes of a car too many (wait: in when one leaves).

    Its spaces are the parking spaces that name it; its cars are those of the persons who name it.
    """

    name: Name
    unit: Line = ""
    company: UUID | None = None
    over: Over = "refer"
    remark: Prose = ""


class QuotasAsked(Asked):
    """Which quotas are wanted."""

    name: Line | None = None
    unit: Line | None = None
    company_id: UUID | None = None


class QuotaShown(OfSiteShown):
    """A quota."""

    name: str
    unit: Annotated[str, Personal("address")]
    company_id: UUID | None
    over: Over
    remark: Annotated[str, Personal("note")]


class SpaceWanted(HolderWanted):
    """What may be set of a parking space; `zone`: the area that it lies in.

    Owned or rented it has a unit, person or company whose it is. It counts for its `quota` while it is active and valid.
    """

    number: Number
    zone: UUID | None = None
    space_kind: SpaceKind = "owned"
    status: SpaceStatus = "active"
    unit: Line = ""
    person: UUID | None = None
    company: UUID | None = None
    quota: UUID | None = None
    remark: Prose = ""

    @model_validator(mode="after")
    def _whose(self) -> Self:
        if self.space_kind in HELD and not (self.unit or self.person or self.company):
            raise ValueError("an owned or rented space has a unit, person or company whose it is")
        return self


class SpacesAsked(Asked):
    """Which parking spaces are wanted; `expires_before`: those whose time ends before this, the ended ones too."""

    number: Line | None = None
    zone_id: UUID | None = None
    space_kind: SpaceKind | None = None
    status: SpaceStatus | None = None
    unit: Line | None = None
    person_id: UUID | None = None
    company_id: UUID | None = None
    quota_id: UUID | None = None
    expires_before: Moment | None = None


class SpaceShown(HolderShown):
    """A parking space."""

    number: str
    zone_id: UUID | None
    space_kind: SpaceKind
    unit: Annotated[str, Personal("address")]
    person_id: UUID | None
    company_id: UUID | None
    quota_id: UUID | None
    remark: Annotated[str, Personal("note")]
