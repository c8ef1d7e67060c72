"""Shapes of sites, gates and lanes."""

from typing import Annotated, Literal
from uuid import UUID
from zoneinfo import available_timezones

from pydantic import AfterValidator

from access.contract.records import Slug
from central.records.schemas import Asked, Line, Name, OfSiteShown, OfSiteWanted, VersionedShown, Wanted

LaneKind = Literal["vehicle", "pedestrian"]
Direction = Literal["in", "out", "both"]
Mode = Literal["normal", "held_open", "held_closed", "out_of_service"]
Unknown = Literal["refer", "deny"]


def _known_zone(name: str) -> str:
    if name not in available_timezones():
        raise ValueError("is no IANA time zone")
    return name


class SiteWanted(Wanted):
    """What may be set of a site; `zone` is an IANA name."""

    slug: Slug
    name: Name
    zone: Annotated[str, AfterValidator(_known_zone)] = "Asia/Shanghai"


class SitesAsked(Asked):
    """Which sites are wanted."""

    slug: Slug | None = None


class SiteShown(VersionedShown):
    """A site, and the revision its rules are at."""

    slug: str
    name: str
    zone: str
    revision: int


class GateWanted(OfSiteWanted):
    """What may be set of a gate."""

    slug: Slug
    name: Name


class GatesAsked(Asked):
    """Which gates are wanted."""

    slug: Slug | None = None


class GateShown(OfSiteShown):
    """A gate."""

    slug: str
    name: str


class LaneWanted(OfSiteWanted):
    """What may be set of a lane; `gate` cannot change later."""

    gate: UUID
    slug: Slug
    name: Line
    lane_kind: LaneKind
    direction: Direction
    mode: Mode = "normal"
    unknown: Unknown = "refer"


class LanesAsked(Asked):
    """Which lanes are wanted."""

    gate_id: UUID | None = None
    slug: Slug | None = None
    mode: Mode | None = None


class LaneShown(OfSiteShown):
    """A lane."""

    gate_id: UUID
    slug: str
    name: str
    lane_kind: LaneKind
    direction: Direction
    mode: Mode
    unknown: Unknown
