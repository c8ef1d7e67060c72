"""Rule records: what the registry sends down so that a gate can decide alone.

Only what a gate needs: names are masked, card numbers are keyed hashes (`access.card`), times are epoch seconds UTC.
"""

from typing import Annotated, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from access.identifiers import SLUG

Slug = Annotated[str, Field(pattern=f"^{SLUG.pattern}$")]
Text = Annotated[str, Field(max_length=200)]
Seconds = Annotated[int, Field(ge=0, le=253402300799)]
Clock = Annotated[str, Field(pattern=r"^(?:[01]\d|2[0-3]):[0-5]\d$|^24:00$")]
Status = Literal["active", "frozen", "lost", "revoked", "expired", "returned"]


class Record(BaseModel):
    """Base of all rule records: unknown keys are refused, values are never changed."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: UUID


class SiteRecord(Record):
    """The site itself: its zone and the key under which its card numbers are hashed (32 bytes as hex)."""

    kind: Literal["site"] = "site"
    slug: Slug
    name: Text
    zone: Annotated[str, Field(max_length=64)] = "Asia/Shanghai"
    card_key: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]


class LaneRecord(Record):
    """One lane of the gate: its mode, and what becomes of an unknown credential."""

    kind: Literal["lane"] = "lane"
    slug: Slug
    name: Text
    lane_kind: Literal["vehicle", "pedestrian"]
    direction: Literal["in", "out", "both"]
    mode: Literal["normal", "held_open", "held_closed", "out_of_service"] = "normal"
    unknown: Literal["refer", "deny"] = "refer"


class Span(BaseModel):
    """A stretch of the week: weekdays 0 (Monday) to 6, from a clock time up to, not including, another (24:00 allowed)."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    days: Annotated[tuple[Annotated[int, Field(ge=0, le=6)], ...], Field(min_length=1, max_length=7)]
    start: Clock
    end: Clock


class ScheduleRecord(Record):
    """A weekly schedule in the site's zone; no spans means never."""

    kind: Literal["schedule"] = "schedule"
    name: Text
    spans: Annotated[tuple[Span, ...], Field(max_length=100)]


class LevelGrant(BaseModel):
    """Lanes (by id; empty is every lane of the site) that a level opens, in which direction and when (no schedule: always)."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    lanes: Annotated[tuple[UUID, ...], Field(max_length=500)] = ()
    direction: Literal["in", "out", "both"] = "both"
    schedule: UUID | None = None


class LevelRecord(Record):
    """An access level: the union of its grants."""

    kind: Literal["level"] = "level"
    name: Text
    grants: Annotated[tuple[LevelGrant, ...], Field(max_length=200)]


class PersonRecord(Record):
    """A cardholder as a gate may know them: masked name, unit, category, levels, validity."""

    kind: Literal["person"] = "person"
    name: Text
    unit: Text = ""
    category: Literal["resident", "tenant", "family", "staff", "company", "contractor", "visitor", "vip"] = "resident"
    status: Status = "active"
    levels: Annotated[tuple[UUID, ...], Field(max_length=20)] = ()
    valid_from: Seconds | None = None
    valid_until: Seconds | None = None


class VehicleRecord(Record):
    """A vehicle by its plate (normal form); it enters by its holder's levels."""

    kind: Literal["vehicle"] = "vehicle"
    plate: Annotated[str, Field(min_length=2, max_length=12)]
    colour: Annotated[str, Field(max_length=20)] = ""
    vehicle_class: Literal["car", "large", "motorcycle", "tricycle", "bicycle"] = "car"
    person: UUID | None = None
    status: Status = "active"
    valid_from: Seconds | None = None
    valid_until: Seconds | None = None


class CardRecord(Record):
    """A card or code by the keyed hashes (16 bytes as hex) of every form in which a reader of the site can deliver it."""

    kind: Literal["card"] = "card"
    hashes: Annotated[tuple[Annotated[str, Field(pattern=r"^[0-9a-f]{32}$")], ...], Field(min_length=1, max_length=16)]
    medium: Literal["card", "code"] = "card"
    tail: Annotated[str, Field(max_length=4)] = ""
    person: UUID | None = None
    status: Status = "active"
    valid_from: Seconds | None = None
    valid_until: Seconds | None = None


class BlockRecord(Record):
    """A blocked plate (normal form) or card (keyed hash), with the reason that a guard is told."""

    kind: Literal["block"] = "block"
    plate: Annotated[str, Field(max_length=12)] = ""
    card_hash: Annotated[str, Field(max_length=32)] = ""
    reason: Text
    valid_until: Seconds | None = None


class GuardRecord(Record):
    """A guard who may sign in at the booth: badge number and the argon2id hash of the PIN."""

    kind: Literal["guard"] = "guard"
    name: Text
    badge: Annotated[str, Field(pattern=r"^\d{1,10}$")]
    pin_hash: Annotated[str, Field(max_length=200)]
    status: Status = "active"


AnyRecord = Annotated[
    SiteRecord
    | LaneRecord
    | ScheduleRecord
    | LevelRecord
    | PersonRecord
    | VehicleRecord
    | CardRecord
    | BlockRecord
    | GuardRecord,
    Field(discriminator="kind"),
]
