"""Shapes of sites, gates and lanes."""

from typing import Annotated, Literal
from uuid import UUID
from zoneinfo import available_timezones

from pydantic import AfterValidator, BaseModel, Field

from access.contract.record_fields import Category, GoodsCheck, Slug, VehicleClass, Window
from central.records.schemas import Asked, Line, Name, OfSiteShown, OfSiteWanted, VersionedShown, Wanted

LaneKind = Literal["vehicle", "pedestrian"]
Direction = Literal["in", "out", "both"]
Mode = Literal["normal", "held_open", "held_closed", "out_of_service"]
Unknown = Literal["refer", "deny"]
Answer = Literal["grant", "refer"]
Factors = Literal["any", "plate+card", "plate+code", "card+code"]


def _known_zone(name: str) -> str:
    """Refuse what is no place, too: `localtime` is another time on each gate, `Factory` none at all."""
    is_place = "/" in name and not name.startswith("Etc/")
    if not (is_place or name == "UTC") or name not in available_timezones():
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


class LaneTerms(BaseModel):
    """What a lane asks for beside a credential, as LaneRecord has it; by default what a lane without terms does."""

    classes: Annotated[tuple[VehicleClass, ...], Field(max_length=5)] = ()
    emergency: Answer = "grant"
    emergency_plates: Answer = "refer"
    officers: Answer = "refer"
    factors: Factors = "any"
    factor_window_s: Window = 30
    two_person: bool = False
    first_person: bool = False
    inexact: Annotated[tuple[Category, ...], Field(max_length=10)] = ()
    goods_checks: Annotated[tuple[GoodsCheck, ...], Field(max_length=5)] = ("loading", "mover", "contractor", "large", "slip")


class LaneWanted(OfSiteWanted, LaneTerms):
    """What may be set of a lane; `gate` cannot change later.

    `inner_zone` is entered on the way in, `outer_zone` on the way out (none: the site itself, and what lies outside it).
    """

    gate: UUID
    slug: Slug
    name: Line
    lane_kind: LaneKind
    direction: Direction
    mode: Mode = "normal"
    unknown: Unknown = "refer"
    inner_zone: UUID | None = None
    outer_zone: UUID | None = None


class LanesAsked(Asked):
    """Which lanes are wanted."""

    gate_id: UUID | None = None
    slug: Slug | None = None
    lane_kind: LaneKind | None = None
    direction: Direction | None = None
    mode: Mode | None = None
    inner_zone_id: UUID | None = None
    outer_zone_id: UUID | None = None


class LaneShown(OfSiteShown, LaneTerms):
    """A lane."""

    gate_id: UUID
    slug: str
    name: str
    lane_kind: LaneKind
    direction: Direction
    mode: Mode
    unknown: Unknown
    inner_zone_id: UUID | None
    outer_zone_id: UUID | None
