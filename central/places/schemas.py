"""Shapes of buildings, units, zones, posts, and of a site's plan."""

from typing import Annotated, Literal
from uuid import UUID

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from access.contract.record_fields import Asked as WhenFull
from access.contract.record_fields import Count
from central.records.schemas import Asked, Line, Name, OfSiteShown, OfSiteWanted, Shown, VersionedShown, Wanted

Use = Literal["home", "shop", "office", "other"]
AntiPassback = Literal["none", "soft", "hard", "timed"]
MarkKind = Literal["gate", "lane", "post"]
# Short enough for a unit's label to fit wherever a person's unit is told.
BuildingName = Annotated[Line, Field(min_length=1, max_length=60)]
UnitNumber = Annotated[Line, Field(min_length=1, max_length=40)]
Floor = Annotated[int, Field(ge=-20, le=300)]
Share = Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)]


class BuildingWanted(OfSiteWanted):
    """What may be set of a building."""

    name: BuildingName
    floors: Annotated[int, Field(ge=1, le=300)] = 1


class BuildingsAsked(Asked):
    """Which buildings are wanted."""

    name: BuildingName | None = None


class BuildingShown(OfSiteShown):
    """A building."""

    name: str
    floors: int


class UnitWanted(OfSiteWanted):
    """What may be set of a unit of a building."""

    building: UUID
    number: UnitNumber
    floor: Floor | None = None
    use: Use = "home"


class UnitsAsked(Asked):
    """Which units are wanted."""

    building_id: UUID | None = None
    number: UnitNumber | None = None
    label: Line | None = None
    floor: Floor | None = None
    use: Use | None = None


class UnitShown(OfSiteShown):
    """A unit; `label`, as 3-1201, is what persons and permits call it."""

    building_id: UUID
    number: str
    label: str
    floor: int | None
    use: Use


class ZoneWanted(OfSiteWanted):
    """What may be set of a zone: how many vehicles it holds (none: any number), what then, and what anti-passback does there.

    soft: noted, and let pass; hard: cards are denied, plates asked about; timed: like hard, for so many minutes after entry.
    """

    name: Name
    capacity: Count | None = None
    full: WhenFull = "refer"
    anti_passback: AntiPassback = "none"
    minutes: Annotated[int, Field(ge=1, le=1440)] = 10


class ZonesAsked(Asked):
    """Which zones are wanted."""

    name: Name | None = None
    anti_passback: AntiPassback | None = None


class ZoneShown(OfSiteShown):
    """A zone."""

    name: str
    capacity: int | None
    full: WhenFull
    anti_passback: AntiPassback
    minutes: int


class PostWanted(OfSiteWanted):
    """What may be set of a post; one without a gate is elsewhere on the site."""

    name: Name
    gate: UUID | None = None


class PostsAsked(Asked):
    """Which posts are wanted."""

    name: Name | None = None
    gate_id: UUID | None = None


class PostShown(OfSiteShown):
    """A post."""

    name: str
    gate_id: UUID | None


class Mark(BaseModel):
    """Where a gate, lane or post is on the plan: shares of its width from the left and of its height from the top."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    kind: MarkKind
    id: UUID
    x: Share
    y: Share


def _each_once(marks: tuple[Mark, ...]) -> tuple[Mark, ...]:
    if len({(mark.kind, mark.id) for mark in marks}) < len(marks):
        raise ValueError("names one thing twice")
    return marks


class MarksWanted(Wanted):
    """All marks on the plan of a site."""

    marks: Annotated[tuple[Mark, ...], Field(max_length=500), AfterValidator(_each_once)]


class MarksShown(VersionedShown):
    """The marks on the plan of a site, whose `id` it is; of what is gone there is no mark."""

    marks: tuple[Mark, ...]


class PlanShown(Shown):
    """The plan of a site, whose `id` it is: a JPEG."""

    sha256: str
    width: int
    height: int
